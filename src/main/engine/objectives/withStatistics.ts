import type { Measure, Objective, PlaneValues, Vector } from './objective';

/**
 * `objective`, whose batchNorm uses given statistics, with those of all of `source`'s examples recomputed at every θ it
 * is asked about: what was learned from the training data, measured on others, and never stale.
 *
 * Derivatives are at fixed statistics. Disposing of the result disposes of `objective` alone.
 */
export function withStatistics(objective: Objective, source: Objective): Objective {
  const renew = async (params: Vector): Promise<void> => {
    objective.buffers!.set(await source.statistics!(params));
  };
  let at: Vector | null = null;
  return {
    ...objective,
    async value(params, rows) {
      await renew(params);
      return objective.value(params, rows);
    },
    async gradient(params, out, rows, isLossWanted) {
      await renew(params);
      return objective.gradient(params, out, rows, isLossWanted);
    },
    async hessian(params, rows) {
      await renew(params);
      return objective.hessian(params, rows);
    },
    ...(objective.gaussNewton && {
      async gaussNewton(params, rows) {
        await renew(params);
        return objective.gaussNewton!(params, rows);
      },
    }),
    ...(objective.exampleGradients && {
      async exampleGradients(params, rows) {
        await renew(params);
        return objective.exampleGradients!(params, rows);
      },
    }),
    async measure(params, rows): Promise<Measure> {
      await renew(params);
      return objective.measure(params, rows);
    },
    async plane({ origin, d1, d2, coordinates }, rows): Promise<PlaneValues> {
      const points = coordinates.length / 2;
      const values: PlaneValues = {
        loss: new Float64Array(points),
        standardError: new Float64Array(points),
        accuracy: new Float64Array(points),
      };
      at ??= objective.allocate();
      for (let point = 0; point < points; point++) {
        const a = coordinates[2 * point]!;
        const b = coordinates[2 * point + 1]!;
        for (let i = 0; i < at.length; i++) at[i] = origin[i]! + a * d1[i]! + b * d2[i]!;
        await renew(at);
        const one = await objective.plane({ origin: at, d1, d2, coordinates: new Float64Array(2) }, rows);
        values.loss[point] = one.loss[0]!;
        values.standardError[point] = one.standardError[0]!;
        values.accuracy[point] = one.accuracy[0]!;
      }
      return values;
    },
  };
}
