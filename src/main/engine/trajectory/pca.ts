import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { UserError } from '../../../shared/errors';
import { cooperate } from '../cooperate';
import { lanczosExtremes } from '../curvature/lanczos';
import type { LinearOperator, Vector } from '../objectives/objective';
import { createRng } from '../random';
import { addScaled, dot, norm, scale } from '../vectors';
import type { TrajectoryRows } from './rows';

export interface PrincipalComponents {
  /** Where the rows are measured from, and a point of the plane. */
  origin: Float64Array;
  /** Orthonormal. */
  d1: Float64Array;
  d2: Float64Array;
  /** Σ⟨θ_t − origin, d_k⟩² / Σ‖θ_t − origin‖², all parameters in the denominator. */
  explainedVarianceRatio: [number, number];
  /** √Σ⟨θ_t − origin, d_k⟩² */
  singularValues: [number, number];
}

export interface PrincipalComponentsOptions {
  /** Parameters the directions may use (non-zero entries), e.g. weights only; all when left out. */
  mask?: Uint8Array;
  /** Row of the first trajectory the others are measured from; its last finite one when left out. */
  origin?: Vector;
  /** Of the second direction where the path is a straight line (default 0). */
  seed?: number;
  signal?: AbortSignal;
}

/** Up to this many rows (or parameters) the Gram matrix is decomposed directly. */
const denseLimit = 96;
/** Of σ₂²/σ₁²: what float64 can tell from zero in a Gram matrix. */
const rankTolerance = 1e-13;
const blockEntries = 2_000_000;

/**
 * Uncentred principal components of the rows θ_t − θ_T of one path, or of several about the end of the first, so that
 * the plane contains the end point. Rows with an entry that is not finite are left out.
 *
 * With A the matrix of rows, d_k are the first right singular vectors. Rows are streamed in blocks of a few MB and
 * everything is summed in float64: for few rows (or few parameters) through the eigenvectors of AAᵀ (AᵀA), else by
 * Lanczos on v ↦ AᵀAv, one pass over the rows per product; both are exact to rounding.
 *
 * Signs are fixed by the first row that is clearly off each axis: its coordinate is positive. A path on a straight line has no second
 * component: d₂ is then a seeded random direction orthogonal to d₁ with ratio 0.
 *
 * @throws UserError where nothing moves, or where only one parameter may
 */
export async function pathPrincipalComponents(
  trajectories: readonly TrajectoryRows[],
  options: PrincipalComponentsOptions = {},
): Promise<PrincipalComponents> {
  const { mask, seed = 0, signal } = options;
  const origin = Float64Array.from(options.origin ?? lastFiniteRow(trajectories[0]!));
  const rows = deviations(trajectories, origin, mask, signal);

  let total = 0;
  let within = 0;
  await rows.visit((row, all) => {
    total += all;
    within += dot(row, row);
  });
  if (!(total > 0)) {
    throw new UserError('badInput', 'The path does not move: every recorded row is the same point.', {
      cure: 'Train for more steps, or use a random plane.',
    });
  }
  if (!(within > 0)) {
    throw new UserError('badInput', 'The path moves only in the biases.', { cure: 'Include the biases in the PCA.' });
  }

  const [d1, second] = await rightSingularVectors(rows, signal);
  scale(d1!, 1 / norm(d1!));
  const d2 = second ?? orthogonalDirection(d1!, mask, seed);
  removeComponent(d2, d1!);
  scale(d2, 1 / norm(d2));

  const squares: [number, number] = [0, 0];
  const signs: [number, number] = [0, 0];
  const clear = 1e-6 * Math.sqrt(total);
  await rows.visit((row) => {
    const coordinates = [dot(row, d1!), dot(row, d2)] as const;
    for (const k of [0, 1] as const) {
      squares[k] += coordinates[k] ** 2;
      if (signs[k] === 0 && Math.abs(coordinates[k]) > clear) signs[k] = Math.sign(coordinates[k]);
    }
  });
  if (signs[0] < 0) scale(d1!, -1);
  if (second) {
    if (signs[1] < 0) scale(d2, -1);
  } else {
    squares[1] = 0;
  }
  return {
    origin,
    d1: d1!,
    d2,
    explainedVarianceRatio: [squares[0] / total, squares[1] / total],
    singularValues: [Math.sqrt(squares[0]), Math.sqrt(squares[1])],
  };
}

/** The last row without NaN or infinity: where a path that diverged was last seen. */
export function lastFiniteRow(trajectory: TrajectoryRows): Float32Array {
  for (let r = trajectory.rows - 1; r >= 0; r--) {
    const row = trajectory.read(r, 1);
    if (row.every(Number.isFinite)) return row;
  }
  throw new UserError('badInput', 'The path has no row with finite parameters.', { cure: 'Train it again.' });
}

/** The rows θ_t − origin (masked), streamed. */
interface Deviations {
  count: number;
  dimension: number;
  /** `row` is only valid during the call; `squared` is ‖θ_t − origin‖² before the mask. */
  visit(visitor: (row: Float64Array, squared: number, index: number) => void): Promise<void>;
  /** Rows first … first + count − 1, copied. */
  read(first: number, count: number): Float64Array[];
}

