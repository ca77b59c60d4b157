import { allocateResults, type Buffers, interpret } from '../../src/main/engine/executors/reference/interpret';
import { losses } from '../../src/main/engine/executors/reference/losses';
import { prune } from '../../src/main/engine/graph/prune';
import { along } from './derivatives';
import type { Case } from './networks';

/** Small: a difference that steps over a kink is no derivative. */
const epsilon = 1e-6;

/** f(θ) of every example, [n, k], in float64. */
function predictions({ network: { graph, layout }, data }: Case, params: Float64Array): Float64Array {
  const nodes = prune(graph, [graph.prediction]);
  const buffers: Buffers = new Map([[graph.input, Float64Array.from(data.x)]]);
  layout.forEach(({ offset, size }, i) => {
    buffers.set(graph.parameters[i]!, params.subarray(offset, offset + size));
  });
  allocateResults(graph, nodes, data.examples, buffers);
  interpret(graph, nodes, buffers, data.examples);
  return buffers.get(graph.prediction)!;
}

/** J v by central differences of fourth order. */
function jacobianProduct(item: Case, v: Float64Array): Float64Array {
  const at = (t: number) => predictions(item, along(item.params, v, t));
  const [near, far] = [
    [at(-epsilon), at(epsilon)],
    [at(-2 * epsilon), at(2 * epsilon)],
  ] as const;
  return near[0]!.map((_, i) => (8 * (near[1]![i]! - near[0]![i]!) - (far[1]![i]! - far[0]![i]!)) / (12 * epsilon));
}

/** uᵀ JᵀH_ℓJ v/n from differences of the network's outputs: nothing of a backward pass is in it. */
export function gaussNewtonForm(item: Case, u: Float64Array, v: Float64Array): number {
  const { network, data } = item;
  const k = network.graph.tensors[network.graph.prediction]!.size;
  const targets = network.graph.tensors[network.graph.target]!.size;
  const y = Float64Array.from(data.y);
  const z = predictions(item, item.params);
  const [ju, jv] = [jacobianProduct(item, u), jacobianProduct(item, v)];
  const curved = new Float64Array(z.length);
  for (let n = 0; n < data.examples; n++) {
    losses[network.model.loss].hessianProduct(z, n * k, k, y, n * targets, jv, curved);
  }
  return ju.reduce((sum, value, i) => sum + value * curved[i]!, 0) / data.examples;
}
