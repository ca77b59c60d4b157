import type { Vector } from './objectives/objective';

/** Σ aᵢbᵢ in float64, four partial sums. */
export function dot(a: Vector, b: Vector): number {
  const n = a.length;
  const whole = n - (n % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = whole; i < n; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** y ← y + αx */
export function addScaled(y: Float64Array, alpha: number, x: Vector): void {
  for (let i = 0; i < y.length; i++) y[i]! += alpha * x[i]!;
}

/** x ← x − αd, for α and d in float64 rounded once; the length of the way x moved, four partial sums. */
export function descend(x: Vector, alpha: number, d: Vector): number {
  const n = x.length;
  const whole = n - (n % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < whole; i += 4) {
    const x0 = x[i]!;
    const x1 = x[i + 1]!;
    const x2 = x[i + 2]!;
    const x3 = x[i + 3]!;
    x[i] = x0 - alpha * d[i]!;
    x[i + 1] = x1 - alpha * d[i + 1]!;
    x[i + 2] = x2 - alpha * d[i + 2]!;
    x[i + 3] = x3 - alpha * d[i + 3]!;
    const m0 = x[i]! - x0;
    const m1 = x[i + 1]! - x1;
    const m2 = x[i + 2]! - x2;
    const m3 = x[i + 3]! - x3;
    s0 += m0 * m0;
    s1 += m1 * m1;
    s2 += m2 * m2;
    s3 += m3 * m3;
  }
  for (let i = whole; i < n; i++) {
    const before = x[i]!;
    x[i] = before - alpha * d[i]!;
    s0 += (x[i]! - before) ** 2;
  }
  return Math.sqrt(s0 + s1 + (s2 + s3));
}

export function scale(x: Float64Array, alpha: number): void {
  for (let i = 0; i < x.length; i++) x[i]! *= alpha;
}

/** ‖x‖₂ in float64, also where the sum of squares overflows; infinite or NaN where an entry is. */
export function norm(x: Vector): number {
  const squares = dot(x, x);
  if (squares !== Number.POSITIVE_INFINITY) return Math.sqrt(squares);
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]!));
  if (!Number.isFinite(largest)) return largest;
  let scaled = 0;
  for (let i = 0; i < x.length; i++) scaled += (x[i]! / largest) ** 2;
  return largest * Math.sqrt(scaled);
}
