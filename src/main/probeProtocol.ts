import type { Said } from '../shared/messages';
import type { ExecutorReport, ExecutorSpeed, RepresentativeNet } from '../shared/model/executors';
import type { ExecutorName } from '../shared/model/experiment';

/** What a probe process is started with (its first argument, as JSON). */
export interface ProbeOptions {
  executor: ExecutorName;
  kernelsFolder: string;
  /** Networks to time. */
  nets: readonly RepresentativeNet[];
  /** Also checks and times an imitated graphics card, which takes long and changes no choice. */
  thorough: boolean;
}

/** What it tells, in this order. */
export type ProbeMessage =
  /** The process runs; what follows may crash it. */
  | { type: 'started' }
  | { type: 'unavailable'; reason: string; cure: string | null; said?: Said }
  | {
      type: 'made';
      report: Pick<
        ExecutorReport,
        'description' | 'precision' | 'threads' | 'library' | 'kernels' | 'devices' | 'software'
      >;
    }
  | { type: 'checked'; report: Pick<ExecutorReport, 'checks' | 'unchecked'> }
  | { type: 'timed'; net: RepresentativeNet; speed: ExecutorSpeed | null }
  | { type: 'done' };
