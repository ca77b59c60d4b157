import type { Objective, Rows, Vector } from '../../objectives/objective';
import { createHessian } from './hessian';
import { type Loaded, rowsPerChunk } from './loaded';
import { createPlane } from './plane';
import { inputNames, writeProgram } from './programs';
import { checkRows, createBlockSum, sumOf, toFloats, toMeasure } from './vectors';

/** The mean loss of a network over examples: each command one run of an ONNX graph for each chunk of the examples. */
export function createOnnxObjective(loaded: Loaded, executor: string): Objective {
  const { network, data, dimension } = loaded;
  const { graph, layout } = network;
  const plane = createPlane(loaded);
  const measured = graph.correct === null ? [graph.loss] : [graph.loss, graph.correct];

  return {
    dimension,
    layout,
    examples: data.examples,
    precision: 'float32',
    executor,
    allocate: () => new Float32Array(dimension),

    async value(params, rows) {
      const [losses] = await perExample(loaded, [graph.loss], params, rows);
      return sumOf(losses!) / losses!.length;
    },

    async gradient(params, out, rows) {
      checkRows(rows, data.examples);
      const program = await loaded.program(`gradient ${rows !== undefined}`, () =>
        writeProgram(network, [graph.loss, ...graph.gradients], rows !== undefined),
      );
      const count = rows?.length ?? data.examples;
      const common = {
        ...loaded.blocks(inputNames.parameter, toFloats(params, dimension)),
        [inputNames.scale]: loaded.runtime.floats(Float32Array.of(1 / count), []),
      };
      const [, ...gradients] = program.graph.outputs.map(({ name }) => name);
      const sum = createBlockSum(loaded, gradients, out, params);
      let total = 0;
      for (const chunk of loaded.chunks(rows, rowsPerChunk(program.graph))) {
        const [losses] = await program.run({ ...common, ...chunk.feeds }, sum.next());
        total += sumOf(losses!.data as Float32Array);
      }
      sum.finish();
      return total / count;
    },

    async hessian(params, rows) {
      checkRows(rows, data.examples);
      return createHessian(loaded, toFloats(params, dimension).slice(), rows?.slice());
    },

    async measure(params, rows) {
      const [losses, right] = await perExample(loaded, measured, params, rows);
      return toMeasure(losses!, right ?? null);
    },

    async plane(tile, rows) {
      checkRows(rows, data.examples);
      return plane.values(tile, rows);
    },

    dispose() {
      void loaded.release();
    },
  };
}

/** Values of [N] tensors for every example chosen. */
async function perExample(
  loaded: Loaded,
  outputs: readonly number[],
  params: Vector,
  rows: Rows | undefined,
): Promise<Float32Array[]> {
  checkRows(rows, loaded.data.examples);
  const gathered = rows !== undefined;
  const program = await loaded.program(`${outputs} ${gathered}`, () => writeProgram(loaded.network, outputs, gathered));
  const parameters = loaded.blocks(inputNames.parameter, toFloats(params, loaded.dimension));
  const values = outputs.map(() => new Float32Array(rows?.length ?? loaded.data.examples));
  let start = 0;
  for (const { feeds, count } of loaded.chunks(rows, rowsPerChunk(program.graph))) {
    const results = await program.run({ ...parameters, ...feeds });
    results.forEach((result, i) => {
      values[i]!.set(result.data as Float32Array, start);
    });
    start += count;
  }
  return values;
}
