import type { ExecutorSpeed, RepresentativeNet } from '../../../../shared/model/executors';
import { type Executor, supportOf } from '../executor';
import { probeDirection, timedNets } from './nets';

/** Time spent on one quantity once it is warm. */
const budgetMs = 25;
/** A sample is so long that the clock and a pause elsewhere weigh little. */
const sampleMs = 3;
const fewestSamples = 3;

/** Points of a surface that are asked for at once; fewer of the slow, in the share of their examples. */
const tilePoints = 64;
const fewestPoints = 4;

/**
 * Seconds of one gradient and of one point of a surface of a representative network: the least of several samples after two calls that warm up, since
 * whatever else the machine does only adds to them.
 * @param share of the examples that are timed, for executors that would take too long
 * @returns null where the executor cannot run it
 */
export async function timeNetwork(
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
    const out = objective.allocate();
    const gradient = await leastSeconds(() => objective.gradient(theta, out));
    const points = Math.max(fewestPoints, Math.round(tilePoints * share));
    const plane = {
      origin: theta,
      d1: probeDirection(theta.length, 1),
      d2: probeDirection(theta.length, 2),
      coordinates: Float64Array.from({ length: 2 * points }, (_, i) => Math.sin(i)),
    };
    const point = (await leastSeconds(() => objective.plane(plane))) / points;
    const scale = examples / measured;
    return { net, gradient: gradient * scale, point: point * scale, examples, measured };
  } finally {
    objective.dispose();
  }
}

async function leastSeconds(command: () => unknown): Promise<number> {
  await command();
  const second = await timed(command, 1);
  const calls = Math.max(1, Math.floor(sampleMs / Math.max(second, 1e-3)));
  let least = Number.POSITIVE_INFINITY;
  let samples = 0;
  const end = performance.now() + budgetMs;
  do {
    least = Math.min(least, await timed(command, calls));
    samples += 1;
  } while (performance.now() < end || samples < fewestSamples);
  return least / calls / 1_000;
}

/** Milliseconds of so many calls, one after another. */
async function timed(command: () => unknown, calls: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) {
    const result = command();
    if (result instanceof Promise) await result;
  }
  return performance.now() - start;
}
