import type { ModelSpec } from '../../../shared/model/experiment';
import type { ParameterLayout } from '../../../shared/model/run';
import type { Vector } from '../objectives/objective';
import type { Rng } from '../random';
import { hiddenUnits, permuteHiddenUnits } from './permutation';
import { hasScale, hasSign, scaleUnits } from './scaling';

export interface SymmetricCopy {
  /** Another θ of the same function. */
  params: Float64Array;
  /** Hidden units that stand elsewhere, have the other sign, have another scale. */
  moved: number;
  flipped: number;
  rescaled: number;
}

/**
 * A copy of a network by its symmetries: hidden units in a random order, tanh units turned around with probability ½, and
 * relu units multiplied by a factor, uniform in logarithm between 1/scale and scale, whose readers are divided by it
 * (Goodfellow et al. 2016, section 8.2.2: weight space symmetry and scaling).
 *
 * @param scale at least 1; 1 leaves scales alone
 */
export function symmetricCopy(
  model: ModelSpec,
  layout: ParameterLayout,
  params: Vector,
  { scale, rng }: { scale: number; rng: Rng },
): SymmetricCopy {
  const layers = hiddenUnits(model, layout);
  const permutations = layers.map(({ units }) => rng.shuffle(Int32Array.from({ length: units }, (_, i) => i)));
  const copy = permuteHiddenUnits(params, layers, permutations);
  let flipped = 0;
  let rescaled = 0;
  for (const layer of layers) {
    const factors = Float64Array.from({ length: layer.units }, () => {
      const sign = hasSign(layer) ? rng.sign() : 1;
      const size = hasScale(layer) ? scale ** (2 * rng.uniform() - 1) : 1;
      flipped += Number(sign < 0);
      rescaled += Number(size !== 1);
      return sign * size;
    });
    scaleUnits(copy, layer, factors);
  }
  const moved = permutations.reduce((sum, places) => sum + places.filter((from, to) => from !== to).length, 0);
  return { params: copy, moved, flipped, rescaled };
}

/** log₁₀ of the number of θ that differ in order and signs of hidden units only: Σ log₁₀(n!) + log₁₀(2)·(units with a sign). */
export function logCopies(model: ModelSpec, layout: ParameterLayout): number {
  return hiddenUnits(model, layout).reduce((sum, layer) => {
    let log = 0;
    for (let n = 2; n <= layer.units; n++) log += Math.log10(n);
    return sum + log + (hasSign(layer) ? layer.units * Math.log10(2) : 0);
  }, 0);
}
