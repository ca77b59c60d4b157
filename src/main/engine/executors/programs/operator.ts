import type { LinearOperator, Rows } from '../../objectives/objective';
import { createBlockSum } from './blockSum';
import { splitGraph, valuesPerRow } from './graphBuilder';
import { type Loaded, rowsPerChunk, toFloats } from './loaded';
import { inputNames, writeGaussNewton, writeProgram } from './programs';
import type { Tensors } from './runtime';

/** Results of the primal passes are kept between products up to this size, else computed again for each. */
const keptBytes = 256 * 2 ** 20;

/** Products with the Hessian (Pearlmutter's R-operator) or the Gauss–Newton matrix. */
export type Matrix = 'hessian' | 'gaussNewton';

/**
 * v ↦ Av at fixed parameters. What does not depend on v runs once, the rest for each v.
 *
 * @param params belong to the operator, as do the rows
 */
export async function createOperator(
  loaded: Loaded,
  matrix: Matrix,
  params: Float32Array,
  rows: Rows | undefined,
): Promise<LinearOperator> {
  const { network, dimension, runtime, state } = loaded;
  const { graph } = network;
  const gathered = rows !== undefined;
  const count = loaded.count(rows);
  const whole =
    matrix === 'hessian'
      ? writeProgram(runtime, network, graph.products, gathered)
      : writeGaussNewton(runtime, network, gathered);
  const { fixed, moving } = splitGraph(whole, new Set(graph.tangents.map((_, i) => inputNames.tangent(i))));
  const keep = 4 * count * valuesPerRow(fixed.outputs) <= keptBytes;
  const names = whole.outputs.map(({ name }) => name);

  const common: Tensors = {
    ...loaded.point(params, state.slice()),
    [inputNames.scale]: runtime.floats(Float32Array.of(1 / count), []),
  };
  const primal =
    keep && fixed.outputs.length > 0 ? await loaded.program(`${matrix} primal ${gathered}`, () => fixed) : null;
  const program = await loaded.program(`${matrix} product ${keep} ${gathered}`, () => (keep ? moving : whole));
  const chunks: Tensors[] = [];
  const kept: { dispose(): void }[] = [];
  const dispose = (): void => {
    chunks.length = 0;
    for (const item of kept.splice(0)) item.dispose();
  };
  try {
    for (const chunk of loaded.chunks(rows, rowsPerChunk(whole))) {
      kept.push(chunk);
      const feeds = { ...common, ...chunk.feeds };
      const results = primal === null ? [] : await primal.run(feeds);
      kept.push(...results);
      chunks.push({ ...feeds, ...Object.fromEntries(results.map((result, i) => [fixed.outputs[i]!.name, result])) });
    }
  } catch (error) {
    dispose();
    throw error;
  }

  return {
    size: dimension,
    async apply(v, out) {
      if (chunks.length === 0) throw new Error('the operator is disposed');
      const direction = loaded.direction(toFloats(loaded, v));
      const sum = createBlockSum(loaded, names, out, v);
      for (const feeds of chunks) await program.run({ ...feeds, ...direction }, sum.next());
      sum.finish();
    },
    dispose,
  };
}
