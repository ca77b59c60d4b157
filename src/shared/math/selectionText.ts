import type { ExecutorSelection } from '../model/executors';
import { formatNumber } from './numbers';

/** A duration as people say it: 25 µs, 2.1 ms, 1.3 s. */
export function formatDuration(seconds: number): string {
  if (seconds < 1e-3) return `${formatNumber(seconds * 1e6, 3)} µs`;
  if (seconds < 1) return `${formatNumber(seconds * 1e3, 3)} ms`;
  return `${formatNumber(seconds, 3)} s`;
}

/** Why an executor was chosen, in English, as the end of "onnx (CPU, 2 threads) — …". */
export function selectionText({ by, estimates: [first, ...others], passedOver }: ExecutorSelection): string {
  const reason = ((): string => {
    switch (by) {
      case 'asked':
        return 'asked for';
      case 'preferred':
        return 'preferred in the settings';
      case 'measured':
      case 'typical': {
        if (!first) return 'nothing else can run this network';
        const where = by === 'measured' ? ['measured', 'here'] : ['typically', '(not measured here yet)'];
        const slower = others.map(({ executor, seconds }) => `${executor} ${formatDuration(seconds)}`);
        return [`${where[0]} ${formatDuration(first.seconds)} per gradient ${where[1]}`, ...slower].join(', ');
      }
      default:
        return by satisfies never;
    }
  })();
  return [reason, ...passedOver.map(({ executor, reason: why }) => `${executor}: ${why}`)].join('; ');
}
