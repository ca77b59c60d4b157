import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/main/engine/random';
import { type IsosurfaceMesh, isosurface, type Volumetric } from '../../../../src/shared/math/isosurface';

const [nx, ny, nz] = [13, 11, 9];
/** A field on the unit cube's grid. */
function sampled(field: (x: number, y: number, z: number) => number): Volumetric {
  const values = new Float64Array(nx * ny * nz);
  for (let k = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++) values[(k * ny + j) * nx + i] = field(i / (nx - 1), j / (ny - 1), k / (nz - 1));
  return { nx, ny, nz, values };
}
const radial = sampled((x, y, z) => (x - 0.5) ** 2 + (y - 0.48) ** 2 + (z - 0.51) ** 2);
function noise(): Volumetric {
  const rng = createRng(5, 'isosurface');
  return sampled(() => rng.normal());
}

/** The trilinear interpolant, written out as the sum over the corners. */
function interpolated({ values }: Volumetric, x: number, y: number, z: number): number {
  const [gx, gy, gz] = [x * (nx - 1), y * (ny - 1), z * (nz - 1)];
  const [i, j, k] = [
    Math.min(Math.floor(gx), nx - 2),
    Math.min(Math.floor(gy), ny - 2),
    Math.min(Math.floor(gz), nz - 2),
  ];
  let sum = 0;
  for (let c = 0; c < 8; c++) {
    const [a, b, d] = [c & 1, (c >> 1) & 1, c >> 2];
    const weight = Math.abs((1 - a - (gx - i)) * (1 - b - (gy - j)) * (1 - d - (gz - k)));
    if (weight > 0) sum += weight * values[((k + d) * ny + j + b) * nx + i + a]!;
  }
  return sum;
}

const vertex = ({ positions }: IsosurfaceMesh, v: number) =>
  [...positions.subarray(3 * v, 3 * v + 3)] as [number, number, number];

/** How often each directed edge is used. */
function edges({ index }: IsosurfaceMesh): Map<string, number> {
  const count = new Map<string, number>();
  for (let t = 0; t < index.length; t += 3) {
    for (let e = 0; e < 3; e++) {
      const key = `${index[t + e]} ${index[t + ((e + 1) % 3)]}`;
      count.set(key, (count.get(key) ?? 0) + 1);
    }
  }
  return count;
}
function openEdges(mesh: IsosurfaceMesh): [number, number][] {
  const count = edges(mesh);
  expect(Math.max(...count.values())).toBe(1);
  return [...count.keys()]
    .filter((key) => !count.has(key.split(' ').reverse().join(' ')))
    .map((key) => key.split(' ').map(Number) as [number, number]);
}

/** ∭dV of what a closed surface encloses: Σ det(a, b, c)/6, positive where triangles face outward. */
function enclosed(mesh: IsosurfaceMesh): number {
  let sum = 0;
  for (let t = 0; t < mesh.index.length; t += 3) {
    const corner = (e: number) => vertex(mesh, mesh.index[t + e]!);
    const [a, b, c] = [corner(0), corner(1), corner(2)];
    sum += a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
  }
  return sum / 6;
}

describe('an isosurface', () => {
  it.each([
    ['a sphere', radial, 0.11],
    ['noise', noise(), 0.3],
  ])('has its vertices on the level of the trilinear interpolant (%s)', (_, volume, level) => {
    const mesh = isosurface(volume, level);
    expect(mesh.positions.length).toBeGreaterThan(600);
    // Positions are float32.
    for (let v = 0; v < mesh.positions.length / 3; v++) {
      expect(Math.abs(interpolated(volume, ...vertex(mesh, v)) - level)).toBeLessThan(2e-5);
    }
  });

  it('of a sphere is one closed sphere of its size, facing outward', () => {
    const level = 0.11;
    const mesh = isosurface(radial, level);
    expect(openEdges(mesh)).toEqual([]);
    const [vertices, faces] = [mesh.positions.length / 3, mesh.index.length / 3];
    expect(vertices - (3 * faces) / 2 + faces).toBe(2);
    const volume = (4 / 3) * Math.PI * level ** 1.5;
    // Linear interpolation of a convex field lies above it: the sphere of 4 cells' radius is a little small.
    expect(enclosed(mesh) / volume).toBeGreaterThan(0.91);
    expect(enclosed(mesh) / volume).toBeLessThan(1);
    for (let v = 0; v < vertices; v++) {
      const [x, y, z] = vertex(mesh, v);
      const outward = [x - 0.5, y - 0.48, z - 0.51];
      const normal = mesh.normals.subarray(3 * v, 3 * v + 3);
      expect(Math.hypot(...normal)).toBeAllclose(1, { atol: 1e-6 });
      // A central difference of a quadratic is its gradient, and so is what lies between two of them.
      const cosine = outward.reduce((sum, d, axis) => sum + d * normal[axis]!, 0) / Math.hypot(...outward);
      expect(cosine).toBeGreaterThan(0.99);
    }
  });

  it('of noise is open at the sides of the box only', () => {
    const mesh = isosurface(noise(), 0.3);
    const side = (v: number) => vertex(mesh, v).some((c) => c === 0 || c === 1);
    const open = openEdges(mesh);
    expect(open.length).toBeGreaterThan(0);
    expect(open.every(([a, b]) => side(a) && side(b))).toBe(true);
  });

  it('leaves out cells with a gap, and nothing else', () => {
    const holed = { ...radial, values: Float64Array.from(radial.values) };
    const [i, j, k] = [9, 5, 4];
    (holed.values as Float64Array)[(k * ny + j) * nx + i] = Number.NaN;
    const mesh = isosurface(holed, 0.11);
    const whole = isosurface(radial, 0.11);
    const inHole = (from: IsosurfaceMesh, v: number) => {
      const [x, y, z] = vertex(from, v);
      const apart = [x * (nx - 1) - i, y * (ny - 1) - j, z * (nz - 1) - k].map(Math.abs);
      return Math.max(...apart) < 1 - 1e-6;
    };
    const all = (from: IsosurfaceMesh) => Array.from({ length: from.positions.length / 3 }, (_, v) => v);
    expect(all(mesh).filter((v) => inHole(mesh, v))).toEqual([]);
    expect(all(whole).filter((v) => inHole(whole, v)).length).toBe(all(whole).length - all(mesh).length);
    expect(mesh.positions.every(Number.isFinite) && mesh.normals.every(Number.isFinite)).toBe(true);
    expect(openEdges(mesh).length).toBeGreaterThan(0);
  });

  it('takes a point on the level as above it, and is empty beyond the values', () => {
    const flat = sampled((x) => x);
    const mesh = isosurface(flat, 0.5);
    expect(mesh.index.length).toBeGreaterThan(0);
    expect([...mesh.positions].filter((_, c) => c % 3 === 0).every((x) => Math.abs(x - 0.5) < 1e-7)).toBe(true);
    expect(isosurface(flat, 1.5).index).toHaveLength(0);
    expect(isosurface(flat, -0.5).index).toHaveLength(0);
  });
});
