import type { TensorId } from '../../graph/ir';
import type { Objective, Rows, Vector } from '../../objectives/objective';
import { createBlockSum } from './blockSum';
import { type Loaded, toFloats } from './loaded';
import { createOperators } from './operator';
import { createPlane } from './plane';
import { inputNames, writeProgram } from './programs';
import type { Program } from './runtime';
import { sumOf, sumOfSquares, toMeasure } from './statistics';

const nameOf = ({ name }: { readonly name: string }) => name;

/** The mean loss of a network over examples: each command one run of an ONNX graph for each chunk of the examples. */
export function createOnnxObjective(loaded: Loaded, executor: string): Objective {
  const { network, data, dimension, state, runtime } = loaded;
  const { graph, layout } = network;
  const plane = createPlane(loaded);

  const programOf = (outputs: readonly TensorId[], gathered: boolean): Promise<Program> => {
    return loaded.program(`${outputs} ${gathered}`, () => writeProgram(network, outputs, gathered));
  };
  const scale = (count: number) => ({ [inputNames.scale]: runtime.floats(Float32Array.of(1 / count), []) });

  /** Σℓ, Σℓ² and the number right. */
  const sums = async (outputs: readonly TensorId[], params: Vector, rows: Rows | undefined) => {
    const { count, gathered, chunks } = loaded.select(rows);
    const program = await programOf(outputs, gathered);
    const point = loaded.point(toFloats(loaded, params));
    const total = { losses: 0, squares: 0, right: 0, count };
    for (const { feeds, count: rowsHere } of chunks(program.rowsPerChunk)) {
      const into = loaded.rowResults(program.graph.outputs, rowsHere);
      const [losses, right] = (await program.run({ ...point, ...feeds }, into)).map(
        (tensor) => tensor.data as Float32Array,
      );
      total.losses += sumOf(losses!);
      total.squares += sumOfSquares(losses!);
      total.right += right === undefined ? Number.NaN : sumOf(right);
    }
    return total;
  };

  const operator = createOperators(loaded);

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
      const { count, gathered, chunks } = loaded.select(rows);
      const program = await programOf([graph.loss, ...graph.gradients], gathered);
      const common = { ...loaded.point(toFloats(loaded, params)), ...scale(count) };
      const [loss, ...gradients] = program.graph.outputs;
      const sum = createBlockSum(loaded, gradients.map(nameOf), out, params);
      let total = 0;
      for (const { feeds, count: rowsHere } of chunks(program.rowsPerChunk)) {
        const into = { ...sum.next(), ...loaded.rowResults([loss!], rowsHere) };
        const [losses] = await program.run({ ...common, ...feeds }, into);
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
      return plane.values(tile, rows);
    },

    ...(!network.coupled && {
      async exampleGradients(params: Vector, rows?: Rows) {
        const { count, gathered, chunks } = loaded.select(rows);
        const out = new Float32Array(count * dimension);
        const program = await programOf(graph.gradients, gathered);
        const common = { ...loaded.point(toFloats(loaded, params)), ...scale(1) };
        const gradients = program.graph.outputs.map(nameOf);
        for (const { feeds, start } of chunks(1)) {
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
        const { gathered, chunks } = loaded.select(rows);
        const program = await programOf(graph.statistics, gathered);
        const [chunk] = chunks(data.examples);
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
