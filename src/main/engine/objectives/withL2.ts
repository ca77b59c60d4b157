import type { ParameterLayout } from '../../../shared/model/run';
import type { LinearOperator, Measure, Objective, PlaneTile, PlaneValues, Rows, Vector } from './objective';

export interface L2Options {
  /** λ of ½λ‖w‖² */
  coefficient: number;
  /** false: only blocks of role 'weight' are penalized; true: every block is. */
  biases: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * L(θ) + ½λ‖w‖², with w the penalized parameters: λw is added to the gradient, λw's part of v to a Hessian product,
 * the term itself to the loss of `measure` and of every point of a plane. Errors and accuracies stay those of L.
 * Disposing of the result disposes of `objective`.
 */
export function withL2(objective: Objective, { coefficient, biases }: L2Options): Objective {
  const ranges = penalizedRanges(objective.layout, biases);
  const penalty = (params: Vector): number => (coefficient / 2) * dot(ranges, params, params);

  const addScaled = (out: Vector, v: Vector): void => {
    for (const { start, end } of ranges) for (let i = start; i < end; i++) out[i] = out[i]! + coefficient * v[i]!;
  };

  const penalized = (operator: LinearOperator): LinearOperator => ({
    size: operator.size,
    async apply(v, out) {
      await operator.apply(v, out);
      addScaled(out, v);
    },
    dispose: () => operator.dispose(),
  });

  return {
    dimension: objective.dimension,
    layout: objective.layout,
    examples: objective.examples,
    precision: objective.precision,
    executor: objective.executor,
    allocate: () => objective.allocate(),
    dispose: () => objective.dispose(),
    ...(objective.exampleGradients && {
      exampleGradients: (params: Vector, rows?: Rows) => objective.exampleGradients!(params, rows),
    }),
    ...(objective.buffers && { buffers: objective.buffers }),
    ...(objective.statistics && { statistics: (params: Vector, rows?: Rows) => objective.statistics!(params, rows) }),
    ...(objective.redraw && { redraw: (draw: number) => objective.redraw!(draw) }),

    async value(params, rows) {
      return (await objective.value(params, rows)) + penalty(params);
    },

    async gradient(params, out, rows, isLossWanted) {
      const loss = await objective.gradient(params, out, rows, isLossWanted);
      addScaled(out, params);
      return loss + penalty(params);
    },

    hessian: async (params, rows) => penalized(await objective.hessian(params, rows)),
    ...(objective.gaussNewton && {
      gaussNewton: async (params: Vector, rows?: Rows) => penalized(await objective.gaussNewton!(params, rows)),
    }),

    async measure(params, rows): Promise<Measure> {
      const measure = await objective.measure(params, rows);
      return { ...measure, loss: measure.loss + penalty(params) };
    },

    async plane(tile, rows): Promise<PlaneValues> {
      const values = await objective.plane(tile, rows);
      const penaltyAt = penaltyOnPlane(ranges, coefficient, tile);
      // NaN stays NaN: a masked point is not brought back by adding a number.
      const loss = values.loss.map(
        (value, i) => value + penaltyAt(tile.coordinates[2 * i]!, tile.coordinates[2 * i + 1]!),
      );
      return { ...values, loss };
    },
  };
}

/** ½λ‖o + a·d₁ + b·d₂‖² = ½λ(‖o‖² + a²‖d₁‖² + b²‖d₂‖² + 2a o·d₁ + 2b o·d₂ + 2ab d₁·d₂): six products for a whole plane. */
function penaltyOnPlane(
  ranges: readonly Range[],
  coefficient: number,
  { origin, d1, d2 }: PlaneTile,
): (a: number, b: number) => number {
  const oo = dot(ranges, origin, origin);
  const o1 = dot(ranges, origin, d1);
  const o2 = dot(ranges, origin, d2);
  const d11 = dot(ranges, d1, d1);
  const d12 = dot(ranges, d1, d2);
  const d22 = dot(ranges, d2, d2);
  return (a, b) => (coefficient / 2) * (oo + a * a * d11 + b * b * d22 + 2 * (a * o1 + b * o2 + a * b * d12));
}

function penalizedRanges(layout: ParameterLayout, biases: boolean): Range[] {
  return layout
    .filter((block) => biases || block.role === 'weight')
    .map(({ offset, size }) => ({ start: offset, end: offset + size }));
}

function dot(ranges: readonly Range[], u: Vector, v: Vector): number {
  let sum = 0;
  for (const { start, end } of ranges) for (let i = start; i < end; i++) sum += u[i]! * v[i]!;
  return sum;
}