function deviations(
  trajectories: readonly TrajectoryRows[],
  origin: Float64Array,
  mask: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Deviations {
  const dimension = origin.length;
  const turn = cooperate(signal);
  const count = trajectories.reduce((sum, { rows }) => sum + rows, 0);
  const block = Math.max(1, Math.floor(blockEntries / dimension));

  /** row ← θ_t − origin; ‖·‖² of it before the mask, 0 with a zero row where it is not finite. */
  function subtract(theta: Float32Array, start: number, row: Float64Array): number {
    for (let i = 0; i < dimension; i++) row[i] = theta[start + i]! - origin[i]!;
    const squared = dot(row, row);
    if (!Number.isFinite(squared)) {
      row.fill(0);
      return 0;
    }
    if (mask) for (let i = 0; i < dimension; i++) if (mask[i] === 0) row[i] = 0;
    return squared;
  }

  return {
    count,
    dimension,
    async visit(visitor) {
      const row = new Float64Array(dimension);
      let index = 0;
      for (const trajectory of trajectories) {
        for (let first = 0; first < trajectory.rows; first += block) {
          const rows = Math.min(block, trajectory.rows - first);
          const theta = trajectory.read(first, rows);
          for (let r = 0; r < rows; r++) visitor(row, subtract(theta, r * dimension, row), index++);
          await turn();
        }
      }
    },
    read(first, wanted) {
      const out: Float64Array[] = [];
      let start = 0;
      for (const trajectory of trajectories) {
        const from = Math.max(first - start, 0);
        const to = Math.min(first + wanted - start, trajectory.rows);
        if (from < to) {
          const theta = trajectory.read(from, to - from);
          for (let r = 0; r < to - from; r++) {
            const row = new Float64Array(dimension);
            subtract(theta, r * dimension, row);
            out.push(row);
          }
        }
        start += trajectory.rows;
      }
      return out;
    },
  };
}

/** The first two right singular vectors (not normalized); null for the second where the rank is one. */
async function rightSingularVectors(
  rows: Deviations,
  signal: AbortSignal | undefined,
): Promise<[Float64Array, Float64Array | null]> {
  if (rows.dimension <= Math.min(rows.count, denseLimit)) return fromParameterGram(rows);
  if (rows.count <= denseLimit) return fromRowGram(rows, signal);
  return fromLanczos(rows, signal);
}

/** Eigenvectors of AᵀA, [P, P]. */
async function fromParameterGram(rows: Deviations): Promise<[Float64Array, Float64Array | null]> {
  const size = rows.dimension;
  const gram = new Matrix(size, size);
  await rows.visit((row) => {
    for (let i = 0; i < size; i++) {
      if (row[i] === 0) continue;
      for (let j = 0; j <= i; j++) gram.set(i, j, gram.get(i, j) + row[i]! * row[j]!);
    }
  });
  const leading = leadingEigenvectors(gram);
  return [leading[0], leading[1]];
}

/** d_k = Aᵀu_k with u_k the eigenvectors of AAᵀ, [T, T]. */
async function fromRowGram(
  rows: Deviations,
  signal: AbortSignal | undefined,
): Promise<[Float64Array, Float64Array | null]> {
  const turn = cooperate(signal);
  const size = rows.count;
  const gram = new Matrix(size, size);
  const block = Math.max(1, Math.floor(blockEntries / rows.dimension));
  for (let first = 0; first < size; first += block) {
    const above = rows.read(first, block);
    for (let second = 0; second <= first; second += block) {
      const left = second === first ? above : rows.read(second, block);
      for (const [i, row] of above.entries()) {
        for (const [j, other] of left.entries()) {
          if (second + j <= first + i) gram.set(first + i, second + j, dot(row, other));
        }
        await turn();
      }
    }
  }
  const [u1, u2] = leadingEigenvectors(gram);
  const d1 = new Float64Array(rows.dimension);
  const d2 = u2 && new Float64Array(rows.dimension);
  await rows.visit((row, _squared, index) => {
    addScaled(d1, u1[index]!, row);
    if (d2) addScaled(d2, u2[index]!, row);
  });
  return [d1, d2];
}

/** Of a matrix whose lower triangle is filled. */
function leadingEigenvectors(gram: Matrix): [Float64Array, Float64Array | null] {
  const size = gram.rows;
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) gram.set(j, i, gram.get(i, j));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const column = (k: number) => Float64Array.from(eigenvectorMatrix.getColumn(order[k]!));
  const second = size > 1 && realEigenvalues[order[1]!]! > rankTolerance * realEigenvalues[order[0]!]!;
  return [column(0), second ? column(1) : null];
}

async function fromLanczos(
  rows: Deviations,
  signal: AbortSignal | undefined,
): Promise<[Float64Array, Float64Array | null]> {
  const operator: LinearOperator = {
    size: rows.dimension,
    async apply(v, out) {
      const sum = new Float64Array(rows.dimension);
      await rows.visit((row) => addScaled(sum, dot(row, v), row));
      out.set(sum);
    },
    dispose() {},
  };
  const { top } = await lanczosExtremes(operator, {
    top: 2,
    bottom: 0,
    tolerance: 1e-11,
    maxIterations: 300,
    basisBytes: 200e6,
    ...(signal && { signal }),
  });
  const [first, second] = top;
  return [first!.vector, second && second.value > rankTolerance * first!.value ? second.vector : null];
}

function removeComponent(vector: Float64Array, unit: Float64Array): void {
  addScaled(vector, -dot(unit, vector), unit);
  addScaled(vector, -dot(unit, vector), unit);
}

function orthogonalDirection(d1: Float64Array, mask: Uint8Array | undefined, seed: number): Float64Array {
  const rng = createRng(seed, 'pca/second direction');
  const d2 = Float64Array.from(d1, (_, i) => {
    const value = rng.normal();
    return mask?.[i] === 0 ? 0 : value;
  });
  const length = norm(d2);
  removeComponent(d2, d1);
  if (!(norm(d2) > 1e-10 * length)) {
    throw new UserError('badInput', 'A plane needs two parameters that may vary; there is only one.', {
      cure: 'Include the biases, or use a model with more parameters.',
    });
  }
  return d2;
}
