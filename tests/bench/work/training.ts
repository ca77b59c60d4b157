import { createOptimizer } from '../../../src/main/engine/optimizers';
import { train } from '../../../src/main/engine/training/train';
import { trainingSchema } from '../../../src/shared/model/experiment';
import type { PeerWork, Work } from '../harness';
import { type Context, createProblem, type Net, type Problem } from '../problem';

const learningRate = 0.01;

/** The training generator as a run uses it, recording the first and the last row only; every repetition starts at θ₀. */
export const training =
  (net: Net, { batch, steps, peerSteps }: { batch: number; steps: number; peerSteps: number }) =>
  async (context: Context): Promise<Work & { peer: PeerWork }> => {
    const examples = 4 * batch;
    const problem = await createProblem(context, net, examples, { rows: batch, purpose: 'gradient' });
    const { objective, params } = problem;
    const start = Float32Array.from(params);
    const checkedSteps = 20;
    return {
      executor: objective.executor,
      async run() {
        params.set(start);
        const began = performance.now();
        await sgd(problem, batch, steps);
        return { seconds: (performance.now() - began) / 1_000, count: steps };
      },
      dispose: () => objective.dispose(),
      peer: {
        job: { job: 'training', problem: problem.files, batch, learningRate, warmup: 20, count: peerSteps },
        settings: [{ fused: false }, { fused: true }],
        agreement: {
          // The way moved, not where it led: θ itself would agree whatever the steps were.
          job: { warmup: 0, count: checkedSteps, fused: false },
          tolerance: 1e-3,
          async ours() {
            params.set(start);
            await sgd(problem, batch, checkedSteps);
            return Float64Array.from(params, (value, i) => value - start[i]!);
          },
        },
      },
    };
  };

/** Moves the problem's parameters by plain SGD on batches in file order. */
export async function sgd(
  { objective, params }: Problem,
  batch: number,
  steps: number,
  rate = learningRate,
): Promise<void> {
  const batches = train({
    objective,
    validation: null,
    params,
    optimizer: createOptimizer({
      name: 'sgd',
      learningRate: rate,
      parameters: {},
      schedule: { kind: 'constant' },
      weightDecay: 0,
    }),
    training: trainingSchema.parse({ batchSize: batch, order: 'file', stop: { steps }, recordEvery: steps }),
    seed: 0,
    signal: new AbortController().signal,
    classify: true,
  });
  for await (const _ of batches);
}
