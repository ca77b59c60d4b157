import { cooperate } from '../../cooperate';
import { fillMask } from '../../graph/dropoutMask';
import type { Network, TensorId } from '../../graph/ir';
import type { Rows, Vector } from '../../objectives/objective';
import { checkBatch } from '../checkBatch';
import type { ExampleSet } from '../executor';
import { type ProgramGraph, valuesPerRow } from './graphBuilder';
import { inputNames } from './programs';
import type { Program, Runtime, Tensor, Tensors } from './runtime';

/** What the commands of one loaded network share. */
export interface Loaded {
  readonly runtime: Runtime;
  readonly network: Network;
  readonly data: ExampleSet;
  readonly dimension: number;
  /** What the network keeps beside θ, laid out as `Network.buffers`. */
  readonly state: Float32Array;
  /** Which dropout masks chunks have from now on. */
  redraw(draw: number): void;
  readonly draw: number;
  /** A program by its key, written when first asked for. */
  program(key: string, write: () => ProgramGraph): Promise<Program>;
  /** θ and the state, each a tensor for every block of its layout, read in place. */
  point(params: Float32Array, state?: Float32Array): Tensors;
  direction(v: Float32Array): Tensors;
  /** Where the blocks of a θ-sized vector are written, by the names of a program's outputs. */
  into(names: readonly string[], vector: Float32Array): Tensors;
  /** The number of the rows chosen. @throws RangeError, UserError where they cannot be used */
  count(rows: Rows | undefined): number;
  /** The examples in chunks of at most `size`, each as the feeds of a program; all at once where rows are coupled. */
  chunks(rows: Rows | undefined, size: number): Iterable<Chunk>;
  /** Uses each chunk and disposes of it. */
  sweep(rows: Rows | undefined, size: number, use: (chunk: Chunk) => Promise<void>): Promise<void>;
  release(): Promise<void>;
}

export interface Chunk {
  readonly feeds: Tensors;
  readonly start: number;
  readonly count: number;
  dispose(): void;
}

const chunkBytes = 64 * 2 ** 20;

/** As many examples as keep the intermediate results of a program within 64 MiB. */
export function rowsPerChunk({ nodes }: ProgramGraph): number {
  const values = valuesPerRow(nodes.flatMap(({ outputs }) => outputs));
  return Math.max(1, Math.floor(chunkBytes / (4 * Math.max(1, values))));
}

