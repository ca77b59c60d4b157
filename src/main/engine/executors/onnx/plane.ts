import type { Graph, TensorId } from '../../graph/ir';
import type { PlaneTile, PlaneValues, Rows } from '../../objectives/objective';
import { emitNodes } from './emit';
import {
  createGraphBuilder,
  type OnnxValue,
  rowCount,
  type SplitGraph,
  splitGraph,
  valuesPerRow,
} from './graphBuilder';
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

/** A run does as many points as compute this many values in all, which is some 10 ms of work. */
const runValues = 8 * 2 ** 20;
const maximumLanes = 16;

/** Some examples with everything about them that no point changes. */
interface Slice {
  readonly feeds: Tensors;
  readonly count: number;
  /** What a run of so many points needs besides. */
  readonly kept: Map<number, Tensors>;
}

type PlaneVectors = readonly [origin: Float32Array, d1: Float32Array, d2: Float32Array];

/** The slices of a plane, and copies of what they were made from. */
interface KeptPlane {
  readonly vectors: PlaneVectors;
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
 * product [1, a, b]·[3, …] and the nodes that remain. Several points make one run, with their losses computed together.
 */
export function createPlane(loaded: Loaded): PlaneEvaluator {
  const { network, dimension, runtime } = loaded;
  const { graph, layout } = network;
  const split = splitLinear(graph, [graph.prediction]);
  const constants = [...new Set([...split.constant, graph.target])];
  const written = new Map<number, SplitGraph>();
  /** The graph of a run of so many points. */
  const graphsOf = (lanes: number): SplitGraph => {
    const graphs = written.get(lanes) ?? writePoints(graph, split, lanes);
    written.set(lanes, graphs);
    return graphs;
  };
  const bytesPerRow = 12 * split.linear.reduce((sum, id) => sum + graph.tensors[id]!.size, 0);
  let kept: KeptPlane | null = null;

  /** What is linear in θ, three times over, and what does not depend on it. */
  const share = async (vectors: readonly Float32Array[], chunk: Chunk, gathered: boolean): Promise<Tensors> => {
    const given = [...graph.masks.map(({ tensor }) => tensor), ...(gathered ? [] : [graph.input, graph.target])];
    const constant = constants.filter((id) => !given.includes(id));
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

  /** What the runs of a slice with so many points share. */
  const keptBy = async ({ feeds, kept: known }: Slice, lanes: number): Promise<Tensors> => {
    let tensors = known.get(lanes);
    if (tensors === undefined) {
      const own = { ...feeds, [targetsName]: repeated(feeds[inputNames.target]!, lanes) };
      const { fixed } = graphsOf(lanes);
      const results =
        fixed.outputs.length === 0 ? [] : await (await loaded.program(`shared by ${lanes}`, () => fixed)).run(own);
      tensors = { ...own, ...Object.fromEntries(fixed.outputs.map(({ name }, i) => [name, results[i]!])) };
      known.set(lanes, tensors);
    }
    return tensors;
  };

  const repeated = (tensor: Tensor, times: number): Tensor => {
    const data = tensor.data as Float32Array;
    const all = new Float32Array(times * data.length);
    for (let k = 0; k < times; k++) all.set(data, k * data.length);
    return runtime.floats(all, [times * tensor.dims[0]!, ...tensor.dims.slice(1)]);
  };

  /** Adds what a slice gives for the points from `first` on, `lanes` at a time while there are so many. */
  const addPoints = async (
    vectors: PlaneVectors,
    slice: Slice,
    coordinates: Float64Array,
    first: number,
    lanes: number,
    sums: Sums,
  ): Promise<number> => {
    const { count } = slice;
    const program = await loaded.program(`points ${lanes}`, () => graphsOf(lanes).moving);
    const feeds: Record<string, Tensor> = { ...(await keptBy(slice, lanes)) };
    const points = Array.from({ length: lanes }, (_, lane) => {
      const theta = loaded.lend(dimension);
      const factors = Float32Array.of(1, 0, 0);
      const parameters = Object.entries(loaded.point(theta));
      for (const [name, tensor] of parameters) feeds[laneName(lane, name)] = tensor;
      feeds[laneName(lane, pointName)] = runtime.floats(factors, [1, 3]);
      return { theta, factors };
    });
    Object.assign(feeds, loaded.point(points[0]!.theta));
    const into = loaded.rowResults(program.graph.outputs, lanes * count);
    const [losses, right] = program.graph.outputs.map(({ name }) => into[name]!.data as Float32Array);
    let next = first;
    for (; next + lanes <= coordinates.length / 2; next += lanes) {
      for (const [lane, { theta, factors }] of points.entries()) {
        const a = coordinates[2 * (next + lane)]!;
        const b = coordinates[2 * (next + lane) + 1]!;
        factors[1] = a;
        factors[2] = b;
        for (const block of split.parameters) formBlock(theta, vectors, layout[block]!, a, b);
      }
      await program.run(feeds, into);
      for (let lane = 0; lane < lanes; lane++) {
        const ofLane = (values: Float32Array) => values.subarray(lane * count, (lane + 1) * count);
        sums[0][next + lane]! += sumOf(ofLane(losses!));
        sums[1][next + lane]! += sumOfSquares(ofLane(losses!));
        sums[2][next + lane]! += right === undefined ? Number.NaN : sumOf(ofLane(right));
      }
    }
    loaded.giveBack(points.map(({ theta }) => theta));
    return next;
  };

  return {
    async values({ origin, d1, d2, coordinates }, rows) {
      const { count } = loaded.select(rows);
      const wanted: PlaneVectors = [toFloats(loaded, origin), toFloats(loaded, d1), toFloats(loaded, d2)];
      const same =
        kept !== null &&
        kept.draw === loaded.draw &&
        sameRows(kept.rows, rows) &&
        wanted.every((v, i) => sameFloats(v, kept!.vectors[i]!));
      const plane = same
        ? kept!
        : {
            vectors: [wanted[0].slice(), wanted[1].slice(), wanted[2].slice()] as const,
            rows: rows?.slice(),
            draw: loaded.draw,
            slices: [],
          };
      const { moving } = graphsOf(1);
      const sliceRows = Math.max(1, Math.floor(sliceBytes / Math.max(1, bytesPerRow)));
      const { chunks: chunksOf, gathered } = loaded.select(plane.rows);
      const chunks = chunksOf(Math.min(sliceRows, rowsPerChunk(moving)));
      const valuesOfPoint = valuesPerRow(moving.nodes.flatMap((node) => node.outputs)) * chunks[0]!.count;
      const lanes = Math.max(1, Math.min(maximumLanes, Math.floor(runValues / valuesOfPoint)));
      const keep = bytesPerRow * count <= keptBytes;
      const slices: Slice[] = [...plane.slices];
      const sums: Sums = [zeros(coordinates), zeros(coordinates), zeros(coordinates)];
      for (const [i, chunk] of chunks.entries()) {
        const slice = slices[i] ?? {
          feeds: { ...chunk.feeds, ...(await share(plane.vectors, chunk, gathered)) },
          count: chunk.count,
          kept: new Map(),
        };
        if (keep) slices[i] = slice;
        let done = 0;
        for (const width of new Set([lanes, 1])) {
          if (done + width > coordinates.length / 2) continue;
          done = await addPoints(plane.vectors, slice, coordinates, done, width, sums);
        }
      }
      kept = { ...plane, slices };
      return toValues(sums, count);
    },
  };
}

/** θ ← origin + a·d₁ + b·d₂ in one block. A function of its own: within one that awaits, the loop runs ten times slower. */
function formBlock(
  theta: Float32Array,
  [origin, d1, d2]: PlaneVectors,
  { offset, size }: { readonly offset: number; readonly size: number },
  a: number,
  b: number,
): void {
  for (let j = offset; j < offset + size; j++) theta[j] = origin[j]! + a * d1[j]! + b * d2[j]!;
}

const stackName = (id: TensorId) => `stack${id}`;
const pointName = 'point';
/** The targets as many times as there are points in a run. */
const targetsName = 'targets';
/** An input that is another for each point of a run. */
const laneName = (lane: number, name: string) => `${name} of ${lane}`;

/** The examples keep their names where they come in order. */
function constantName(graph: Graph, id: TensorId): string {
  if (id === graph.input) return inputNames.x;
  const mask = graph.masks.findIndex(({ tensor }) => tensor === id);
  if (mask !== -1) return inputNames.mask(mask);
  return id === graph.target ? inputNames.target : `constant${id}`;
}

/**
 * Losses and right answers of `lanes` points one after the other, each from its 1, a, b and its values of the parameters
 * that remain, and the stacks; split off is what is the same at every point.
 */
function writePoints(graph: Graph, split: LinearSplit, lanes: number): SplitGraph {
  const builder = createGraphBuilder();
  const moving = new Set<string>();
  const movingInput = (name: string, shape: readonly number[]): OnnxValue => {
    moving.add(name);
    return builder.input(name, 'float32', shape);
  };
  const rowInput = (id: TensorId, name: string) =>
    builder.input(name, 'float32', [rowCount, ...graph.tensors[id]!.shape]);
  const stacks = split.linear.map((id) => builder.input(stackName(id), 'float32', [3, `values${id}`]));
  const shared: [TensorId, OnnxValue][] = [
    ...split.constant.map((id): [TensorId, OnnxValue] => [id, rowInput(id, constantName(graph, id))]),
    ...graph.buffers.map((id, i): [TensorId, OnnxValue] => [
      id,
      movingInput(inputNames.buffer(i), graph.tensors[id]!.shape),
    ]),
  ];

  const predictions = Array.from({ length: lanes }, (_, lane) => {
    const given = new Map(shared);
    const point = movingInput(laneName(lane, pointName), [1, 3]);
    for (const [i, id] of split.linear.entries()) {
      const { shape } = graph.tensors[id]!;
      const flat = builder.node('MatMul', [point, stacks[i]!], { shape: [1, `values${id}`] });
      const sizes = builder.constant('int64', [shape.length + 1], [-1, ...shape]);
      given.set(id, builder.node('Reshape', [flat, sizes], { shape: [rowCount, ...shape] }));
    }
    for (const i of split.parameters) {
      const id = graph.parameters[i]!;
      given.set(id, movingInput(laneName(lane, inputNames.parameter(i)), graph.tensors[id]!.shape));
    }
    return emitNodes(builder, graph, split.rest, given, null)(graph.prediction);
  });

  const { shape } = graph.tensors[graph.prediction]!;
  const together =
    lanes === 1
      ? predictions[0]!
      : builder.node('Concat', predictions, { attributes: { axis: 0 }, shape: [rowCount, ...shape] });
  const outputs = graph.correct === null ? [graph.loss] : [graph.loss, graph.correct];
  const given = new Map([
    [graph.prediction, together],
    [graph.target, rowInput(graph.target, targetsName)],
  ]);
  const value = emitNodes(
    builder,
    graph,
    graph.nodes.filter(({ out }) => outputs.includes(out)),
    given,
    null,
  );
  return splitGraph(builder.graph(outputs.map(value)), moving);
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
