import { type Matrix, productNodes } from '../../graph/prune';
import type { LinearOperator, Rows, Vector } from '../../objectives/objective';
import { createBlockSum } from './blockSum';
import { type ProgramGraph, type SplitGraph, splitGraph, valuesPerRow } from './graphBuilder';
import { disposeAll, type Loaded, rowsPerChunk, toFloats } from './loaded';
import { inputNames, writeProgram } from './programs';
import type { Tensors } from './runtime';

/** Results of the primal passes are kept between products up to this size, else computed again for each. */
const keptBytes = 256 * 2 ** 20;

/** The passes of a product: `whole`, and the same split by what depends on the vector. */
interface ProductGraphs extends SplitGraph {
  readonly whole: ProgramGraph;
}

/**
 * Makes v ↦ Av at fixed parameters, which are copied, as are the rows. The first product runs all passes at once, which
 * is the fastest for a single one; from the second on, what does not depend on v is kept.
 */
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
      const { primal, tangent } = productNodes(graph, matrix);
      const whole = writeProgram(runtime, network, graph.products, gathered, [...primal, ...tangent]);
      graphs = { whole, ...splitGraph(whole, tangents) };
      written.set(key, graphs);
    }
    return graphs;
  };

  return async (matrix, params, rows) => {
    const { count, gathered, chunks } = loaded.select(rows?.slice());
    const { whole, fixed, moving } = graphsOf(matrix, gathered);
    const canKeep = fixed.outputs.length > 0 && 4 * count * valuesPerRow(fixed.outputs) <= keptBytes;
    const names = whole.outputs.map(({ name }) => name);
    const common: Tensors = {
      ...loaded.point(toFloats(loaded, params).slice(), state.slice()),
      [inputNames.scale]: runtime.floats(Float32Array.of(1 / count), []),
    };
    const examples = [...chunks(rowsPerChunk(whole))];
    /** Vectors in another precision come and go through these, so that products leave no garbage. */
    const input = new Float32Array(dimension);
    const output = new Float32Array(dimension);
    let products = 0;
    let primal: Promise<readonly Tensors[]> | null = null;
    let disposed = false;

    const runPrimal = async (): Promise<readonly Tensors[]> => {
      const program = await loaded.program(`${matrix} primal ${gathered}`, () => fixed);
      const kept: Tensors[] = [];
      try {
        for (const { feeds } of examples) {
          const results = await program.run({ ...common, ...feeds });
          kept.push(Object.fromEntries(results.map((result, i) => [fixed.outputs[i]!.name, result])));
        }
      } catch (error) {
        for (const tensors of kept) disposeAll(tensors);
        throw error;
      }
      return kept;
    };

    return {
      size: dimension,
      async apply(v, out) {
        if (disposed) throw new Error('the operator is disposed');
        products++;
        if (canKeep && products > 1) primal ??= runPrimal();
        const kept = await primal;
        const program = await (kept === null
          ? loaded.program(`${matrix} product ${gathered}`, () => whole)
          : loaded.program(`${matrix} moving ${gathered}`, () => moving));
        const direction = loaded.direction(toFloats(loaded, v, input));
        const sum = createBlockSum(loaded, names, out, v, output);
        for (const [i, { feeds }] of examples.entries()) {
          await program.run({ ...common, ...feeds, ...kept?.[i], ...direction }, sum.next());
        }
        sum.finish();
      },
      dispose() {
        if (disposed) return;
        disposed = true;
        for (const chunk of examples) chunk.dispose();
        void primal?.then(
          (kept) => {
            for (const tensors of kept) disposeAll(tensors);
          },
          () => undefined,
        );
      },
    };
  };
}
