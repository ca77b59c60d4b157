import { UserError } from '../../../shared/errors';
import type { Eigenvalue, Spectrum } from '../../../shared/model/landscape';
import { classify, relativeEigenvalueTolerance } from '../critical/classify';
import type { Objective, Rows, Vector } from '../objectives/objective';
import { denseEigenpairs } from './dense';
import { lanczosExtremes } from './lanczos';
import { dot } from './vectors';

export interface SpectrumOptions {
  /** How many of the largest and of the smallest eigenvalues to report. */
  top: number;
  bottom: number;
  /** Examples the loss is measured on; all of them when left out. */
  rows?: Rows;
  /** Default 1e-4, of max|λ|. */
  tolerance?: number;
  /** Default 400 Hessian products. */
  maxIterations?: number;
  seed?: number;
  signal?: AbortSignal;
  /** After every Hessian product; `secondsLeft` assumes that all products allowed are needed. */
  onProgress?: (done: number, total: number, secondsLeft: number | null) => void;
}

/** What `measureSpectrum` knows of a spectrum; the caller adds where θ came from. */
export type MeasuredSpectrum = Omit<Spectrum, 'runId' | 'row' | 'step' | 'subset'>;

/** Up to this many parameters the whole Hessian is made and decomposed: P products, every eigenvalue exact. */
export const denseLimit = 200;

/**
 * Loss, gradient and both ends of the Hessian's spectrum at one θ, with what the point is called.
 *
 * gᵀg and gᵀHg are the terms of L(θ − εg) ≈ L − εgᵀg + ½ε²gᵀHg. Up to 200 parameters every eigenvalue is computed from
 * the dense Hessian (`iterations` = P) and the index is exact; above, Lanczos finds at least one eigenvalue at each end,
 * asked for or not, because the point could not be named without.
 *
 * `conditionNumber` is max|λ|/min|λ| over the eigenvalues seen; null unless all of them converged and none is zero
 * within the tolerance.
 *
 * @throws UserError where loss or gradient are not finite; `cancelled`
 */
export async function measureSpectrum(
  objective: Objective,
  params: Vector,
  options: SpectrumOptions,
): Promise<MeasuredSpectrum> {
  const { top, bottom, rows, tolerance = 1e-4, maxIterations = 400, seed = 0, signal, onProgress } = options;
  const start = performance.now();
  const gradient = objective.allocate();
  const loss = await objective.gradient(params, gradient, rows);
  const gradientSquared = dot(gradient, gradient);
  if (!Number.isFinite(loss) || !Number.isFinite(gradientSquared)) {
    throw new UserError(
      'engine',
      `The loss at this point is ${loss} and its gradient norm ${Math.sqrt(gradientSquared)}.`,
      {
        cure: 'Measure the curvature at an earlier step, before the loss overflows.',
      },
    );
  }

  const hessian = await objective.hessian(params, rows);
  try {
    const product = objective.allocate();
    await hessian.apply(gradient, product);
    const gradientHessianGradient = dot(gradient, product);

    const report = (done: number, total: number) => {
      const seconds = (performance.now() - start) / 1_000;
      onProgress?.(done, total, done > 2 ? (seconds / done) * (total - done) : null);
    };
    const shared = { ...(signal && { signal }), onProgress: report };
    const found =
      objective.dimension <= denseLimit
        ? await wholeSpectrum(hessian, tolerance, shared)
        : await lanczosExtremes(hessian, {
            top: Math.max(top, 1),
            bottom: Math.max(bottom, 1),
            tolerance,
            maxIterations,
            seed,
            ...shared,
          });

    const whole = found.top.length === objective.dimension;
    const seen: Eigenvalue[] = whole ? found.top : [...found.top, ...found.bottom];
    const largest = seen.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
    const resolution = Math.max(relativeEigenvalueTolerance, whole ? 0 : tolerance) * largest;
    const classification = classify(
      {
        dimension: objective.dimension,
        gradientNorm: Math.sqrt(gradientSquared),
        eigenvalueTolerance: Math.max(resolution, 1e-10),
      },
      {
        eigenvalues: seen.map(({ value }) => value),
        smallestKnown: found.bottom[0]?.converged ?? false,
        largestKnown: found.top[0]?.converged ?? false,
      },
    );
    const plain = ({ value, residual, converged }: Eigenvalue): Eigenvalue => ({ value, residual, converged });
    return {
      ...classification,
      parameters: objective.dimension,
      samples: rows?.length ?? objective.examples,
      loss,
      gradientSquared,
      gradientHessianGradient,
      eigenvalues: found.top.slice(0, top).map(plain),
      bottom: found.bottom.slice(0, bottom).map(plain),
      conditionNumber: conditionNumber(seen, classification.tolerances.eigenvalue),
      iterations: found.iterations,
      seconds: (performance.now() - start) / 1_000,
      executor: objective.executor,
      seed,
    };
  } finally {
    hessian.dispose();
  }
}

async function wholeSpectrum(
  hessian: Parameters<typeof denseEigenpairs>[0],
  tolerance: number,
  { signal, onProgress }: { signal?: AbortSignal; onProgress: (done: number, total: number) => void },
) {
  const pairs = await denseEigenpairs(hessian, tolerance, signal, onProgress);
  return { top: pairs, bottom: pairs.toReversed(), iterations: hessian.size };
}

/** max|λ|/min|λ|; null where an eigenvalue is within `zero` of zero or has not converged. */
function conditionNumber(seen: readonly Eigenvalue[], zero: number): number | null {
  const magnitudes = seen.map(({ value }) => Math.abs(value));
  const smallest = Math.min(...magnitudes);
  if (seen.length === 0 || smallest <= zero || seen.some(({ converged }) => !converged)) return null;
  return Math.max(...magnitudes) / smallest;
}
