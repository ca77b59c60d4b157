import type { HeightTransform } from '../../shared/math/heightTransform';

/**
 * Heights on a rectangular grid in unit coordinates: u and v run from 0 to 1 over the window, heights from 0 to 1
 * over the losses. Every cell is two triangles; mesh, paths and hover all read this same triangulation.
 */
export interface HeightField {
  nx: number;
  ny: number;
  /** Ascending, from 0 to 1. */
  us: Float64Array;
  vs: Float64Array;
  /** [ny, nx] row-major; NaN is a gap. */
  heights: Float32Array;
}

/** Larger grids are thinned for drawing; the numbers shown on hover come from the full grid. */
const maximumResolution = 385;

/**
 * The field that is drawn: losses of coarse grids interpolated by cubics through the known points (the losses, not
 * their heights: a ravine on a log scale is smooth only below the logarithm), very fine grids thinned, then the
 * transform. Reuses `previous` where the size is equal.
 *
 * @param resolution points a side up to which coarse grids are made smooth
 */
export function buildHeightField(
  surface: { xs: Float64Array; ys: Float64Array; loss: Float64Array },
  transform: HeightTransform,
  resolution: number,
  previous: HeightField | null = null,
): HeightField {
  const nx = surface.xs.length;
  const columns = pickNodes(nx);
  const rows = pickNodes(surface.ys.length);
  const factorX = smoothingFactor(columns.length, resolution);
  const factorY = smoothingFactor(rows.length, resolution);
  const outX = (columns.length - 1) * factorX + 1;
  const outY = (rows.length - 1) * factorY + 1;
  const reusable = previous !== null && previous.nx === outX && previous.ny === outY;
  const field: HeightField = reusable
    ? previous
    : {
        nx: outX,
        ny: outY,
        us: new Float64Array(outX),
        vs: new Float64Array(outY),
        heights: new Float32Array(outX * outY),
      };
  fillUnit(field.us, surface.xs, columns, factorX);
  fillUnit(field.vs, surface.ys, rows, factorY);

  const coarse = new Float64Array(columns.length * rows.length);
  for (let j = 0; j < rows.length; j++) {
    for (let i = 0; i < columns.length; i++) {
      const loss = surface.loss[rows[j]! * nx + columns[i]!]!;
      coarse[j * columns.length + i] = Number.isFinite(loss) ? loss : Number.NaN;
    }
  }
  const fine = refine(coarse, columns.length, rows.length, factorX, factorY);
  for (let k = 0; k < fine.length; k++) {
    // A cubic may overshoot the largest and smallest known value.
    field.heights[k] = Math.min(Math.max(transform.toHeight(fine[k]!), 0), 1);
  }
  return field;
}

/** Cubic interpolation of a grid with gaps to `factor` times as many cells along each axis. */
function refine(coarse: Float64Array, nx: number, ny: number, factorX: number, factorY: number): Float64Array {
  const outX = (nx - 1) * factorX + 1;
  const outY = (ny - 1) * factorY + 1;
  // Along x within the known rows, then along y within every column.
  const wide = new Float64Array(outX * ny);
  for (let j = 0; j < ny; j++) interpolateLine(coarse, j * nx, 1, nx, factorX, wide, j * outX, 1);
  const fine = new Float64Array(outX * outY);
  for (let i = 0; i < outX; i++) interpolateLine(wide, i, outX, ny, factorY, fine, i, outX);
  if (factorX > 1 || factorY > 1) fillHalfCells(coarse, nx, ny, factorX, factorY, fine);
  return fine;
}

/** Cells with a gap at one corner keep the triangle of the other three: the plane through them. */
function fillHalfCells(
  coarse: Float64Array,
  nx: number,
  ny: number,
  factorX: number,
  factorY: number,
  fine: Float64Array,
): void {
  const outX = (nx - 1) * factorX + 1;
  for (let j = 0; j < ny - 1; j++) {
    for (let i = 0; i < nx - 1; i++) {
      const corner = j * nx + i;
      const values = [coarse[corner]!, coarse[corner + 1]!, coarse[corner + nx]!, coarse[corner + nx + 1]!];
      if (values.filter(Number.isNaN).length !== 1) continue;
      for (let b = 0; b <= factorY; b++) {
        for (let a = 0; a <= factorX; a++) {
          const at = (j * factorY + b) * outX + i * factorX + a;
          if (!Number.isNaN(fine[at]!)) continue;
          const value = triangleHeight(values[0]!, values[1]!, values[2]!, values[3]!, a / factorX, b / factorY);
          if (!Number.isNaN(value)) fine[at] = value;
        }
      }
    }
  }
}

