/** A slice at right angles to an axis (0 x, 1 y, 2 z) of the unit cube. */
export interface SlicePlane {
  axis: 0 | 1 | 2;
  at: number;
}

/** Bounds of a part of the unit cube: from x, y, z and to x, y, z. */
export interface Box {
  from: [number, number, number];
  to: [number, number, number];
}

/** What is painted: the part of a slice within a box, or what else lies in it. */
export type Part = { kind: 'slice'; axis: SlicePlane['axis']; box: Box } | { kind: 'cell'; box: Box };

/**
 * Translucent slices and what lies between them from back to front, exactly: the slices cut the cube (and each other) into
 * parts, and of two parts a slice lies between, the one on the eye's side is painted later (a binary space partition,
 * Fuchs, Kedem & Naylor 1980).
 *
 * @param eye in units of the cube
 */
export function paintOrder(eye: readonly [number, number, number], slices: readonly SlicePlane[]): Part[] {
  const parts: Part[] = [];
  const paint = (rest: readonly SlicePlane[], box: Box): void => {
    const [slice, ...others] = rest;
    if (!slice) {
      parts.push({ kind: 'cell', box });
      return;
    }
    const { axis, at } = slice;
    const below = { from: box.from, to: box.to.with(axis, at) as Box['to'] };
    const above = { from: box.from.with(axis, at) as Box['from'], to: box.to };
    const [far, near] = eye[axis]! > at ? [below, above] : [above, below];
    paint(others, far);
    parts.push({ kind: 'slice', axis, box });
    paint(others, near);
  };
  paint(slices, { from: [0, 0, 0], to: [1, 1, 1] });
  return parts;
}

/** Of triangles in the cube those that reach into a box. Both have three numbers per vertex or corner. */
export function trianglesWithin(positions: Float32Array, index: Uint32Array, { from, to }: Box): Uint32Array {
  const kept: number[] = [];
  for (let t = 0; t < index.length; t += 3) {
    let reaches = true;
    for (let axis = 0; axis < 3 && reaches; axis++) {
      const a = positions[3 * index[t]! + axis]!;
      const b = positions[3 * index[t + 1]! + axis]!;
      const c = positions[3 * index[t + 2]! + axis]!;
      reaches = Math.max(a, b, c) >= from[axis]! && Math.min(a, b, c) <= to[axis]!;
    }
    if (reaches) kept.push(index[t]!, index[t + 1]!, index[t + 2]!);
  }
  return Uint32Array.from(kept);
}
