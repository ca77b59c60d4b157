import { cooperate } from '../cooperate';
import type { LinearOperator, Objective, Rows, Vector } from '../objectives/objective';
import { addCombination, dots, scale } from '../vectors';

interface Memory {
  /** Gradients of all examples are kept between products up to this many bytes, else computed again for each. */
  kept: number;
  /** Bytes of gradients held at once while they are computed. */
  chunk: number;
}
const defaultMemory: Memory = { kept: 128 * 2 ** 20, chunk: 32 * 2 ** 20 };

/**
 * v ↦ (1/n)Σ gᵢ(gᵢᵀv), the empirical Fisher matrix: gᵢ is the gradient of example i's own loss at θ, with its label from
 * the data. Positive semidefinite, of rank ≤ n, without the L2 term. Where the gradients do not fit into 128 MB a product
 * costs n gradients; the largest eigenvalues of a subset are then much cheaper.
 *
 * @param objective has `exampleGradients`
 * @param signal is looked at between chunks of examples, since one product may take long
 */
export async function empiricalFisher(
  objective: Objective,
  params: Vector,
  rows: Rows = Int32Array.from({ length: objective.examples }, (_, i) => i),
  signal?: AbortSignal,
  memory: Memory = defaultMemory,
): Promise<LinearOperator> {
  const { dimension } = objective;
  const at = params.slice();
  const rowBytes = at.BYTES_PER_ELEMENT * dimension;
  const keep = rowBytes * rows.length <= memory.kept;
  const chunkRows = Math.max(1, Math.floor(memory.chunk / rowBytes));
  const chunks: Rows[] = [];
  for (let from = 0; from < rows.length; from += chunkRows) chunks.push(rows.subarray(from, from + chunkRows));
  const turn = cooperate(signal);
  const gradientsOf = async (chunk: Rows): Promise<Vector[]> => {
    await turn();
    const all = await objective.exampleGradients!(at, chunk);
    return Array.from(chunk, (_, i) => all.slice(i * dimension, (i + 1) * dimension));
  };
  const kept: Vector[][] = [];
  if (keep) for (const chunk of chunks) kept.push(await gradientsOf(chunk));
  return {
    size: dimension,
    async apply(v, out) {
      const direction = Float64Array.from(v);
      const sum = new Float64Array(dimension);
      for (const [i, chunk] of chunks.entries()) {
        const gradients = kept[i] ?? (await gradientsOf(chunk));
        await addCombination(sum, await dots(gradients, direction, turn), gradients, turn);
      }
      scale(sum, 1 / rows.length);
      out.set(sum);
    },
    dispose() {
      kept.length = 0;
    },
  };
}
