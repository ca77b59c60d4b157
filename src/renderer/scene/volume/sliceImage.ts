import { colorMap } from '../../../shared/math/colorMaps';
import type { HeightTransform } from '../../../shared/math/heightTransform';
import type { SceneModel } from '../model';
import type { SceneVolume } from './model';

/**
 * The losses on a slice through a volume as RGBA, size × size, row by row from the smallest coordinates: trilinear between
 * the points, transparent where a neighbour is a gap. Its axes are the two others in their order (x, y, z).
 *
 * @param at where the slice stands, 0 to 1
 */
export function sliceImage(
  { xs, ys, zs, loss }: SceneVolume,
  axis: 0 | 1 | 2,
  at: number,
  transform: HeightTransform,
  name: SceneModel['colorMap'],
  size: number,
): Uint8Array {
  const points = [xs.length, ys.length, zs.length] as const;
  const strides = [1, xs.length, xs.length * ys.length] as const;
  const [across, up] = ([0, 1, 2] as const).filter((other) => other !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const plane = new Float64Array(points[across] * points[up]);
  const [low, weight] = cellOf(at, points[axis]);
  for (let j = 0; j < points[up]; j++) {
    for (let i = 0; i < points[across]; i++) {
      const cell = i * strides[across] + j * strides[up] + low * strides[axis];
      plane[j * points[across] + i] = mix(loss[cell]!, loss[cell + strides[axis]]!, weight);
    }
  }
  const image = new Uint8Array(4 * size * size);
  const color = colorMap(name);
  for (let b = 0; b < size; b++) {
    const [j, v] = cellOf((b + 0.5) / size, points[up]);
    for (let a = 0; a < size; a++) {
      const [i, u] = cellOf((a + 0.5) / size, points[across]);
      const cell = j * points[across] + i;
      const south = mix(plane[cell]!, plane[cell + 1]!, u);
      const north = mix(plane[cell + points[across]]!, plane[cell + points[across] + 1]!, u);
      const value = mix(south, north, v);
      if (Number.isNaN(value)) continue;
      const [red, green, blue] = color(transform.toHeight(value));
      image.set([red, green, blue, 255], 4 * (b * size + a));
    }
  }
  return image;
}

/** The cell of an evenly spaced axis that holds a share of it, and where in the cell. */
function cellOf(share: number, points: number): [number, number] {
  const position = share * (points - 1);
  const low = Math.min(Math.floor(position), points - 2);
  return [low, position - low];
}

const mix = (a: number, b: number, t: number): number => a + (b - a) * t;
