import { fillMask } from '../../graph/dropoutMask';
import type { BufferBlock, Graph, GraphNode, Network, TensorId } from '../../graph/ir';
import { type Matrix, productNodes, prune } from '../../graph/prune';
import type {
  LinearOperator,
  Measure,
  Objective,
  PlaneTile,
  PlaneValues,
  Rows,
  Vector,
} from '../../objectives/objective';
import { checkBatch } from '../checkBatch';
import type { ExampleSet } from '../executor';
import { allocateResults, type Buffers, interpret } from './interpret';

/** Examples at a time, so that memory does not grow with the data. */
export const chunkRows = 256;

export interface ReferenceOptions {
  /**
   * An operator keeps the activations of its primal pass between products up to this many bytes, else it recomputes
   * them for every product (default 256 MiB).
   */
  keptBytes?: number;
}

/** The mean loss of a network over examples, in float64, chunk by chunk. */
export function createReferenceObjective(
  network: Network,
  data: ExampleSet,
  executor: string,
  { keptBytes = 256 * 2 ** 20 }: ReferenceOptions = {},
): Objective {
  const { graph, layout } = network;
  const dimension = layout.reduce((sum, block) => sum + block.size, 0);
  const chunkOf = (rows: number): number => (network.coupled ? rows : Math.min(chunkRows, rows));
  let draw = 0;
  const state = initialBuffers(network.buffers);
  const everyRow = Int32Array.from({ length: data.examples }, (_, i) => i);

  const lossNodes = prune(graph, [graph.loss]);
  const gradientNodes = prune(graph, [graph.loss, ...graph.gradients]);
  const statisticsNodes = prune(graph, graph.statistics);
  const measureNodes = prune(graph, graph.correct === null ? [graph.loss] : [graph.loss, graph.correct]);

  /** Runs `nodes` at θ on every chunk of the rows; `use` reads the results before the next chunk overwrites them. */
  const sweep = (
    nodes: readonly GraphNode[],
    params: Vector,
    rows: Rows,
    use: (buffers: Buffers, start: number, count: number) => void,
    chunk = chunkOf(rows.length),
  ): void => {
    const buffers: Buffers = new Map();
    bindBlocks(buffers, graph.parameters, layout, toFloat64(params, dimension));
    bindBlocks(buffers, graph.buffers, network.buffers, state);
    const capacity = Math.min(chunk, rows.length);
    allocateExamples(graph, capacity, buffers);
    allocateResults(graph, nodes, capacity, buffers);
    for (let start = 0; start < rows.length; start += chunk) {
      const count = Math.min(chunk, rows.length - start);
      gather(graph, data, rows.subarray(start, start + count), draw, buffers);
      interpret(graph, nodes, buffers, count);
      use(buffers, start, count);
    }
  };

  const chosen = (rows: Rows | undefined): Rows => {
    const all = checkRows(rows ?? everyRow, data.examples);
    checkBatch(network, all.length);
    return all;
  };

  const measure = (params: Vector, rows: Rows): Measure => {
    const perExample = new Float64Array(rows.length);
    let right = 0;
    sweep(measureNodes, params, rows, (buffers, start, count) => {
      perExample.set(buffers.get(graph.loss)!.subarray(0, count), start);
      if (graph.correct !== null) right += sum(buffers.get(graph.correct)!, count);
    });
    const loss = sum(perExample, rows.length) / rows.length;
    return {
      loss,
      standardError: standardError(perExample, loss),
      accuracy: graph.correct === null ? Number.NaN : right / rows.length,
    };
  };

  const operator = (matrix: Matrix, params: Vector, rows: Rows | undefined): LinearOperator =>
    createOperator(network, data, matrix, {
      params: new Float64Array(params),
      state: state.slice(),
      draw,
      rows: Int32Array.from(chosen(rows)),
      chunk: chunkOf((rows ?? everyRow).length),
      keptBytes,
    });

  return {
    dimension,
    layout,
    examples: data.examples,
    precision: 'float64',
    executor,
    allocate: () => new Float64Array(dimension),

    value(params, rows) {
      const all = chosen(rows);
      let total = 0;
      sweep(lossNodes, params, all, (buffers, _start, count) => {
        total += sum(buffers.get(graph.loss)!, count);
      });
      return total / all.length;
    },

    gradient(params, out, rows) {
      const all = chosen(rows);
      const sums = new Float64Array(dimension);
      let total = 0;
      sweep(gradientNodes, params, all, (buffers, _start, count) => {
        total += sum(buffers.get(graph.loss)!, count);
        addBlocks(sums, graph.gradients, layout, buffers);
      });
      for (let i = 0; i < dimension; i++) out[i] = sums[i]! / all.length;
      return total / all.length;
    },

    hessian: (params, rows) => operator('hessian', params, rows),
    gaussNewton: (params, rows) => operator('gaussNewton', params, rows),

    measure: (params, rows) => measure(params, chosen(rows)),

    plane(tile, rows) {
      const all = chosen(rows);
      return planeValues(tile, (params) => measure(params, all));
    },

    ...(!network.coupled && {
      exampleGradients(params: Vector, rows?: Rows) {
        const all = chosen(rows);
        const out = new Float64Array(all.length * dimension);
        const place = (buffers: Buffers, row: number): void => {
          addBlocks(out.subarray(row * dimension, (row + 1) * dimension), graph.gradients, layout, buffers);
        };
        sweep(gradientNodes, params, all, place, 1);
        return out;
      },
    }),
    ...(state.length > 0 && { buffers: state }),
    ...(graph.masks.length > 0 && {
      redraw(to: number) {
        draw = to;
      },
    }),
    ...(graph.statistics.length > 0 && {
      statistics(params: Vector, rows?: Rows) {
        const out = new Float64Array(state.length);
        sweep(statisticsNodes, params, chosen(rows), (buffers) => {
          addBlocks(out, graph.statistics, network.buffers, buffers);
        });
        return out;
      },
    }),

    dispose() {},
  };
}

