import type { TraceEstimate, TraceMethod } from '../../../shared/model/curvature';
import { cooperate } from '../cooperate';
import type { LinearOperator } from '../objectives/objective';
import { createRng, type Rng } from '../random';
import { dot, norm, removeComponents, scale } from '../vectors';
import { type GroupedOperator, groupForms, groupMean, standardErrorOfGroups } from './groups';
import { productNotFinite } from './productNotFinite';
import { studentT } from './studentT';

export interface TraceOptions {
  /** Default 'hutch++'. With as many products as parameters the trace is summed exactly instead. */
  method?: TraceMethod;
  /** Products with A (default 60). */
  products?: number;
  /** Of the interval (default 0.95). */
  confidence?: number;
  /** Default 0. */
  seed?: number;
  /** The operator on parts of the examples, for the standard error of a sample; takes the place of `operator`. */
  grouped?: GroupedOperator | null;
  /** Bytes the Hutch++ sketch may take (default 400 MB). */
  sketchBytes?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * tr A = Σ A_ii of a symmetric operator from products with random signs, with its confidence interval.
 *
 * - hutchinson: the mean of zᵀAz over Rademacher z (Hutchinson 1989), variance 2(‖A‖²_F − Σ A_ii²) per product;
 * - hutch++ (Meyer, Musco, Musco & Woodruff 2021): a third of the products sketches the range of A, a third sums the
 *   trace on it exactly, a third estimates what is left. The error falls with the products, not with their root.
 *
 * The interval is Student's, from the spread of the probes and, for a sample, that between its groups.
 *
 * @throws UserError where a product is not finite; `cancelled`
 */
export async function estimateTrace(operator: LinearOperator, options: TraceOptions = {}): Promise<TraceEstimate> {
  const { products = 60, confidence = 0.95, seed = 0, sketchBytes = 400e6 } = options;
  const { grouped = null, signal, onProgress } = options;
  const turn = cooperate(signal);
  const rng = createRng(seed, 'trace');
  const { size } = operator;
  const exact = products >= size;
  const total = exact ? size : products;
  let done = 0;
  const finite = (value: number) => {
    if (!Number.isFinite(value)) throw productNotFinite();
    done++;
    onProgress?.(done, total);
    return value;
  };
  const apply = async (v: Float64Array): Promise<Float64Array> => {
    const out = new Float64Array(size);
    await turn();
    await operator.apply(v, out);
    return out;
  };
  /** vᵀAv: one value, or one per group. */
  const forms = async (v: Float64Array): Promise<number[]> => {
    const values = grouped ? await groupForms(grouped, v, turn) : [dot(v, await apply(v))];
    finite(values.reduce((sum, value) => sum + value, 0));
    return values;
  };
  const mean = (values: readonly number[]) => (grouped ? groupMean(grouped, values) : values[0]!);
  const parts = grouped?.groups.length ?? 1;
  // Per group: what is known exactly, and the probes' values.
  const known = new Array<number>(parts).fill(0);
  const probes: number[][] = [];

  if (exact) {
    for (let i = 0; i < size; i++) add(known, await forms(unit(size, i)));
  } else {
    const method = options.method ?? 'hutch++';
    const rank = method === 'hutchinson' ? 0 : Math.min(Math.floor(products / 3), Math.floor(sketchBytes / (8 * size)));
    const basis: Float64Array[] = [];
    for (let k = 0; k < rank; k++) {
      const column = await apply(signs(size, rng));
      finite(dot(column, column));
      if (await orthonormalize(column, basis, turn)) basis.push(column);
    }
    for (const q of basis) add(known, await forms(q));
    const left = products - rank - basis.length;
    for (let k = 0; k < left; k++) {
      const z = signs(size, rng);
      await removeComponents(z, basis, turn);
      probes.push(await forms(z));
    }
  }

  const perGroup = known.map((value, g) => value + average(probes.map((probe) => probe[g]!)));
  const perProbe = probes.map(mean);
  const probeStandardError = exact ? 0 : standardErrorOfMean(perProbe);
  const samplingStandardError = grouped ? standardErrorOfGroups(grouped, perGroup) : null;
  const value = mean(perGroup);
  return {
    value,
    ...intervalOf(value, confidence, [
      [probeStandardError, probes.length - 1],
      [samplingStandardError ?? 0, parts - 1],
    ]),
    probeStandardError,
    samplingStandardError,
    confidence,
    method: exact ? 'exact' : (options.method ?? 'hutch++'),
    products: done,
  };
}

/**
 * Student's interval about a value with independent standard errors, each with its degrees of freedom: √Σs² with the
 * degrees of Welch & Satterthwaite.
 */
export function intervalOf(
  value: number,
  confidence: number,
  errors: readonly (readonly [standardError: number, degreesOfFreedom: number])[],
): { standardError: number; interval: [number, number] } {
  const present = errors.filter(([error]) => error > 0);
  const squares = present.reduce((sum, [error]) => sum + error ** 2, 0);
  if (squares === 0) return { standardError: 0, interval: [value, value] };
  const freedom = squares ** 2 / present.reduce((sum, [error, degrees]) => sum + error ** 4 / degrees, 0);
  const standardError = Math.sqrt(squares);
  const halfWidth = studentT(confidence, Math.max(freedom, 1)) * standardError;
  return { standardError, interval: [value - halfWidth, value + halfWidth] };
}

function add(sums: number[], values: readonly number[]): void {
  values.forEach((value, g) => {
    sums[g]! += value;
  });
}

const average = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** s/√n with s² = Σ(x − x̄)²/(n − 1) */
export function standardErrorOfMean(values: readonly number[]): number {
  const mean = average(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** Rademacher vector: ±1 with equal probability. */
export const signs = (size: number, rng: Rng): Float64Array => Float64Array.from({ length: size }, () => rng.sign());

function unit(size: number, i: number): Float64Array {
  const v = new Float64Array(size);
  v[i] = 1;
  return v;
}

/** Gram–Schmidt, twice; false where nothing but rounding is left. */
async function orthonormalize(
  v: Float64Array,
  basis: readonly Float64Array[],
  turn: () => Promise<void> | undefined,
): Promise<boolean> {
  const before = norm(v);
  for (let pass = 0; pass < 2; pass++) await removeComponents(v, basis, turn);
  const length = norm(v);
  if (!(length > 1e-10 * before)) return false;
  scale(v, 1 / length);
  return true;
}
