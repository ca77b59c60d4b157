import type { Graph, TensorId } from '../../graph/ir';
import type { PlaneTile, PlaneValues, Rows } from '../../objectives/objective';
import { emitNodes } from './emit';
import { createGraphBuilder, type OnnxValue, rowCount, type SplitGraph, splitGraph } from './graphBuilder';
import { type LinearSplit, splitLinear } from './linear';
import { type Chunk, type Loaded, toFloats } from './loaded';
import { inputNames, writeProgram } from './programs';
import { rowsPerChunk, type Tensor, type Tensors } from './runtime';
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
  const { network, dimension, runtime } = loaded;
  const { graph, layout } = network;
  const split = splitLinear(graph, graph.correct === null ? [graph.loss] : [graph.loss, graph.correct]);
  const bytesPerRow = 12 * split.linear.reduce((sum, id) => sum + graph.tensors[id]!.size, 0);
  const { lanes } = runtime;
  const pointGraphs = writePoints(graph, split, lanes);
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

  /** As many points at once as there are lanes; what is left over in the last turn repeats its last point. */
  const addPoints = async (plane: Omit<KeptPlane, 'slices'>, slice: Slice, points: Float64Array, sums: Sums) => {
    const program = await loaded.program('points', () => pointGraphs.moving, lanes);
    const [origin, d1, d2] = plane.vectors as [Float32Array, Float32Array, Float32Array];
    const feeds: Record<string, Tensor> = { ...slice.feeds, ...loaded.stateFeeds() };
    const theta = Array.from({ length: lanes }, (_, lane) => {
      const params = new Float32Array(dimension);
      const blocks = Object.values(loaded.direction(params));
      for (const i of split.parameters) feeds[laneName(lane, inputNames.parameter(i))] = blocks[i]!;
      const point = Float32Array.of(1, 0, 0);
      feeds[laneName(lane, pointName)] = runtime.floats(point, [1, 3]);
      return { params, point };
    });
    const into = loaded.rowResults(program.graph.outputs, slice.count);
    const results = program.graph.outputs.map(({ name }) => into[name]!.data as Float32Array);
    const perLane = results.length / lanes;
    const count = points.length / 2;
    for (let first = 0; first < count; first += lanes) {
      for (const [lane, { params, point }] of theta.entries()) {
        const i = Math.min(first + lane, count - 1);
        const a = points[2 * i]!;
        const b = points[2 * i + 1]!;
        point[1] = a;
        point[2] = b;
        for (const block of split.parameters) {
          const { offset, size } = layout[block]!;
          for (let j = offset; j < offset + size; j++) params[j] = origin[j]! + a * d1[j]! + b * d2[j]!;
        }
      }
      await program.run(feeds, into);
      for (let lane = 0; lane < Math.min(lanes, count - first); lane++) {
        const losses = results[perLane * lane]!;
        const right = perLane === 1 ? undefined : results[perLane * lane + 1];
        sums[0][first + lane]! += sumOf(losses);
        sums[1][first + lane]! += sumOfSquares(losses);
        sums[2][first + lane]! += right === undefined ? Number.NaN : sumOf(right);
      }
    }
  };

  return {
    async values({ origin, d1, d2, coordinates }, rows) {
      const { count } = loaded.select(rows);
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
      const { chunks: chunksOf, gathered } = loaded.select(plane.rows);
      const chunks = chunksOf(Math.min(sliceRows, rowsPerChunk(pointGraphs.moving)));
      const keep = bytesPerRow * count <= keptBytes;
      const slices: Slice[] = [...plane.slices];
      const sums: Sums = [zeros(coordinates), zeros(coordinates), zeros(coordinates)];
      for (const [i, chunk] of chunks.entries()) {
        const slice = slices[i] ?? (await makeSlice(plane.vectors, chunk, gathered));
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

/** The name of an input that is another in each lane. */
const laneName = (lane: number, name: string) => `${name} of ${lane}`;

/**
 * Losses and right answers of `lanes` points, each from its 1, a, b and parameters that remain and the stacks of all;
 * split off is what is the same at every point.
 */
function writePoints(graph: Graph, split: LinearSplit, lanes: number): SplitGraph {
  const builder = createGraphBuilder();
  const shared = new Map<TensorId, OnnxValue>();
  const stacks = split.linear.map((id) => builder.input(stackName(id), 'float32', [3, `values${id}`]));
  for (const id of split.constant) {
    shared.set(id, builder.input(constantName(graph, id), 'float32', [rowCount, ...graph.tensors[id]!.shape]));
  }
  const buffers = graph.buffers.map((id, i) =>
    builder.input(inputNames.buffer(i), 'float32', graph.tensors[id]!.shape),
  );
  graph.buffers.forEach((id, i) => {
    shared.set(id, buffers[i]!);
  });

  const moving = new Set(buffers.map(({ name }) => name));
  const input = (lane: number, name: string, shape: readonly number[]): OnnxValue => {
    const value = builder.input(laneName(lane, name), 'float32', shape);
    moving.add(value.name);
    return value;
  };
  const outputs = Array.from({ length: lanes }, (_, lane) => {
    const given = new Map(shared);
    const point = input(lane, pointName, [1, 3]);
    split.linear.forEach((id, i) => {
      const { shape } = graph.tensors[id]!;
      const flat = builder.node('MatMul', [point, stacks[i]!], { shape: [1, `values${id}`] });
      const sizes = builder.constant('int64', [shape.length + 1], [-1, ...shape]);
      given.set(id, builder.node('Reshape', [flat, sizes], { shape: [rowCount, ...shape] }));
    });
    for (const i of split.parameters) {
      const id = graph.parameters[i]!;
      given.set(id, input(lane, inputNames.parameter(i), graph.tensors[id]!.shape));
    }
    const value = emitNodes(builder, graph, split.rest, given, null);
    return (graph.correct === null ? [graph.loss] : [graph.loss, graph.correct]).map(value);
  });
  return splitGraph(builder.graph(outputs.flat()), moving);
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