export function load(runtime: Runtime, network: Network, data: ExampleSet): Loaded {
  const { graph, layout } = network;
  const dimension = sizeOf(layout);
  const state = new Float32Array(sizeOf(network.buffers));
  for (const { offset, size, initial } of network.buffers) state.fill(initial, offset, offset + size);
  const parameterNames = layout.map((_, i) => inputNames.parameter(i));
  const tangentNames = layout.map((_, i) => inputNames.tangent(i));
  const bufferNames = network.buffers.map((_, i) => inputNames.buffer(i));
  const programs = new Map<string, Promise<Program>>();
  const views = new WeakMap<Float32Array, Tensor[]>();
  let released = false;
  let draw = 0;

  const blocks = (names: readonly string[], vector: Float32Array, into: Blocks = layout): Tensors => {
    let tensors = views.get(vector);
    if (tensors === undefined) {
      tensors = into.map(({ offset, size, shape }) => runtime.floats(vector.subarray(offset, offset + size), shape));
      views.set(vector, tensors);
    }
    return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
  };
  const examplesOf = (id: TensorId, values: Float32Array, start: number, count: number) => {
    const { size, shape } = graph.tensors[id]!;
    return runtime.constant(values.subarray(start * size, (start + count) * size), [count, ...shape]);
  };
  const every = {
    x: examplesOf(graph.input, data.x, 0, data.examples),
    target: examplesOf(graph.target, data.y, 0, data.examples),
  };
  const masksOf = (rows: Rows, drawn: number): Tensors =>
    Object.fromEntries(
      graph.masks.map((mask, i) => {
        const { size, shape } = graph.tensors[mask.tensor]!;
        const factors = new Float32Array(rows.length * size);
        fillMask(mask, size, drawn, rows, factors);
        return [inputNames.mask(i), runtime.constant(factors, [rows.length, ...shape])];
      }),
    );
  const countOf = (rows: Rows | undefined) => rows?.length ?? data.examples;
  const chunkOf = (rows: Rows | undefined, start: number, count: number, drawn: number): Chunk => {
    const chosen = rows?.subarray(start, start + count);
    let kept: Tensors = {};
    let own: Tensors;
    if (chosen !== undefined) {
      kept = { [inputNames.everyX]: every.x, [inputNames.everyTarget]: every.target };
      own = { [inputNames.rows]: runtime.constant(chosen, [count]) };
    } else if (count === data.examples) {
      kept = { [inputNames.x]: every.x, [inputNames.target]: every.target };
      own = {};
    } else {
      own = {
        [inputNames.x]: examplesOf(graph.input, data.x, start, count),
        [inputNames.target]: examplesOf(graph.target, data.y, start, count),
      };
    }
    if (graph.masks.length > 0) {
      own = { ...own, ...masksOf(chosen ?? Int32Array.from({ length: count }, (_, j) => start + j), drawn) };
    }
    return { start, count, feeds: { ...kept, ...own }, dispose: () => disposeAll(own) };
  };
  function* chunks(rows: Rows | undefined, size: number): Generator<Chunk> {
    const total = countOf(rows);
    const length = network.coupled ? total : size;
    // One set of masks for all chunks, whatever is drawn meanwhile.
    const drawn = draw;
    for (let start = 0; start < total; start += length) {
      yield chunkOf(rows, start, Math.min(length, total - start), drawn);
    }
  }

  return {
    runtime,
    network,
    data,
    dimension,
    state,
    get draw() {
      return draw;
    },
    redraw(to) {
      draw = to;
    },

    program(key, write) {
      if (released) throw new Error('the objective is disposed');
      const program = programs.get(key) ?? runtime.prepare(write());
      programs.set(key, program);
      return program;
    },

    point: (params, given = state) => ({
      ...blocks(parameterNames, params),
      ...(given.length > 0 && blocks(bufferNames, given, network.buffers)),
    }),
    direction: (v) => blocks(tangentNames, v),
    into: blocks,

    count(rows) {
      if (rows !== undefined) checkRows(rows, data.examples);
      checkBatch(network, countOf(rows));
      return countOf(rows);
    },

    chunks,
    async sweep(rows, size, use) {
      const turn = cooperate();
      for (const chunk of chunks(rows, size)) {
        try {
          await use(chunk);
        } finally {
          chunk.dispose();
        }
        await turn();
      }
    },

    async release() {
      released = true;
      const all = [...programs.values()];
      programs.clear();
      disposeAll(every);
      await Promise.all(
        all.map((program) =>
          program.then(
            ({ release }) => release(),
            () => undefined,
          ),
        ),
      );
    },
  };
}

type Blocks = readonly { readonly offset: number; readonly size: number; readonly shape: readonly number[] }[];

const sizeOf = (blocks: Blocks) => blocks.reduce((sum, { size }) => sum + size, 0);

export function disposeAll(tensors: Tensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

function checkRows(rows: Rows, examples: number): void {
  if (rows.length === 0) throw new RangeError('a mean needs at least one example');
  for (const row of rows) if (row < 0 || row >= examples) throw new RangeError(`example ${row} of ${examples}`);
}

/** The vector itself where the library can read it in place, else a copy in float32. */
export function toFloats({ dimension }: Loaded, vector: Vector): Float32Array {
  if (vector.length !== dimension) {
    throw new RangeError(`${vector.length} parameters given, the network has ${dimension}`);
  }
  return vector instanceof Float32Array && vector.buffer instanceof ArrayBuffer ? vector : Float32Array.from(vector);
}
