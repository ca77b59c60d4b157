/** Eigenvalues of a symmetric tridiagonal matrix, and its eigenvectors as far as they are asked for. */
export interface TridiagonalEigen {
  /** Ascending. */
  values: Float64Array;
  /** Last component of each unit eigenvector: a Ritz residual is |β·last|. */
  last: Float64Array;
  /** The unit eigenvector of values[i]. */
  vector(i: number): Float64Array;
}

/**
 * Implicit QL with Wilkinson shifts (EISPACK tql2). The plane rotations are kept instead of being multiplied out, so
 * that all eigenvalues with the last components cost O(m²) and every eigenvector another O(m²), not O(m³) for all.
 *
 * @param diagonal m entries α; not changed
 * @param offDiagonal at least m − 1 entries β, β[i] couples i and i + 1; not changed
 * @throws RangeError on entries that are not finite
 */
export function tridiagonalEigen(diagonal: ArrayLike<number>, offDiagonal: ArrayLike<number>): TridiagonalEigen {
  const steps = tridiagonalEigenSteps(diagonal, offDiagonal);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** `tridiagonalEigen` for matrices so large that it has to pause: yields after every sweep, O(m) work. */
export function* tridiagonalEigenSteps(
  diagonal: ArrayLike<number>,
  offDiagonal: ArrayLike<number>,
): Generator<void, TridiagonalEigen> {
  const m = diagonal.length;
  const d = Float64Array.from(diagonal);
  const e = new Float64Array(m);
  for (let i = 0; i < m - 1; i++) e[i] = offDiagonal[i]!;
  // Row m − 1 of the product of the rotations so far.
  const row = new Float64Array(m);
  if (m > 0) row[m - 1] = 1;
  const rotations = new Rotations();

  for (let l = 0; l < m; l++) {
    for (let sweep = 0; ; sweep++) {
      yield;
      let split = l;
      while (split < m - 1) {
        const size = Math.abs(d[split]!) + Math.abs(d[split + 1]!);
        if (Math.abs(e[split]!) <= Number.EPSILON * size) break;
        split++;
      }
      if (split === l) break;
      if (sweep === 60) throw new RangeError('The tridiagonal eigenvalue iteration did not converge.');
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let r = Math.hypot(g, 1);
      g = d[split]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
      let s = 1;
      let c = 1;
      let p = 0;
      let i = split - 1;
      for (; i >= l; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= p;
          e[split] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        rotations.push(i, c, s);
        const upper = row[i + 1]!;
        row[i + 1] = s * row[i]! + c * upper;
        row[i] = c * row[i]! - s * upper;
      }
      if (r === 0 && i >= l) continue;
      d[l]! -= p;
      e[l] = g;
      e[split] = 0;
    }
  }

  const order = Array.from({ length: m }, (_, i) => i).sort((a, b) => d[a]! - d[b]!);
  return {
    values: Float64Array.from(order, (i) => d[i]!),
    last: Float64Array.from(order, (i) => row[i]!),
    vector(i) {
      const z = new Float64Array(m);
      z[order[i]!] = 1;
      rotations.undo(z);
      return z;
    },
  };
}

/** Rotations in chunks: one array of the millions a large matrix needs would be copied again and again as it grows. */
class Rotations {
  readonly #chunks: Float64Array[] = [];
  #used = chunkNumbers;

  /** Of the plane (i, i + 1). */
  push(i: number, cosine: number, sine: number): void {
    if (this.#used === chunkNumbers) {
      this.#chunks.push(new Float64Array(chunkNumbers));
      this.#used = 0;
    }
    const chunk = this.#chunks.at(-1)!;
    chunk[this.#used] = i;
    chunk[this.#used + 1] = cosine;
    chunk[this.#used + 2] = sine;
    this.#used += 3;
  }

  /** z ← the transposed product of all rotations, last first. */
  undo(z: Float64Array): void {
    for (let c = this.#chunks.length - 1; c >= 0; c--) {
      const chunk = this.#chunks[c]!;
      for (let k = (c === this.#chunks.length - 1 ? this.#used : chunkNumbers) - 3; k >= 0; k -= 3) {
        const at = chunk[k]!;
        const cosine = chunk[k + 1]!;
        const sine = chunk[k + 2]!;
        const lower = z[at]!;
        const upper = z[at + 1]!;
        z[at] = cosine * lower + sine * upper;
        z[at + 1] = cosine * upper - sine * lower;
      }
    }
  }
}

const chunkNumbers = 3 * 4_096;
