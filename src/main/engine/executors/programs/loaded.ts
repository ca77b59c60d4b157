import { cooperate } from '../../cooperate';
import { fillMask } from '../../graph/dropoutMask';
import type { Network, TensorId } from '../../graph/ir';
import type { Rows, Vector } from '../../objectives/objective';
import { checkBatch } from '../checkBatch';
import type { ExampleSet } from '../executor';
import { type ProgramGraph, type ProgramValue, rowCount, valuesPerRow } from './graphBuilder';
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
  /** @throws RangeError, UserError where the rows cannot be used */
  select(rows: Rows | undefined): Selection;
  /** Where the floats of `count` rows are written, again and again: read them before the next `await`. */
  rowResults(values: readonly ProgramValue[], count: number): Tensors;
  release(): Promise<void>;
}

/** The examples of a command. */
export interface Selection {
  readonly count: number;
  /** Whether programs choose them by number; rows that follow one another are read where they lie. */
  readonly gathered: boolean;
  /** In chunks of at most `size`, each as the feeds of a program; all at once where rows are coupled. */
  chunks(size: number): Iterable<Chunk>;
  /** Uses each chunk and disposes of it. */
  sweep(size: number, use: (chunk: Chunk) => Promise<void>): Promise<void>;
}

export interface Chunk {
  readonly feeds: Tensors;
  readonly start: number;
  readonly count: number;
  dispose(): void;
}

const chunkBytes = 64 * 2 ** 20;
const chunkRows = new WeakMap<ProgramGraph, number>();

/** As many examples as keep the intermediate results of a program within 64 MiB. */
export function rowsPerChunk(graph: ProgramGraph): number {
  let rows = chunkRows.get(graph);
  if (rows === undefined) {
    rows = Math.max(1, Math.floor(chunkBytes / (4 * Math.max(1, valuesOfRow(graph)))));
    chunkRows.set(graph, rows);
  }
  return rows;
}

/** How many numbers the nodes of a program give for one row. */
export function valuesOfRow({ nodes }: ProgramGraph): number {
  return valuesPerRow(nodes.flatMap(({ outputs }) => outputs));
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
  const results = new Map<string, Tensors>();
  const onesOf = new Map<number, Tensor>();
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
  /** [1, count] */
  const ones = (count: number): Tensor => {
    if (released) throw new Error('the objective is disposed');
    const known = onesOf.get(count) ?? runtime.constant(new Float32Array(count).fill(1), [1, count]);
    onesOf.set(count, known);
    return known;
  };
  /** @param chosen by number; null: `count` of them from `first` on */
  const feedsOf = (chosen: Rows | null, first: number, count: number): { kept: Tensors; own: Tensors } => {
    const kept = { [inputNames.ones]: ones(count) };
    if (chosen !== null) {
      return {
        kept: { ...kept, [inputNames.everyX]: every.x, [inputNames.everyTarget]: every.target },
        own: { [inputNames.rows]: runtime.constant(chosen, [count]) },
      };
    }
    if (count === data.examples) {
      return { kept: { ...kept, [inputNames.x]: every.x, [inputNames.target]: every.target }, own: {} };
    }
    return {
      kept,
      own: {
        [inputNames.x]: examplesOf(graph.input, data.x, first, count),
        [inputNames.target]: examplesOf(graph.target, data.y, first, count),
      },
    };
  };
  const select = (rows: Rows | undefined): Selection => {
    if (rows !== undefined) checkRows(rows, data.examples);
    const total = rows?.length ?? data.examples;
    checkBatch(network, total);
    const first = rows === undefined ? 0 : startOfRun(rows);

    function* chunks(size: number): Generator<Chunk> {
      const length = network.coupled ? total : size;
      // One set of masks for all chunks, whatever is drawn meanwhile.
      const drawn = draw;
      for (let start = 0; start < total; start += length) {
        const count = Math.min(length, total - start);
        const chosen = first === null ? rows!.subarray(start, start + count) : null;
        const from = (first ?? 0) + start;
        const { kept, own: examples } = feedsOf(chosen, from, count);
        const own =
          graph.masks.length === 0
            ? examples
            : { ...examples, ...masksOf(chosen ?? Int32Array.from({ length: count }, (_, j) => from + j), drawn) };
        yield { start, count, feeds: { ...kept, ...own }, dispose: () => disposeAll(own) };
      }
    }

    return {
      count: total,
      gathered: first === null,
      chunks,
      async sweep(size, use) {
        const turn = cooperate();
        for (const chunk of chunks(size)) {
          try {
            await use(chunk);
          } finally {
            chunk.dispose();
          }
          await turn();
        }
      },
    };
  };

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

    select,
    rowResults(values, count) {
      const key = `${values.map(({ name }) => name)} ${count}`;
      let tensors = results.get(key);
      if (tensors === undefined) {
        const floats = values.filter(({ type, shape }) => type === 'float32' && shape[0] === rowCount);
        tensors = Object.fromEntries(
          floats.map(({ name, shape }) => {
            const sizes = [count, ...(shape.slice(1) as number[])];
            return [name, runtime.floats(new Float32Array(sizes.reduce((x, y) => x * y)), sizes)];
          }),
        );
        results.set(key, tensors);
      }
      return tensors;
    },

    async release() {
      released = true;
      const all = [...programs.values()];
      programs.clear();
      disposeAll(every);
      for (const tensor of onesOf.values()) tensor.dispose();
      onesOf.clear();
      results.clear();
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

/** The first of rows that follow one another, else null. */
function startOfRun(rows: Rows): number | null {
  const first = rows[0]!;
  for (let i = 1; i < rows.length; i++) if (rows[i] !== first + i) return null;
  return first;
}

/** Whether a library can read and write the vector where it is. */
export const canBeReadInPlace = (vector: Vector): vector is Float32Array =>
  vector instanceof Float32Array && vector.buffer instanceof ArrayBuffer;

/** The vector itself where the library can read it in place, else a copy in float32, in `spare` where that is given. */
export function toFloats({ dimension }: Loaded, vector: Vector, spare?: Float32Array): Float32Array {
  if (vector.length !== dimension) {
    throw new RangeError(`${vector.length} parameters given, the network has ${dimension}`);
  }
  if (canBeReadInPlace(vector)) return vector;
  if (spare === undefined) return new Float32Array(vector);
  spare.set(vector);
  return spare;
}
