import { cooperate } from '../cooperate';
import type { LinearOperator } from '../objectives/objective';
import { createRng } from '../random';
import { addScaled, norm, scale } from '../vectors';
import { KrylovBasis } from './krylov';
import { type EigenPair, measurePair } from './lanczos';
import { rowStart, symmetricEigen } from './symmetricEigen';

export interface InteriorOptions {
  /** σ */
  shift: number;
  /** How many of the eigenvalues nearest to σ. */
  count: number;
  /** A pair is converged when ‖Av − λv‖ ≤ tolerance·max|λ| (default 1e-4). */
  tolerance?: number;
  /** Products with A, without the one per returned pair that measures its residual (default 400). */
  maxIterations?: number;
  /** Default 0. */
  seed?: number;
  /** Bytes the basis may take before it is restarted (default 400 MB). */
  basisBytes?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

export interface InteriorResult {
  /** Nearest to σ first. Fewer than asked only where the operator is smaller. */
  pairs: EigenPair[];
  /** Products spent on the search. */
  iterations: number;
}

/** The folded problem of a basis this large takes about 0.2 s, and it is solved at every look. */
const largestBasis = 600;

/**
 * Eigenvalues of a symmetric operator nearest to a shift, inside its spectrum, by Lanczos with a folded extraction: of
 * all x in the Krylov space of A those with the smallest ‖(A − σ)x‖, the lowest eigenvectors of (T − σ)² + β²eeᵀ, then
 * Rayleigh–Ritz with T on them. That is the folded spectrum method, min (A − σ)², at one product per step instead of
 * two and in a Krylov space of twice its degree; ordinary Ritz values would come and go near σ.
 *
 * Convergence slows with spread/gap, the width of the spectrum over the distance between neighbours at σ: in the dense
 * bulk of a large Hessian it may not get there. The residual of every pair is measured with A itself and says how far
 * it got: there is an eigenvalue of A within it. As in `lanczosExtremes` a second search looks for missed copies.
 *
 * @throws UserError where a product is not finite; `cancelled`
 */
export async function lanczosAround(operator: LinearOperator, options: InteriorOptions): Promise<InteriorResult> {
  const { shift, tolerance = 1e-4, maxIterations = 400, seed = 0, basisBytes = 400e6, signal, onProgress } = options;
  const count = Math.min(options.count, operator.size);
  const turn = cooperate(signal);
  const rng = createRng(seed, 'interior');
  const basisLimit = Math.max(Math.min(Math.floor(basisBytes / (8 * operator.size)), largestBasis), 3 * count + 10);
  let iterations = 0;

  /** Expands a basis beside `locked` until its nearest `wanted` pairs are settled. */
  async function search(
    wanted: number,
    locked: readonly Float64Array[],
    settled: (nearest: readonly FoldedPair[], largest: number, size: number) => boolean,
  ): Promise<{
    settled: boolean;
    complete: boolean;
    largest: number;
    pairs: (FoldedPair & { vector: Float64Array })[];
  }> {
    const basis = new KrylovBasis(operator, rng, turn, locked);
    let nextCheck = Math.max(2 * wanted, 10);
    for (;;) {
      await basis.expand();
      iterations++;
      onProgress?.(iterations, maxIterations);
      const spent = iterations >= maxIterations;
      const full = basis.size >= basisLimit;
      if (!(basis.complete || spent || full || basis.size >= nextCheck)) continue;
      nextCheck = Math.ceil(1.15 * basis.size);
      const ritz = basis.ritz();
      const largest = Math.max(Math.abs(ritz.values[0]!), Math.abs(ritz.values.at(-1)!));
      const nearest = await foldedPairs(basis, shift, wanted, turn);
      const done = basis.complete || settled(nearest, largest, basis.size);
      if (done || spent) {
        const pairs = [];
        for (const pair of nearest) pairs.push({ ...pair, vector: await basis.ritzVector(pair.coefficients) });
        return { settled: done, complete: basis.complete, largest, pairs };
      }
      if (full) {
        const kept = Array.from(ritz.values, (_, i) => i)
          .sort((a, b) => Math.abs(ritz.values[a]! - shift) - Math.abs(ritz.values[b]! - shift))
          .slice(0, wanted + Math.floor((basis.size - wanted) / 3));
        await basis.restart(ritz, kept);
        nextCheck = basisLimit;
      }
    }
  }

  const distance = ({ value }: { value: number }) => Math.abs(value - shift);
  const first = await search(count, [], (nearest, largest) =>
    nearest.every(({ residual }) => residual <= 0.5 * tolerance * largest),
  );
  let found = first.pairs;
  const slack = 0.5 * tolerance * first.largest;
  if (first.settled && !first.complete) {
    const enough = Math.max(10, Math.ceil(iterations / 2));
    while (iterations < maxIterations && found.length < operator.size) {
      const radius = Math.max(...found.map(distance));
      const locked = found.map(({ vector }) => vector);
      const beside = await search(1, locked, ([nearest], _, size) => {
        const { residual } = nearest!;
        return residual <= slack || (size >= enough && distance(nearest!) - residual > radius);
      });
      const [nearest] = beside.pairs;
      if (!beside.settled || !nearest || nearest.residual > slack || distance(nearest) >= radius + slack) break;
      // A copy as far as the farthest found changes nothing but which of them is told.
      if (distance(nearest) >= radius) break;
      found = [...found, nearest].sort((a, b) => distance(a) - distance(b)).slice(0, count);
    }
  }
  const pairs: EigenPair[] = [];
  for (const { vector } of found) {
    const pair = await measurePair({ operator, turn }, vector);
    pairs.push({ ...pair, converged: pair.residual <= tolerance * first.largest });
  }
  return { pairs: pairs.sort((a, b) => distance(a) - distance(b)), iterations };
}

interface FoldedPair {
  value: number;
  /** ‖Ax − θx‖ as the recurrence has it. */
  residual: number;
  /** Of the unit vector x in the basis. */
  coefficients: Float64Array;
}

/** The `wanted` pairs nearest to σ of those that the folded problem and Rayleigh–Ritz on its lowest vectors give. */
async function foldedPairs(
  basis: KrylovBasis,
  shift: number,
  wanted: number,
  turn: () => Promise<void> | undefined,
): Promise<FoldedPair[]> {
  const { diagonal, offDiagonal, beta } = basis.tridiagonal;
  const m = diagonal.length;
  const shifted = diagonal.map((value) => value - shift);
  const folded = new Float64Array(rowStart(m));
  for (let i = 0; i < m; i++) {
    const before = i > 0 ? offDiagonal[i - 1]! : 0;
    const after = i < m - 1 ? offDiagonal[i]! : beta;
    folded[rowStart(i) + i] = shifted[i]! ** 2 + before ** 2 + after ** 2;
    if (i > 0) folded[rowStart(i) + i - 1] = before * (shifted[i]! + shifted[i - 1]!);
    if (i > 1) folded[rowStart(i) + i - 2] = before * offDiagonal[i - 2]!;
  }
  const lowest = await symmetricEigen(folded, m, turn);
  // Spare vectors, because σ + δ and σ − δ fold onto each other.
  const spare = Math.min(m, wanted + 2);
  const vectors = Array.from({ length: spare }, (_, i) => lowest.vector(i));
  const products = vectors.map((y) => tridiagonalProduct(diagonal, offDiagonal, y));
  const projected = new Float64Array(rowStart(spare));
  for (let i = 0; i < spare; i++) {
    for (let j = 0; j <= i; j++) {
      projected[rowStart(i) + j] = vectors[i]!.reduce((sum, entry, k) => sum + entry * products[j]![k]!, 0);
    }
  }
  const { values, vector } = await symmetricEigen(projected, spare, turn);
  return Array.from(values, (value, i): FoldedPair => {
    const coefficients = new Float64Array(m);
    vector(i).forEach((entry, k) => {
      addScaled(coefficients, entry, vectors[k]!);
    });
    scale(coefficients, 1 / norm(coefficients));
    const rest = tridiagonalProduct(diagonal, offDiagonal, coefficients);
    addScaled(rest, -value, coefficients);
    return { value, residual: Math.hypot(norm(rest), beta * coefficients[m - 1]!), coefficients };
  })
    .sort((a, b) => foldedNorm(a, shift) - foldedNorm(b, shift))
    .slice(0, wanted);
}

/** ‖(A − σ)x‖: a mixture of σ + δ and σ − δ has a value near σ but is not near it. */
const foldedNorm = ({ value, residual }: FoldedPair, shift: number): number => Math.hypot(value - shift, residual);

function tridiagonalProduct(
  diagonal: readonly number[],
  offDiagonal: readonly number[],
  y: Float64Array,
): Float64Array {
  return y.map((entry, i) => {
    const before = i > 0 ? offDiagonal[i - 1]! * y[i - 1]! : 0;
    const after = i < y.length - 1 ? offDiagonal[i]! * y[i + 1]! : 0;
    return diagonal[i]! * entry + before + after;
  });
}
