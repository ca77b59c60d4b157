import type { HyperparameterInfo } from '../../../shared/model/catalog';
import { cooperate } from '../cooperate';
import { krylovModel } from '../critical/krylovModel';
import { denseSpectrum } from '../curvature/dense';
import { type LinearOperator, roundoff, type Vector } from '../objectives/objective';
import { createRng } from '../random';
import { addScaled, dot, norm } from '../vectors';
import type { StepObjective } from './search';
import type { Hyperparameters } from './transform';

/** Up to here the matrix is made, P products, and decomposed; above, it is seen on a Krylov space. */
const denseLimit = 200;

/** Largest Krylov space and the residual at which it is large enough. */
export const krylovParameters: readonly HyperparameterInfo[] = [
  {
    name: 'maxIterations',
    kind: 'number',
    default: 50,
    min: 1,
    max: 1_000,
    isInteger: true,
    description: `most products per step, above ${denseLimit} parameters; up to ${denseLimit} the solution is exact`,
  },
  {
    name: 'tolerance',
    kind: 'number',
    default: 1e-4,
    min: 0,
    max: 1,
    maxExclusive: true,
    description: `‖As + g‖/‖g‖ at which a step is solved for, above ${denseLimit} parameters`,
  },
];

/** What one step knows of a symmetric matrix A and the gradient g. */
export interface CurvatureModel {
  /** Eigenvalues of magnitude up to this are rounding: 16u·max|λ|, as in the searches for critical points. */
  cutoff: number;
  /** −w(A)g = −Σ w(λᵢ)(vᵢᵀg)vᵢ, over A's eigenpairs or, on a Krylov space, its Ritz pairs. */
  step(weight: (eigenvalue: number) => number): Promise<Float64Array>;
}

/** The exact eigenpairs up to 200 parameters; above, the Krylov space started at g (as a Lanczos or CG solver has). */
export async function curvatureModel(
  operator: LinearOperator,
  gradient: Vector,
  { maxIterations, tolerance }: Hyperparameters,
  { precision, signal }: StepObjective,
): Promise<CurvatureModel> {
  const relative = 16 * roundoff[precision];
  const { size } = operator;
  if (size <= denseLimit) {
    const { values, pair } = await denseSpectrum(operator, 1, signal);
    const cutoff = relative * Math.max(Math.abs(values[0]!), Math.abs(values[size - 1]!));
    return {
      cutoff,
      async step(weight) {
        const out = new Float64Array(size);
        values.forEach((value, i) => {
          const { vector } = pair(i);
          addScaled(out, -weight(value) * dot(vector, gradient), vector);
        });
        return out;
      },
    };
  }
  const model = await krylovModel(operator, Float64Array.from(gradient), norm(gradient), {
    limit: Math.min(maxIterations as number, size),
    forcing: tolerance as number,
    cutoff: relative,
    rng: createRng(0, 'optimizers/krylov'),
    turn: cooperate(signal),
  });
  return {
    cutoff: relative * model.largest,
    step: async (weight) => (await model.spectral(weight)).step,
  };
}
