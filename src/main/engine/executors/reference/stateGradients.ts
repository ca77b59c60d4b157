import { badInput } from '../../../../shared/errors';
import type { Network } from '../../graph/ir';
import type { Rows, Vector } from '../../objectives/objective';
import { dot } from '../../vectors';
import type { ExampleSet } from '../executor';
import { sweepTensors } from './sweep';

/** What passes through a recurrent layer at each of its steps; root mean squares over the examples. */
export interface StateGradients {
  /** ‖hₜ‖₂ */
  states: Float64Array;
  /** ‖∂ℓ/∂hₜ‖₂, through all later steps. */
  gradients: Float64Array;
}

/**
 * The gradient as it goes back through time, exactly, in float64. Backward through U with zₜ = … + hₜ₋₁ Uᵀ, and where only
 * the last state is read, ‖∂ℓ/∂hₜ₋₁‖ ≤ max|f'|·‖U‖₂·‖∂ℓ/∂hₜ‖ (Pascanu, Mikolov and Bengio 2013, section 2.1): for tanh it
 * vanishes at least as fast as ‖U‖₂ᵏ where ‖U‖₂ < 1, and can explode only where ‖U‖₂ > 1.
 *
 * @param layer counted from 0
 * @param rows the examples; all where left out
 * @throws UserError badInput where the layer is not recurrent
 */
export function stateGradients(
  network: Network,
  data: ExampleSet,
  params: Vector,
  layer: number,
  rows?: Rows,
): StateGradients {
  const states = network.graph.layers[layer]?.states ?? [];
  if (states.length === 0) {
    throw badInput(`Layer ${layer} has no states.`, 'Choose a recurrent layer; layers are counted from 0.', ['layers']);
  }
  const squares = { states: new Float64Array(states.length), gradients: new Float64Array(states.length) };
  const tensors = states.flatMap(({ value, gradient }) => [value, gradient]);
  sweepTensors(network, data, params, tensors, { rows }, (buffers, _, count) => {
    states.forEach(({ value, gradient }, t) => {
      for (const [sums, id] of [
        [squares.states, value],
        [squares.gradients, gradient],
      ] as const) {
        const values = buffers.get(id)!.subarray(0, count * network.graph.tensors[id]!.size);
        sums[t]! += dot(values, values);
      }
    });
  });
  const examples = rows?.length ?? data.examples;
  const rootMean = (sums: Float64Array) => sums.map((sum) => Math.sqrt(sum / examples));
  return { states: rootMean(squares.states), gradients: rootMean(squares.gradients) };
}
