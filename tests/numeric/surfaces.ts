import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { functionObjective, functions } from '../../src/main/engine/objectives/functions';
import type { Objective } from '../../src/main/engine/objectives/objective';
import type { PlaneAxes } from '../../src/main/engine/surface/points';
import type { ActivationName, Domain, LossName } from '../../src/shared/model/experiment';
import { makeCase, normalVector } from './networks';

/** An objective with a plane through it and a window. */
export interface Landscape {
  name: string;
  objective: Objective;
  axes: PlaneAxes;
  range: Domain;
}

export function functionLandscape(name: string): Landscape {
  return {
    name,
    objective: functionObjective(name),
    axes: { origin: new Float64Array(2), d1: Float64Array.of(1, 0), d2: Float64Array.of(0, 1) },
    range: functions.find((one) => one.name === name)!.domain,
  };
}

/** Two random directions through a small untrained net, on the reference executor. */
export async function networkLandscape(
  activation: ActivationName,
  loss: LossName,
  sizes: number[],
): Promise<Landscape> {
  const { network, data, params } = makeCase({ activation, loss, sizes, examples: 30 });
  return {
    name: `${activation} ${loss} ${sizes.join('-')}`,
    objective: await createReferenceExecutor().load(network, data),
    axes: { origin: params, d1: normalVector(params.length, 1), d2: normalVector(params.length, 2) },
    range: [-1, 1, -1, 1],
  };
}

/** Runs a generator to its end; what it yielded and what it returned. */
export async function drain<T, R>(generator: AsyncGenerator<T, R>): Promise<{ tiles: T[]; result: R }> {
  const tiles: T[] = [];
  for (;;) {
    const next = await generator.next();
    if (next.done) return { tiles, result: next.value };
    tiles.push(next.value);
  }
}
