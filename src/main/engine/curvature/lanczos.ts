import type { Eigenvalue } from '../../../shared/model/landscape';
import { cooperate } from '../cooperate';
import type { LinearOperator } from '../objectives/objective';
import { createRng, type Rng } from '../random';
import { addScaled, dot, norm } from '../vectors';
import { KrylovBasis } from './krylov';

export interface EigenPair extends Eigenvalue {
  /** Unit eigenvector. */
  vector: Float64Array;
}

export interface LanczosOptions {
  /** How many of the largest eigenvalues. */
  top: number;
  /** How many of the smallest. */
  bottom: number;
  /** A pair is converged when ‖Av − λv‖ ≤ tolerance·max|λ| (default 1e-4). */
  tolerance?: number;
  /** Products with A, without the one per returned pair that measures its residual (default 400). */
  maxIterations?: number;
  /** Of the start vector and of those that replace it where the Krylov space ends (default 0). */
  seed?: number;
  /** Where the first search starts instead, e.g. near an eigenvector of a nearby operator. */
  start?: Float64Array;
  /** Look for missed copies of the pairs found (default true). */
  copies?: boolean;
  /** Bytes the basis may take before it is restarted (default 400 MB). */
  basisBytes?: number;
  signal?: AbortSignal;
  /** After every product. `total` is the most there can be. */
  onProgress?: (done: number, total: number) => void;
}

export interface LanczosResult {
  /** Largest first. Fewer than asked only where the operator is smaller. */
  top: EigenPair[];
  /** Smallest first. Overlaps `top` where both together exceed the operator's size. */
  bottom: EigenPair[];
  /** Products spent on the search. */
  iterations: number;
}

/**
 * Both ends of the spectrum of a symmetric operator by Lanczos with full reorthogonalization and a recurrence in
 * float64 whatever the operator computes in.
 *
 * One start vector sees each eigenvalue once. When the wanted pairs have converged they are locked and a second search
 * from a new random vector orthogonal to them looks for copies that were missed (multiple eigenvalues), until none is
 * found. Values are Rayleigh quotients and residuals are measured, ‖Av − λv‖ with one more product per pair, not the
 * recurrence's own estimate: a float32 operator has a floor near 1e-7·max|λ| that the estimate does not know.
 *
 * @throws UserError where a product is not finite; `cancelled` within 100 ms of the signal (or after the product under way)
 */
export async function lanczosExtremes(operator: LinearOperator, options: LanczosOptions): Promise<LanczosResult> {
  const { tolerance = 1e-4, maxIterations = 400, seed = 0, basisBytes = 400e6, signal, onProgress } = options;
  const wanted: Ends = { top: Math.min(options.top, operator.size), bottom: Math.min(options.bottom, operator.size) };
  if (wanted.top + wanted.bottom === 0) return { top: [], bottom: [], iterations: 0 };

  const search: Search = {
    operator,
    rng: createRng(seed, 'lanczos'),
    turn: cooperate(signal),
    basisLimit: Math.max(Math.floor(basisBytes / (8 * operator.size)), 2 * (wanted.top + wanted.bottom) + 10),
    iterations: 0,
    maxIterations,
    onProduct: () => onProgress?.(search.iterations, maxIterations),
  };

  const everything = wanted.top + wanted.bottom >= operator.size;
  const first = await findExtremes(
    search,
    wanted,
    [],
    ({ top, bottom, largest }) =>
      everything ? false : [...top, ...bottom].every(({ residual }) => residual <= 0.5 * tolerance * largest),
    options.start,
  );
  const found: Record<keyof Ends, RitzPair[]> = first.pairs;
  if (options.copies !== false && first.settled && !first.complete)
    await addMissedCopies(search, wanted, found, 0.5 * tolerance * first.largest);

  const measured = new Map<RitzPair, EigenPair>();
  let largest = first.largest;
  for (const pair of [...found.top, ...found.bottom]) {
    if (measured.has(pair)) continue;
    const eigenpair = await measurePair(search, pair.vector);
    largest = Math.max(largest, Math.abs(eigenpair.value));
    measured.set(pair, eigenpair);
  }
  const finish = (pairs: RitzPair[], sign: number) =>
    pairs
      .map((pair) => measured.get(pair)!)
      .map((pair) => ({ ...pair, converged: pair.residual <= tolerance * largest }))
      .sort((a, b) => sign * (a.value - b.value));
  return { top: finish(found.top, -1), bottom: finish(found.bottom, 1), iterations: search.iterations };
}

interface Ends {
  top: number;
  bottom: number;
}

interface Search {
  operator: LinearOperator;
  rng: Rng;
  turn: () => Promise<void> | undefined;
  basisLimit: number;
  iterations: number;
  maxIterations: number;
  onProduct: () => void;
}

interface RitzPair {
  value: number;
  vector: Float64Array;
}

/** What a search knows at a check: values from the outside in, with their estimated residuals. */
interface Extremes {
  top: Estimate[];
  bottom: Estimate[];
  /** max|θ| */
  largest: number;
}

interface Estimate {
  index: number;
  value: number;
  residual: number;
}

