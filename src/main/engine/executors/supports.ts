import type { LossName } from '../../../shared/model/experiment';
import type { GraphNode, Network, Op } from '../graph/ir';

/** Whether an executor can run a network, and if not what it lacks, as the end of "wasm …". */
export type Support = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What an executor can run. */
export interface Capabilities {
  readonly ops: readonly Op['op'][];
  readonly losses: readonly LossName[];
}

/** Dense networks: what every executor runs. */
export const denseCapabilities = {
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
  losses: ['softmaxCrossEntropy', 'meanSquaredError', 'binaryCrossEntropy'],
} as const satisfies Capabilities;

/** The nodes an executor of `denseCapabilities` meets. */
export type DenseNode = Extract<GraphNode, { op: (typeof denseCapabilities.ops)[number] }>;

export function supportWith({ model, graph }: Network, { ops, losses }: Capabilities): Support {
  if (!losses.includes(model.loss)) return { ok: false, reason: `has no ${model.loss}` };
  const missing = new Set(graph.nodes.map((node) => node.op).filter((op) => !ops.includes(op)));
  if (missing.size === 0) return { ok: true };
  return { ok: false, reason: `has no ${[...missing].join(', ')}` };
}
