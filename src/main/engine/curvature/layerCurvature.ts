import type { Layers } from '../../../shared/model/curvature';
import type { CurvatureMatrix, Eigenvalue } from '../../../shared/model/landscape';
import { cooperate } from '../cooperate';
import type { LinearOperator, Objective, Vector } from '../objectives/objective';
import { createRng } from '../random';
import { everything, type GroupedOperator, groupProducts, type Sample, standardErrorOfGroups } from './groups';
import { lanczosExtremes } from './lanczos';
import { blockOperator, dotOnLayer, layersOf, participationRatio } from './layers';
import { gradientAlignment, gradientAt, withCurvature } from './operators';
import { productNotFinite } from './productNotFinite';
import { intervalOf, signs, standardErrorOfMean } from './trace';

export interface LayerOptions {
  /** Eigenvectors of the whole matrix. */
  top: number;
  /** Largest eigenvalues of each block. */
  blockTop: number;
  /** Products for the traces of all blocks (at least 2). */
  products: number;
  confidence: number;
  /** Default 'hessian'. */
  matrix?: CurvatureMatrix;
  sample?: Sample;
  /** Default 1e-4, of max|λ|. */
  tolerance?: number;
  /** Of each search (default 400). */
  maxIterations?: number;
  seed?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Curvature by layer: the largest eigenvalues and the trace of every diagonal block H_ll, each layer's share in the top
 * eigenvectors of the whole matrix and in the gradient.
 *
 * The traces of all blocks come from the same products (Hutchinson): E z_lᵀ(Hz)_l = tr H_ll, since signs of different
 * layers are independent; what the other layers add to z_lᵀ(Hz)_l is in the standard error.
 *
 * @throws UserError where a product is not finite; `cancelled`
 */
export async function measureLayers(
  objective: Objective,
  params: Vector,
  options: LayerOptions,
): Promise<Pick<Layers, 'layers' | 'eigenvectors' | 'confidence' | 'products'>> {
  const { top, blockTop, confidence, matrix = 'hessian', sample = everything, signal } = options;
  const { tolerance = 1e-4, maxIterations = 400, seed = 0 } = options;
  const layers = layersOf(objective.layout);
  const at = await gradientAt(objective, params, sample.rows);
  const turn = cooperate(signal);
  return withCurvature(
    objective,
    matrix,
    params,
    sample,
    async (operator, grouped) => {
      const searches = (top > 0 ? 1 : 0) + (blockTop > 0 ? layers.length : 0);
      const total = options.products + searches * maxIterations;
      let products = 0;
      // A search that ends early gives back the products it was allowed.
      let saved = 0;
      const report = () => options.onProgress?.(products, Math.max(total - saved, products));
      const largest = async (of: LinearOperator, count: number) => {
        if (count === 0) return [];
        const before = products;
        const { top: pairs } = await lanczosExtremes(of, {
          ...{ top: count, bottom: 0, tolerance, maxIterations, seed },
          ...(signal && { signal }),
          onProgress: () => {
            products++;
            report();
          },
        });
        saved += maxIterations - (products - before);
        products += pairs.length;
        return pairs;
      };

      const eigenvectors = (await largest(operator, top)).map(({ vector, ...eigenvalue }) => ({
        ...eigenvalue,
        participation: layers.map((layer) => dotOnLayer(layer, vector, vector)),
        participationRatio: participationRatio(vector),
        gradientAlignment: gradientAlignment(at, vector),
      }));
      const blocks: Eigenvalue[][] = [];
      for (const layer of layers) {
        const pairs = await largest(blockOperator(operator, layer), blockTop);
        blocks.push(pairs.map(({ value, residual, converged }) => ({ value, residual, converged })));
      }

      // perProbe[k][l][g]: z_lᵀ(H_g z)_l of one probe.
      const rng = createRng(seed, 'layers');
      const perProbe: number[][][] = [];
      for (let k = 0; k < options.products; k++) {
        const z = signs(objective.dimension, rng);
        const images = await productsOf(operator, grouped, z, turn);
        perProbe.push(layers.map((layer) => images.map((image) => dotOnLayer(layer, z, image))));
        if (!perProbe[k]!.flat().every(Number.isFinite)) throw productNotFinite();
        products++;
        report();
      }
      const weights = grouped?.weights ?? [1];
      const mean = (groups: readonly number[]) => groups.reduce((sum, value, g) => sum + weights[g]! * value, 0);
      return {
        confidence,
        products,
        eigenvectors,
        layers: layers.map((layer, l) => {
          const probes = perProbe.map((probe) => mean(probe[l]!));
          const perGroup = weights.map(
            (_, g) => perProbe.reduce((sum, probe) => sum + probe[l]![g]!, 0) / perProbe.length,
          );
          const value = mean(perGroup);
          return {
            name: layer.name,
            parameters: layer.size,
            eigenvalues: blocks[l]!,
            trace: {
              value,
              ...intervalOf(value, confidence, [
                [standardErrorOfMean(probes), probes.length - 1],
                [grouped ? standardErrorOfGroups(grouped, perGroup) : 0, weights.length - 1],
              ]),
            },
            gradientShare: at.squared === 0 ? 0 : dotOnLayer(layer, at.gradient, at.gradient) / at.squared,
          };
        }),
      };
    },
    signal,
  );
}

/** Az, or A_g z of every group. */
async function productsOf(
  operator: LinearOperator,
  grouped: GroupedOperator | null,
  z: Float64Array,
  turn: () => Promise<void> | undefined,
): Promise<Float64Array[]> {
  if (grouped) return groupProducts(grouped, z, turn);
  const product = new Float64Array(z.length);
  await turn();
  await operator.apply(z, product);
  return [product];
}
