/**
 * A surface that is still being computed: cells not known yet take the bilinear interpolation of the known ones
 * around them (constant beyond the outermost). Known cells are copied, NaN among them stays a gap and spreads to the
 * unknown cells between it and its known neighbours.
 *
 * @param loss [ny, nx] row-major, read only where `known` is not 0
 * @param known one entry per cell
 * @param out same length as `loss`; may be `loss` itself
 */
export function fillUnknown(
  loss: Float64Array,
  known: Uint8Array,
  nx: number,
  ny: number,
  out: Float64Array = new Float64Array(loss.length),
): Float64Array {
  if (out !== loss) out.set(loss);
  const rowsKnown = new Uint8Array(ny);
  for (let j = 0; j < ny; j++) rowsKnown[j] = fillLine(out, j * nx, 1, nx, (i) => known[j * nx + i]!) ? 1 : 0;
  for (let i = 0; i < nx; i++) fillLine(out, i, nx, ny, (j) => rowsKnown[j]!);
  return out;
}

/** Linear interpolation between the known entries of one line; false where none is known. */
function fillLine(
  values: Float64Array,
  start: number,
  stride: number,
  count: number,
  known: (k: number) => number,
): boolean {
  let previous = -1;
  for (let k = 0; k < count; k++) {
    if (!known(k)) continue;
    const b = values[start + k * stride]!;
    const a = previous < 0 ? b : values[start + previous * stride]!;
    for (let m = previous + 1; m < k; m++) {
      const t = previous < 0 ? 1 : (m - previous) / (k - previous);
      values[start + m * stride] = t === 1 ? b : a + t * (b - a);
    }
    previous = k;
  }
  if (previous < 0) return false;
  for (let m = previous + 1; m < count; m++) values[start + m * stride] = values[start + previous * stride]!;
  return true;
}