interface OperatorPoint {
  readonly params: Float64Array;
  readonly state: Float64Array;
  readonly draw: number;
  readonly rows: Rows;
  /** Rows at a time. */
  readonly chunk: number;
  readonly keptBytes: number;
}

/** The primal pass once, then only what depends on the direction. */
function createOperator(
  network: Network,
  data: ExampleSet,
  matrix: Matrix,
  { params, state, draw, rows, chunk: chunkSize, keptBytes }: OperatorPoint,
): LinearOperator {
  const { graph, layout } = network;
  const { primal, tangent } = productNodes(graph, matrix);
  const capacity = Math.min(chunkSize, rows.length);

  const tangents: Buffers = new Map();
  allocateResults(graph, tangent, capacity, tangents);

  const prepare = (start: number): Buffers => {
    const count = Math.min(chunkSize, rows.length - start);
    const buffers: Buffers = new Map(tangents);
    bindBlocks(buffers, graph.parameters, layout, params);
    bindBlocks(buffers, graph.buffers, network.buffers, state);
    allocateExamples(graph, count, buffers);
    allocateResults(graph, primal, count, buffers);
    gather(graph, data, rows.subarray(start, start + count), draw, buffers);
    interpret(graph, primal, buffers, count);
    return buffers;
  };
  const primalSize = [...leafRows(graph), ...primal.map((node) => node.out)].reduce(
    (size, id) => size + graph.tensors[id]!.size,
    0,
  );
  const keep = primalSize * rows.length * Float64Array.BYTES_PER_ELEMENT <= keptBytes;
  const kept: (Buffers | undefined)[] = [];

  return {
    size: params.length,
    apply(v, out) {
      const direction = toFloat64(v, params.length);
      const sums = new Float64Array(params.length);
      for (let start = 0, chunk = 0; start < rows.length; start += chunkSize, chunk++) {
        const buffers = kept[chunk] ?? prepare(start);
        if (keep) kept[chunk] = buffers;
        bindBlocks(buffers, graph.tangents, layout, direction);
        interpret(graph, tangent, buffers, Math.min(chunkSize, rows.length - start));
        addBlocks(sums, graph.products, layout, buffers);
      }
      for (let i = 0; i < sums.length; i++) out[i] = sums[i]! / rows.length;
    },
    dispose() {
      kept.length = 0;
      tangents.clear();
    },
  };
}

