import type { Graph, TensorId } from '../../graph/ir';
import type { PlaneTile, PlaneValues, Rows } from '../../objectives/objective';
import { emitNodes } from './emit';
import { createGraphBuilder, type ProgramValue, rowCount, type SplitGraph, splitGraph } from './graphBuilder';
import { type LinearSplit, splitLinear } from './linear';
import { type Chunk, disposeAll, type Loaded, rowsPerChunk, toFloats } from './loaded';
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

/** Some examples with everything about them that no point changes. */
interface Slice {
  readonly feeds: Tensors;
  dispose(): void;
}

/** The slices of a plane, and copies of what they were made from. */
interface KeptPlane {
  readonly vectors: readonly Float32Array[];
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
 * product [1, a, b]·[3, …] and the nodes that remain.
 */
export function createPlane(loaded: Loaded): PlaneEvaluator {
  const { network, data, dimension, runtime } = loaded;
  const { graph, layout } = network;
  const split = splitLinear(graph, graph.correct === null ? [graph.loss] : [graph.loss, graph.correct]);
  const bytesPerRow = 12 * split.linear.reduce((sum, id) => sum + graph.tensors[id]!.size, 0);
  const pointGraphs = writePoints(runtime, graph, split);
  let kept: KeptPlane | null = null;

  /** What is linear in θ, three times over, and what does not depend on it. */
  const share = async (vectors: readonly Float32Array[], chunk: Chunk, gathered: boolean): Promise<Tensors> => {
    const given = [...graph.masks.map(({ tensor }) => tensor), ...(gathered ? [] : [graph.input, graph.target])];
    const constant = split.constant.filter((id) => !given.includes(id));
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
    let own: Tensors = {};
    const dispose = (): void => {
      disposeAll(own);
      chunk.dispose();
    };
    try {
      own = await share(vectors, chunk, gathered);
      const { fixed } = pointGraphs;
      if (fixed.outputs.length > 0) {
        const program = await loaded.program('every point', () => fixed);
        const results = await program.run({ ...chunk.feeds, ...own });
        own = { ...own, ...Object.fromEntries(fixed.outputs.map(({ name }, i) => [name, results[i]!])) };
      }
    } catch (error) {
      dispose();
      throw error;
    }
    return { feeds: { ...chunk.feeds, ...own }, dispose };
  };

  const addPoints = async (plane: KeptPlane, slice: Slice, points: Float64Array, sums: readonly LossSums[]) => {
    const program = await loaded.program('points', () => pointGraphs.moving);
    const [origin, d1, d2] = plane.vectors as [Float32Array, Float32Array, Float32Array];
    const theta = new Float32Array(dimension);
    const point = Float32Array.of(1, 0, 0);
    const feeds: Tensors = {
      ...slice.feeds,
      ...loaded.point(theta),
      [pointName]: runtime.floats(point, [1, 3]),
    };
    for (const [i, sum] of sums.entries()) {
      const a = points[2 * i]!;
      const b = points[2 * i + 1]!;
      point[1] = a;
      point[2] = b;
      for (const block of split.parameters) {
        const { offset, size } = layout[block]!;
        for (let j = offset; j < offset + size; j++) theta[j] = origin[j]! + a * d1[j]! + b * d2[j]!;
      }
      addMeasure(sum, await program.run(feeds));
    }
  };

  const makeSlices = async ({ vectors, rows }: KeptPlane, size: number): Promise<readonly Slice[]> => {
    const slices: Slice[] = [];
    try {
      for (const chunk of loaded.chunks(rows, size)) slices.push(await makeSlice(vectors, chunk, rows !== undefined));
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
  const isOf = (plane: KeptPlane, vectors: readonly Float32Array[], rows: Rows | undefined): boolean =>
    plane.draw === loaded.draw &&
    sameRows(plane.rows, rows) &&
    vectors.every((v, i) => sameFloats(v, plane.vectors[i]!));

  return {
    async values({ origin, d1, d2, coordinates }, rows) {
      const count = rows?.length ?? data.examples;
      const wanted = [origin, d1, d2].map((vector) => toFloats(loaded, vector));
      if (kept !== null && !isOf(kept, wanted, rows)) forget();
      kept ??= {
        vectors: wanted.map((vector) => vector.slice()),
        rows: rows?.slice(),
        draw: loaded.draw,
        slices: null,
        users: 0,
      };
      const plane = kept;
      const sliceRows = Math.max(1, Math.floor(sliceBytes / Math.max(1, bytesPerRow)));
      const size = Math.min(sliceRows, rowsPerChunk(pointGraphs.moving));
      const sums = Array.from({ length: coordinates.length / 2 }, noLosses);
      if (bytesPerRow * count > keptBytes) {
        for (const chunk of loaded.chunks(plane.rows, size)) {
          const slice = await makeSlice(plane.vectors, chunk, rows !== undefined);
          try {
            await addPoints(plane, slice, coordinates, sums);
          } finally {
            slice.dispose();
          }
        }
        return toValues(sums, count);
      }
      plane.users++;
      try {
        plane.slices ??= makeSlices(plane, size);
        for (const slice of await plane.slices) await addPoints(plane, slice, coordinates, sums);
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
function writePoints(runtime: Runtime, graph: Graph, split: LinearSplit): SplitGraph {
  const builder = createGraphBuilder();
  const given = new Map<TensorId, ProgramValue>();
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
  const value = emitNodes(runtime, builder, graph, split.rest, given, null);
  const whole = builder.graph((graph.correct === null ? [graph.loss] : [graph.loss, graph.correct]).map(value));
  return splitGraph(whole, new Set([pointName, ...plain.map(([, name]) => name)]));
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
