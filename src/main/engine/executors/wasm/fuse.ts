import type { ActivationName, LossName } from '../../../../shared/model/experiment';
import type { ConvolutionWindow, Graph, GraphNode, TensorId, Window2d } from '../../graph/ir';
import { inputsOf } from '../../graph/prune';
import { activationKinds, flags, lossKinds, normalizeKinds, type OpName, poolKinds } from './instructions';

/** An instruction whose operands are still tensors of the graph. `out` null: it only adds to the sums. */
export interface Step {
  readonly op: Exclude<OpName, 'gather' | 'mask' | 'plane' | 'pack' | 'permute'>;
  readonly kind: number;
  flags: number;
  /** Features of the result (of the prediction for a loss); of x for `outer` and for sums over rows. */
  readonly m: number;
  /** Terms of each sum for `dense`; features of y for `outer`; entries along the features; else the kernel's affair. */
  readonly k: number;
  readonly step: number;
  readonly epsilon: number;
  /** `dense`: whether the weight is stored [m, k] (to be packed) or [k, m]. */
  readonly packed: boolean;
  /** Of a convolution; `adjoint`: in its input. */
  readonly convolution: { readonly window: ConvolutionWindow; readonly adjoint: boolean } | null;
  readonly pool: Window2d | null;
  /** Features into a row of x and of the result. */
  readonly xAt: number;
  readonly outAt: number;
  readonly x: TensorId | null;
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

/** The tensors the kernel of a node reads: fewer than the graph allows it. */
export function tensorsRead(node: GraphNode): TensorId[] {
  switch (node.op) {
    case 'activationGrad':
      return [fromResult.has(node.kind) ? node.y : node.x, node.dy];
    case 'activationGrad2':
      return [fromResult.has(node.kind) ? node.y : node.x, node.rx, node.dy];
    case 'lossGrad2':
      return [node.prediction, node.tangent, ...(node.kind === 'huber' ? [node.target] : [])];
    default:
      return inputsOf(node);
  }
}

/** A vector along the features, each entry `inner` times. */
interface Bias {
  readonly vector: TensorId;
  readonly entries: number;
  readonly inner: number;
}

/** A sum not computed yet: each term can be added to what is already in its output. */
interface Pending {
  readonly terms: Step[];
  readonly bias: Bias | null;
}

/** Steps that can add to their output. Products come first: they can start from the bias; `add` can only be added. */
const summable: readonly Step['op'][] = [
  'dense',
  'correlate',
  'outer',
  'correlateWeights',
  'sumRows',
  'sumAlong',
  'embedGrad',
  'activateGrad',
  'activateGrad2',
  'add',
];
/** Those with a start of their own. */
const isProduct = ({ op }: Step): boolean => op === 'dense' || op === 'correlate';

/** Whether the first term can start from the bias. */
function startsFrom({ op, m, convolution }: Step, { entries, inner }: Bias): boolean {
  if (op === 'dense') return inner === 1 && entries === m;
  if (op !== 'correlate' || convolution === null || convolution.adjoint) return false;
  const { filters, outHeight, outWidth } = convolution.window;
  return entries === filters && inner === outHeight * outWidth;
}

/**
 * Nodes to steps: sums of products, bias and relu become one pass over the output, the loss, its gradient and the
 * count of right answers another. A node whose only reader is a sum waits for that sum.
 */
export function fuse(graph: Graph, nodes: readonly GraphNode[], purpose: Purpose): Step[] {
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
    const sorted = [...terms].sort((a, b) => summable.indexOf(a.op) - summable.indexOf(b.op));
    const taken = bias !== null && startsFrom(sorted[0]!, bias);
    let started = false;
    sorted.forEach((term, i) => {
      if (term.op === 'add') {
        // The first of several existing tensors is added together with the second.
        if (started) steps.push({ ...term, y: out, out });
        else if (i > 0) steps.push({ ...term, y: sorted[i - 1]!.x, out });
        started ||= i > 0;
        return;
      }
      if (isProduct(term)) {
        const start = started ? flags.fromOutput : taken ? flags.fromBias : flags.fromZero;
        const last = i === sorted.length - 1;
        steps.push({ ...term, out, z: taken ? bias.vector : null, flags: start | (relu && last ? flags.relu : 0) });
      } else {
        steps.push({ ...term, out, flags: started ? flags.alwaysAdd : 0 });
      }
      started = true;
    });
    if (bias !== null && !taken) {
      const x = started ? out : sorted[0]!.x;
      const { vector: y, entries, inner } = bias;
      if (inner === 1 && entries === size(out)) steps.push(step('addBias', { m: size(out), x, y, out }));
      else steps.push(step('addAlong', { m: size(out), k: entries, step: inner, x, y, out }));
    }
  };
  /** The node's result is a sum that may grow: emitted now unless a sum is all that reads it. */
  const defer = (out: TensorId, terms: Step[], bias: Bias | null = null): void => {
    pending.set(out, { terms, bias });
    if (!onlyOneReader(out)) computed(out);
  };
  const termsOf = (id: TensorId): Step[] => {
    const sum = pending.get(id);
    if (sum !== undefined && sum.bias === null) {
      pending.delete(id);
      return sum.terms;
    }
    return [step('add', { m: size(id), x: computed(id) })];
  };

