/** A row-major matrix inside a buffer, as stored (before any transposition). */
export interface Matrix {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * out = op(a)·op(b) with op(a) [m, k] and op(b) [k, n], row-major, overwritten.
 * Four terms (or four dot products) at a time: a quarter of the loads and stores, no change of meaning.
 */
export function matmul(a: Matrix, transposeA: boolean, b: Matrix, transposeB: boolean, out: Float64Array): void {
  const m = transposeA ? a.columns : a.rows;
  const k = transposeA ? a.rows : a.columns;
  const n = transposeB ? b.rows : b.columns;
  const rowStride = transposeA ? 1 : a.columns;
  const termStride = transposeA ? a.columns : 1;
  for (let i = 0; i < m; i++) {
    if (transposeB) dotProducts(a.values, i * rowStride, termStride, b.values, k, n, out, i * n);
    else combination(a.values, i * rowStride, termStride, b.values, k, n, out, i * n);
  }
}

/** out[at + j] = Σ_p a_p b[j, p], with a_p = a[start + p·stride] */
function dotProducts(
  a: Float64Array,
  start: number,
  stride: number,
  b: Float64Array,
  k: number,
  n: number,
  out: Float64Array,
  at: number,
): void {
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const row = j * k;
    for (let p = 0; p < k; p++) {
      const value = a[start + p * stride]!;
      s0 += value * b[row + p]!;
      s1 += value * b[row + k + p]!;
      s2 += value * b[row + 2 * k + p]!;
      s3 += value * b[row + 3 * k + p]!;
    }
    out[at + j] = s0;
    out[at + j + 1] = s1;
    out[at + j + 2] = s2;
    out[at + j + 3] = s3;
  }
  for (; j < n; j++) {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[start + p * stride]! * b[j * k + p]!;
    out[at + j] = sum;
  }
}

/** out[at + j] = Σ_p a_p b[p, j], row by row of b */
function combination(
  a: Float64Array,
  start: number,
  stride: number,
  b: Float64Array,
  k: number,
  n: number,
  out: Float64Array,
  at: number,
): void {
  out.fill(0, at, at + n);
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const a0 = a[start + p * stride]!;
    const a1 = a[start + (p + 1) * stride]!;
    const a2 = a[start + (p + 2) * stride]!;
    const a3 = a[start + (p + 3) * stride]!;
    const row = p * n;
    for (let j = 0; j < n; j++) {
      out[at + j] =
        out[at + j]! + a0 * b[row + j]! + a1 * b[row + n + j]! + a2 * b[row + 2 * n + j]! + a3 * b[row + 3 * n + j]!;
    }
  }
  for (; p < k; p++) {
    const value = a[start + p * stride]!;
    for (let j = 0; j < n; j++) out[at + j] = out[at + j]! + value * b[p * n + j]!;
  }
}
