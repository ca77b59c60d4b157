import type { Domain } from '../../shared/model/experiment';
import { type HeightField, sampleHeight } from './heightField';
import type { PathBuffers } from './model';

/** Distance between neighbouring draped points, in cells of the field. */
const pieceOfCell = 1 / 3;
/** Rows nearer to the last drawn point than this (in units of the window) add nothing to see. */
const negligible = 5e-4;
/** Row of an entry that separates two stretches of line. */
export const breakRow = -1;

/**
 * A path laid on the surface: points (u, v, height, row) in unit coordinates, dense enough that the line between two
 * of them follows the mesh. Stretches outside the window or over a gap are left out; `breakRow` separates stretches.
 * Rows are appended as the path grows; the buffer doubles when it is full.
 */
export class DrapedPath {
  points = new Float32Array(4 * 256);
  /** Entries of `points` in use. */
  length = 0;
  /** Rows laid so far. */
  rows = 0;
  private lastU = Number.NaN;
  private lastV = Number.NaN;
  private lastRow = 0;

  clear(): void {
    this.length = 0;
    this.rows = 0;
  }

  /** Lays the rows from `this.rows` up to `count`. */
  append(field: HeightField, domain: Domain, buffers: PathBuffers, count: number): void {
    const [x0, x1, y0, y1] = domain;
    for (let row = this.rows; row < count; row++) {
      const u = (buffers.x[row]! - x0) / (x1 - x0);
      const v = (buffers.y[row]! - y0) / (y1 - y0);
      if (row === 0) {
        this.lastU = u;
        this.lastV = v;
        this.lastRow = 0;
        this.push(field, u, v, 0);
      } else if (!(Math.abs(u - this.lastU) < negligible && Math.abs(v - this.lastV) < negligible)) {
        this.segment(field, u, v, row);
        this.lastU = u;
        this.lastV = v;
        this.lastRow = row;
      }
    }
    this.rows = Math.max(this.rows, count);
  }

  /** From the last point to (u, v): the part inside the window, in pieces shorter than a cell. */
  private segment(field: HeightField, u: number, v: number, row: number): void {
    const du = u - this.lastU;
    const dv = v - this.lastV;
    const [from, to] = clipToUnitSquare(this.lastU, this.lastV, du, dv);
    if (!(from <= to)) {
      this.separate();
      return;
    }
    const cells = Math.max(Math.abs(du) * (field.nx - 1), Math.abs(dv) * (field.ny - 1)) * (to - from);
    const pieces = Math.max(1, Math.ceil(cells / pieceOfCell));
    if (from > 0) this.separate();
    for (let k = from > 0 ? 0 : 1; k <= pieces; k++) {
      const t = from + ((to - from) * k) / pieces;
      this.push(field, this.lastU + t * du, this.lastV + t * dv, this.lastRow + t * (row - this.lastRow));
    }
    if (to < 1) this.separate();
  }

  private push(field: HeightField, u: number, v: number, row: number): void {
    // Rounding at the window's edge must not open a gap.
    const inside = u > -1e-9 && u < 1 + 1e-9 && v > -1e-9 && v < 1 + 1e-9;
    const height = inside ? sampleHeight(field, clamp01(u), clamp01(v)) : Number.NaN;
    if (Number.isNaN(height)) this.separate();
    else this.write(u, v, height, row);
  }

  private separate(): void {
    if (this.length > 0 && this.points[4 * this.length - 1] !== breakRow) this.write(0, 0, 0, breakRow);
  }

  private write(u: number, v: number, height: number, row: number): void {
    if (4 * (this.length + 1) > this.points.length) {
      const larger = new Float32Array(2 * this.points.length);
      larger.set(this.points);
      this.points = larger;
    }
    const at = 4 * this.length++;
    this.points[at] = u;
    this.points[at + 1] = v;
    this.points[at + 2] = height;
    this.points[at + 3] = row;
  }
}

const clamp01 = (value: number): number => Math.min(Math.max(value, 0), 1);

const clipped: [number, number] = [0, 0];
/** Liang & Barsky (1984): the part [from, to] of u + t·du, v + t·dv, t ∈ [0, 1], in the unit square; from > to: none. */
function clipToUnitSquare(u: number, v: number, du: number, dv: number): [number, number] {
  let from = 0;
  let to = 1;
  for (let side = 0; side < 4; side++) {
    const p = side === 0 ? -du : side === 1 ? du : side === 2 ? -dv : dv;
    const q = side === 0 ? u : side === 1 ? 1 - u : side === 2 ? v : 1 - v;
    if (Number.isNaN(q) || (p === 0 && q < 0)) to = -1;
    else if (p < 0) from = Math.max(from, q / p);
    else if (p > 0) to = Math.min(to, q / p);
  }
  clipped[0] = from;
  clipped[1] = to;
  return clipped;
}

export interface MarkerPosition {
  u: number;
  v: number;
  /** Height of the mesh there; NaN over a gap. */
  height: number;
  loss: number;
  /** False: the point itself is outside the window and (u, v) is the nearest point of its edge. */
  inside: boolean;
}

/** Where a path stands at a fractional row: linear between rows, on the mesh. false for an empty path. */
export function markerAt(
  field: HeightField,
  domain: Domain,
  buffers: PathBuffers,
  count: number,
  row: number,
  out: MarkerPosition,
): boolean {
  if (count < 1) return false;
  const [x0, x1, y0, y1] = domain;
  const position = Math.min(Math.max(row, 0), count - 1);
  const a = Math.floor(position);
  const b = Math.min(a + 1, count - 1);
  const t = position - a;
  const u = ((1 - t) * buffers.x[a]! + t * buffers.x[b]! - x0) / (x1 - x0);
  const v = ((1 - t) * buffers.y[a]! + t * buffers.y[b]! - y0) / (y1 - y0);
  if (!Number.isFinite(u) || !Number.isFinite(v)) return false;
  out.u = clamp01(u);
  out.v = clamp01(v);
  out.inside = Math.abs(out.u - u) < 1e-9 && Math.abs(out.v - v) < 1e-9;
  out.height = sampleHeight(field, out.u, out.v);
  // The number shown is a recorded one.
  out.loss = buffers.loss[t < 0.5 ? a : b]!;
  return true;
}
