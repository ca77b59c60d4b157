import { badInput, UserError } from '../../../shared/errors';
import type { CurvatureMatrix } from '../../../shared/model/landscape';
import type { LinearOperator, Objective, Rows, Vector } from '../objectives/objective';
import { dot } from '../vectors';
import { empiricalFisher } from './empiricalFisher';
import { type GroupedOperator, groupedOperator, type Sample } from './groups';

/**
 * The Hessian, the Gauss–Newton matrix or the empirical Fisher matrix at θ.
 *
 * @throws badInput where the objective has no such products
 */
export async function curvatureOperator(
  objective: Objective,
  matrix: CurvatureMatrix,
  params: Vector,
  rows?: Rows,
  signal?: AbortSignal,
): Promise<LinearOperator> {
  switch (matrix) {
    case 'hessian':
      return objective.hessian(params, rows);
    case 'gaussNewton':
      if (objective.gaussNewton) return objective.gaussNewton(params, rows);
      throw missing(objective, 'no Gauss–Newton products');
    case 'empiricalFisher':
      if (objective.exampleGradients) return empiricalFisher(objective, params, rows, signal);
      if (objective.statistics) {
        throw badInput(
          'Examples that batchNorm ties together have no gradients of their own, and so no empirical Fisher matrix.',
          'Measure the Hessian or the Gauss–Newton matrix, or give the model runningStatistics.',
          ['matrix'],
        );
      }
      throw missing(objective, 'no gradients of single examples');
    default:
      return matrix satisfies never;
  }
}

function missing({ executor, examples }: Objective, what: string): UserError {
  const why = examples === 0 ? ': a function is no loss of a network' : '';
  return badInput(`"${executor}" has ${what}${why}.`, 'Measure the Hessian, or choose another executor.', ['matrix']);
}

export interface GradientAt {
  loss: number;
  gradient: Vector;
  /** gᵀg */
  squared: number;
}

/** @throws UserError where loss or gradient are not finite */
export async function gradientAt(objective: Objective, params: Vector, rows?: Rows): Promise<GradientAt> {
  const gradient = new Float64Array(objective.dimension);
  const loss = await objective.gradient(params, gradient, rows);
  const squared = dot(gradient, gradient);
  if (!Number.isFinite(loss) || !Number.isFinite(squared)) {
    throw new UserError('engine', `The loss at this point is ${loss} and its gradient norm ${Math.sqrt(squared)}.`, {
      cure: 'Measure the curvature at an earlier step, before the loss overflows.',
    });
  }
  return { loss, gradient, squared };
}

/** (gᵀv)²/gᵀg of a unit vector v; 0 where there is no gradient. */
export function gradientAlignment({ gradient, squared }: GradientAt, v: Vector): number {
  return squared === 0 ? 0 : dot(gradient, v) ** 2 / squared;
}

/**
 * Makes the operator on all of a sample and on its groups, hands them on and disposes of them. No groups where
 * batchNorm uses the statistics of the batch: its examples are no independent terms of a mean, and the sample is one batch.
 */
export async function withCurvature<T>(
  objective: Objective,
  matrix: CurvatureMatrix,
  params: Vector,
  sample: Sample,
  use: (operator: LinearOperator, grouped: GroupedOperator | null) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const operator = await curvatureOperator(objective, matrix, params, sample.rows, signal);
  try {
    const grouped = objective.statistics
      ? null
      : await groupedOperator(sample, (rows) => curvatureOperator(objective, matrix, params, rows, signal));
    try {
      return await use(operator, grouped);
    } finally {
      grouped?.dispose();
    }
  } finally {
    operator.dispose();
  }
}