function smoothingFactor(nodes: number, resolution: number): number {
  return nodes < 2 ? 1 : Math.max(1, Math.floor((resolution - 1) / (nodes - 1)));
}

/** Indices of the nodes that are drawn, the first and the last always among them. */
function pickNodes(n: number): Int32Array {
  const count = Math.min(n, maximumResolution);
  return Int32Array.from({ length: count }, (_, k) => (count < 2 ? 0 : Math.round((k * (n - 1)) / (count - 1))));
}

function fillUnit(out: Float64Array, values: Float64Array, nodes: Int32Array, factor: number): void {
  const first = values[nodes[0]!]!;
  const span = values[nodes[nodes.length - 1]!]! - first || 1;
  for (let k = 0; k < out.length; k++) {
    const node = Math.floor(k / factor);
    const t = (k % factor) / factor;
    const a = values[nodes[node]!]!;
    out[k] = (t === 0 ? a - first : a + t * (values[nodes[node + 1]!]! - a) - first) / span;
  }
}

/**
 * Catmull-Rom through equally spaced values. A cell with a gap at either end stays a gap between
 * its ends; a gap beyond the cell is replaced by linear extrapolation of it.
 */
function interpolateLine(
  source: Float64Array,
  sourceStart: number,
  sourceStride: number,
  nodes: number,
  factor: number,
  out: Float64Array,
  outStart: number,
  outStride: number,
): void {
  const at = (k: number) => (k < 0 || k >= nodes ? Number.NaN : (source[sourceStart + k * sourceStride] as number));
  for (let k = 0; k < nodes; k++) {
    const p1 = at(k);
    out[outStart + k * factor * outStride] = p1;
    if (k === nodes - 1) break;
    const p2 = at(k + 1);
    let p0 = at(k - 1);
    let p3 = at(k + 2);
    if (Number.isNaN(p0)) p0 = 2 * p1 - p2;
    if (Number.isNaN(p3)) p3 = 2 * p2 - p1;
    for (let s = 1; s < factor; s++) {
      const t = s / factor;
      out[outStart + (k * factor + s) * outStride] =
        p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
    }
  }
}

/**
 * Which diagonal splits a cell into two triangles: 0 joins (0,0) with (1,1), 1 joins (1,0) with (0,1). The flatter
 * one, so that valleys that run diagonally are not serrated; beside a gap the one that keeps a triangle.
 */
export function cellDiagonal(h00: number, h10: number, h01: number, h11: number): 0 | 1 {
  if (Number.isNaN(h00) || Number.isNaN(h11)) return 1;
  if (Number.isNaN(h10) || Number.isNaN(h01)) return 0;
  return Math.abs(h00 - h11) <= Math.abs(h10 - h01) ? 0 : 1;
}

