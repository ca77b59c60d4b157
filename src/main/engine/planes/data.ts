import { badInput, sayError } from '../../../shared/errors';
import type { Domain } from '../../../shared/model/experiment';
import type { Checkpoint } from '../../../shared/model/landscape';
import type { ParameterLayout } from '../../../shared/model/run';
import type { Objective, Vector } from '../objectives/objective';
import { lastFiniteRow } from '../trajectory/pca';
import type { TrajectoryRows } from '../trajectory/rows';

/** What a plane is made from. */
export interface PlaneData {
  layout: ParameterLayout;
  /** Paths of the same objective; the first gives the origin. */
  trajectories: readonly TrajectoryRows[];
  /** θ the plane goes through where there is no path; zero when left out. */
  start?: ArrayLike<number>;
  /** Window of a two-parameter function. */
  domain?: Domain;
  /** What is asked for by some planes only. */
  sources?: PlaneSources;
}

export interface PlaneSources {
  /** The training objective. */
  objective(): Promise<Objective>;
  /** A direction of P entries from a file. @throws badInput */
  direction(path: string): Promise<Float64Array>;
  /** The nodes θ₀ … θ_n of a kept curve. @throws badInput */
  connection(id: string): Promise<readonly Vector[]>;
}

export interface PlaneWork {
  signal?: AbortSignal;
  /** Hessian products so far, and the most there can be. */
  onProgress?: (done: number, total: number) => void;
}

export function sourcesOf({ sources }: PlaneData): PlaneSources {
  if (!sources) throw new Error('this plane needs sources');
  return sources;
}

export function dimensionOf(layout: ParameterLayout): number {
  return layout.reduce((sum, { size }) => sum + size, 0);
}

/** θ at a row of the first path; 'final' is its last row whose entries are all finite. */
export function originRow(row: number | 'final', data: PlaneData): Float64Array {
  if (data.trajectories.length > 0) return checkpointOf({ run: 0, row }, data, ['plane', 'origin']);
  return data.start ? Float64Array.from(data.start) : new Float64Array(dimensionOf(data.layout));
}

/** @throws badInput for a run or row that is not there */
export function checkpointOf(
  { run, row }: Checkpoint,
  { trajectories }: PlaneData,
  field: (string | number)[],
): Float64Array {
  const trajectory = trajectories[run];
  if (!trajectory) {
    throw badInput(
      `The plane asks for a point of run ${run + 1}; ${trajectories.length} ${trajectories.length === 1 ? 'is' : 'are'} given.`,
      'Give as many runs as the plane names.',
      field,
    );
  }
  if (row === 'final') return Float64Array.from(lastFiniteRow(trajectory));
  if (row >= trajectory.rows) {
    throw sayError('badInput', 'rowNotRecorded', { row, last: trajectory.rows - 1 }, field);
  }
  return Float64Array.from(trajectory.read(row, 1));
}
