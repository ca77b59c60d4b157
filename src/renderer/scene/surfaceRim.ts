import { breakRow } from './drape';
import type { HeightField } from './heightField';

/** Points (u, v, height, row) of the line round the edge of the mesh; gaps interrupt it. */
export function surfaceRim({ nx, ny, us, vs, heights }: HeightField): Float32Array {
  const points: number[] = [];
  const add = (i: number, j: number): void => {
    const height = heights[j * nx + i]!;
    if (Number.isNaN(height)) points.push(0, 0, 0, breakRow);
    else points.push(us[i]!, vs[j]!, height, 0);
  };
  for (let i = 0; i < nx; i++) add(i, 0);
  for (let j = 1; j < ny; j++) add(nx - 1, j);
  for (let i = nx - 2; i >= 0; i--) add(i, ny - 1);
  for (let j = ny - 2; j >= 0; j--) add(0, j);
  return Float32Array.from(points);
}
