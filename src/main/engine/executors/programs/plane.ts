import type { Graph, TensorId } from '../../graph/ir';
import type { PlaneTile, PlaneValues, Rows } from '../../objectives/objective';
import { emitNodes } from './emit';
import { createGraphBuilder, type ProgramValue, rowCount, type SplitGraph, splitGraph } from './graphBuilder';
import { type LinearSplit, splitLinear } from './linear';
import { type Chunk, disposeAll, type Loaded, rowsPerChunk, toFloats, valuesOfRow } from './loaded';
import { inputNames, writeProgram } from './programs';
import type { Runtime, Tensor, Tensors } from './runtime';
import { addMeasure, type LossSums, noLosses, toMeasure } from './statistics';

/** Values on planes of parameters; keeps what the points of one plane and rows share. */
export interface PlaneEvaluator {
  values(tile: PlaneTile, rows?: Rows): Promise<PlaneValues>;
  dispose(): void;
}

/** Examples are taken in slices whose shared products fit in this, so that they stay in cache from point to point. */
const sliceBytes = 8 * 2 ** 20;
/** Slices are kept between tiles up to this size in all, else made anew for each tile. */
const keptBytes = 256 * 2 ** 20;

/** A run does as many points as compute this many values in all, some 10 ms of work. */
const runValues = 8 * 2 ** 20;
const maximumLanes = 16;

/** Some examples with everything about them that no point changes. */
interface Slice {
  readonly feeds: Tensors;
  readonly count: number;
  /** What runs of so many points read besides. */
  readonly byLanes: Map<number, Promise<Tensors>>;
  dispose(): void;
}

type PlaneVectors = readonly [origin: Float32Array, d1: Float32Array, d2: Float32Array];

