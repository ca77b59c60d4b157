import type { TensorId } from '../../graph/ir';
import type { Objective, Rows, Vector } from '../../objectives/objective';
import { createBlockSum } from './blockSum';
import { type Loaded, rowsPerChunk, toFloats } from './loaded';
import { createOperators } from './operator';
import { createPlane } from './plane';
import { inputNames, writeProgram } from './programs';
import type { Program } from './runtime';
import { addMeasure, noLosses, sumOf, toMeasure } from './statistics';

const nameOf = ({ name }: { readonly name: string }) => name;

/** The mean loss of a network over examples: each command one run of a program for each chunk of the examples. */
export function createProgramObjective(loaded: Loaded, executor: string): Objective {
  const { network, data, dimension, state, runtime } = loaded;
  const { graph, layout } = network;
  const plane = createPlane(loaded);

  const programOf = (outputs: readonly TensorId[], gathered: boolean): Promise<Program> =>
    loaded.program(`${outputs} ${gathered}`, () => writeProgram(runtime, network, outputs, gathered));
  const scale = (count: number) => ({ [inputNames.scale]: runtime.floats(Float32Array.of(1 / count), []) });

  /** Σℓ, Σℓ² and the number right. */
  const sums = async (outputs: readonly TensorId[], params: Vector, rows: Rows | undefined) => {
    const { count, gathered, sweep } = loaded.select(rows);
    const program = await programOf(outputs, gathered);
    const point = loaded.point(toFloats(loaded, params));
    const total = noLosses();
    await sweep(rowsPerChunk(program.graph), async ({ feeds, count: rowsHere }) => {
      const results = await program.run({ ...point, ...feeds }, loaded.rowResults(program.graph.outputs, rowsHere));
      addMeasure(total, results, 0, rowsHere);
    });
    return { ...total, count };
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

    async gradient(params, out, rows, isLossWanted = true) {
      const { count, gathered, sweep } = loaded.select(rows);
      const program = await programOf([...graph.gradients, ...(isLossWanted ? [graph.loss] : [])], gathered);
      const common = { ...loaded.point(toFloats(loaded, params)), ...scale(count) };
      const { outputs } = program.graph;
      const gradients = outputs.slice(0, layout.length).map(nameOf);
      const sum = createBlockSum(loaded, gradients, out, params);
      let total = isLossWanted ? 0 : Number.NaN;
      await sweep(rowsPerChunk(program.graph), async ({ feeds, count: rowsHere }) => {
        const into = { ...sum.next(), ...loaded.rowResults(outputs.slice(layout.length), rowsHere) };
        const results = await program.run({ ...common, ...feeds }, into);
        if (isLossWanted) total += sumOf(results.at(-1)!.data as Float32Array);
      });
      sum.finish();
      return total / count;
    },

    hessian: (params, rows) => operator('hessian', params, rows),
    gaussNewton: (params, rows) => operator('gaussNewton', params, rows),

    async measure(params, rows) {
      const outputs = graph.correct === null ? [graph.loss] : [graph.loss, graph.correct];
      const { losses, squares, right, count } = await sums(outputs, params, rows);
      return toMeasure({ losses, squares, right }, count);
    },

    async plane(tile, rows) {
      return plane.values(tile, rows);
    },

    ...(!network.coupled && {
      async exampleGradients(params: Vector, rows?: Rows) {
        const { count, gathered, sweep } = loaded.select(rows);
        const out = new Float32Array(count * dimension);
        const program = await programOf(graph.gradients, gathered);
        const common = { ...loaded.point(toFloats(loaded, params)), ...scale(1) };
        const gradients = program.graph.outputs.map(nameOf);
        await sweep(1, async ({ feeds, start }) => {
          const row = out.subarray(start * dimension, (start + 1) * dimension);
          await program.run({ ...common, ...feeds }, loaded.into(gradients, row));
        });
        return out;
      },
    }),
    ...(graph.masks.length > 0 && { redraw: loaded.redraw }),
    ...(state.length > 0 && { buffers: state }),
    ...(graph.statistics.length > 0 && {
      async statistics(params: Vector, rows?: Rows) {
        const { gathered, sweep } = loaded.select(rows);
        const program = await programOf(graph.statistics, gathered);
        const point = loaded.point(toFloats(loaded, params));
        const out = new Float32Array(state.length);
        await sweep(data.examples, async ({ feeds }) => {
          const results = await program.run({ ...point, ...feeds });
          network.buffers.forEach(({ offset }, i) => {
            out.set(results[i]!.data as Float32Array, offset);
            results[i]!.dispose();
          });
        });
        return out;
      },
    }),

    dispose() {
      plane.dispose();
      void loaded.release();
    },
  };
}
