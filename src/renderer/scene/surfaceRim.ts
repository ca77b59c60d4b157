import { breakRow } from './drape';
import type { HeightField } from './heightField';
import { fillTriangles } from './surfaceGeometry';

/** Points (u, v, height, row) of the lines along the edge of the mesh, round its gaps too. */
export function surfaceRim(field: HeightField): Float32Array {
  const { nx, ny, us, vs, heights } = field;
  const points: number[] = [];
  const add = (k: number): void => {
    points.push(us[k % nx]!, vs[Math.floor(k / nx)]!, heights[k]!, 0);
  };
  const separate = (): void => {
    points.push(0, 0, 0, breakRow);
  };
  if (heights.some(Number.isNaN)) {
    for (const [a, b] of boundaryEdges(field)) {
      add(a);
      add(b);
      separate();
    }
  } else {
    for (let i = 0; i < nx; i++) add(i);
    for (let j = 1; j < ny; j++) add(j * nx + nx - 1);
    for (let i = nx - 2; i >= 0; i--) add((ny - 1) * nx + i);
    for (let j = ny - 2; j >= 0; j--) add(j * nx);
  }
  return Float32Array.from(points);
}

/** Edges that belong to one triangle only. */
function boundaryEdges(field: HeightField): Iterable<[number, number]> {
  const { nx, ny } = field;
  const triangles = new Uint32Array(6 * (nx - 1) * (ny - 1));
  const count = fillTriangles(field, triangles);
  const open = new Map<number, [number, number]>();
  for (let k = 0; k < count; k++) {
    const a = triangles[k]!;
    const b = triangles[k % 3 === 2 ? k - 2 : k + 1]!;
    const key = Math.min(a, b) * nx * ny + Math.max(a, b);
    if (!open.delete(key)) open.set(key, [a, b]);
  }
  return open.values();
}
