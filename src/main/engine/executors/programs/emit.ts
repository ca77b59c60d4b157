import type { Graph, GraphNode, TensorId } from '../../graph/ir';
import { inputsOf } from '../../graph/prune';
import { activations } from './activations';
import { createExpressions } from './expressions';
import { type Dimension, type GraphBuilder, type ProgramValue, rowCount } from './graphBuilder';
import { losses } from './losses';
import { createNormalization } from './normalization';
import type { Runtime } from './runtime';
import { emitSum, noSum, type PendingSum } from './sums';

/** What derivatives are multiplied by. */
export interface Factors {
  /** 1/n of the per-example gradients; derivatives are linear in them. */
  readonly scale: ProgramValue;
  /** [1, N], ones: the left factor of a sum over rows. */
  readonly ones: ProgramValue;
}

/**
 * Writes `nodes` of a graph to a builder.
 *
 * @param runtime what will run them
 * @param given values of the tensors that no node computes
 * @param factors null where `nodes` hold no derivatives
 * @returns the value of any tensor given or computed, in the shape the graph says
 */
export function emitNodes(
  runtime: Runtime,
  builder: GraphBuilder,
  graph: Graph,
  nodes: readonly GraphNode[],
  given: ReadonlyMap<TensorId, ProgramValue>,
  factors: Factors | null,
): (id: TensorId) => ProgramValue {
  const e = createExpressions(builder);
  const windows = runtime.windows(e);
  const normalization = createNormalization(e);
  const values = new Map(given);
  const pending = new Map<TensorId, PendingSum>();
  /** Convolutions that wait for their bias. */
  const convolutions = new Map<TensorId, Extract<GraphNode, { op: 'conv2d' }>>();
  const readers = new Map<TensorId, GraphNode[]>();
  for (const node of nodes) for (const id of inputsOf(node)) readers.set(id, [...(readers.get(id) ?? []), node]);

  const shapeOf = (id: TensorId): readonly Dimension[] => declaredShape(graph, id);
  const value = (id: TensorId): ProgramValue => {
    let known = values.get(id) ?? convolved(id, null);
    if (known === undefined) {
      const sum = pending.get(id);
      if (sum === undefined) throw new RangeError(`tensor ${graph.tensors[id]!.name} is not computed`);
      known = emitSum(e, sum, shapeOf(id), matrixShape(graph, id));
      values.set(id, known);
    }
    return known;
  };
  const convolved = (id: TensorId, bias: ProgramValue | null): ProgramValue | undefined => {
    const node = convolutions.get(id);
    if (node === undefined) return undefined;
    const result = windows.convolution(value(node.x), value(node.weight), bias, node.window);
    if (bias === null) set(id, result);
    return result;
  };
  const set = (id: TensorId, x: ProgramValue): void => {
    values.set(id, builder.reshape(x, shapeOf(id)));
  };
  /** A row tensor as [N, …] of a geometry of its own. */
  const rows = (id: TensorId, ...sizes: number[]) => builder.reshape(value(id), [rowCount, ...sizes]);
  const matrix = (id: TensorId) => builder.reshape(value(id), matrixShape(graph, id));
  const sizeOf = (id: TensorId) => graph.tensors[id]!.size;
  /** What a sum that reads `id` can take over: its terms if nobody else reads them. */
  const partsOf = (id: TensorId): PendingSum => {
    const sum = values.has(id) ? undefined : pending.get(id);
    if (sum === undefined || readers.get(id)!.length > 1) return { ...noSum, terms: [value(id)] };
    return sum;
  };
  const scaled = (x: ProgramValue) => e.mul(x, factors!.scale);

  for (const node of nodes) {
    const { out } = node;
    /** In the shape of the result. */
    const at = (id: TensorId) => builder.reshape(value(id), shapeOf(out));
    switch (node.op) {
      case 'matmul': {
        const { transposeA, transposeB } = node;
        const product = { a: matrix(node.a), b: matrix(node.b), transposeA, transposeB };
        pending.set(out, { ...noSum, products: [product] });
        break;
      }
      case 'addBias': {
        const sum = partsOf(node.x);
        const bias = value(node.bias);
        if (sum.bias === null) pending.set(out, { ...sum, bias });
        else pending.set(out, { ...noSum, bias, terms: [value(node.x)] });
        break;
      }
      case 'add': {
        const a = partsOf(node.a);
        const b = partsOf(node.b);
        if (a.bias !== null && b.bias !== null) {
          pending.set(out, { ...a, terms: [...a.terms, value(node.b)] });
        } else {
          const products = [...a.products, ...b.products];
          pending.set(out, { products, bias: a.bias ?? b.bias, terms: [...a.terms, ...b.terms] });
        }
        break;
      }
      case 'sumRows':
        set(out, e.sumRows(rows(node.x, sizeOf(node.x)), factors!.ones));
        break;
      case 'multiply':
        set(out, e.mul(at(node.a), at(node.b)));
        break;
      case 'activation':
        set(out, activations[node.kind].value(e, at(node.x)));
        break;
      case 'activationGrad':
        set(out, e.mul(activations[node.kind].derivative(e, at(node.x), at(node.y)), at(node.dy)));
        break;
      case 'activationGrad2': {
        const bend = activations[node.kind].secondDerivative(e, at(node.x), at(node.y));
        // f''∘dy first: it does not depend on the direction of a Hessian product.
        set(out, e.mul(e.mul(bend, at(node.dy)), at(node.rx)));
        break;
      }
      case 'addAlong':
      case 'scaleAlong': {
        const k = sizeOf(node.vector);
        if (node.op === 'addAlong' && isBias(node, convolutions.get(node.x)) && readers.get(node.x)!.length === 1) {
          set(out, convolved(node.x, value(node.vector))!);
          break;
        }
        const x = rows(node.x, sizeOf(node.x) / (k * node.inner), k, node.inner);
        const vector = builder.reshape(value(node.vector), [k, 1]);
        set(out, node.op === 'addAlong' ? e.add(x, vector) : e.mul(x, vector));
        break;
      }
      case 'sumAlong': {
        const k = sizeOf(out);
        set(out, e.sum(rows(node.x, sizeOf(node.x) / (k * node.inner), k, node.inner), [0, 1, 3]));
        break;
      }
      case 'normalize':
        set(out, normalization.value(value(node.x), node));
        break;
      case 'normalizeGrad':
        set(out, normalization.jacobian(value(node.x), value(node.t), node));
        break;
      case 'normalizeGrad2':
        set(out, normalization.curvature(value(node.x), value(node.rx), value(node.dy), node));
        break;
      case 'standardize': {
        const mean = node.mean === null ? null : value(node.mean);
        set(out, normalization.standardize(value(node.x), mean, value(node.variance), node));
        break;
      }
      case 'batchMean':
        set(out, normalization.batchMean(value(node.x), sizeOf(out), node.inner));
        break;
      case 'batchVariance':
        set(out, normalization.batchVariance(value(node.x), sizeOf(out), node.inner));
        break;
      case 'conv2d':
        convolutions.set(out, node);
        break;
      case 'conv2dInputGrad':
        set(out, windows.convolutionInputGradient(value(node.dy), value(node.weight), node.window));
        break;
      case 'conv2dWeightGrad':
        set(out, windows.convolutionWeightGradient(value(node.dy), value(node.x), node.window));
        break;
      case 'maxPool2d': {
        const placesRead = readers.get(node.x)!.some(({ op }) => op === 'maxPool2dGather' || op === 'maxPool2dGrad');
        set(out, windows.maximum(value(node.x), node.window, placesRead));
        break;
      }
      case 'maxPool2dGather':
        set(out, windows.atMaximum(value(node.x), value(node.t), node.window));
        break;
      case 'maxPool2dGrad':
        set(out, windows.toMaximum(value(node.x), value(node.dy), node.window));
        break;
      case 'averagePool2d':
        set(out, windows.average(value(node.x), node.window));
        break;
      case 'averagePool2dGrad':
        set(out, windows.averageGradient(value(node.dy), node.window));
        break;
      case 'embed': {
        const [, units] = graph.tensors[node.weight]!.shape as [number, number];
        const steps = sizeOf(node.tokens);
        const weight = value(node.weight);
        set(
          out,
          builder.node('Gather', [weight, e.toIntegers(rows(node.tokens, steps))], {
            attributes: { axis: 0 },
            shape: [rowCount, steps, units],
          }),
        );
        break;
      }
      case 'embedGrad': {
        const [vocabulary, units] = graph.tensors[out]!.shape as [number, number];
        const tokens = builder.reshape(value(node.tokens), [tokenCount]);
        const dy = builder.reshape(value(node.dy), [tokenCount, units]);
        set(out, e.scatterRows(tokens, dy, vocabulary));
        break;
      }
      case 'sliceStep': {
        const size = sizeOf(out);
        const index = builder.constant('int64', [], [node.index]);
        set(
          out,
          builder.node('Gather', [rows(node.x, sizeOf(node.x) / size, size), index], {
            attributes: { axis: 1 },
            shape: [rowCount, size],
          }),
        );
        break;
      }
      case 'stackSteps': {
        const sizes = node.parts.map(sizeOf);
        const shape = [rowCount, sizes.reduce((a, b) => a + b, 0)];
        const parts = node.parts.map((id, i) => rows(id, sizes[i]!));
        set(out, builder.node('Concat', parts, { attributes: { axis: 1 }, shape }));
        break;
      }
      case 'zero': {
        const shape = graph.tensors[out]!.shape;
        const sizes = builder.constant('int64', [shape.length], shape);
        set(out, builder.node('ConstantOfShape', [sizes], { shape, type: 'float32' }));
        break;
      }
      case 'loss':
        set(out, losses[node.kind].value(e, matrix(node.prediction), value(node.target)));
        break;
      case 'correct':
        set(out, losses[node.kind].correct(e, matrix(node.prediction), value(node.target)));
        break;
      case 'lossGrad':
        set(out, scaled(losses[node.kind].gradient(e, matrix(node.prediction), value(node.target))));
        break;
      case 'lossGrad2': {
        const { hessianProduct } = losses[node.kind];
        set(out, scaled(hessianProduct(e, matrix(node.prediction), value(node.target), matrix(node.tangent))));
        break;
      }
      default:
        node satisfies never;
    }
  }
  return value;
}

function isBias({ inner }: { readonly inner: number }, convolution: Extract<GraphNode, { op: 'conv2d' }> | undefined) {
  return convolution !== undefined && inner === convolution.window.outHeight * convolution.window.outWidth;
}

/** N times the tokens of a row. */
const tokenCount = 'tokens';

/** The shape a tensor of the graph has in a program. */
export function declaredShape(graph: Graph, id: TensorId): readonly Dimension[] {
  const { rows, shape } = graph.tensors[id]!;
  return rows ? [rowCount, ...shape] : shape;
}

/** A row tensor as [N, size], a plain one as [first, the rest]; a vector stays one. */
function matrixShape(graph: Graph, id: TensorId): readonly Dimension[] {
  const { rows, shape, size } = graph.tensors[id]!;
  if (rows) return [rowCount, size];
  return shape.length < 2 ? shape : [shape[0]!, size / shape[0]!];
}
