import type { Graph, TensorId } from '../../graph/ir';
import type { PlaneTile, PlaneValues, Rows } from '../../objectives/objective';
import { emitNodes } from './emit';
import { createGraphBuilder, type OnnxValue, rowCount, type SplitGraph, splitGraph } from './graphBuilder';
import { type LinearSplit, splitLinear } from './linear';
import { type Chunk, type Loaded, rowsPerChunk, toFloats } from './loaded';
import { inputNames, writeProgram } from './programs';
import type { Tensor, Tensors } from './runtime';
import { sumOf, sumOfSquares, toMeasure } from './statistics';

/** Values on planes of parameters; keeps what the points of one plane and rows share. */
export interface PlaneEvaluator {
  values(tile: PlaneTile, rows?: Rows): Promise<PlaneValues>;
}

/** Examples are taken in slices whose shared products fit in this, so that they stay in cache from point to point. */
const sliceBytes = 8 * 2 ** 20;
/** Slices are kept between tiles up to this size in all, else made anew for each tile. */
const keptBytes = 256 * 2 ** 20;

/** Some examples with everything about them that no point changes. */
interface Slice {
  readonly feeds: Tensors;
  readonly count: number;
}

/** The slices of a plane, and copies of what they were made from. */
interface KeptPlane {
  readonly vectors: readonly Float32Array[];
  readonly rows: Rows | undefined;
  /** Of the dropout masks. */
  readonly draw: number;
  readonly slices: readonly Slice[];
}

/** Per point: Σℓ, Σℓ² and the number right. */
type Sums = readonly [losses: Float64Array, squares: Float64Array, right: Float64Array];

/**
 * On θ = origin + a·d₁ + b·d₂ what is linear in θ, such as the product of the input with the first weight, is that of
 * the origin + a times that of d₁ + b times that of d₂: three runs serve every point, each of which then needs one
 * product [1, a, b]·[3, …] and the nodes that remain.
 */
export function createPlane(loaded: Loaded): PlaneEvaluator {
  const { network, data, dimension, runtime } = loaded;
  const { graph, layout } = network;
  const split = splitLinear(graph, graph.correct === null ? [graph.loss] : [graph.loss, graph.correct]);
  const bytesPerRow = 12 * split.linear.reduce((sum, id) => sum + graph.tensors[id]!.size, 0);
  const pointGraphs = writePoints(graph, split);
  let kept: KeptPlane | null = null;

  /** What is linear in θ, three times over, and what does not depend on it. */
  const share = async (vectors: readonly Float32Array[], chunk: Chunk, gathered: boolean): Promise<Tensors> => {
    const given = [...graph.masks.map(({ tensor }) => tensor), ...(gathered ? [] : [graph.input, graph.target])];
    const constant = split.constant.filter((id) => !given.includes(id));
    if (split.linear.length + constant.length === 0) return {};
    const program = await loaded.program(`shared ${gathered}`, () =>
      writeProgram(network, [...split.linear, ...constant], gathered),
    );
    const names = program.graph.outputs.map(({ name }) => name);
    const feeds: Record<string, Tensor> = {};
    const stacks = split.linear.map((id) => {
      const { size, shape } = graph.tensors[id]!;
      const length = chunk.count * size;
      const stack = new Float32Array(3 * length);
      feeds[stackName(id)] = runtime.floats(stack, [3, length]);
      return vectors.map((_, k) =>
        runtime.floats(stack.subarray(k * length, (k + 1) * length), [chunk.count, ...shape]),
      );
    });
    for (const [k, vector] of vectors.entries()) {
      const into = Object.fromEntries(stacks.map((parts, i) => [names[i]!, parts[k]!]));
      const results = await program.run({ ...loaded.point(vector), ...chunk.feeds }, into);
      constant.forEach((id, i) => {
        feeds[constantName(graph, id)] = results[split.linear.length + i]!;
      });
    }
    return feeds;
  };

  const makeSlice = async (vectors: readonly Float32Array[], chunk: Chunk, gathered: boolean): Promise<Slice> => {
    const { count } = chunk;
    const feeds = { ...chunk.feeds, ...(await share(vectors, chunk, gathered)) };
    const { fixed } = pointGraphs;
    if (fixed.outputs.length === 0) return { feeds, count };
    const program = await loaded.program('every point', () => fixed);
    const results = await program.run(feeds);
    return {
      feeds: { ...feeds, ...Object.fromEntries(fixed.outputs.map(({ name }, i) => [name, results[i]!])) },
      count,
    };
  };

  const addPoints = async (plane: Omit<KeptPlane, 'slices'>, slice: Slice, points: Float64Array, sums: Sums) => {
    const program = await loaded.program('points', () => pointGraphs.moving);
    const [origin, d1, d2] = plane.vectors as [Float32Array, Float32Array, Float32Array];
    const theta = new Float32Array(dimension);
    const point = Float32Array.of(1, 0, 0);
    const feeds: Tensors = {
      ...slice.feeds,
      ...loaded.point(theta),
      [pointName]: runtime.floats(point, [1, 3]),
    };
    for (let i = 0; i < points.length / 2; i++) {
      const a = points[2 * i]!;
      const b = points[2 * i + 1]!;
      point[1] = a;
      point[2] = b;
      for (const block of split.parameters) {
        const { offset, size } = layout[block]!;
        for (let j = offset; j < offset + size; j++) theta[j] = origin[j]! + a * d1[j]! + b * d2[j]!;
      }
      const [losses, right] = (await program.run(feeds)).map(({ data: values }) => values as Float32Array);
      sums[0][i]! += sumOf(losses!);
      sums[1][i]! += sumOfSquares(losses!);
      sums[2][i]! += right === undefined ? Number.NaN : sumOf(right);
    }
  };

  return {
    async values({ origin, d1, d2, coordinates }, rows) {
      const count = rows?.length ?? data.examples;
      const wanted = [origin, d1, d2].map((vector) => toFloats(loaded, vector));
      const same =
        kept !== null &&
        kept.draw === loaded.draw &&
        sameRows(kept.rows, rows) &&
        wanted.every((v, i) => sameFloats(v, kept!.vectors[i]!));
      const plane = same
        ? kept!
        : { vectors: wanted.map((vector) => vector.slice()), rows: rows?.slice(), draw: loaded.draw, slices: [] };
      const sliceRows = Math.max(1, Math.floor(sliceBytes / Math.max(1, bytesPerRow)));
      const chunks = loaded.chunks(plane.rows, Math.min(sliceRows, rowsPerChunk(pointGraphs.moving)));
      const keep = bytesPerRow * count <= keptBytes;
      const slices: Slice[] = [...plane.slices];
      const sums: Sums = [zeros(coordinates), zeros(coordinates), zeros(coordinates)];
      for (const [i, chunk] of chunks.entries()) {
        const slice = slices[i] ?? (await makeSlice(plane.vectors, chunk, rows !== undefined));
        if (keep) slices[i] = slice;
        await addPoints(plane, slice, coordinates, sums);
      }
      kept = { ...plane, slices };
      return toValues(sums, count);
    },
  };
}

