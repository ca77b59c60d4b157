/** Strides of the refinement passes, coarse to fine. */
export const strides = [8, 4, 2, 1] as const;

/**
 * Flat indices j·nx + i of the points a pass adds: those on the lattice of its stride that are not on the lattice of
 * the pass before. Over all passes every point of the grid comes exactly once.
 */
export function passIndices(nx: number, ny: number, stride: number): Int32Array {
  const before = stride === strides[0] ? 0 : 2 * stride;
  const indices: number[] = [];
  for (let j = 0; j < ny; j += stride) {
    for (let i = 0; i < nx; i += stride) {
      if (before > 0 && i % before === 0 && j % before === 0) continue;
      indices.push(j * nx + i);
    }
  }
  return Int32Array.from(indices);
}
