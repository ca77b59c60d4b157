import type { Vector } from '../objectives/objective';
import { norm } from '../vectors';
import type { HiddenUnits } from './units';

/** Everything that belongs to unit u: its own parameters and those of the next layer that read it. */
function unitVectors(theta: Vector, { units, uses }: HiddenUnits): Float64Array[] {
  return Array.from({ length: units }, (_, u) =>
    Float64Array.from(
      uses.flatMap(({ offset, outer, inner }) =>
        Array.from({ length: outer }, (_, o) => {
          const from = offset + (o * units + u) * inner;
          return Array.from(theta.subarray(from, from + inner));
        }).flat(),
      ),
    ),
  );
}

/**
 * How many of a layer's units differ. Two units with the same parameters have the same gradient, and a deterministic
 * optimizer keeps them the same for ever: they count as one (Goodfellow, Bengio and Courville 2016, section 8.4).
 *
 * @param tolerance units whose vectors are no farther apart than this share of the longest are the same
 */
export function distinctUnits(theta: Vector, layer: HiddenUnits, tolerance = 0): number {
  const vectors = unitVectors(theta, layer);
  const allowed = tolerance * Math.max(...vectors.map(norm));
  const kept: Float64Array[] = [];
  for (const vector of vectors) {
    if (!kept.some((other) => norm(other.map((value, i) => value - vector[i]!)) <= allowed)) kept.push(vector);
  }
  return kept.length;
}

/** √(mean ‖pᵤ − p̄‖²): how far the units of a layer, as vectors of their parameters, lie from their mean. */
export function unitSpread(theta: Vector, layer: HiddenUnits): number {
  const vectors = unitVectors(theta, layer);
  const mean = vectors[0]!.map((_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length);
  // Of equal numbers the mean may be rounded: what is no larger than that is no spread.
  if (distinctUnits(theta, layer) === 1) return 0;
  const squares = vectors.map((vector) => norm(vector.map((value, i) => value - mean[i]!)) ** 2);
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / vectors.length);
}
