import type { ModelSpec } from '../../../shared/model/experiment';
import type { ParameterLayout } from '../../../shared/model/run';
import type { Vector } from '../objectives/objective';
import { hiddenUnits, permuteHiddenUnits } from './permutation';
import { balanceUnits, hasScale, hasSign, scaleUnits, unbalanceUnits } from './scaling';
import type { HiddenUnits } from './units';

export interface Matched {
  /** `a` with its hidden units in the order and with the signs and scales of b's: the same network as `a`. */
  params: Float64Array;
  /** max|params − b|: rounding where a and b are the same up to symmetry. */
  distance: number;
  /** Per layer of `hiddenUnits`: which unit of `a` stands at each place. */
  permutations: Int32Array[];
}

/**
 * Two parameter vectors compared up to the symmetries that leave a network as it is: hidden units that change places, units
 * with tanh whose weights change sign on both sides (Chen, Lu & Hecht-Nielsen 1993), and units with relu or no activation
 * whose weights are multiplied on one side and divided on the other. Both are brought to balanced scales first, then layer
 * by layer each unit of `b` gets the unit of `a` that is nearest by its own weights and by the sizes of the weights that
 * read it.
 *
 * For equality, where the true partner is at distance ~0: nearest pairs are taken first, which is no best alignment of
 * different networks.
 *
 * @param rescale false where an L2 term tells scales apart
 */
export function matchUpToSymmetry(
  model: ModelSpec,
  layout: ParameterLayout,
  a: Vector,
  b: Vector,
  { rescale = true }: { rescale?: boolean } = {},
): Matched {
  const layers = hiddenUnits(model, layout);
  const scaled = rescale && layers.some(hasScale);
  const ofB = scaled ? balanceUnits(b, layers) : null;
  let params: Float64Array = scaled ? balanceUnits(a, layers).balanced : Float64Array.from(a);
  const target = ofB?.balanced ?? b;
  const permutations: Int32Array[] = [];
  for (const layer of layers) {
    const permutation = match(params, target, layer, hasSign(layer));
    permutations.push(permutation);
    params = permuteHiddenUnits(params, [layer], [permutation]);
    if (hasSign(layer)) alignSigns(params, target, layer);
  }
  if (ofB) unbalanceUnits(params, layers, ofB.factors);
  const distance = params.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
  return { params, distance, permutations };
}

function match(a: Vector, b: Vector, layer: HiddenUnits, odd: boolean): Int32Array {
  const { units } = layer;
  const describe = (theta: Vector) =>
    Array.from({ length: units }, (_, unit) => ({
      own: weightsOf(theta, layer, unit, true),
      readers: weightsOf(theta, layer, unit, false)
        .map(Math.abs)
        .sort((p, q) => p - q),
    }));
  const [ofA, ofB] = [describe(a), describe(b)];
  const pairs = ofB.flatMap((unitB, place) =>
    ofA.map((unitA, unit) => {
      const apart = squaredDistance(unitA.own, unitB.own, 1);
      const own = odd ? Math.min(apart, squaredDistance(unitA.own, unitB.own, -1)) : apart;
      return { place, unit, cost: own + squaredDistance(unitA.readers, unitB.readers, 1) };
    }),
  );
  const permutation = new Int32Array(units).fill(-1);
  const used = new Set<number>();
  for (const { place, unit } of pairs.sort((p, q) => p.cost - q.cost)) {
    if (permutation[place] !== -1 || used.has(unit)) continue;
    permutation[place] = unit;
    used.add(unit);
  }
  return permutation;
}

/** Turns the units around whose own weights are nearer to b's with the other sign. */
function alignSigns(a: Float64Array, b: Vector, layer: HiddenUnits): void {
  const signs = Array.from({ length: layer.units }, (_, unit) => {
    const [ofA, ofB] = [weightsOf(a, layer, unit, true), weightsOf(b, layer, unit, true)];
    return squaredDistance(ofA, ofB, -1) < squaredDistance(ofA, ofB, 1) ? -1 : 1;
  });
  scaleUnits(a, layer, signs);
}

const weightsOf = (theta: Vector, layer: HiddenUnits, unit: number, own: boolean): number[] =>
  indicesOf(layer, unit, own).map((i) => theta[i]!);

/** Where in θ a unit's own parameters are, or those that read it. */
function indicesOf({ units, uses }: HiddenUnits, unit: number, own: boolean): number[] {
  return uses
    .filter((use) => use.own === own)
    .flatMap(({ offset, outer, inner }) =>
      Array.from({ length: outer }, (_, o) => offset + (o * units + unit) * inner).flatMap((start) =>
        Array.from({ length: inner }, (_, i) => start + i),
      ),
    );
}

/** ‖a − sign·b‖² */
const squaredDistance = (a: readonly number[], b: readonly number[], sign: 1 | -1): number =>
  a.reduce((sum, value, i) => sum + (value - sign * b[i]!) ** 2, 0);
