import type { TensorId } from '../../graph/ir';
import type { Matrix } from '../../graph/prune';
import type { Objective, Rows, Vector } from '../../objectives/objective';
import { createBlockSum } from './blockSum';
import { type Loaded, rowsPerChunk, toFloats } from './loaded';
import { createOperator } from './operator';
import { createPlane } from './plane';
import { inputNames, writeProgram } from './programs';
import type { Program } from './runtime';
import { sumOf, sumOfSquares, toMeasure } from './statistics';

/** The mean loss of a network over examples: each command one run of an ONNX graph for each chunk of the examples. */
export function createOnnxObjective(loaded: Loaded, executor: string): Objective {
  const { network, data, dimension, state, runtime } = loaded;
  const { graph, layout } = network;
  const plane = createPlane(loaded);

  const programOf = (outputs: readonly TensorId[], rows: Rows | undefined): Promise<Program> => {
    const gathered = rows !== undefined;
    return loaded.program(`${outputs} ${gathered}`, () => writeProgram(network, outputs, gathered));
  };
  const scale = (count: number) => ({ [inputNames.scale]: runtime.floats(Float32Array.of(1 / count), []) });

  /** Σℓ, Σℓ² and the number right. */
  const sums = async (outputs: readonly TensorId[], params: Vector, rows: Rows | undefined) => {
    const count = loaded.count(rows);
    const program = await programOf(outputs, rows);
    const point = loaded.point(toFloats(loaded, params));
    const total = { losses: 0, squares: 0, right: 0, count };
    for (const { feeds } of loaded.chunks(rows, rowsPerChunk(program.graph))) {
      const [losses, right] = (await program.run({ ...point, ...feeds })).map((tensor) => tensor.data as Float32Array);
      total.losses += sumOf(losses!);
      total.squares += sumOfSquares(losses!);
      total.right += right === undefined ? Number.NaN : sumOf(right);
    }
    return total;
  };

  const operator = async (matrix: Matrix, params: Vector, rows: Rows | undefined) => {
    loaded.count(rows);
    return createOperator(loaded, matrix, toFloats(loaded, params).slice(), rows?.slice());
  };

  return {
    dimension,
    layout,
    examples: data.examples,
    precision: 'float32',
    executor,
    allocate: () => new Float32Array(dimension),

    async value(params, rows) {
      const { losses, count } = await sums([graph.loss], params, rows);
      return losses / count;
    },

    async gradient(params, out, rows) {
      const count = loaded.count(rows);
      const program = await programOf([graph.loss, ...graph.gradients], rows);
      const common = { ...loaded.point(toFloats(loaded, params)), ...scale(count) };
      const [, ...gradients] = program.graph.outputs.map(({ name }) => name);
      const sum = createBlockSum(loaded, gradients, out, params);
      let total = 0;
      for (const { feeds } of loaded.chunks(rows, rowsPerChunk(program.graph))) {
        const [losses] = await program.run({ ...common, ...feeds }, sum.next());
        total += sumOf(losses!.data as Float32Array);
      }
      sum.finish();
      return total / count;
    },

    hessian: (params, rows) => operator('hessian', params, rows),
    gaussNewton: (params, rows) => operator('gaussNewton', params, rows),

    async measure(params, rows) {
      const outputs = graph.correct === null ? [graph.loss] : [graph.loss, graph.correct];
      const { losses, squares, right, count } = await sums(outputs, params, rows);
      return toMeasure(losses, squares, right, count);
    },

    async plane(tile, rows) {
      loaded.count(rows);
      return plane.values(tile, rows);
    },

    ...(!network.coupled && {
      async exampleGradients(params: Vector, rows?: Rows) {
        const count = loaded.count(rows);
        const out = new Float32Array(count * dimension);
        const program = await programOf([graph.loss, ...graph.gradients], rows);
        const common = { ...loaded.point(toFloats(loaded, params)), ...scale(1) };
        const [, ...gradients] = program.graph.outputs.map(({ name }) => name);
        for (const { feeds, start } of loaded.chunks(rows, 1)) {
          const row = out.subarray(start * dimension, (start + 1) * dimension);
          await program.run({ ...common, ...feeds }, loaded.into(gradients, row));
        }
        return out;
      },
    }),
    ...(graph.masks.length > 0 && { redraw: loaded.redraw }),
    ...(state.length > 0 && { buffers: state }),
    ...(graph.statistics.length > 0 && {
      async statistics(params: Vector, rows?: Rows) {
        loaded.count(rows);
        const program = await programOf(graph.statistics, rows);
        const [chunk] = loaded.chunks(rows, data.examples);
        const results = await program.run({ ...loaded.point(toFloats(loaded, params)), ...chunk!.feeds });
        const out = new Float32Array(state.length);
        network.buffers.forEach(({ offset }, i) => {
          out.set(results[i]!.data as Float32Array, offset);
        });
        return out;
      },
    }),

    dispose() {
      void loaded.release();
    },
  };
}