/** The slices of a plane, and copies of what they were made from. */
interface KeptPlane {
  readonly vectors: PlaneVectors;
  readonly rows: Rows | undefined;
  /** Of the dropout masks. */
  readonly draw: number;
  /** Made by the first command that keeps them. */
  slices: Promise<readonly Slice[]> | null;
  /** Commands that read the slices. */
  users: number;
}

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
  const bytesPerRow = 12 * split.linear.reduce((sum, id) => sum + graph.tensors[id]!.size, 0);
  const written = new Map<number, SplitGraph>();
  /** The graph of a run of so many points. */
  const graphsOf = (lanes: number): SplitGraph => {
    const graphs = written.get(lanes) ?? writePoints(runtime, graph, split, lanes);
    written.set(lanes, graphs);
    return graphs;
  };
  let kept: KeptPlane | null = null;

  /** What is linear in θ, three times over, and what does not depend on it. */
  const share = async (vectors: readonly Float32Array[], chunk: Chunk, gathered: boolean): Promise<Tensors> => {
    const given = [...graph.masks.map(({ tensor }) => tensor), ...(gathered ? [] : [graph.input, graph.target])];
    const constant = constants.filter((id) => !given.includes(id));
    if (split.linear.length + constant.length === 0) return {};
    const program = await loaded.program(`shared ${gathered}`, () =>
      writeProgram(runtime, network, [...split.linear, ...constant], gathered),
    );
    const names = program.graph.outputs.map(({ name }) => name);
    const stacks = split.linear.map((id) => new Float32Array(3 * chunk.count * graph.tensors[id]!.size));
    let shared: Tensors = {};
    for (const [k, vector] of vectors.entries()) {
      const into = stacks.map((stack, i): [string, Tensor] => {
        const length = stack.length / 3;
        const { shape } = graph.tensors[split.linear[i]!]!;
        return [names[i]!, runtime.floats(stack.subarray(k * length, (k + 1) * length), [chunk.count, ...shape])];
      });
      const results = await program.run({ ...loaded.point(vector), ...chunk.feeds }, Object.fromEntries(into));
      const constants = results.slice(stacks.length);
      // Kept of the last run only, after which nothing can fail.
      if (k < vectors.length - 1) for (const same of constants) same.dispose();
      else shared = Object.fromEntries(constant.map((id, i) => [constantName(graph, id), constants[i]!]));
    }
    const whole = stacks.map((stack, i): [string, Tensor] => [
      stackName(split.linear[i]!),
      runtime.constant(stack, [3, stack.length / 3]),
    ]);
    return { ...shared, ...Object.fromEntries(whole) };
  };

  const makeSlice = async (vectors: readonly Float32Array[], chunk: Chunk, gathered: boolean): Promise<Slice> => {
    const byLanes: Slice['byLanes'] = new Map();
    try {
      const own = await share(vectors, chunk, gathered);
      return {
        feeds: { ...chunk.feeds, ...own },
        count: chunk.count,
        byLanes,
        dispose() {
          for (const made of byLanes.values()) void made.then(disposeAll, () => undefined);
          disposeAll(own);
          chunk.dispose();
        },
      };
    } catch (error) {
      chunk.dispose();
      throw error;
    }
  };

  /** What the runs of a slice with so many points share. */
  const sharedBy = async ({ feeds }: Slice, lanes: number): Promise<Tensors> => {
    const targets = { [targetsName]: repeated(feeds[inputNames.target]!, lanes) };
    const { fixed } = graphsOf(lanes);
    if (fixed.outputs.length === 0) return targets;
    const program = await loaded.program(`shared by ${lanes}`, () => fixed);
    const results = await program.run({ ...feeds, ...targets });
    return { ...targets, ...Object.fromEntries(fixed.outputs.map(({ name }, i) => [name, results[i]!])) };
  };

  const repeated = (target: Tensor, times: number): Tensor => {
    const data = target.data as Float32Array;
    const all = new Float32Array(times * data.length);
    for (let k = 0; k < times; k++) all.set(data, k * data.length);
    const { size, shape } = graph.tensors[graph.target]!;
    return runtime.constant(all, [all.length / size, ...shape]);
  };

  /** Adds what a slice gives for the points from `first` on, `lanes` at a time while there are so many. */
  const addPoints = async (
    { vectors }: KeptPlane,
    slice: Slice,
    coordinates: Float64Array,
    sums: readonly LossSums[],
    first: number,
    lanes: number,
  ): Promise<number> => {
    const { count, byLanes } = slice;
    const program = await loaded.program(`points ${lanes}`, () => graphsOf(lanes).moving);
    const shared = byLanes.get(lanes) ?? sharedBy(slice, lanes);
    byLanes.set(lanes, shared);
    const feeds: Record<string, Tensor> = { ...slice.feeds, ...(await shared) };
    const points = Array.from({ length: lanes }, (_, lane) => {
      const theta = new Float32Array(dimension);
      const factors = Float32Array.of(1, 0, 0);
      for (const [name, tensor] of Object.entries(loaded.point(theta))) {
        // The state is the same for all.
        feeds[name] = tensor;
        feeds[laneName(lane, name)] = tensor;
      }
      feeds[laneName(lane, pointName)] = runtime.floats(factors, [1, 3]);
      return { theta, factors };
    });
    const into = loaded.rowResults(program.graph.outputs, lanes * count);
    let next = first;
    for (; next + lanes <= sums.length; next += lanes) {
      for (const [lane, { theta, factors }] of points.entries()) {
        const a = coordinates[2 * (next + lane)]!;
        const b = coordinates[2 * (next + lane) + 1]!;
        factors[1] = a;
        factors[2] = b;
        for (const block of split.parameters) formBlock(theta, vectors, layout[block]!, a, b);
      }
      const results = await program.run(feeds, into);
      for (let lane = 0; lane < lanes; lane++) addMeasure(sums[next + lane]!, results, lane * count, count);
    }
    return next;
  };

  /** All points on one slice: as many as fit in each run, then the rest one by one. */
  const addSlice = async (
    plane: KeptPlane,
    slice: Slice,
    coordinates: Float64Array,
    sums: readonly LossSums[],
  ): Promise<void> => {
    const values = valuesOfRow(graphsOf(1).moving) * slice.count;
    const lanes = Math.max(1, Math.min(maximumLanes, Math.floor(runValues / values)));
    const done = lanes > sums.length ? 0 : await addPoints(plane, slice, coordinates, sums, 0, lanes);
    if (done < sums.length) await addPoints(plane, slice, coordinates, sums, done, 1);
  };

  const makeSlices = async ({ vectors, rows }: KeptPlane, size: number): Promise<readonly Slice[]> => {
    const slices: Slice[] = [];
    try {
      const { chunks, gathered } = loaded.select(rows);
      for (const chunk of chunks(size)) slices.push(await makeSlice(vectors, chunk, gathered));
    } catch (error) {
      for (const slice of slices) slice.dispose();
      throw error;
    }
    return slices;
  };
  /** Slices nobody reads any more end. */
  const drop = ({ slices }: KeptPlane): void => {
    void slices?.then(
      (made) => {
        for (const slice of made) slice.dispose();
      },
      () => undefined,
    );
  };
  const forget = (): void => {
    const old = kept;
    kept = null;
    if (old?.users === 0) drop(old);
  };
  const isOf = (plane: KeptPlane, vectors: PlaneVectors, rows: Rows | undefined): boolean =>
    plane.draw === loaded.draw &&
    sameRows(plane.rows, rows) &&
    vectors.every((v, i) => sameFloats(v, plane.vectors[i]!));

  return {
    async values({ origin, d1, d2, coordinates }, rows) {
      const { count, gathered, chunks } = loaded.select(rows);
      const wanted: PlaneVectors = [toFloats(loaded, origin), toFloats(loaded, d1), toFloats(loaded, d2)];
      if (kept !== null && !isOf(kept, wanted, rows)) forget();
      kept ??= {
        vectors: [wanted[0].slice(), wanted[1].slice(), wanted[2].slice()],
        rows: rows?.slice(),
        draw: loaded.draw,
        slices: null,
        users: 0,
      };
      const plane = kept;
      const sliceRows = Math.max(1, Math.floor(sliceBytes / Math.max(1, bytesPerRow)));
      const size = Math.min(sliceRows, rowsPerChunk(graphsOf(1).moving));
      const sums = Array.from({ length: coordinates.length / 2 }, noLosses);
      if (bytesPerRow * count > keptBytes) {
        for (const chunk of chunks(size)) {
          const slice = await makeSlice(plane.vectors, chunk, gathered);
          try {
            await addSlice(plane, slice, coordinates, sums);
          } finally {
            slice.dispose();
          }
        }
        return toValues(sums, count);
      }
      plane.users++;
      try {
        plane.slices ??= makeSlices(plane, size);
        for (const slice of await plane.slices) await addSlice(plane, slice, coordinates, sums);
      } catch (error) {
        if (kept === plane) kept = null;
        throw error;
      } finally {
        plane.users--;
        if (plane !== kept && plane.users === 0) drop(plane);
      }
      return toValues(sums, count);
    },
    dispose: forget,
  };
}

