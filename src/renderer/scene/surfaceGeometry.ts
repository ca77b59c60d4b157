import { BufferAttribute, BufferGeometry, DynamicDrawUsage } from 'three';
import { cellDiagonal, type HeightField } from './heightField';
import { boxHeight, worldX, worldZ } from './world';

/**
 * Triangles of a height field, each vertex an index j·nx + i. Triangles with a corner in a gap are left out.
 *
 * @param out room for 6·((nx − 1)/stride)·((ny − 1)/stride) indices
 * @param stride only every stride-th vertex is used; divides nx − 1 and ny − 1
 * @returns the number of indices written
 */
export function fillTriangles({ nx, ny, heights }: HeightField, out: Uint32Array, stride = 1): number {
  let n = 0;
  const add = (a: number, b: number, c: number): void => {
    if (Number.isNaN(heights[a]!) || Number.isNaN(heights[b]!) || Number.isNaN(heights[c]!)) return;
    out[n++] = a;
    out[n++] = b;
    out[n++] = c;
  };
  for (let j = 0; j < ny - 1; j += stride) {
    for (let i = 0; i < nx - 1; i += stride) {
      const p00 = j * nx + i;
      const p10 = p00 + stride;
      const p01 = p00 + stride * nx;
      const p11 = p01 + stride;
      if (cellDiagonal(heights[p00]!, heights[p10]!, heights[p01]!, heights[p11]!) === 0) {
        add(p00, p10, p11);
        add(p00, p11, p01);
      } else {
        add(p00, p10, p01);
        add(p10, p11, p01);
      }
    }
  }
  return n;
}

/** Unit normals in world coordinates by central differences, one-sided beside gaps and at the edges. [ny·nx, 3] */
export function fillNormals({ nx, ny, us, vs, heights }: HeightField, out: Float32Array): void {
  const slope = (centre: number, before: number, after: number, back: number, ahead: number): number => {
    const b = Number.isNaN(before) ? centre : before;
    const a = Number.isNaN(after) ? centre : after;
    const distance = (Number.isNaN(before) ? 0 : back) + (Number.isNaN(after) ? 0 : ahead);
    return distance > 0 ? ((a - b) / distance) * boxHeight : 0;
  };
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const k = j * nx + i;
      const centre = heights[k]!;
      const du = slope(
        centre,
        i > 0 ? heights[k - 1]! : Number.NaN,
        i < nx - 1 ? heights[k + 1]! : Number.NaN,
        us[i]! - us[i - 1]!,
        us[i + 1]! - us[i]!,
      );
      const dv = slope(
        centre,
        j > 0 ? heights[k - nx]! : Number.NaN,
        j < ny - 1 ? heights[k + nx]! : Number.NaN,
        vs[j]! - vs[j - 1]!,
        vs[j + 1]! - vs[j]!,
      );
      // Height over the plane (u, −v): the upward normal is (−∂h/∂u, 1, ∂h/∂v).
      const length = Math.hypot(du, 1, dv) || 1;
      out[3 * k] = -du / length;
      out[3 * k + 1] = 1 / length;
      out[3 * k + 2] = dv / length;
    }
  }
}

/** Larger grids have every other vertex left out on the floor. */
const fineFloor = 128;

/** The mesh on the GPU, and a coarser one of the same vertices for the lines on the floor. */
export class SurfaceGeometry {
  geometry = new BufferGeometry();
  floor = new BufferGeometry();
  private floorStride = 1;
  private nx = 0;
  private ny = 0;

  /** Writes in place while the grid keeps its size. */
  update(field: HeightField): void {
    const { nx, ny, us, vs, heights } = field;
    if (nx !== this.nx || ny !== this.ny) this.allocate(nx, ny);
    const position = this.geometry.getAttribute('position') as BufferAttribute;
    const normal = this.geometry.getAttribute('normal') as BufferAttribute;
    const index = this.geometry.getIndex() as BufferAttribute;
    const points = position.array as Float32Array;
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        const k = j * nx + i;
        const height = heights[k]!;
        points[3 * k] = worldX(us[i]!);
        // No triangle uses the vertices of a gap; a number keeps drivers from complaining.
        points[3 * k + 1] = Number.isNaN(height) ? 0 : height;
        points[3 * k + 2] = worldZ(vs[j]!);
      }
    }
    fillNormals(field, normal.array as Float32Array);
    this.geometry.setDrawRange(0, fillTriangles(field, index.array as Uint32Array));
    const floorIndex = this.floor.getIndex() as BufferAttribute;
    this.floor.setDrawRange(0, fillTriangles(field, floorIndex.array as Uint32Array, this.floorStride));
    floorIndex.needsUpdate = true;
    position.needsUpdate = true;
    normal.needsUpdate = true;
    index.needsUpdate = true;
  }

  dispose(): void {
    this.geometry.dispose();
    this.floor.dispose();
  }

  private allocate(nx: number, ny: number): void {
    this.nx = nx;
    this.ny = ny;
    // Frees the buffers of the old size; the same objects go on.
    this.dispose();
    const attribute = (size: number) =>
      new BufferAttribute(new Float32Array(size * nx * ny), size).setUsage(DynamicDrawUsage);
    const index = (stride: number) =>
      new BufferAttribute(new Uint32Array(6 * ((nx - 1) / stride) * ((ny - 1) / stride)), 1).setUsage(DynamicDrawUsage);
    const position = attribute(3);
    this.geometry.setAttribute('position', position);
    this.geometry.setAttribute('normal', attribute(3));
    this.geometry.setIndex(index(1));
    this.floorStride = nx % 2 === 1 && ny % 2 === 1 && Math.min(nx, ny) > fineFloor ? 2 : 1;
    this.floor.setAttribute('position', position);
    this.floor.setIndex(index(this.floorStride));
  }
}