/** Expands a basis orthogonal to `locked` until `settled` says so, the basis is complete or the products are spent. */
async function findExtremes(
  search: Search,
  wanted: Ends,
  locked: readonly Float64Array[],
  settled: (extremes: Extremes, size: number) => boolean,
  start?: Float64Array,
): Promise<{ settled: boolean; complete: boolean; largest: number; pairs: Record<keyof Ends, RitzPair[]> }> {
  const basis = new KrylovBasis(search.operator, search.rng, search.turn, locked, start);
  let nextCheck = Math.max(wanted.top + wanted.bottom, 4);
  for (;;) {
    await basis.expand();
    search.iterations++;
    search.onProduct();
    const spent = search.iterations >= search.maxIterations;
    const full = basis.size >= search.basisLimit;
    if (!(basis.complete || spent || full || basis.size >= nextCheck)) continue;
    nextCheck = basis.size + Math.max(3, Math.ceil(0.08 * basis.size));
    const ritz = basis.ritz();
    const extremes = ends(ritz, wanted);
    const done = basis.complete || (basis.size >= wanted.top + wanted.bottom && settled(extremes, basis.size));
    if (done || spent) {
      const pairs = new Map<number, RitzPair>();
      for (const { index, value } of [...extremes.top, ...extremes.bottom]) {
        if (!pairs.has(index)) pairs.set(index, { value, vector: await basis.ritzVector(ritz.vector(index)) });
      }
      const pick = (estimates: Estimate[]) => estimates.map(({ index }) => pairs.get(index)!);
      return {
        settled: done,
        complete: basis.complete,
        largest: extremes.largest,
        pairs: { top: pick(extremes.top), bottom: pick(extremes.bottom) },
      };
    }
    if (full) {
      await basis.restart(ritz, keptAtRestart(basis.size, wanted));
      nextCheck = search.basisLimit;
    }
  }
}

function ends({ values, residuals }: { values: Float64Array; residuals: Float64Array }, wanted: Ends): Extremes {
  const m = values.length;
  const estimate = (index: number): Estimate => ({ index, value: values[index]!, residual: residuals[index]! });
  return {
    top: Array.from({ length: Math.min(wanted.top, m) }, (_, i) => estimate(m - 1 - i)),
    bottom: Array.from({ length: Math.min(wanted.bottom, m) }, (_, i) => estimate(i)),
    largest: Math.max(Math.abs(values[0]!), Math.abs(values[m - 1]!)),
  };
}

/** The wanted Ritz vectors and, in proportion, a third of the others next to them: they speed up what comes after. */
function keptAtRestart(size: number, { top, bottom }: Ends): number[] {
  const spare = Math.floor((size - top - bottom) / 3);
  const highest = top + Math.round((spare * top) / (top + bottom));
  const lowest = bottom + spare - (highest - top);
  return Array.from({ length: size }, (_, i) => i).filter((i) => i < lowest || i >= size - highest);
}

/** Searches beside the pairs found for values that belong among them; puts them in until there is none. */
async function addMissedCopies(
  search: Search,
  wanted: Ends,
  found: Record<keyof Ends, RitzPair[]>,
  slack: number,
): Promise<void> {
  // A copy converges as fast as its original did; to show above the pairs found it needs about half of that.
  const enough = Math.max(8, Math.ceil(search.iterations / 2));
  const one: Ends = { top: Math.min(wanted.top, 1), bottom: Math.min(wanted.bottom, 1) };
  for (;;) {
    const locked = [...new Set([...found.top, ...found.bottom])].map(({ vector }) => vector);
    const budget = search.maxIterations - search.iterations;
    if (budget <= 0 || locked.length >= search.operator.size) return;
    const innermostTop = found.top.at(-1)?.value ?? Infinity;
    const innermostBottom = found.bottom.at(-1)?.value ?? -Infinity;
    const { pairs, settled } = await findExtremes(search, one, locked, ({ top, bottom }, size) =>
      [
        ...top.map(({ value, residual }) => residual <= slack || (size >= enough && value <= innermostTop + slack)),
        ...bottom.map(
          ({ value, residual }) => residual <= slack || (size >= enough && value >= innermostBottom - slack),
        ),
      ].every(Boolean),
    );
    if (!settled) return;
    const above = pairs.top.filter(({ value }) => value > innermostTop + slack);
    const below = pairs.bottom.filter(({ value }) => value < innermostBottom - slack);
    if (above.length + below.length === 0) return;
    found.top = [...found.top, ...above].sort((a, b) => b.value - a.value).slice(0, wanted.top);
    found.bottom = [...found.bottom, ...below].sort((a, b) => a.value - b.value).slice(0, wanted.bottom);
  }
}

/** Rayleigh quotient and true residual of a unit vector, one product. */
export async function measurePair(
  { operator, turn }: { operator: LinearOperator; turn: () => Promise<void> | undefined },
  vector: Float64Array,
): Promise<EigenPair> {
  const product = new Float64Array(vector.length);
  await turn();
  await operator.apply(vector, product);
  const value = dot(vector, product);
  addScaled(product, -value, vector);
  return { value, residual: norm(product), converged: false, vector };
}
