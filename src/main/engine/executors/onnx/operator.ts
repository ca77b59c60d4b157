import { type Matrix, productNodes } from '../../graph/prune';
import type { LinearOperator, Rows } from '../../objectives/objective';
import { createBlockSum } from './blockSum';
import { splitGraph, valuesPerRow } from './graphBuilder';
import { type Loaded, rowsPerChunk, toFloats } from './loaded';
import { inputNames, writeProgram } from './programs';
import type { Tensors } from './runtime';

/** Results of the primal passes are kept between products up to this size, else computed again for each. */
const keptBytes = 256 * 2 ** 20;

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
  const { primal: before, tangent } = productNodes(graph, matrix);
  const whole = writeProgram(network, graph.products, gathered, [...before, ...tangent]);
  const { fixed, moving } = splitGraph(whole, new Set(graph.tangents.map((_, i) => inputNames.tangent(i))));
  const keep = 4 * count * valuesPerRow(fixed.outputs) <= keptBytes;
  const names = whole.outputs.map(({ name }) => name);

  const common: Tensors = {
    ...loaded.point(params, state.slice()),
    [inputNames.scale]: runtime.floats(Float32Array.of(1 / count), []),
  };
  const chunks = loaded.chunks(rows, rowsPerChunk(whole)).map(({ feeds }): Tensors => ({ ...common, ...feeds }));
  if (keep && fixed.outputs.length > 0) {
    const primal = await loaded.program(`${matrix} primal ${gathered}`, () => fixed);
    for (const [i, feeds] of chunks.entries()) {
      const results = await primal.run(feeds);
      const kept = fixed.outputs.map(({ name }, j) => [name, results[j]!] as const);
      chunks[i] = { ...feeds, ...Object.fromEntries(kept) };
    }
  }
  const program = await loaded.program(`${matrix} product ${keep} ${gathered}`, () => (keep ? moving : whole));

  return {
    size: dimension,
    async apply(v, out) {
      if (chunks.length === 0) throw new Error('the operator is disposed');
      const direction = loaded.direction(toFloats(loaded, v));
      const sum = createBlockSum(loaded, names, out, v);
      for (const feeds of chunks) await program.run({ ...feeds, ...direction }, sum.next());
      sum.finish();
    },
    dispose() {
      chunks.length = 0;
    },
  };
}
