import type { Graph, GraphNode, TensorId } from '../../graph/ir';
import { activations } from './activations';
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d';
import { losses } from './losses';
import { type Matrix, matmul } from './matmul';
import { means, normalize, normalizeGrad, normalizeGrad2, setsOf, unbiasedVariances } from './normalize';
import { averagePool2d, averagePool2dGrad, maxPool2d, maxPool2dGather, maxPool2dGrad } from './pool2d';

/** Storage by tensor id; row tensors hold at least as many rows as are run. */
export type Buffers = Map<TensorId, Float64Array>;

/** Runs the nodes in order on the first `rows` rows of their buffers. */
export function interpret(graph: Graph, nodes: readonly GraphNode[], buffers: Buffers, rows: number): void {
  for (const node of nodes) runNode(graph, node, buffers, rows);
}

/** Adds the storage of every node's result, for at most `rows` rows. */
export function allocateResults(graph: Graph, nodes: readonly GraphNode[], rows: number, buffers: Buffers): void {
  for (const { out } of nodes) {
    const tensor = graph.tensors[out]!;
    buffers.set(out, new Float64Array(tensor.rows ? rows * tensor.size : tensor.size));
  }
}

function runNode(graph: Graph, node: GraphNode, buffers: Buffers, rows: number): void {
  const at = (id: TensorId): Float64Array => buffers.get(id)!;
  const out = at(node.out);
  const tensor = graph.tensors[node.out]!;
  const count = tensor.rows ? rows * tensor.size : tensor.size;

  switch (node.op) {
    case 'matmul': {
      const a = matrix(graph, buffers, node.a, rows);
      const b = matrix(graph, buffers, node.b, rows);
      matmul(a, node.transposeA, b, node.transposeB, out);
      return;
    }
    case 'addBias': {
      const x = at(node.x);
      const bias = at(node.bias);
      const n = tensor.size;
      for (let row = 0; row < count; row += n) for (let j = 0; j < n; j++) out[row + j] = x[row + j]! + bias[j]!;
      return;
    }
    case 'sumRows': {
      const x = at(node.x);
      const n = tensor.size;
      out.fill(0);
      for (let i = 0; i < rows; i++) for (let j = 0; j < n; j++) out[j] = out[j]! + x[i * n + j]!;
      return;
    }
    case 'add': {
      const a = at(node.a);
      const b = at(node.b);
      for (let i = 0; i < count; i++) out[i] = a[i]! + b[i]!;
      return;
    }
    case 'activation': {
      const x = at(node.x);
      const { value } = activations[node.kind];
      for (let i = 0; i < count; i++) out[i] = value(x[i]!);
      return;
    }
    case 'activationGrad': {
      const x = at(node.x);
      const dy = at(node.dy);
      const { derivative } = activations[node.kind];
      for (let i = 0; i < count; i++) out[i] = derivative(x[i]!) * dy[i]!;
      return;
    }
    case 'activationGrad2': {
      const x = at(node.x);
      const rx = at(node.rx);
      const dy = at(node.dy);
      const { secondDerivative } = activations[node.kind];
      for (let i = 0; i < count; i++) out[i] = secondDerivative(x[i]!) * rx[i]! * dy[i]!;
      return;
    }
    case 'multiply': {
      const a = at(node.a);
      const b = at(node.b);
      for (let i = 0; i < count; i++) out[i] = a[i]! * b[i]!;
      return;
    }
    case 'addAlong': {
      const x = at(node.x);
      const vector = at(node.vector);
      const { inner } = node;
      for (let i = 0; i < count; i++) out[i] = x[i]! + vector[Math.floor(i / inner) % vector.length]!;
      return;
    }
    case 'scaleAlong': {
      const x = at(node.x);
      const vector = at(node.vector);
      const { inner } = node;
      for (let i = 0; i < count; i++) out[i] = x[i]! * vector[Math.floor(i / inner) % vector.length]!;
      return;
    }
    case 'standardize': {
      const x = at(node.x);
      const mean = node.mean === null ? null : at(node.mean);
      const variance = at(node.variance);
      for (let i = 0; i < count; i++) {
        const j = Math.floor(i / node.inner) % variance.length;
        out[i] = (x[i]! - (mean?.[j] ?? 0)) / Math.sqrt(variance[j]! + node.epsilon);
      }
      return;
    }
    case 'normalize':
      normalize(setsOf(node.sets, rows, tensor.size), node.epsilon, at(node.x), out);
      return;
    case 'normalizeGrad':
      normalizeGrad(setsOf(node.sets, rows, tensor.size), node.epsilon, at(node.x), at(node.t), out);
      return;
    case 'normalizeGrad2': {
      const sets = setsOf(node.sets, rows, tensor.size);
      normalizeGrad2(sets, node.epsilon, at(node.x), at(node.rx), at(node.dy), out);
      return;
    }
    case 'batchMean':
    case 'batchVariance': {
      const { inner } = node;
      const size = graph.tensors[node.x]!.size;
      const sets = setsOf({ over: 'batch', channels: out.length, inner }, rows, size);
      const moments = node.op === 'batchMean' ? means(sets, at(node.x)) : unbiasedVariances(sets, at(node.x));
      out.set(moments);
      return;
    }
    case 'sumAlong': {
      const x = at(node.x);
      const { inner } = node;
      const values = rows * graph.tensors[node.x]!.size;
      out.fill(0);
      for (let i = 0; i < values; i++) {
        const j = Math.floor(i / inner) % out.length;
        out[j] = out[j]! + x[i]!;
      }
      return;
    }
    case 'conv2d':
      conv2d(node.window, rows, at(node.x), at(node.weight), out);
      return;
    case 'conv2dInputGrad':
      conv2dInputGrad(node.window, rows, at(node.dy), at(node.weight), out);
      return;
    case 'conv2dWeightGrad':
      conv2dWeightGrad(node.window, rows, at(node.dy), at(node.x), out);
      return;
    case 'maxPool2d':
      maxPool2d(node.window, rows, at(node.x), out);
      return;
    case 'maxPool2dGather':
      maxPool2dGather(node.window, rows, at(node.x), at(node.t), out);
      return;
    case 'maxPool2dGrad':
      maxPool2dGrad(node.window, rows, at(node.x), at(node.dy), out);
      return;
    case 'averagePool2d':
      averagePool2d(node.window, rows, at(node.x), out);
      return;
    case 'averagePool2dGrad':
      averagePool2dGrad(node.window, rows, at(node.dy), out);
      return;
    case 'embed': {
      const tokens = at(node.tokens);
      const weight = at(node.weight);
      const units = graph.tensors[node.weight]!.shape[1]!;
      for (let i = 0; i * units < count; i++) {
        out.set(weight.subarray(tokens[i]! * units, (tokens[i]! + 1) * units), i * units);
      }
      return;
    }
    case 'embedGrad': {
      const tokens = at(node.tokens);
      const dy = at(node.dy);
      const units = tensor.shape[1]!;
      out.fill(0);
      for (let i = 0; i < rows * graph.tensors[node.dy]!.size; i++) {
        const to = tokens[Math.floor(i / units)]! * units + (i % units);
        out[to] = out[to]! + dy[i]!;
      }
      return;
    }
    case 'sliceStep': {
      const x = at(node.x);
      const stride = graph.tensors[node.x]!.size;
      const start = node.index * tensor.size;
      for (let n = 0; n < rows; n++) {
        out.set(x.subarray(n * stride + start, n * stride + start + tensor.size), n * tensor.size);
      }
      return;
    }
    case 'stackSteps':
      node.parts.forEach((id, t) => {
        const part = at(id);
        const { size } = graph.tensors[id]!;
        for (let n = 0; n < rows; n++) {
          out.set(part.subarray(n * size, (n + 1) * size), n * tensor.size + t * size);
        }
      });
      return;
    case 'zero':
      out.fill(0);
      return;
    case 'loss':
    case 'correct': {
      const z = at(node.prediction);
      const t = at(node.target);
      const k = graph.tensors[node.prediction]!.size;
      const targetSize = graph.tensors[node.target]!.size;
      const loss = losses[node.kind];
      const of = node.op === 'loss' ? loss.value : loss.correct;
      for (let i = 0; i < rows; i++) out[i] = of(z, i * k, k, t, i * targetSize);
      return;
    }
    case 'lossGrad': {
      const z = at(node.prediction);
      const t = at(node.target);
      const k = tensor.size;
      const targetSize = graph.tensors[node.target]!.size;
      const { gradient } = losses[node.kind];
      for (let i = 0; i < rows; i++) gradient(z, i * k, k, t, i * targetSize, out);
      return;
    }
    case 'lossGrad2': {
      const z = at(node.prediction);
      const t = at(node.target);
      const r = at(node.tangent);
      const k = tensor.size;
      const targetSize = graph.tensors[node.target]!.size;
      const { hessianProduct } = losses[node.kind];
      for (let i = 0; i < rows; i++) hessianProduct(z, i * k, k, t, i * targetSize, r, out);
      return;
    }
    default:
      node satisfies never;
  }
}

/** A row tensor as [rows, size], a plain one as [first dimension, the rest]. */
function matrix(graph: Graph, buffers: Buffers, id: TensorId, rows: number): Matrix {
  const { rows: hasRows, shape, size } = graph.tensors[id]!;
  const first = hasRows ? rows : shape[0]!;
  return { values: buffers.get(id)!, rows: first, columns: hasRows ? size : size / first };
}