/** θ ← origin + a·d₁ + b·d₂ in one block. */
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
function writePoints(runtime: Runtime, graph: Graph, split: LinearSplit, lanes: number): SplitGraph {
  const builder = createGraphBuilder();
  const moving = new Set<string>();
  const movingInput = (name: string, shape: readonly number[]): ProgramValue => {
    moving.add(name);
    return builder.input(name, 'float32', shape);
  };
  const rowInput = (id: TensorId, name: string) =>
    builder.input(name, 'float32', [rowCount, ...graph.tensors[id]!.shape]);
  const stacks = split.linear.map((id) => builder.input(stackName(id), 'float32', [3, `values${id}`]));
  const shared: (readonly [TensorId, ProgramValue])[] = [
    ...split.constant.map((id) => [id, rowInput(id, constantName(graph, id))] as const),
    ...graph.buffers.map((id, i) => [id, movingInput(inputNames.buffer(i), graph.tensors[id]!.shape)] as const),
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
    return emitNodes(runtime, builder, graph, split.rest, given, null)(graph.prediction);
  });

  const { shape } = graph.tensors[graph.prediction]!;
  const together = builder.node('Concat', predictions, { attributes: { axis: 0 }, shape: [rowCount, ...shape] });
  const outputs = graph.correct === null ? [graph.loss] : [graph.loss, graph.correct];
  const given = new Map([
    [graph.prediction, lanes === 1 ? predictions[0]! : together],
    [graph.target, rowInput(graph.target, targetsName)],
  ]);
  const losses = graph.nodes.filter(({ out }) => outputs.includes(out));
  const value = emitNodes(runtime, builder, graph, losses, given, null);
  return splitGraph(builder.graph(outputs.map(value)), moving);
}

function toValues(sums: readonly LossSums[], count: number): PlaneValues {
  const values: PlaneValues = {
    loss: new Float64Array(sums.length).fill(Number.NaN),
    standardError: new Float64Array(sums.length).fill(Number.NaN),
    accuracy: new Float64Array(sums.length).fill(Number.NaN),
  };
  for (const [i, sum] of sums.entries()) {
    const measure = toMeasure(sum, count);
    if (!Number.isFinite(measure.loss)) continue;
    values.loss[i] = measure.loss;
    values.standardError[i] = measure.standardError;
    values.accuracy[i] = measure.accuracy;
  }
  return values;
}

function sameRows(a: Rows | undefined, b: Rows | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((row, i) => row === b[i]);
}

function sameFloats(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