const stackName = (id: TensorId) => `stack${id}`;
const pointName = 'point';

/** The examples keep their names where they come in order. */
function constantName(graph: Graph, id: TensorId): string {
  if (id === graph.input) return inputNames.x;
  const mask = graph.masks.findIndex(({ tensor }) => tensor === id);
  if (mask !== -1) return inputNames.mask(mask);
  return id === graph.target ? inputNames.target : `constant${id}`;
}

/**
 * Losses and right answers of one point, from 1, a, b, the stacks and the parameters that remain; split off is what is
 * the same at every point.
 */
function writePoints(graph: Graph, split: LinearSplit): SplitGraph {
  const builder = createGraphBuilder();
  const given = new Map<TensorId, OnnxValue>();
  const point = builder.input(pointName, 'float32', [1, 3]);
  for (const id of split.linear) {
    const { shape } = graph.tensors[id]!;
    const stack = builder.input(stackName(id), 'float32', [3, `values${id}`]);
    const flat = builder.node('MatMul', [point, stack], { shape: [1, `values${id}`] });
    const sizes = builder.constant('int64', [shape.length + 1], [-1, ...shape]);
    given.set(id, builder.node('Reshape', [flat, sizes], { shape: [rowCount, ...shape] }));
  }
  for (const id of split.constant) {
    given.set(id, builder.input(constantName(graph, id), 'float32', [rowCount, ...graph.tensors[id]!.shape]));
  }
  const plain = [
    ...split.parameters.map((i) => [graph.parameters[i]!, inputNames.parameter(i)] as const),
    ...graph.buffers.map((id, i) => [id, inputNames.buffer(i)] as const),
  ];
  for (const [id, name] of plain) given.set(id, builder.input(name, 'float32', graph.tensors[id]!.shape));
  const value = emitNodes(builder, graph, split.rest, given, null);
  const whole = builder.graph((graph.correct === null ? [graph.loss] : [graph.loss, graph.correct]).map(value));
  return splitGraph(whole, new Set([pointName, ...plain.map(([, name]) => name)]));
}

function toValues([losses, squares, right]: Sums, count: number): PlaneValues {
  const points = losses.length;
  const values: PlaneValues = {
    loss: new Float64Array(points).fill(Number.NaN),
    standardError: new Float64Array(points).fill(Number.NaN),
    accuracy: new Float64Array(points).fill(Number.NaN),
  };
  for (let i = 0; i < points; i++) {
    const measure = toMeasure(losses[i]!, squares[i]!, right[i]!, count);
    if (!Number.isFinite(measure.loss)) continue;
    values.loss[i] = measure.loss;
    values.standardError[i] = measure.standardError;
    values.accuracy[i] = measure.accuracy;
  }
  return values;
}

const zeros = (coordinates: Float64Array) => new Float64Array(coordinates.length / 2);

function sameRows(a: Rows | undefined, b: Rows | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((row, i) => row === b[i]);
}

function sameFloats(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
