import type { LinearOperator, Rows, Vector } from '../../objectives/objective';
import { createBlockSum } from './blockSum';
import { type OnnxGraph, type SplitGraph, splitGraph, valuesPerRow } from './graphBuilder';
import { type Loaded, toFloats } from './loaded';
import { inputNames, writeGaussNewton, writeProgram } from './programs';
import { rowsPerChunk, type Tensor, type Tensors } from './runtime';

/** Results of the primal passes are kept between products up to this size, else computed again for each. */
const keptBytes = 256 * 2 ** 20;

/** Products with the Hessian (Pearlmutter's R-operator) or the Gauss–Newton matrix. */
export type Matrix = 'hessian' | 'gaussNewton';

/** The passes of a product: `whole`, and the same split by what depends on the vector. */
interface ProductGraphs extends SplitGraph {
  readonly whole: OnnxGraph;
}

/** Makes v ↦ Av at fixed parameters, which are copied, as are the rows. What does not depend on v runs once. */
export function createOperators(
  loaded: Loaded,
): (matrix: Matrix, params: Vector, rows: Rows | undefined) => Promise<LinearOperator> {
  const { network, dimension, runtime, state } = loaded;
  const { graph } = network;
  const tangents = new Set(graph.tangents.map((_, i) => inputNames.tangent(i)));
  const written = new Map<string, ProductGraphs>();

  const graphsOf = (matrix: Matrix, gathered: boolean): ProductGraphs => {
    const key = `${matrix} ${gathered}`;
    let graphs = written.get(key);
    if (graphs === undefined) {
      const whole =
        matrix === 'hessian' ? writeProgram(network, graph.products, gathered) : writeGaussNewton(network, gathered);
      graphs = { whole, ...splitGraph(whole, tangents) };
      written.set(key, graphs);
    }
    return graphs;
  };

  return async (matrix, params, rows) => {
    const selection = loaded.select(rows?.slice());
    const { count, gathered } = selection;
    const { whole, fixed, moving } = graphsOf(matrix, gathered);
    const keep = 4 * count * valuesPerRow(fixed.outputs) <= keptBytes;
    const names = whole.outputs.map(({ name }) => name);
    const lent: Float32Array[] = [];
    const lend = (length: number): Float32Array => {
      const storage = loaded.lend(length);
      lent.push(storage);
      return storage;
    };

    const here = lend(dimension);
    here.set(params);
    const common: Tensors = {
      ...loaded.point(here, state.slice()),
      [inputNames.scale]: runtime.floats(Float32Array.of(1 / count), []),
    };
    const chunks: Tensors[] = [];
    const primal =
      keep && fixed.outputs.length > 0 ? await loaded.program(`${matrix} primal ${gathered}`, () => fixed) : null;
    for (const { feeds: examples, count: size } of selection.chunks(rowsPerChunk(whole))) {
      const feeds: Record<string, Tensor> = { ...common, ...examples };
      const results = (await primal?.run(feeds, loaded.rowTensors(fixed.outputs, size, lend))) ?? [];
      for (const [i, result] of results.entries()) feeds[fixed.outputs[i]!.name] = result;
      chunks.push(feeds);
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
        loaded.giveBack(lent.splice(0));
      },
    };
  };
}
