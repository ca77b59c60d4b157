import type { MorseIndex } from '../../../shared/model/critical';
import { cooperate } from '../cooperate';
import { denseSpectrum, exactLimit } from '../curvature/dense';
import { type EigenPair, lanczosExtremes } from '../curvature/lanczos';
import type { LinearOperator, Objective, Vector } from '../objectives/objective';
import { classify, relativeEigenvalueTolerance } from './classify';

export interface MorseIndexOptions {
  /** ‖∇L‖ there. */
  gradientNorm: number;
  /** Largest eigenvalues to report (default 5), and of the smallest as many and all negative ones up to `mostNegative`. */
  top?: number;
  /** Default: dense up to 2,000 parameters. */
  spectrum?: 'dense' | 'lanczos';
  seed?: number;
  signal?: AbortSignal;
  /** After every product. */
  onProgress?: (done: number, total: number) => void;
}

export interface MeasuredIndex extends MorseIndex {
  /** The unit eigenvector of the smallest eigenvalue. */
  lowest: Float64Array;
}

/** Lanczos looks for at most this many negative eigenvalues. */
const mostNegative = 64;
/** Of the pairs, in units of max|λ|; the zero test is as sharp. */
const pairTolerance = relativeEigenvalueTolerance;
const mostProducts = 1_000;

/**
 * How many eigenvalues of the Hessian at θ are negative (the Morse index), zero and positive. An eigenvalue counts as zero
 * within 10⁻⁶·max|λ|, or within its own error where that is more: symmetries of a network (permuted or rescaled units)
 * leave directions without curvature, which are counted apart.
 *
 * Up to 2,000 parameters the whole spectrum is computed and the counts are exact to that tolerance. Above, Lanczos looks
 * for the smallest eigenvalues until one is not negative, at most 64; `indexKnown` says whether it got there.
 *
 * @throws UserError where a Hessian product is not finite; `cancelled`
 */
export async function measureMorseIndex(
  objective: Objective,
  params: Vector,
  options: MorseIndexOptions,
): Promise<MeasuredIndex> {
  const { dimension } = objective;
  const dense = (options.spectrum ?? (dimension <= exactLimit ? 'dense' : 'lanczos')) === 'dense';
  const operator = await objective.hessian(params);
  try {
    return await (dense ? fromAll(operator, options) : fromEnds(operator, options));
  } finally {
    operator.dispose();
  }
}

async function fromAll(operator: LinearOperator, options: MorseIndexOptions): Promise<MeasuredIndex> {
  const { gradientNorm, top = 5, signal, onProgress } = options;
  const { size } = operator;
  const turn = cooperate(signal);
  const { values, errorBound, pair } = await denseSpectrum(operator, pairTolerance, signal, onProgress);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values[size - 1]!));
  const tolerance = Math.max(relativeEigenvalueTolerance * largest, errorBound, 1e-12);
  const negative = values.filter((value) => value < -tolerance).length;
  const positive = values.filter((value) => value > tolerance).length;
  const pairs = async (indices: number[]) => {
    const made: EigenPair[] = [];
    for (const i of indices) {
      await turn();
      made.push(pair(i));
    }
    return made;
  };
  const below = Math.min(Math.max(top, Math.min(negative, mostNegative)), size);
  const bottom = await pairs(Array.from({ length: below }, (_, i) => i));
  return {
    ...classify(
      { dimension: size, gradientNorm, eigenvalueTolerance: tolerance },
      { eigenvalues: [...values], smallestKnown: true, largestKnown: true },
    ),
    ...{ negative, positive, zero: size - negative - positive, indexKnown: true },
    top: (await pairs(Array.from({ length: Math.min(top, size) }, (_, i) => size - 1 - i))).map(withoutVector),
    bottom: bottom.map(withoutVector),
    spectrum: 'dense',
    products: size,
    lowest: bottom[0]!.vector,
  };
}

async function fromEnds(operator: LinearOperator, options: MorseIndexOptions): Promise<MeasuredIndex> {
  const { gradientNorm, top = 5, seed = 0, signal, onProgress } = options;
  const { size } = operator;
  let products = 0;
  for (let wanted = Math.min(top, size); ; wanted = Math.min(2 * wanted, mostNegative, size)) {
    const ends = await lanczosExtremes(operator, {
      ...{ top: Math.min(top, size), bottom: wanted, tolerance: pairTolerance, maxIterations: mostProducts, seed },
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    products += ends.iterations + ends.top.length + ends.bottom.length;
    const pairs = [...ends.top, ...ends.bottom];
    const largest = pairs.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
    const tolerance = Math.max(relativeEigenvalueTolerance * largest, 1e-12);
    // Ritz values lie inside the spectrum: one below −tolerance is certain to have an eigenvalue below it.
    const negative = ends.bottom.filter(({ value, residual }) => value < -Math.max(tolerance, residual)).length;
    const settled = ends.bottom.every(({ converged }) => converged);
    const indexKnown = settled && (negative < ends.bottom.length || ends.bottom.length === size);
    if (!indexKnown && settled && wanted < Math.min(mostNegative, size)) continue;
    const seen = size <= ends.top.length + ends.bottom.length ? ends.bottom : pairs;
    return {
      ...classify(
        { dimension: size, gradientNorm, eigenvalueTolerance: tolerance },
        {
          eigenvalues: seen.map(({ value }) => value),
          smallestKnown: ends.bottom[0]!.converged,
          largestKnown: ends.top[0]!.converged,
        },
      ),
      ...{ negative, zero: null, positive: null, indexKnown },
      top: ends.top.map(withoutVector),
      bottom: ends.bottom.map(withoutVector),
      spectrum: 'lanczos',
      products,
      lowest: ends.bottom[0]!.vector,
    };
  }
}

const withoutVector = ({ value, residual, converged }: EigenPair) => ({ value, residual, converged });
