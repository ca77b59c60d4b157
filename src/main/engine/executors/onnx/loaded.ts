import { fillMask } from '../../graph/dropoutMask';
import type { Network, TensorId } from '../../graph/ir';
import type { Rows, Vector } from '../../objectives/objective';
import { checkBatch } from '../checkBatch';
import type { ExampleSet } from '../executor';
import { type OnnxGraph, type OnnxValue, rowCount } from './graphBuilder';
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
  program(key: string, write: () => OnnxGraph): Promise<Program>;
  /** θ and the state, each a tensor for every block of its layout, read in place. */
  point(params: Float32Array, state?: Float32Array): Tensors;
  direction(v: Float32Array): Tensors;
  /** Where the blocks of a θ-sized vector are written, by the names of a program's outputs. */
  into(names: readonly string[], vector: Float32Array): Tensors;
  /** @throws RangeError, UserError where the rows cannot be used */
  select(rows: Rows | undefined): Selection;
  /** Where results for each of `count` rows are to be written, those that are floats. */
  rowTensors(values: readonly OnnxValue[], count: number, storage: (length: number) => Float32Array): Tensors;
  /** The same, used again and again: read what is written there before the next `await`. */
  rowResults(values: readonly OnnxValue[], count: number): Tensors;
  /** Storage that is given back with `giveBack` to be lent again: what is freed and allocated anew costs more than its use. */
  lend(length: number): Float32Array;
  giveBack(storage: readonly Float32Array[]): void;
  release(): Promise<void>;
}

/** The examples of a command. */
export interface Selection {
  readonly count: number;
  /** Whether programs choose them by number; rows that follow one another are read where they lie. */
  readonly gathered: boolean;
  /** In chunks of at most `size`, each as the feeds of a program; all at once where rows are coupled. */
  chunks(size: number): Chunk[];
}

export interface Chunk {
  readonly feeds: Tensors;
  readonly start: number;
  readonly count: number;
}

/** What is lent out is kept up to this size when it comes back. */
const idleBytes = 64 * 2 ** 20;

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
  let idle: Float32Array[] = [];
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
    return runtime.floats(values.subarray(start * size, (start + count) * size), [count, ...shape]);
  };
  const every = {
    [inputNames.everyX]: examplesOf(graph.input, data.x, 0, data.examples),
    [inputNames.everyTarget]: examplesOf(graph.target, data.y, 0, data.examples),
  };
  const masksOf = (rows: Rows): Tensors =>
    Object.fromEntries(
      graph.masks.map((mask, i) => {
        const { size, shape } = graph.tensors[mask.tensor]!;
        const factors = new Float32Array(rows.length * size);
        fillMask(mask, size, draw, rows, factors);
        return [inputNames.mask(i), runtime.floats(factors, [rows.length, ...shape])];
      }),
    );
  const rowTensors: Loaded['rowTensors'] = (values, count, storage) => {
    const tensors: Record<string, Tensor> = {};
    for (const { name, type, shape } of values) {
      if (type !== 'float32' || shape[0] !== rowCount) continue;
      const sizes = [count, ...(shape.slice(1) as number[])];
      tensors[name] = runtime.floats(storage(sizes.reduce((a, b) => a * b)), sizes);
    }
    return tensors;
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

    select(rows) {
      if (rows !== undefined) checkRows(rows, data.examples);
      const total = rows?.length ?? data.examples;
      checkBatch(network, total);
      const first = rows === undefined ? 0 : startOfRun(rows);
      const chosen = first === null ? rows! : null;
      return {
        count: total,
        gathered: chosen !== null,
        chunks(size) {
          const length = network.coupled ? total : size;
          return Array.from({ length: Math.ceil(total / length) }, (_, i): Chunk => {
            const start = i * length;
            const count = Math.min(length, total - start);
            const part = chosen?.subarray(start, start + count);
            const from = (first ?? 0) + start;
            const examples =
              part === undefined
                ? {
                    [inputNames.x]: examplesOf(graph.input, data.x, from, count),
                    [inputNames.target]: examplesOf(graph.target, data.y, from, count),
                  }
                : { ...every, [inputNames.rows]: runtime.integers(part) };
            if (graph.masks.length === 0) return { start, count, feeds: examples };
            const numbers = part ?? Int32Array.from({ length: count }, (__, j) => from + j);
            return { start, count, feeds: { ...examples, ...masksOf(numbers) } };
          });
        },
      };
    },

    rowTensors,

    rowResults(values, count) {
      const key = `${values.map(({ name }) => name)} ${count}`;
      let tensors = results.get(key);
      if (tensors === undefined) {
        tensors = rowTensors(values, count, (length) => new Float32Array(length));
        results.set(key, tensors);
      }
      return tensors;
    },

    lend(length) {
      const at = idle.findIndex((storage) => storage.length === length);
      return at === -1 ? new Float32Array(length) : idle.splice(at, 1)[0]!;
    },

    giveBack(storage) {
      if (released) return;
      let bytes = 0;
      idle = [...storage, ...idle].filter(({ byteLength }) => {
        bytes += byteLength;
        return bytes <= idleBytes;
      });
    },

    async release() {
      released = true;
      idle = [];
      results.clear();
      const all = [...programs.values()];
      programs.clear();
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

function checkRows(rows: Rows, examples: number): void {
  if (rows.length === 0) throw new RangeError('a mean needs at least one example');
  for (const row of rows) if (row < 0 || row >= examples) throw new RangeError(`example ${row} of ${examples}`);
}

/** The first of rows that follow one another, else null. */
function startOfRun(rows: Rows): number | null {
  const [first] = rows as unknown as [number];
  for (let i = 1; i < rows.length; i++) if (rows[i] !== first + i) return null;
  return first;
}

/** The vector itself where the library can read it in place, else a copy in float32. */
export function toFloats({ dimension }: Loaded, vector: Vector): Float32Array {
  if (vector.length !== dimension) {
    throw new RangeError(`${vector.length} parameters given, the network has ${dimension}`);
  }
  return vector instanceof Float32Array && vector.buffer instanceof ArrayBuffer ? vector : Float32Array.from(vector);
}
