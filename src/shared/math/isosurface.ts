/** A scalar on the points (xs[i], ys[j], zs[k]) of a box: values[(k·ny + j)·nx + i]; NaN is a gap. */
export interface Volumetric {
  nx: number;
  ny: number;
  nz: number;
  values: ArrayLike<number>;
}

/** Triangles in the unit cube: three numbers per vertex, three vertices per triangle. */
export interface IsosurfaceMesh {
  positions: Float32Array;
  /** Of unit length, toward larger values: out of the region below the level. Counter-clockwise triangles face the same way. */
  normals: Float32Array;
  index: Uint32Array;
}

/** Corners of a cell by the bits of their number: x, y, z. The six tetrahedra of a cell share its diagonal 0–7. */
const tetrahedra = [
  [0, 1, 3, 7],
  [0, 3, 2, 7],
  [0, 2, 6, 7],
  [0, 6, 4, 7],
  [0, 4, 5, 7],
  [0, 5, 1, 7],
] as const;
/** An edge is known by its lower end and the bits that change along it, 1 to 7. */
const edgesPerPoint = 7;
/** Halvings of an edge at most; each secant step does better. */
const rootSteps = 60;
const rootTolerance = 1e-12;

/**
 * The surface on which the trilinear interpolation of a volume takes a level, by marching tetrahedra (Doi & Koide 1991): six
 * to a cell, the same way in all cells, so that neighbours share their faces and the surface is closed but for the sides of
 * the box and gaps. Every vertex is the root of the trilinear interpolant on an edge (on the diagonals of a cell it is a
 * polynomial of degree two or three). Cells with a gap at a corner are left out.
 *
 * A point exactly on the level counts as above it. Normals are gradients: central differences of the grid, interpolated
 * along the edge.
 */
export function isosurface({ nx, ny, nz, values }: Volumetric, level: number): IsosurfaceMesh {
  const positions: number[] = [];
  const normals: number[] = [];
  const index: number[] = [];
  const vertices = new Map<number, number>();
  const offsets = Array.from({ length: 8 }, (_, c) => (c & 1) + ((c >> 1) & 1) * nx + (c >> 2) * nx * ny);
  const corner = new Float64Array(8);
  const here = [0, 0, 0];

  function vertexOn(a: number, b: number): number {
    // Tetrahedra list corners so that one end's bits are among the other's.
    const [low, high] = a < b ? [a, b] : [b, a];
    const base = (here[2]! * ny + here[1]!) * nx + here[0]!;
    const key = (base + offsets[low]!) * edgesPerPoint + (high ^ low) - 1;
    const known = vertices.get(key);
    if (known !== undefined) return known;
    const t = rootOnEdge(corner, low, high, level);
    const place = [0, 1, 2].map((axis) => here[axis]! + along(low, high, axis, t));
    const made = positions.length / 3;
    positions.push(place[0]! / (nx - 1), place[1]! / (ny - 1), place[2]! / (nz - 1));
    pushNormal(low, high, t);
    vertices.set(key, made);
    return made;
  }

  function pushNormal(low: number, high: number, t: number): void {
    let squares = 0;
    const gradient = [0, 1, 2].map((axis) => {
      const g = (1 - t) * slopeAt(low, axis) + t * slopeAt(high, axis);
      squares += g * g;
      return g;
    });
    const length = Math.sqrt(squares);
    for (const g of gradient) normals.push(length > 0 ? g / length : 0);
  }

  /** ∂/∂axis at a corner in units of the unit cube, one-sided beside gaps and sides. */
  function slopeAt(c: number, axis: number): number {
    const size = [nx, ny, nz][axis]!;
    const at = here[axis]! + ((c >> axis) & 1);
    const stride = [1, nx, nx * ny][axis]!;
    const cell = (here[2]! * ny + here[1]!) * nx + here[0]! + offsets[c]!;
    const middle = values[cell]!;
    const ahead = at + 1 < size ? values[cell + stride]! - middle : Number.NaN;
    const behind = at > 0 ? middle - values[cell - stride]! : Number.NaN;
    const slope = Number.isNaN(ahead) ? behind : Number.isNaN(behind) ? ahead : (ahead + behind) / 2;
    return slope * (size - 1);
  }

  /** A triangle that faces the larger values. */
  function face(a: number, b: number, c: number, from: number, to: number): void {
    if (a === b || b === c || a === c) return;
    // From a corner below the level to one above: the side to face.
    const facing = [0, 1, 2].map((axis) => ((to >> axis) & 1) - ((from >> axis) & 1));
    const p = (vertex: number, axis: number) => positions[3 * vertex + axis]! * ([nx, ny, nz][axis]! - 1);
    let product = 0;
    for (let axis = 0; axis < 3; axis++) {
      const [i, j] = [(axis + 1) % 3, (axis + 2) % 3];
      const normal = (p(b, i) - p(a, i)) * (p(c, j) - p(a, j)) - (p(b, j) - p(a, j)) * (p(c, i) - p(a, i));
      product += normal * facing[axis]!;
    }
    if (product >= 0) index.push(a, b, c);
    else index.push(a, c, b);
  }

  for (let k = 0; k + 1 < nz; k++) {
    for (let j = 0; j + 1 < ny; j++) {
      for (let i = 0; i + 1 < nx; i++) {
        const base = (k * ny + j) * nx + i;
        let above = 0;
        let gap = false;
        for (let c = 0; c < 8; c++) {
          const value = values[base + offsets[c]!]!;
          corner[c] = value;
          if (Number.isNaN(value)) gap = true;
          else if (value >= level) above |= 1 << c;
        }
        if (gap || above === 0 || above === 255) continue;
        here[0] = i;
        here[1] = j;
        here[2] = k;
        for (const tetrahedron of tetrahedra) {
          const up = tetrahedron.filter((c) => (above >> c) & 1);
          const down = tetrahedron.filter((c) => !((above >> c) & 1));
          if (up.length === 0 || down.length === 0) continue;
          if (up.length === 2) {
            const quad = [
              vertexOn(down[0]!, up[0]!),
              vertexOn(down[0]!, up[1]!),
              vertexOn(down[1]!, up[1]!),
              vertexOn(down[1]!, up[0]!),
            ] as const;
            face(quad[0], quad[1], quad[2], down[0]!, up[1]!);
            face(quad[0], quad[2], quad[3], down[1]!, up[0]!);
          } else {
            const [tip, others] = up.length === 1 ? [up[0]!, down] : [down[0]!, up];
            const [a, b, c] = others.map((other) => vertexOn(tip, other)) as [number, number, number];
            face(a, b, c, up.length === 1 ? others[0]! : tip, up.length === 1 ? tip : others[0]!);
          }
        }
      }
    }
  }
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    index: Uint32Array.from(index),
  };
}

