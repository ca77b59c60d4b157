import { SingleBar } from 'cli-progress';
import type { Progress, ProgressLabel } from '../../../shared/contract';
import type { Terminal } from './terminal';

const names: Record<ProgressLabel, string> = {
  loadingData: 'Loading data',
  training: 'Training',
  projecting: 'Projecting',
  volume: 'Volume',
  replaying: 'Replaying',
  surface: 'Surface',
  profile: 'Profile',
  lanczos: 'Lanczos',
  density: 'Density',
  trace: 'Trace',
  layers: 'Layers',
  sharpness: 'Sharpness',
  criticalPoints: 'Critical points',
  executors: 'Executors',
  connecting: 'Connecting',
  race: 'Race',
  study: 'Experiment',
  margins: 'Margins',
  figure: 'Figure',
};

export interface ProgressBar {
  update(progress: Progress): void;
  stop(): void;
}

/** A bar on stderr where someone watches, else nothing. It appears with the first progress. */
export function createProgressBar(terminal: Terminal): ProgressBar {
  if (!terminal.interactive) return { update: () => undefined, stop: () => undefined };
  let bar: SingleBar | null = null;
  return {
    update({ label, done, total, secondsLeft }) {
      if (!bar) {
        bar = new SingleBar({
          format: '{name} [{bar}] {percentage} % {left}',
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: true,
        });
        bar.start(total, done, { name: names[label], left: '' });
      }
      bar.setTotal(total);
      bar.update(done, { name: names[label], left: secondsLeft === null ? '' : `${Math.ceil(secondsLeft)} s left` });
    },
    stop() {
      bar?.stop();
      bar = null;
    },
  };
}
