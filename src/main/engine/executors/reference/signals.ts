import type { Network, TensorId } from '../../graph/ir';
import type { Rows, Vector } from '../../objectives/objective';
import type { ExampleSet } from '../executor';
import { addBlocks } from './objective';
import { sweepTensors } from './sweep';

/** Of all values of a tensor over the examples; `std` is the population's. */
export interface Moments {
  mean: number;
  std: number;
  /** Share that is exactly 0: units a relu has switched off. */
  zeros: number;
}

/** What passes through one layer of a network, forward and backward. */
export interface LayerSignal {
  layer: number;
  /** Of the outputs y, after the layer's activation. */
  output: Moments;
  /** Of ∂ℓ/∂y of each example by itself; null where no parameter lies before. */
  gradient: Moments | null;
  /** ‖∂L/∂W‖ and ‖W‖ of all of the layer's weights (no biases, no scales); null where it has none. */
  weights: { norm: number; gradientNorm: number } | null;
}

/**
 * The scale of the signal and of the gradient layer by layer at θ, exactly, in float64 (Glorot and Bengio 2010, figures 6
 * and 7): an initialization keeps both about the same through the network, or lets them vanish or explode.
 *
 * @param rows the examples; all where left out
 */
export async function layerSignals(
  network: Network,
  data: ExampleSet,
  params: Vector,
  rows?: Rows,
): Promise<LayerSignal[]> {
  const { graph, layout } = network;
  const tensors = graph.layers.flatMap(({ output, gradient }) => (gradient === null ? [output] : [output, gradient]));
  const moments = new Map(tensors.map((id) => [id, createMoments()]));
  const theta = Float64Array.from(params);
  const gradients = new Float64Array(theta.length);
  await sweepTensors(network, data, theta, [...tensors, ...graph.gradients], { rows }, (buffers, _, count) => {
    addBlocks(gradients, graph.gradients, layout, buffers);
    for (const [id, sums] of moments) sums.add(buffers.get(id)!.subarray(0, count * graph.tensors[id]!.size));
  });
  const examples = rows?.length ?? data.examples;

  const momentsOf = (id: TensorId): Moments => moments.get(id)!.result();
  return graph.layers.map(({ output, gradient }, layer) => {
    const blocks = layout.filter(({ name, role }) => role === 'weight' && name.startsWith(`layers.${layer}.`));
    const normOf = (values: Float64Array): number =>
      Math.hypot(...blocks.map(({ offset, size }) => euclidean(values.subarray(offset, offset + size))));
    return {
      layer,
      output: momentsOf(output),
      gradient: gradient === null ? null : momentsOf(gradient),
      weights: blocks.length === 0 ? null : { norm: normOf(theta), gradientNorm: normOf(gradients) / examples },
    };
  });
}

const euclidean = (values: Float64Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** Mean and spread of values that come in parts (Chan et al. 1983), so that a large mean costs no digits. */
function createMoments() {
  let count = 0;
  let mean = 0;
  let squares = 0;
  let zeros = 0;
  return {
    add(values: Float64Array): void {
      if (values.length === 0) return;
      const own = values.reduce((sum, value) => sum + value, 0) / values.length;
      let ownSquares = 0;
      for (const value of values) {
        ownSquares += (value - own) ** 2;
        if (value === 0) zeros++;
      }
      const total = count + values.length;
      squares += ownSquares + ((own - mean) ** 2 * count * values.length) / total;
      mean += ((own - mean) * values.length) / total;
      count = total;
    },
    result: (): Moments => ({ mean, std: Math.sqrt(squares / count), zeros: zeros / count }),
  };
}
