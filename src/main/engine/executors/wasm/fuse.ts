import type { ActivationName, LossName } from '../../../../shared/model/experiment';
import type { Graph, GraphNode, TensorId } from '../../graph/ir';
import { type DenseNode, denseCapabilities } from '../supports';
import { activationKinds, flags, lossKinds, type OpName } from './instructions';

/** An instruction whose operands are still tensors of the graph. `out` null: it only adds to the sums. */
export interface Step {
  readonly op: Exclude<OpName, 'gather' | 'plane' | 'pack'>;
  readonly kind: number;
  flags: number;
  /** Features of the result (of the prediction for a loss); of x for `outer`. */
  readonly m: number;
  /** Terms of each sum for `dense`; features of y for `outer`. */
  readonly k: number;
  /** `dense`: whether the weight is stored [m, k] (to be packed) or [k, m]. */
  readonly packed: boolean;
  readonly x: TensorId;
  readonly y: TensorId | null;
  readonly z: TensorId | null;
  out: TensorId | null;
}

/** What a tape is for, besides the tensors of its nodes. */
export interface Purpose {
  /** Σℓ and Σℓ² are wanted. */
  readonly loss: boolean;
  /** Row tensors that something after the tape reads: they get whole buffers of their own. */
  readonly kept: ReadonlySet<TensorId>;
}

/**
 * The activations whose derivatives are had from their result; the others need their argument, and for those whose
 * result is enough the argument's buffer can be reused at once.
 */
const fromResult: ReadonlySet<ActivationName> = new Set(['relu', 'leakyRelu', 'tanh', 'sigmoid', 'elu']);

/** @throws RangeError for a node `supports` would have refused */
export function denseNodes(nodes: readonly GraphNode[]): DenseNode[] {
  return nodes.map((node) => {
    if (isDense(node)) return node;
    throw new RangeError(`the wasm executor has no ${node.op}`);
  });
}

const known: ReadonlySet<GraphNode['op']> = new Set(denseCapabilities.ops);

function isDense(node: GraphNode): node is DenseNode {
  return known.has(node.op);
}

/** The tensors the kernel of a node reads: fewer than the graph allows it. */
export function tensorsRead(node: DenseNode): TensorId[] {
  switch (node.op) {
    case 'matmul':
    case 'add':
      return [node.a, node.b];
    case 'addBias':
      return [node.x, node.bias];
    case 'sumRows':
    case 'activation':
      return [node.x];
    case 'activationGrad':
      return [fromResult.has(node.kind) ? node.y : node.x, node.dy];
    case 'activationGrad2':
      return [fromResult.has(node.kind) ? node.y : node.x, node.rx, node.dy];
    case 'loss':
    case 'lossGrad':
    case 'correct':
      return [node.prediction, node.target];
    case 'lossGrad2':
      return [node.prediction, node.tangent];
    default:
      return node satisfies never;
  }
}

/** A sum not computed yet: each term can be added to what is already in its output. */
interface Pending {
  readonly terms: Step[];
  readonly bias: TensorId | null;
}

/**
 * Nodes to steps: sums of products, bias and relu become one pass over the output, the loss, its gradient and the
 * count of right answers another. A node whose only reader is a sum waits for that sum.
 */