/** Coordinate within the cell of a point of an edge. */
const along = (low: number, high: number, axis: number, t: number): number => {
  const from = (low >> axis) & 1;
  return from + t * (((high >> axis) & 1) - from);
};

/** Where on the edge (0 at its lower end) the trilinear interpolant takes the level: regula falsi after Illinois. */
function rootOnEdge(corner: Float64Array, low: number, high: number, level: number): number {
  const at = (t: number): number =>
    trilinear(corner, along(low, high, 0, t), along(low, high, 1, t), along(low, high, 2, t)) - level;
  let [t0, f0] = [0, corner[low]! - level];
  let [t1, f1] = [1, corner[high]! - level];
  const scale = Math.abs(f0) + Math.abs(f1);
  let t = t0 - (f0 * (t1 - t0)) / (f1 - f0);
  // Along an axis the interpolant is linear.
  const bits = low ^ high;
  if (bits === 1 || bits === 2 || bits === 4) return t;
  for (let step = 0; step < rootSteps; step++) {
    const f = at(t);
    if (Math.abs(f) <= rootTolerance * scale) break;
    if (f < 0 === f0 < 0) {
      t0 = t;
      f0 = f;
      f1 /= 2;
    } else {
      t1 = t;
      f1 = f;
      f0 /= 2;
    }
    t = t0 - (f0 * (t1 - t0)) / (f1 - f0);
  }
  return t;
}

function trilinear(corner: Float64Array, x: number, y: number, z: number): number {
  const mix = (a: number, b: number, t: number) => a + (b - a) * t;
  const low = mix(mix(corner[0]!, corner[1]!, x), mix(corner[2]!, corner[3]!, x), y);
  const high = mix(mix(corner[4]!, corner[5]!, x), mix(corner[6]!, corner[7]!, x), y);
  return mix(low, high, z);
}
