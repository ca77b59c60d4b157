import type { DensityEstimate, DensityMoment } from '../../../shared/model/curvature';
import { cooperate } from '../cooperate';
import type { LinearOperator } from '../objectives/objective';
import { createRng, type Rng } from '../random';
import { addScaled, dot, norm, scale } from '../vectors';
import { checkDenseSize, denseSpectrum, exactLimit } from './dense';
import { type GroupedOperator, groupProducts, standardErrorOfGroups } from './groups';
import { KrylovBasis } from './krylov';
import { signs, standardErrorOfMean } from './trace';
import { tridiagonalEigen } from './tridiagonal';

export interface DensityOptions {
  /** Default 'auto': exact where that takes no more products than `starts`·`steps`. */
  method?: 'auto' | 'slq' | 'exact';
  /** Start vectors (default 8). */
  starts?: number;
  /** Lanczos steps from each (default 80). */
  steps?: number;
  /** Entries of the start vectors (default 'rademacher'). */
  distribution?: 'rademacher' | 'gaussian';
  /** Standard deviation of the Gaussian kernel over λmax − λmin (default 0.01). */
  width?: number;
  /** Default 0. */
  seed?: number;
  /** The operator on parts of the examples, for the standard errors of a sample. */
  grouped?: GroupedOperator | null;
  /** Bytes a Krylov basis may take; fewer steps are taken where it would not hold them (default 400 MB). */
  basisBytes?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** Nodes θ_i and weights (adding up to 1) of a quadrature: Σ w_i f(θ_i) ≈ tr f(A)/P. */
interface Quadrature {
  nodes: Float64Array;
  weights: Float64Array;
}

/**
 * Density of the eigenvalues of a symmetric operator, φ(x) = (1/P)Σ δ(x − λ_i), smoothed by a Gaussian: stochastic Lanczos
 * quadrature (Golub & Welsch 1969; Ubaru, Chen & Saad 2017; Ghorbani, Krishnan & Xiao 2019). Each random start gives a
 * Gauss quadrature, exact for polynomials of degree 2·steps − 1; the density is their mean, its band their spread.
 *
 * @throws UserError where a product is not finite, or the exact density of too many parameters is asked for; `cancelled`
 */
export async function spectralDensity(
  operator: LinearOperator,
  options: DensityOptions = {},
): Promise<DensityEstimate> {
  const { method = 'auto', starts = 8, steps = 80, distribution = 'rademacher', width = 0.01, seed = 0 } = options;
  const { grouped = null, basisBytes = 400e6, signal, onProgress } = options;
  const { size } = operator;
  const turn = cooperate(signal);
  const exact = method === 'exact' || (method === 'auto' && size <= Math.min(starts * steps, exactLimit));
  if (exact) checkDenseSize(size);

  const quadratures: Quadrature[] = [];
  const sampled: [number[], number[]][] = [];
  if (grouped) {
    const rng = createRng(seed, 'density/groups');
    for (let s = 0; s < starts; s++) {
      const v = startVector(size, distribution, rng);
      sampled.push(leaveOneOut(grouped, await groupProducts(grouped, v, turn), v));
    }
  }
  let products = sampled.length;
  if (exact) {
    const { values } = await denseSpectrum(operator, 0, signal, onProgress);
    products += size;
    quadratures.push({ nodes: values, weights: new Float64Array(size).fill(1 / size) });
  } else {
    const rng = createRng(seed, 'density');
    const limit = Math.max(2, Math.min(steps, size, Math.floor(basisBytes / (8 * size))));
    const total = products + starts * limit;
    for (let s = 0; s < starts; s++) {
      const start = startVector(size, distribution, rng);
      const basis = new KrylovBasis(operator, rng, turn, [], start);
      do {
        await basis.expand();
        products++;
        onProgress?.(products, total);
      } while (!basis.invariant && !basis.complete && basis.size < limit);
      quadratures.push(quadratureOf(basis));
    }
  }
  const moment = (power: 1 | 2): DensityMoment => {
    const perStart = quadratures.map(({ nodes, weights }) =>
      dot(
        weights,
        nodes.map((node) => node ** power),
      ),
    );
    return {
      value: mean(perStart),
      standardError: exact ? 0 : perStart.length > 1 ? standardErrorOfMean(perStart) : null,
      samplingStandardError: grouped ? jackknife(grouped, sampled, power) : null,
    };
  };
  const curve = await smooth(quadratures, width, turn);
  return {
    ...curve,
    method: exact ? 'exact' : 'slq',
    starts: exact ? 0 : starts,
    steps: exact ? 0 : Math.max(...quadratures.map(({ nodes }) => nodes.length)),
    moments: [moment(1), moment(2)],
    nodes: concatenate(quadratures.map(({ nodes }) => nodes)),
    weights: concatenate(quadratures.map(({ weights }) => weights)).map((weight) => weight / quadratures.length),
    products,
  };
}

/** Unit vector whose outer product has expectation I/P, Rademacher or uniform on the sphere. */
function startVector(size: number, distribution: 'rademacher' | 'gaussian', rng: Rng): Float64Array {
  const v = distribution === 'rademacher' ? signs(size, rng) : Float64Array.from({ length: size }, () => rng.normal());
  scale(v, 1 / norm(v));
  return v;
}

/** Eigenvalues of T and the squared first components of its eigenvectors. */
function quadratureOf(basis: KrylovBasis): Quadrature {
  const { diagonal, offDiagonal } = basis.tridiagonal;
  // The solver gives last components; turned round, T has its first ones there.
  const { values, last } = tridiagonalEigen(diagonal.toReversed(), offDiagonal.toReversed());
  return { nodes: values, weights: last.map((component) => component ** 2) };
}

/** Kernel standard deviations the grid reaches beyond the outermost nodes. */
const margin = 5;
/** Grid points per kernel standard deviation; the trapezoid rule is then exact to rounding. */
const pointsPerSigma = 4;
const fewestPoints = 401;

type Curve = Pick<DensityEstimate, 'sigma' | 'range' | 'xs' | 'density' | 'standardError' | 'mass'>;

async function smooth(
  quadratures: readonly Quadrature[],
  width: number,
  turn: () => Promise<void> | undefined,
): Promise<Curve> {
  let [low, high] = [Infinity, -Infinity];
  for (const { nodes } of quadratures) {
    low = Math.min(low, nodes[0]!);
    high = Math.max(high, nodes.at(-1)!);
  }
  // One repeated eigenvalue has no range; the kernel is then relative to its size, or to 1 when it is zero.
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  const range = high - low > 1e-9 * magnitude ? high - low : magnitude || 1;
  const sigma = width * range;
  const from = low - margin * sigma;
  const length = high - low + 2 * margin * sigma;
  const count = Math.max(fewestPoints, Math.ceil((pointsPerSigma * length) / sigma) + 1);
  const step = length / (count - 1);
  const xs = Float64Array.from({ length: count }, (_, i) => from + i * step);
  const curves: Float64Array[] = [];
  for (const { nodes, weights } of quadratures) {
    const curve = new Float64Array(count);
    for (let k = 0; k < nodes.length; k++) {
      const height = weights[k]! / (sigma * Math.sqrt(2 * Math.PI));
      // Beyond 8σ a kernel is below 1e-14 of its height.
      const first = Math.max(0, Math.ceil((nodes[k]! - 8 * sigma - from) / step));
      const last = Math.min(count - 1, Math.floor((nodes[k]! + 8 * sigma - from) / step));
      for (let i = first; i <= last; i++) curve[i]! += height * Math.exp(-(((xs[i]! - nodes[k]!) / sigma) ** 2) / 2);
      await turn();
    }
    curves.push(curve);
  }
  const density = new Float64Array(count);
  for (const curve of curves) addScaled(density, 1 / curves.length, curve);
  const standardError =
    curves.length > 1 ? density.map((_, i) => standardErrorOfMean(curves.map((curve) => curve[i]!))) : null;
  const mass = density.reduce((sum, value) => sum + value, -(density[0]! + density[count - 1]!) / 2) * step;
  return { sigma, range: [low, high], xs, density, standardError, mass };
}

/** Per group, vᵀAv and ‖Av‖² of the operator without that group: estimates of the first two moments. */
function leaveOneOut(grouped: GroupedOperator, products: Float64Array[], v: Float64Array): [number[], number[]] {
  const { weights } = grouped;
  const all = new Float64Array(v.length);
  products.forEach((product, g) => {
    addScaled(all, weights[g]!, product);
  });
  const first: number[] = [];
  const second: number[] = [];
  products.forEach((product, g) => {
    const rest = all.slice();
    addScaled(rest, -weights[g]!, product);
    scale(rest, 1 / (1 - weights[g]!));
    first.push(dot(v, rest));
    second.push(dot(rest, rest));
  });
  return [first, second];
}

/**
 * Standard error of a moment over the sample, delete-a-group jackknife: the leave-one-out estimates averaged over the
 * starts, turned into pseudo-values m·q̄ − (m − 1)·q₋g, whose mean has the spread of means of groups.
 */
function jackknife(grouped: GroupedOperator, perGroup: readonly [number[], number[]][], power: 1 | 2): number {
  const m = grouped.groups.length;
  const without = Array.from({ length: m }, (_, g) => mean(perGroup.map((moments) => moments[power - 1]![g]!)));
  const centre = mean(without);
  return standardErrorOfGroups(
    grouped,
    without.map((value) => m * centre - (m - 1) * value),
  );
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function concatenate(arrays: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let offset = 0;
  for (const array of arrays) {
    all.set(array, offset);
    offset += array.length;
  }
  return all;
}
