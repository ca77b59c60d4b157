import type { ExecutorSpeed, RepresentativeNet } from '../../../../shared/model/executors';
import type { Objective, Vector } from '../../objectives/objective';
import type { Executor } from '../executor';
import { supportOf } from '../supports';
import { timedNets } from './nets';

/** Time spent on one network once it is warm. */
const budgetMs = 40;
/** A sample is so long that the clock and a pause elsewhere weigh little. */
const sampleMs = 3;
const fewestSamples = 3;

/**
 * Seconds of one gradient of a representative network: the least of several samples after two calls that warm up, since
 * whatever else the machine does only adds to them.
 * @param share of the examples that are timed, for executors that would take too long
 * @returns null where the executor cannot run it
 */
export async function timeGradient(
  executor: Executor,
  net: RepresentativeNet,
  share: number,
): Promise<ExecutorSpeed | null> {
  const { network, examples, data, params } = timedNets[net]();
  if (!supportOf(executor, network).ok) return null;
  const measured = Math.max(1, Math.round(examples * share));
  const objective = await executor.load(network, data(measured));
  try {
    const theta = objective.allocate();
    theta.set(params());
    const gradient = objective.allocate();
    const seconds = await leastSeconds(objective, theta, gradient);
    return { net, seconds: (seconds * examples) / measured, examples, measured };
  } finally {
    objective.dispose();
  }
}

async function leastSeconds(objective: Objective, theta: Vector, gradient: Vector): Promise<number> {
  await objective.gradient(theta, gradient);
  const second = await timed(objective, theta, gradient, 1);
  const calls = Math.max(1, Math.floor(sampleMs / Math.max(second, 1e-3)));
  let least = Number.POSITIVE_INFINITY;
  let samples = 0;
  const end = performance.now() + budgetMs;
  do {
    least = Math.min(least, await timed(objective, theta, gradient, calls));
    samples += 1;
  } while (performance.now() < end || samples < fewestSamples);
  return least / calls / 1_000;
}

/** Milliseconds of so many gradients, one after another. */
async function timed(objective: Objective, theta: Vector, gradient: Vector, calls: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) {
    const loss = objective.gradient(theta, gradient);
    if (typeof loss !== 'number') await loss;
  }
  return performance.now() - start;
}