/** Point by point; no trick shared between points, so that tricks can be tested against it. */
function planeValues({ origin, d1, d2, coordinates }: PlaneTile, measure: (params: Vector) => Measure): PlaneValues {
  const points = coordinates.length / 2;
  const values: PlaneValues = {
    loss: new Float64Array(points),
    standardError: new Float64Array(points),
    accuracy: new Float64Array(points),
  };
  const params = new Float64Array(origin.length);
  for (let point = 0; point < points; point++) {
    const a = coordinates[2 * point]!;
    const b = coordinates[2 * point + 1]!;
    for (let i = 0; i < params.length; i++) params[i] = origin[i]! + a * d1[i]! + b * d2[i]!;
    const { loss, standardError, accuracy } = measure(params);
    const finite = Number.isFinite(loss);
    values.loss[point] = finite ? loss : Number.NaN;
    values.standardError[point] = finite ? standardError : Number.NaN;
    values.accuracy[point] = finite ? accuracy : Number.NaN;
  }
  return values;
}

type Blocks = readonly { readonly offset: number; readonly size: number }[];

export function initialBuffers(blocks: readonly BufferBlock[]): Float64Array {
  const values = new Float64Array(blocks.reduce((sum, { size }) => sum + size, 0));
  for (const { offset, size, initial } of blocks) values.fill(initial, offset, offset + size);
  return values;
}

/** Views of a parameter-sized vector, one per block of the layout. */
export function bindBlocks(buffers: Buffers, ids: readonly TensorId[], layout: Blocks, vector: Float64Array): void {
  layout.forEach(({ offset, size }, i) => {
    buffers.set(ids[i]!, vector.subarray(offset, offset + size));
  });
}

export function addBlocks(sums: Float64Array, ids: readonly TensorId[], layout: Blocks, buffers: Buffers): void {
  layout.forEach(({ offset, size }, i) => {
    const block = buffers.get(ids[i]!)!;
    for (let j = 0; j < size; j++) sums[offset + j] = sums[offset + j]! + block[j]!;
  });
}

/** The row tensors no node computes. */
const leafRows = ({ input, target, masks }: Graph): TensorId[] => [input, target, ...masks.map((mask) => mask.tensor)];

export function allocateExamples(graph: Graph, rows: number, buffers: Buffers): void {
  for (const id of leafRows(graph)) buffers.set(id, new Float64Array(rows * graph.tensors[id]!.size));
}

export function gather(graph: Graph, data: ExampleSet, rows: Rows, draw: number, buffers: Buffers): void {
  copyRows(data.x, graph.tensors[graph.input]!.size, rows, buffers.get(graph.input)!);
  copyRows(data.y, graph.tensors[graph.target]!.size, rows, buffers.get(graph.target)!);
  for (const mask of graph.masks) {
    fillMask(mask, graph.tensors[mask.tensor]!.size, draw, rows, buffers.get(mask.tensor)!);
  }
}

function copyRows(from: Float32Array, size: number, rows: Rows, to: Float64Array): void {
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i]! * size;
    to.set(from.subarray(start, start + size), i * size);
  }
}

function toFloat64(vector: Vector, size: number): Float64Array {
  if (vector.length !== size) throw new RangeError(`a vector of ${vector.length}, the network has ${size} parameters`);
  return vector instanceof Float64Array ? vector : new Float64Array(vector);
}

function checkRows(rows: Rows, examples: number): Rows {
  if (rows.length === 0) throw new RangeError('a mean needs at least one example');
  for (const row of rows) {
    if (row < 0 || row >= examples) throw new RangeError(`example ${row} of ${examples}`);
  }
  return rows;
}

function sum(values: Float64Array, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i]!;
  return total;
}

/** s/√n with s² = Σ(ℓ − mean)²/(n − 1); NaN for one example. */
function standardError(perExample: Float64Array, mean: number): number {
  const n = perExample.length;
  if (n < 2) return Number.NaN;
  let squares = 0;
  for (const value of perExample) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (n - 1) / n);
}
