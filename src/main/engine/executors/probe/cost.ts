import type { ExecutorPurpose } from '../../../../shared/model/executors';
import type { Network, TensorId } from '../../graph/ir';
import { prune } from '../../graph/prune';

/** What a gradient, or a point of a surface, over so many rows consists of. */
export interface Work {
  /** 1: what a command costs whatever it does. */
  readonly commands: number;
  /** Ops of the graph: each costs something however small it is. */
  readonly operations: number;
  /** Multiplications and additions of matrix products. */
  readonly denseFlops: number;
  /** The same of convolutions. */
  readonly convolutionFlops: number;
  /** Numbers written by all other ops. */
  readonly values: number;
}

const kinds = [
  'commands',
  'operations',
  'denseFlops',
  'convolutionFlops',
  'values',
] as const satisfies readonly (keyof Work)[];

/** Seconds per unit of work; null where nothing timed had any of it. */
export type Costs = { readonly [K in keyof Work]: number | null };

/** The work of L over `rows` examples, with ∇L where a gradient is wanted. */
export function workOf({ graph }: Network, rows: number, purpose: ExecutorPurpose): Work {
  const work = { commands: 1, operations: 0, denseFlops: 0, convolutionFlops: 0, values: 0 };
  const matrix = (id: TensorId): [number, number] => {
    const { rows: perExample, shape, size } = graph.tensors[id]!;
    if (perExample) return [rows, size];
    return [shape[0] ?? 1, size / (shape[0] ?? 1)];
  };
  const outputs = purpose === 'gradient' ? [graph.loss, ...graph.gradients] : [graph.loss];
  for (const node of prune(graph, outputs)) {
    work.operations += 1;
    switch (node.op) {
      case 'matmul': {
        const [height, width] = matrix(node.a);
        const [m, k] = node.transposeA ? [width, height] : [height, width];
        const b = matrix(node.b);
        work.denseFlops += 2 * m * k * (node.transposeB ? b[0] : b[1]);
        break;
      }
      case 'conv2d':
      case 'conv2dInputGrad':
      case 'conv2dWeightGrad': {
        const { filters, channels, groups, kernelHeight, kernelWidth, outHeight, outWidth } = node.window;
        const perOutput = 2 * (channels / groups) * kernelHeight * kernelWidth;
        work.convolutionFlops += rows * filters * outHeight * outWidth * perOutput;
        break;
      }
      default: {
        const { rows: perExample, size } = graph.tensors[node.out]!;
        work.values += perExample ? rows * size : size;
      }
    }
  }
  return work;
}

export interface Timing {
  readonly work: Work;
  readonly seconds: number;
}

const sweeps = 2_000;

/**
 * Costs ≥ 0 that minimize Σ((predicted − seconds)/seconds)²: non-negative least squares on relative errors, by cyclic
 * coordinate descent, which converges for this convex problem of five unknowns.
 */
export function fitCosts(timings: readonly Timing[]): Costs {
  const used = kinds.filter((kind) => timings.some(({ work }) => work[kind] > 0));
  const columns = used.map((kind) => timings.map(({ work, seconds }) => work[kind] / seconds));
  const costs = used.map(() => 0);
  const residual = timings.map(() => 1);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    columns.forEach((column, j) => {
      const norm = column.reduce((sum, value) => sum + value * value, 0);
      const slope = column.reduce((sum, value, i) => sum + value * residual[i]!, 0);
      const next = Math.max(0, costs[j]! + slope / norm);
      column.forEach((value, i) => {
        residual[i]! -= value * (next - costs[j]!);
      });
      costs[j] = next;
    });
  }
  const costOf = (kind: keyof Work) => {
    const at = used.indexOf(kind as (typeof used)[number]);
    return at < 0 ? null : costs[at]!;
  };
  return {
    commands: costOf('commands'),
    operations: costOf('operations'),
    denseFlops: costOf('denseFlops'),
    convolutionFlops: costOf('convolutionFlops'),
    values: costOf('values'),
  };
}

/** Seconds of this work; null where it has a kind of work that nothing timed had, or nothing was timed. */
export function predictSeconds(costs: Costs, work: Work): number | null {
  let seconds = 0;
  for (const kind of kinds) {
    if (work[kind] === 0) continue;
    const cost = costs[kind];
    if (cost === null) return null;
    seconds += cost * work[kind];
  }
  return seconds > 0 ? seconds : null;
}
