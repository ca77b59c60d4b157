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

/** Vectors read together by `dots` and `addCombination`: w or y is then loaded once for four of them. */
const together = 4;

/** out[k] = v_k·w in float64, a block of vectors times a vector near the speed of memory; `turn` after every four. */
export async function dots(
  vectors: readonly Vector[],
  w: Float64Array,
  turn: () => Promise<void> | undefined,
): Promise<Float64Array> {
  const out = new Float64Array(vectors.length);
  let k = 0;
  for (; k + together <= vectors.length; k += together) {
    dots4(vectors[k]!, vectors[k + 1]!, vectors[k + 2]!, vectors[k + 3]!, w, out.subarray(k, k + together));
    const pause = turn();
    if (pause) await pause;
  }
  for (; k < vectors.length; k++) out[k] = dot(vectors[k]!, w);
  return out;
}

function dots4(a: Vector, b: Vector, c: Vector, d: Vector, w: Float64Array, out: Float64Array): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < w.length; i++) {
    const entry = w[i]!;
    s0 += a[i]! * entry;
    s1 += b[i]! * entry;
    s2 += c[i]! * entry;
    s3 += d[i]! * entry;
  }
  out[0] = s0;
  out[1] = s1;
  out[2] = s2;
  out[3] = s3;
}

/** y ← y + Σ α_k v_k; `turn` after every four. */
export async function addCombination(
  y: Float64Array,
  alphas: Float64Array,
  vectors: readonly Vector[],
  turn: () => Promise<void> | undefined,
): Promise<void> {
  let k = 0;
  for (; k + together <= vectors.length; k += together) {
    const [a, b, c, d] = [vectors[k]!, vectors[k + 1]!, vectors[k + 2]!, vectors[k + 3]!];
    addScaled4(y, alphas[k]!, a, alphas[k + 1]!, b, alphas[k + 2]!, c, alphas[k + 3]!, d);
    const pause = turn();
    if (pause) await pause;
  }
  for (; k < vectors.length; k++) addScaled(y, alphas[k]!, vectors[k]!);
}

function addScaled4(
  y: Float64Array,
  alpha: number,
  a: Vector,
  beta: number,
  b: Vector,
  gamma: number,
  c: Vector,
  delta: number,
  d: Vector,
): void {
  for (let i = 0; i < y.length; i++) y[i]! += alpha * a[i]! + beta * b[i]! + (gamma * c[i]! + delta * d[i]!);
}

/** w ← w − V(Vᵀw): takes the components along orthonormal vectors away, classical Gram–Schmidt. */
export async function removeComponents(
  w: Float64Array,
  vectors: readonly Vector[],
  turn: () => Promise<void> | undefined,
): Promise<void> {
  const components = await dots(vectors, w, turn);
  scale(components, -1);
  await addCombination(w, components, vectors, turn);
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