export function fuse(graph: Graph, nodes: readonly DenseNode[], purpose: Purpose): Step[] {
  const steps: Step[] = [];
  const pending = new Map<TensorId, Pending>();
  const readers = new Map<TensorId, number>();
  for (const node of nodes) for (const id of tensorsRead(node)) readers.set(id, (readers.get(id) ?? 0) + 1);
  const size = (id: TensorId) => graph.tensors[id]!.size;
  const onlyOneReader = (id: TensorId) => readers.get(id) === 1 && !purpose.kept.has(id);

  const computed = (id: TensorId): TensorId => {
    const sum = pending.get(id);
    if (sum !== undefined) {
      pending.delete(id);
      emitSum(id, sum, false);
    }
    return id;
  };
  const emitSum = (out: TensorId, { terms, bias }: Pending, relu: boolean): void => {
    // Products first: they can start from the bias. A tensor that exists already can only be added.
    const order: Step['op'][] = ['dense', 'outer', 'activateGrad', 'activateGrad2', 'add'];
    const sorted = [...terms].sort((a, b) => order.indexOf(a.op) - order.indexOf(b.op));
    let started = false;
    sorted.forEach((term, i) => {
      if (term.op === 'add') {
        // The first of several existing tensors is added together with the second.
        if (started) steps.push({ ...term, y: out, out });
        else if (i > 0) steps.push({ ...term, y: sorted[i - 1]!.x, out });
        started ||= i > 0;
        return;
      }
      if (term.op === 'dense') {
        const start = started ? flags.fromOutput : bias === null ? flags.fromZero : flags.fromBias;
        const last = i === sorted.length - 1;
        steps.push({ ...term, out, z: bias, flags: start | (relu && last ? flags.relu : 0) });
      } else {
        steps.push({ ...term, out, flags: started ? flags.alwaysAdd : 0 });
      }
      started = true;
    });
    if (bias !== null && sorted[0]!.op !== 'dense') {
      steps.push(step('addBias', { m: size(out), x: started ? out : sorted[0]!.x, y: bias, out }));
    }
  };
  /** The node's result is a sum that may grow: emitted now unless a sum is all that reads it. */
  const defer = (out: TensorId, sum: Pending): void => {
    pending.set(out, sum);
    if (!onlyOneReader(out)) computed(out);
  };
  const termsOf = (id: TensorId): Pending => {
    const sum = pending.get(id);
    if (sum !== undefined && sum.bias === null) {
      pending.delete(id);
      return sum;
    }
    computed(id);
    return { terms: [step('add', { m: size(id), x: id })], bias: null };
  };

  for (const node of nodes) {
    const { out } = node;
    switch (node.op) {
      case 'matmul':
        defer(out, { terms: [product(graph, node, computed)], bias: null });
        break;
      case 'add': {
        const a = termsOf(node.a);
        const b = termsOf(node.b);
        defer(out, { terms: [...a.terms, ...b.terms], bias: null });
        break;
      }
      case 'addBias':
        defer(out, { terms: termsOf(node.x).terms, bias: node.bias });
        break;
      case 'sumRows':
        steps.push(step('sumRows', { m: size(out), x: computed(node.x), out }));
        break;
      case 'activation': {
        const sum = pending.get(node.x);
        if (node.kind === 'relu' && sum !== undefined && sum.terms.every(({ op }) => op === 'dense')) {
          pending.delete(node.x);
          emitSum(out, sum, true);
        } else {
          steps.push(step('activate', { kind: kindOf(node), m: size(out), x: computed(node.x), out }));
        }
        break;
      }
      case 'activationGrad': {
        const [s, dy] = tensorsRead(node).map(computed) as [TensorId, TensorId];
        const term = step('activateGrad', { kind: kindOf(node), m: size(out), x: s, y: dy });
        defer(out, { terms: [term], bias: null });
        break;
      }
      case 'activationGrad2': {
        const [s, rx, dy] = tensorsRead(node).map(computed) as [TensorId, TensorId, TensorId];
        const term = step('activateGrad2', { kind: kindOf(node), m: size(out), x: s, y: dy, z: rx });
        defer(out, { terms: [term], bias: null });
        break;
      }
      case 'loss':
      case 'correct':
      case 'lossGrad': {
        const m = size(node.prediction);
        const last = steps.at(-1);
        const x = computed(node.prediction);
        const flag = {
          loss: purpose.loss ? flags.addLoss : 0,
          correct: flags.addCorrect,
          lossGrad: flags.writeGradient,
        }[node.op];
        const gradient = node.op === 'lossGrad' ? out : null;
        if (last?.op === 'loss' && last.x === x && (last.out === null || gradient === null)) {
          last.flags |= flag;
          last.out ??= gradient;
        } else {
          steps.push(step('loss', { kind: lossKind(node.kind), flags: flag, m, x, y: node.target, out: gradient }));
        }
        break;
      }
      case 'lossGrad2': {
        const [x, tangent] = [computed(node.prediction), computed(node.tangent)];
        steps.push(step('lossGrad2', { kind: lossKind(node.kind), m: size(out), x, y: tangent, out }));
        break;
      }
      default:
        node satisfies never;
    }
  }
  for (const id of [...pending.keys()]) computed(id);
  return steps;
}

function step(op: Step['op'], rest: Partial<Step> & Pick<Step, 'm' | 'x'>): Step {
  return { op, kind: 0, flags: 0, k: 0, packed: false, y: null, z: null, out: null, ...rest };
}

function lossKind(kind: LossName): number {
  const number = lossKinds[kind];
  if (number === undefined) throw new RangeError(`the wasm executor has no ${kind}`);
  return number;
}

function kindOf({ kind }: { kind: ActivationName }): number {
  if (kind === 'identity') throw new RangeError('the graph leaves the identity out');
  return activationKinds[kind];
}

function product(graph: Graph, node: Extract<DenseNode, { op: 'matmul' }>, computed: (id: TensorId) => TensorId): Step {
  const a = graph.tensors[node.a]!;
  const b = graph.tensors[node.b]!;
  const out = graph.tensors[node.out]!;
  if (a.rows && b.rows && !out.rows && node.transposeA && !node.transposeB) {
    return step('outer', { m: a.size, k: b.size, x: computed(a.id), y: computed(b.id) });
  }
  if (a.rows && !b.rows && out.rows && !node.transposeA) {
    return step('dense', { m: out.size, k: a.size, packed: node.transposeB, x: computed(a.id), y: b.id });
  }
  throw new RangeError(`the wasm executor has no product ${a.name} × ${b.name}`);
}
