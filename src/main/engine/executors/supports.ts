import type { LayerSpec, LossName } from '../../../shared/model/experiment';
import type { Network, Op } from '../graph/ir';
import type { Executor, Support } from './executor';

/** What an executor can run. */
export interface Capabilities {
  readonly layers: readonly LayerSpec['type'][];
  readonly losses: readonly LossName[];
  readonly ops: readonly Op['op'][];
}

/** Dense networks, a chain of which only the first layer reads the input: what every executor runs. */
export const denseCapabilities = {
  layers: ['dense', 'linearChain'],
  losses: ['softmaxCrossEntropy', 'meanSquaredError', 'binaryCrossEntropy'],
  ops: [
    'matmul',
    'addBias',
    'sumRows',
    'add',
    'activation',
    'activationGrad',
    'activationGrad2',
    'loss',
    'lossGrad',
    'lossGrad2',
    'correct',
  ],
} as const satisfies Capabilities;

/** What the executor says, or what `supports` left out stands for. */
export const supportOf = (executor: Executor, network: Network): Support =>
  executor.supports?.(network) ?? supportWith(network, denseCapabilities);

/** The layers are named before the loss, and ops only where neither tells. */
export function supportWith({ model, graph }: Network, { layers, losses, ops }: Capabilities): Support {
  const missing = new Set<string>(model.layers.map((layer) => layer.type).filter((type) => !layers.includes(type)));
  if (missing.size === 0 && !losses.includes(model.loss)) missing.add(model.loss);
  if (missing.size === 0) for (const { op } of graph.nodes) if (!ops.includes(op)) missing.add(op);
  return missing.size === 0 ? { ok: true } : { ok: false, reason: `has no ${[...missing].join(', ')}` };
}