  for (const node of nodes) {
    const { out } = node;
    switch (node.op) {
      case 'matmul':
        defer(out, [product(graph, node, computed)]);
        break;
      case 'add':
        defer(out, [...termsOf(node.a), ...termsOf(node.b)]);
        break;
      case 'addBias':
        defer(out, termsOf(node.x), { vector: node.bias, entries: size(out), inner: 1 });
        break;
      case 'addAlong':
        defer(out, termsOf(node.x), { vector: node.vector, entries: size(node.vector), inner: node.inner });
        break;
      case 'scaleAlong': {
        const { vector, inner } = node;
        const x = computed(node.x);
        steps.push(step('scaleAlong', { m: size(out), k: size(vector), step: inner, x, y: vector, out }));
        break;
      }
      case 'sumRows':
        defer(out, [step('sumRows', { m: size(out), x: computed(node.x) })]);
        break;
      case 'sumAlong': {
        const x = computed(node.x);
        const m = size(x);
        const k = size(out);
        defer(out, [node.inner === 1 && k === m ? step('sumRows', { m, x }) : along('sumAlong', m, k, node.inner, x)]);
        break;
      }
      case 'multiply': {
        const [x, y] = [computed(node.a), computed(node.b)];
        steps.push(step('multiply', { m: size(out), x, y, out }));
        break;
      }
      case 'standardize': {
        const { mean, variance, inner, epsilon } = node;
        const rest = { k: size(variance), step: inner, epsilon, y: mean, z: variance };
        steps.push(step('standardize', { m: size(out), x: computed(node.x), ...rest, out }));
        break;
      }
      case 'normalize':
      case 'normalizeGrad':
      case 'normalizeGrad2': {
        const { sets, epsilon } = node;
        const rest = { kind: normalizeKinds[node.op], m: size(out), epsilon, x: computed(node.x), out };
        const y = node.op === 'normalizeGrad' ? node.t : node.op === 'normalizeGrad2' ? node.dy : null;
        const operands = {
          y: y === null ? null : computed(y),
          z: node.op === 'normalizeGrad2' ? computed(node.rx) : null,
        };
        if (sets.over === 'example') {
          steps.push(step('normalizeExamples', { ...rest, ...operands, k: sets.length }));
        } else {
          steps.push(step('normalizeBatch', { ...rest, ...operands, k: sets.channels, step: sets.inner }));
        }
        break;
      }
      case 'batchMean':
      case 'batchVariance': {
        const x = computed(node.x);
        const kind = node.op === 'batchMean' ? 0 : 1;
        steps.push({ ...along('moments', size(x), size(out), node.inner, x), kind, out });
        break;
      }
      case 'conv2d':
      case 'conv2dInputGrad': {
        const x = computed(node.op === 'conv2d' ? node.x : node.dy);
        const convolution = { window: node.window, adjoint: node.op === 'conv2dInputGrad' };
        defer(out, [step('correlate', { m: size(out), x, y: node.weight, convolution })]);
        break;
      }
      case 'conv2dWeightGrad': {
        const [x, y] = [computed(node.x), computed(node.dy)];
        const convolution = { window: node.window, adjoint: false };
        defer(out, [step('correlateWeights', { m: size(out), x, y, convolution })]);
        break;
      }
      case 'maxPool2d':
      case 'averagePool2d':
        steps.push(pooled(node, size(out), computed(node.x), null));
        break;
      case 'maxPool2dGather':
        steps.push(pooled(node, size(out), computed(node.x), computed(node.t)));
        break;
      case 'maxPool2dGrad':
        steps.push(pooled(node, size(out), computed(node.x), computed(node.dy)));
        break;
      case 'averagePool2dGrad':
        steps.push(pooled(node, size(out), computed(node.dy), null));
        break;
      case 'embed': {
        const k = size(node.tokens);
        steps.push(step('embed', { m: size(out) / k, k, x: computed(node.tokens), y: node.weight, out }));
        break;
      }
      case 'embedGrad': {
        const [vocabulary, units] = graph.tensors[out]!.shape as [number, number];
        const [x, y] = [computed(node.tokens), computed(node.dy)];
        defer(out, [step('embedGrad', { m: units, k: size(x), step: vocabulary, x, y })]);
        break;
      }
      case 'sliceStep': {
        const m = size(out);
        const x = computed(node.x);
        steps.push(step('copy', { m, k: size(x), step: m, x, xAt: node.index * m, out }));
        break;
      }
      case 'stackSteps': {
        const parts = node.parts.map(computed);
        let outAt = 0;
        for (const x of parts) {
          steps.push(step('copy', { m: size(x), k: size(x), step: size(out), x, out, outAt }));
          outAt += size(x);
        }
        break;
      }
      case 'zero':
        steps.push(step('zero', { m: size(out), out }));
        break;
      case 'activation': {
        const sum = pending.get(node.x);
        const fits = (term: Step) => isProduct(term) && (!sum?.bias || startsFrom(term, sum.bias));
        if (node.kind === 'relu' && sum?.terms.every(fits)) {
          pending.delete(node.x);
          emitSum(out, sum, true);
        } else {
          steps.push(step('activate', { kind: kindOf(node), m: size(out), x: computed(node.x), out }));
        }
        break;
      }
      case 'activationGrad': {
        const [s, dy] = tensorsRead(node).map(computed) as [TensorId, TensorId];
        defer(out, [step('activateGrad', { kind: kindOf(node), m: size(out), x: s, y: dy })]);
        break;
      }
      case 'activationGrad2': {
        const [s, rx, dy] = tensorsRead(node).map(computed) as [TensorId, TensorId, TensorId];
        defer(out, [step('activateGrad2', { kind: kindOf(node), m: size(out), x: s, y: dy, z: rx })]);
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
        const z = node.kind === 'huber' ? node.target : null;
        steps.push(step('lossGrad2', { kind: lossKind(node.kind), m: size(out), x, y: tangent, z, out }));
        break;
      }
      default:
        node satisfies never;
    }
  }
  for (const id of [...pending.keys()]) computed(id);
  return steps;
}

function step(op: Step['op'], rest: Partial<Step> & Pick<Step, 'm'>): Step {
  return {
    op,
    kind: 0,
    flags: 0,
    k: 0,
    step: 0,
    epsilon: 0,
    packed: false,
    convolution: null,
    pool: null,
    xAt: 0,
    outAt: 0,
    x: null,
    y: null,
    z: null,
    out: null,
    ...rest,
  };
}

const along = (op: 'sumAlong' | 'moments', m: number, k: number, inner: number, x: TensorId): Step =>
  step(op, { m, k, step: inner, x });

function pooled(
  node: Extract<GraphNode, { window: Window2d; op: keyof typeof poolKinds }>,
  m: number,
  x: TensorId,
  y: TensorId | null,
): Step {
  return step('pool', { kind: poolKinds[node.op], m, x, y, pool: node.window, out: node.out });
}

const lossKind = (kind: LossName): number => lossKinds[kind];

function kindOf({ kind }: { kind: ActivationName }): number {
  if (kind === 'identity') throw new RangeError('the graph leaves the identity out');
  return activationKinds[kind];
}

function product(graph: Graph, node: Extract<GraphNode, { op: 'matmul' }>, computed: (id: TensorId) => TensorId): Step {
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
