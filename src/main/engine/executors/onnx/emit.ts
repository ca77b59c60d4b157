import type { Graph, GraphNode, TensorId } from '../../graph/ir';
import { inputsOf } from '../../graph/prune';
import { activations } from './activations';
import { createExpressions } from './expressions';
import { type GraphBuilder, type OnnxValue, rowCount } from './graphBuilder';
import { losses } from './losses';

/** op(a)·op(b) */
interface Product {
  readonly a: OnnxValue;
  readonly b: OnnxValue;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** A sum not written yet: a `Gemm` can start from what is there already. */
interface PendingSum {
  readonly products: readonly Product[];
  readonly bias: OnnxValue | null;
  readonly terms: readonly OnnxValue[];
}

/**
 * Writes `nodes` of a graph to a builder.
 *
 * @param given values of the tensors that no node computes
 * @param scale factor of the per-example gradients, 1/n; derivatives are linear in them
 * @returns the value of any tensor given or computed
 */
export function emitNodes(
  builder: GraphBuilder,
  graph: Graph,
  nodes: readonly GraphNode[],
  given: ReadonlyMap<TensorId, OnnxValue>,
  scale: OnnxValue | null,
): (id: TensorId) => OnnxValue {
  const e = createExpressions(builder);
  const values = new Map(given);
  const pending = new Map<TensorId, PendingSum>();
  const readers = new Map<TensorId, number>();
  for (const id of nodes.flatMap(inputsOf)) readers.set(id, (readers.get(id) ?? 0) + 1);

  const value = (id: TensorId): OnnxValue => {
    const known = values.get(id);
    if (known !== undefined) return known;
    const sum = pending.get(id);
    if (sum === undefined) throw new RangeError(`tensor ${graph.tensors[id]!.name} is not computed`);
    const { rows, shape } = graph.tensors[id]!;
    const written = writeSum(builder, sum, rows ? [rowCount, ...shape] : shape);
    values.set(id, written);
    return written;
  };
  /** What a sum that reads `id` can take over: its terms if nobody else reads them. */
  const partsOf = (id: TensorId): PendingSum => {
    const sum = values.has(id) ? undefined : pending.get(id);
    if (sum === undefined || readers.get(id) !== 1) return { products: [], bias: null, terms: [value(id)] };
    return sum;
  };
  const scaled = (x: OnnxValue) => (scale === null ? x : e.mul(x, scale));

  for (const node of nodes) {
    const { out } = node;
    switch (node.op) {
      case 'matmul': {
        const { transposeA, transposeB } = node;
        const product = { a: value(node.a), b: value(node.b), transposeA, transposeB };
        pending.set(out, { products: [product], bias: null, terms: [] });
        break;
      }
      case 'addBias': {
        const sum = partsOf(node.x);
        const bias = value(node.bias);
        if (sum.bias === null) pending.set(out, { ...sum, bias });
        else pending.set(out, { products: [], bias, terms: [value(node.x)] });
        break;
      }
      case 'add': {
        const a = partsOf(node.a);
        const b = partsOf(node.b);
        const terms = [...a.terms, ...b.terms];
        if (a.bias !== null && b.bias !== null) {
          pending.set(out, { ...a, terms: [...a.terms, value(node.b)] });
        } else {
          pending.set(out, { products: [...a.products, ...b.products], bias: a.bias ?? b.bias, terms });
        }
        break;
      }
      case 'sumRows':
        values.set(
          out,
          builder.node('ReduceSum', [value(node.x), builder.constant('int64', [1], [0])], {
            attributes: { keepdims: 0 },
            shape: graph.tensors[out]!.shape,
          }),
        );
        break;
      case 'activation':
        values.set(out, activations[node.kind].value(e, value(node.x)));
        break;
      case 'activationGrad': {
        const slope = activations[node.kind].derivative(e, value(node.x), value(node.y));
        values.set(out, e.mul(slope, value(node.dy)));
        break;
      }
      case 'activationGrad2': {
        const bend = activations[node.kind].secondDerivative(e, value(node.x), value(node.y));
        // f''∘dy first: it does not depend on the direction of a Hessian product.
        values.set(out, e.mul(e.mul(bend, value(node.dy)), value(node.rx)));
        break;
      }
      case 'loss':
        values.set(out, losses[node.kind].value(e, value(node.prediction), value(node.target)));
        break;
      case 'correct':
        values.set(out, losses[node.kind].correct(e, value(node.prediction), value(node.target)));
        break;
      case 'lossGrad':
        values.set(out, scaled(losses[node.kind].gradient(e, value(node.prediction), value(node.target))));
        break;
      case 'lossGrad2': {
        const [z, t, tangent] = [value(node.prediction), value(node.target), value(node.tangent)];
        values.set(out, scaled(losses[node.kind].hessianProduct(e, z, t, tangent)));
        break;
      }
      default:
        throw new RangeError(`the onnx executor has no ${node.op}`);
    }
  }
  return value;
}

function writeSum(builder: GraphBuilder, { products, bias, terms }: PendingSum, shape: OnnxValue['shape']): OnnxValue {
  const rest = [...terms];
  let sum = bias ?? rest.shift();
  for (const { a, b, transposeA, transposeB } of products) {
    const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
    sum = builder.node('Gemm', sum === undefined ? [a, b] : [a, b, sum], { attributes, shape });
  }
  for (const term of rest) sum = builder.node('Add', [sum!, term], { shape });
  return sum!;
}
