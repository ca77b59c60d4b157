import type { Network, TensorId } from '../../graph/ir';
import type { Rows } from '../../objectives/objective';
import type { ExampleSet } from '../executor';
import { type OnnxGraph, valuesPerRow } from './graphBuilder';
import { inputNames } from './programs';
import type { Program, Runtime, Tensors } from './runtime';

/** What the commands of one loaded network share. */
export interface Loaded {
  readonly runtime: Runtime;
  readonly network: Network;
  readonly data: ExampleSet;
  readonly dimension: number;
  /** A program by its key, written when first asked for. */
  program(key: string, write: () => OnnxGraph): Promise<Program>;
  /** One tensor for each block of the layout, views of `vector`. */
  blocks(name: (i: number) => string, vector: Float32Array): Tensors;
  /** The examples in chunks of at most `size`, each as the feeds of a program. */
  chunks(rows: Rows | undefined, size: number): Chunk[];
  release(): Promise<void>;
}

export interface Chunk {
  readonly feeds: Tensors;
  readonly count: number;
}

const chunkBytes = 64 * 2 ** 20;

/** As many examples as keep the intermediate results of a program within 64 MiB. */
export function rowsPerChunk({ nodes }: OnnxGraph): number {
  return Math.max(1, Math.floor(chunkBytes / (4 * valuesPerRow(nodes.map(({ output }) => output)))));
}

export function load(runtime: Runtime, network: Network, data: ExampleSet): Loaded {
  const { graph, layout } = network;
  const dimension = layout.reduce((sum, block) => sum + block.size, 0);
  const programs = new Map<string, Promise<Program>>();
  const views = new WeakMap<Float32Array, Map<string, Tensors>>();
  let released = false;

  const examplesOf = (id: TensorId, values: Float32Array, start: number, count: number) => {
    const { size, shape } = graph.tensors[id]!;
    return runtime.floats(values.subarray(start * size, (start + count) * size), [count, ...shape]);
  };
  const every = {
    [inputNames.everyX]: examplesOf(graph.input, data.x, 0, data.examples),
    [inputNames.everyTarget]: examplesOf(graph.target, data.y, 0, data.examples),
  };

  return {
    runtime,
    network,
    data,
    dimension,

    program(key, write) {
      if (released) throw new Error('the objective is disposed');
      const program = programs.get(key) ?? runtime.prepare(write());
      programs.set(key, program);
      return program;
    },

    blocks(name, vector) {
      const known = views.get(vector) ?? new Map<string, Tensors>();
      views.set(vector, known);
      const first = name(0);
      let tensors = known.get(first);
      if (tensors === undefined) {
        tensors = Object.fromEntries(
          layout.map(({ offset, size, shape }, i) => [
            name(i),
            runtime.floats(vector.subarray(offset, offset + size), shape),
          ]),
        );
        known.set(first, tensors);
      }
      return tensors;
    },

    chunks(rows, size) {
      const total = rows?.length ?? data.examples;
      return Array.from({ length: Math.ceil(total / size) }, (_, i): Chunk => {
        const start = i * size;
        const count = Math.min(size, total - start);
        if (rows !== undefined) {
          const numbers = runtime.integers(rows.subarray(start, start + count));
          return { count, feeds: { ...every, [inputNames.rows]: numbers } };
        }
        return {
          count,
          feeds: {
            [inputNames.x]: examplesOf(graph.input, data.x, start, count),
            [inputNames.target]: examplesOf(graph.target, data.y, start, count),
          },
        };
      });
    },

    async release() {
      released = true;
      const all = [...programs.values()];
      programs.clear();
      for (const program of all)
        await program.then(
          ({ release }) => release(),
          () => undefined,
        );
    },
  };
}
