import { findCriticalPoints } from '../../../src/main/engine/critical/window';
import { functionObjective } from '../../../src/main/engine/objectives/functions';
import { createPlane, type PlaneData, prepareTurning } from '../../../src/main/engine/planes';
import { createRng } from '../../../src/main/engine/random';
import { computeAdaptiveSurface } from '../../../src/main/engine/surface/adaptive';
import { computeSurface, type SurfaceOptions } from '../../../src/main/engine/surface/compute';
import type { Work } from '../harness';
import { type Context, createProblem, type Net } from '../problem';
import { drain } from './surface';

/** A PCA plane of a path of 1,000 rows turned by another angle each time, with its surface, as a person turns it. */
export const turning =
  (net: Net, examples: number, points: number) =>
  async (context: Context): Promise<Work> => {
    const { objective, params } = await createProblem(context, net, examples, { rows: examples, purpose: 'point' });
    const rng = createRng(3, 'bench');
    const steps = 1_000;
    const size = params.length;
    const theta = new Float32Array(steps * size);
    for (let i = size; i < theta.length; i++) theta[i] = theta[i - size]! + 0.01 * rng.normal();
    const data: PlaneData = {
      layout: objective.layout,
      trajectories: [
        {
          rows: steps,
          dimension: size,
          read: (first, count) => theta.slice(first * size, (first + count) * size),
        },
      ],
    };
    const options = { toward: { kind: 'random', seed: 1 }, axis: 'second', origin: 'base' } as const;
    const kept = await prepareTurning(await createPlane({ kind: 'pca', biases: true }, data), options, data);
    let angle = 0;
    return {
      executor: objective.executor,
      async run() {
        const count = 10;
        const start = performance.now();
        for (let i = 0; i < count; i++) {
          angle += 0.01;
          const { basis, range } = kept.at(angle);
          for await (const _ of computeSurface(objective, basis, { range, grid: [points, points] }));
        }
        return { seconds: (performance.now() - start) / 1_000, count };
      },
      dispose: () => objective.dispose(),
    };
  };

/** Every critical point of Styblinski–Tang's function in its own window, nine of them. */
export const allCriticalPoints = async (): Promise<Work> => {
  const objective = functionObjective('styblinskiTang');
  return {
    executor: objective.executor,
    async run() {
      const start = performance.now();
      const { points } = await findCriticalPoints(objective, [-5, 5, -5, 5]);
      if (points.length !== 9) throw new Error(`${points.length} critical points instead of 9`);
      return { seconds: (performance.now() - start) / 1_000, count: points.length };
    },
    dispose: () => objective.dispose(),
  };
};

/** What share of a grid's points an adaptive surface computes, in per cent, for 1 % error, which is checked on all points. */
export const adaptive =
  (net: Net, examples: number, points: number) =>
  async (context: Context): Promise<Work> => {
    const problem = await createProblem(context, net, examples, { rows: examples, purpose: 'point' });
    const { objective, params, draw } = problem;
    const axes = { origin: Float32Array.from(params), d1: draw('d1', 0.1).vector, d2: draw('d2', 0.1).vector };
    const options: SurfaceOptions = { range: [-1, 1, -1, 1], grid: [points, points] };
    const whole = await drain(computeSurface(objective, axes, options));
    return {
      executor: objective.executor,
      async run() {
        const start = performance.now();
        const { loss, evaluations } = await drain(
          computeAdaptiveSurface(objective, axes, { ...options, tolerance: 0.01 }),
        );
        const seconds = (performance.now() - start) / 1_000;
        const error = loss.reduce((most, value, i) => Math.max(most, Math.abs(value - whole.loss[i]!)), 0);
        const relative = error / (whole.max - whole.min);
        if (!(relative <= 0.01)) throw new Error(`an interpolated point is off by ${relative} of the range`);
        return { seconds, count: (100 * evaluations) / points ** 2 };
      },
      dispose: () => objective.dispose(),
    };
  };
