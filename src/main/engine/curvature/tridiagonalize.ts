export interface Tridiagonal {
  /** n diagonal entries. */
  diagonal: Float64Array;
  /** n − 1 entries, [i] couples i and i + 1. */
  offDiagonal: Float64Array;
  /** [n, n] row-major orthogonal Q with QᵀAQ tridiagonal and Q·e_last = e_last. */
  q: Float64Array;
}

/**
 * Householder reduction of a small symmetric matrix from its last row upwards, O(n³). The last basis vector stays
 * itself, which is what a restarted Lanczos basis needs: its next vector must not be mixed with the ones kept.
 *
 * @param matrix [n, n] row-major; overwritten
 */
export function tridiagonalize(matrix: Float64Array, n: number): Tridiagonal {
  const a = matrix;
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const u = new Float64Array(n);
  for (let k = n - 1; k >= 2; k--) {
    // Reflector on 0 … k − 1 that leaves only entry k − 1 of row k.
    let tail = 0;
    for (let i = 0; i < k - 1; i++) tail += a[k * n + i]! ** 2;
    if (tail === 0) continue;
    const pivot = a[k * n + k - 1]!;
    const length = Math.sqrt(tail + pivot * pivot);
    u.fill(0);
    for (let i = 0; i < k; i++) u[i] = a[k * n + i]!;
    u[k - 1]! += pivot < 0 ? -length : length;
    let squared = 0;
    for (let i = 0; i < k; i++) squared += u[i]! ** 2;
    reflectRows(a, n, u, k, squared);
    reflectColumns(a, n, u, k, squared);
    reflectColumns(q, n, u, k, squared);
  }
  return {
    diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!),
    offDiagonal: Float64Array.from({ length: Math.max(n - 1, 0) }, (_, i) => a[(i + 1) * n + i]!),
    q,
  };
}

/** A ← (I − 2uuᵀ/‖u‖²)A, u zero from index `count` on. */
function reflectRows(a: Float64Array, n: number, u: Float64Array, count: number, squared: number): void {
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += u[i]! * a[i * n + j]!;
    const factor = (2 * sum) / squared;
    for (let i = 0; i < count; i++) a[i * n + j]! -= factor * u[i]!;
  }
}

/** A ← A(I − 2uuᵀ/‖u‖²) */
function reflectColumns(a: Float64Array, n: number, u: Float64Array, count: number, squared: number): void {
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < count; j++) sum += a[i * n + j]! * u[j]!;
    const factor = (2 * sum) / squared;
    for (let j = 0; j < count; j++) a[i * n + j]! -= factor * u[j]!;
  }
}