/** Index k of the interval [axis[k], axis[k+1]] that holds the value; the nearest one for a value outside. */
export function locate(axis: Float64Array, value: number): number {
  let low = 0;
  let high = axis.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (axis[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Height of the mesh at (u, v): exact on its triangles. NaN in a gap and outside the window. */
export function sampleHeight(field: HeightField, u: number, v: number): number {
  const { nx, us, vs, heights } = field;
  if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return Number.NaN;
  const i = locate(us, u);
  const j = locate(vs, v);
  const s = (u - us[i]!) / (us[i + 1]! - us[i]!);
  const t = (v - vs[j]!) / (vs[j + 1]! - vs[j]!);
  const corner = j * nx + i;
  return triangleHeight(heights[corner]!, heights[corner + 1]!, heights[corner + nx]!, heights[corner + nx + 1]!, s, t);
}

/** Height inside one cell at (s, t) in [0, 1]². */
function triangleHeight(h00: number, h10: number, h01: number, h11: number, s: number, t: number): number {
  if (cellDiagonal(h00, h10, h01, h11) === 0) {
    return s >= t ? h00 + s * (h10 - h00) + t * (h11 - h10) : h00 + t * (h01 - h00) + s * (h11 - h01);
  }
  return s + t <= 1 ? h00 + s * (h10 - h00) + t * (h01 - h00) : h11 + (1 - s) * (h01 - h11) + (1 - t) * (h10 - h11);
}

/**
 * Where a ray first meets the mesh: the parameter t of origin + t·direction (t ≥ 0) in unit coordinates (u, v, h), or
 * NaN. Walks the cells the ray passes over, so the cost is that of a few hundred cells at most.
 */
export function intersectHeightField(
  field: HeightField,
  ou: number,
  ov: number,
  oh: number,
  du: number,
  dv: number,
  dh: number,
): number {
  const { nx, ny, us, vs, heights } = field;
  // Clip against the box u, v, h ∈ [0, 1], with room for rounding at the top and the bottom.
  let enter = 0;
  let leave = Infinity;
  const clip = (origin: number, direction: number, low: number, high: number): void => {
    if (direction === 0) {
      if (origin < low || origin > high) leave = -1;
      return;
    }
    const a = (low - origin) / direction;
    const b = (high - origin) / direction;
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  };
  clip(ou, du, 0, 1);
  clip(ov, dv, 0, 1);
  clip(oh, dh, -1e-6, 1 + 1e-6);
  if (!(enter <= leave)) return Number.NaN;

  let i = locate(us, ou + enter * du);
  let j = locate(vs, ov + enter * dv);
  let from = enter;
  while (from <= leave && i >= 0 && j >= 0 && i < nx - 1 && j < ny - 1) {
    const nextU = du > 0 ? (us[i + 1]! - ou) / du : du < 0 ? (us[i]! - ou) / du : Infinity;
    const nextV = dv > 0 ? (vs[j + 1]! - ov) / dv : dv < 0 ? (vs[j]! - ov) / dv : Infinity;
    const to = Math.min(nextU, nextV, leave);
    const corner = j * nx + i;
    const hit = intersectCell(
      heights[corner]!,
      heights[corner + 1]!,
      heights[corner + nx]!,
      heights[corner + nx + 1]!,
      (ou - us[i]!) / (us[i + 1]! - us[i]!),
      (ov - vs[j]!) / (vs[j + 1]! - vs[j]!),
      oh,
      du / (us[i + 1]! - us[i]!),
      dv / (vs[j + 1]! - vs[j]!),
      dh,
      from - 1e-9,
      to + 1e-9,
    );
    if (!Number.isNaN(hit)) return Math.max(hit, 0);
    if (to >= leave) return Number.NaN;
    from = to;
    if (nextU <= nextV) i += du > 0 ? 1 : -1;
    else j += dv > 0 ? 1 : -1;
  }
  return Number.NaN;
}

/** First t in [from, to] at which the ray (s, t, h)(t) meets one of a cell's two triangles. */
function intersectCell(
  h00: number,
  h10: number,
  h01: number,
  h11: number,
  os: number,
  ot: number,
  oh: number,
  ds: number,
  dt: number,
  dh: number,
  from: number,
  to: number,
): number {
  const diagonal = cellDiagonal(h00, h10, h01, h11);
  let first = Number.NaN;
  for (let k = 0; k < 2; k++) {
    // The triangle's plane: h = base + gs·s + gt·t.
    const lower = k === 0;
    let base: number;
    let gs: number;
    let gt: number;
    if (diagonal === 0) {
      base = h00;
      gs = lower ? h10 - h00 : h11 - h01;
      gt = lower ? h11 - h10 : h01 - h00;
    } else {
      gs = lower ? h10 - h00 : h11 - h01;
      gt = lower ? h01 - h00 : h11 - h10;
      base = lower ? h00 : h11 - gs - gt;
    }
    const slope = dh - gs * ds - gt * dt;
    const t = slope === 0 ? Number.NaN : (base + gs * os + gt * ot - oh) / slope;
    if (!(t >= from && t <= to)) continue;
    const s = os + t * ds;
    const r = ot + t * dt;
    const inside =
      diagonal === 0 ? (lower ? s >= r - 1e-9 : s <= r + 1e-9) : lower ? s + r <= 1 + 1e-9 : s + r >= 1 - 1e-9;
    if (inside && !(t >= first)) first = t;
  }
  return first;
}
