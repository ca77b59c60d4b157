import { cancelled, UserError } from '../../../shared/errors';
import { type Gram, planeCoordinates } from '../../../shared/math/projection';
import {
  type Motion,
  type MotionColumns,
  type MotionName,
  type MotionRows,
  motionNames,
} from '../../../shared/model/motion';
import type { Vector } from '../objectives/objective';
import type { Optimizer, OptimizerState } from '../optimizers';
import type { PlaneAxes } from '../trajectory/project';
import type { TrajectoryRows } from '../trajectory/rows';
import { dot } from '../vectors';
import { type TrainOptions, train } from './train';

export interface ReplayOptions extends Omit<TrainOptions, 'pause' | 'validation' | 'classify'> {
  /** The plane everything is seen from. */
  plane: PlaneAxes;
  /** What the run recorded: θ, and the steps of its rows. */
  recorded: TrajectoryRows;
  steps: ArrayLike<number>;
}

export type ReplayResult = Pick<Motion, 'rows' | 'columns' | 'memory' | 'adaptive'>;

/**
 * Repeats a training bit by bit and looks at its optimizer in every recorded row. The stop rules are left out: it ends at
 * the last recorded step. Nothing is measured on the way.
 *
 * @throws UserError (engine) at the first θ that is not the recorded one; cancelled()
 */
export async function* replay(options: ReplayOptions): AsyncGenerator<MotionRows, ReplayResult> {
  const { plane, recorded, steps, optimizer, training, objective, params, signal } = options;
  const { rows } = recorded;
  const columns = Object.fromEntries(
    motionNames.map((name) => [name, new Float64Array(rows).fill(Number.NaN)]),
  ) as MotionColumns;
  const seen = seeFrom(plane, columns);
  const before = new Float64Array(objective.dimension);
  let state: OptimizerState | null = null;
  let row = 0;
  const watched: Optimizer = {
    ...optimizer,
    init(start) {
      state = optimizer.init(start);
      return state;
    },
    step(...step) {
      const [gradient, from, theta] = step;
      if (steps[row] !== from.count) return optimizer.step(...step);
      seen.vector('descent', row, gradient, -1);
      const memory = memoryOf(from);
      if (memory) seen.vector('velocity', row, from.vectors[memory]!, -1);
      before.set(theta);
      const arrive = (moved: number): number => {
        for (let i = 0; i < before.length; i++) before[i] = theta[i]! - before[i]!;
        seen.vector('step', row, before, 1);
        seen.rates(row, optimizer.rates(from));
        row++;
        return moved;
      };
      const moved = optimizer.step(...step);
      return typeof moved === 'number' ? arrive(moved) : moved.then(arrive);
    },
  };
  const lastStep = steps[rows - 1]!;
  const repeated = train({
    ...options,
    ...{ optimizer: watched, validation: null, classify: false },
    training: { ...training, stop: { steps: lastStep } },
  });
  let compared = 0;
  let sent = 0;
  const part = (end: number): MotionRows => {
    const firstRow = sent;
    sent = end;
    return { firstRow, rows: end - firstRow, columns: mapColumns((name) => columns[name].slice(firstRow, end)) };
  };
  for await (const batch of repeated) {
    if (signal.aborted) throw cancelled();
    compare(batch.theta, recorded, compared, batch.rows, steps);
    compared += batch.rows;
    const end = Math.min(row, rows - 1);
    if (end > sent) yield part(end);
  }
  if (signal.aborted) throw cancelled();
  if (compared < rows) throw departed(steps[compared]!, `it ends there, with ${compared} of ${rows} rows`);
  const memory = state && memoryOf(state);
  const gradient = objective.allocate();
  await objective.gradient(params, gradient);
  seen.vector('descent', rows - 1, gradient, -1);
  if (state && memory) seen.vector('velocity', rows - 1, (state as OptimizerState).vectors[memory]!, -1);
  const rates = state && optimizer.rates(state);
  seen.rates(rows - 1, rates);
  yield part(rows);
  return { rows, columns, memory, adaptive: rates !== null };
}

/** Heavy-ball and Nesterov momentum keep a velocity, Adam and its kin the mean of their gradients. */
function memoryOf({ vectors }: OptimizerState): Motion['memory'] {
  return vectors.velocity ? 'velocity' : vectors.firstMoment ? 'firstMoment' : null;
}

const mapColumns = (column: (name: MotionName) => Float64Array): MotionColumns =>
  Object.fromEntries(motionNames.map((name) => [name, column(name)])) as MotionColumns;

/** Writes what is seen of vectors and of diagonal matrices from a plane. */
function seeFrom({ d1, d2 }: PlaneAxes, columns: MotionColumns) {
  const gram: Gram = { d11: dot(d1, d1), d12: dot(d1, d2), d22: dot(d2, d2) };
  return {
    vector(name: 'descent' | 'velocity' | 'step', row: number, vector: Vector, sign: 1 | -1): void {
      const [x, y] = planeCoordinates(gram, sign * dot(vector, d1), sign * dot(vector, d2));
      columns[`${name}X`][row] = x;
      columns[`${name}Y`][row] = y;
    },
    rates(row: number, rates: Float64Array | null): void {
      if (!rates) return;
      let [r11, r12, r22] = [0, 0, 0];
      for (let i = 0; i < rates.length; i++) {
        r11 += rates[i]! * d1[i]! * d1[i]!;
        r12 += rates[i]! * d1[i]! * d2[i]!;
        r22 += rates[i]! * d2[i]! * d2[i]!;
      }
      columns.rate11[row] = r11 / gram.d11;
      columns.rate12[row] = r12 / Math.sqrt(gram.d11 * gram.d22);
      columns.rate22[row] = r22 / gram.d22;
    },
  };
}

function compare(
  theta: Float32Array,
  recorded: TrajectoryRows,
  firstRow: number,
  rows: number,
  steps: ArrayLike<number>,
): void {
  const known = Math.min(rows, recorded.rows - firstRow);
  const wanted = recorded.read(firstRow, known);
  const { dimension } = recorded;
  for (let k = 0; k < wanted.length; k++) {
    if (Object.is(theta[k], wanted[k])) continue;
    const parameter = k % dimension;
    throw departed(
      steps[firstRow + (k - parameter) / dimension]!,
      `parameter ${parameter} is ${theta[k]} instead of ${wanted[k]}`,
    );
  }
}

const departed = (step: number, how: string): UserError =>
  new UserError('engine', `The repeated run departs from the recorded one at step ${step}: ${how}.`, {
    cure: 'It was recorded by another version or on another machine. Train again to see what moves it.',
  });
