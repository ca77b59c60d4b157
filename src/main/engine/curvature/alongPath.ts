import { UserError } from '../../../shared/errors';
import type { SharpnessPoint } from '../../../shared/model/curvature';
import type { CurvatureMatrix } from '../../../shared/model/landscape';
import { cooperate } from '../cooperate';
import type { Objective, Vector } from '../objectives/objective';
import { createRng } from '../random';
import { addScaled, norm } from '../vectors';
import { everything, groupForms, type Sample, standardErrorOfGroups } from './groups';
import { lanczosExtremes } from './lanczos';
import { gradientAlignment, gradientAt, withCurvature } from './operators';

export interface PathOptions {
  /** Default 'hessian'. */
  matrix?: CurvatureMatrix;
  sample?: Sample;
  /** Default 1e-4, of max|λ|. */
  tolerance?: number;
  /** At each point (default 400). */
  maxIterations?: number;
  seed?: number;
  signal?: AbortSignal;
}

/** λmax at one θ; the caller adds where on the path that is. */
export type Sharpness = Omit<SharpnessPoint, 'row' | 'step' | 'learningRate'>;

/**
 * Sharpness λmax at one θ after another along a path. Each search starts from the eigenvector of the point before, which
 * is nearly right where steps are small, with a tenth of a random vector, in which an eigenvalue that has overtaken it
 * shows: the faster the larger it is. Where loss, gradient or a product are not finite, as at the end of a path that
 * diverged, every number of the point is NaN.
 *
 * @throws UserError `cancelled`; badInput where the objective has no Gauss–Newton products
 */
export async function* sharpnessAlongPath(
  objective: Objective,
  path: Iterable<Vector>,
  options: PathOptions = {},
): AsyncGenerator<Sharpness, void> {
  let previous: Float64Array | null = null;
  for (const params of path) {
    try {
      const { vector, ...sharpness } = await sharpnessAt(objective, params, previous, options);
      previous = vector;
      yield sharpness;
    } catch (error) {
      if (!(error instanceof UserError && error.code === 'engine')) throw error;
      previous = null;
      yield unknown;
    }
  }
}

const unknown: Sharpness = {
  value: Number.NaN,
  residual: Number.NaN,
  converged: false,
  standardError: null,
  gradientAlignment: Number.NaN,
  products: 0,
};

async function sharpnessAt(
  objective: Objective,
  params: Vector,
  start: Float64Array | null,
  options: PathOptions,
): Promise<Sharpness & { vector: Float64Array }> {
  const { matrix = 'hessian', sample = everything, tolerance = 1e-4, maxIterations = 400, seed = 0, signal } = options;
  const at = await gradientAt(objective, params, sample.rows);
  return withCurvature(
    objective,
    matrix,
    params,
    sample,
    async (operator, grouped) => {
      const { top, iterations } = await lanczosExtremes(operator, {
        ...{ top: 1, bottom: 0, tolerance, maxIterations, seed },
        ...(start && { start: nearby(start, seed) }),
        // Whether the largest eigenvalue is a double one does not change its value.
        copies: false,
        ...(signal && { signal }),
      });
      const pair = top[0]!;
      return {
        ...pair,
        standardError: grouped
          ? standardErrorOfGroups(grouped, await groupForms(grouped, pair.vector, cooperate(signal)))
          : null,
        gradientAlignment: gradientAlignment(at, pair.vector),
        products: iterations + 1 + (grouped ? 1 : 0),
      };
    },
    signal,
  );
}

/** v with a random vector of a tenth of its length. */
function nearby(v: Float64Array, seed: number): Float64Array {
  const rng = createRng(seed, 'path');
  const random = Float64Array.from(v, () => rng.normal());
  addScaled(random, 10 * norm(random), v);
  return random;
}
