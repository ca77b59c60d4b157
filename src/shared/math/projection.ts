/** Inner products of the two axes of a plane: ⟨d₁,d₁⟩, ⟨d₁,d₂⟩, ⟨d₂,d₂⟩. */
export interface Gram {
  d11: number;
  d12: number;
  d22: number;
}

/** Cosine of the angle between the axes. */
export function axisCosine({ d11, d12, d22 }: Gram): number {
  return d12 / Math.sqrt(d11 * d22);
}

/**
 * Least-squares coordinates (x, y) of δ on span{d₁, d₂}: the solution of the 2×2 normal equations
 * [d11 d12; d12 d22]·(x, y) = (⟨δ,d₁⟩, ⟨δ,d₂⟩). Two cosines would only be right for orthogonal axes.
 *
 * @throws RangeError where the axes are parallel or zero
 */
export function planeCoordinates({ d11, d12, d22 }: Gram, b1: number, b2: number): [number, number] {
  const determinant = d11 * d22 - d12 * d12;
  if (!(determinant > 1e-14 * d11 * d22)) throw new RangeError('The axes of the plane are parallel.');
  return [(b1 * d22 - b2 * d12) / determinant, (b2 * d11 - b1 * d12) / determinant];
}
