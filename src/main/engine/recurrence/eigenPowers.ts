import { EigenvalueDecomposition, Matrix, solve } from 'ml-matrix';

/** The powers of a square matrix A = VDV⁻¹, computed through its eigenvalues: Aᵗ = VDᵗV⁻¹. */
export interface EigenPowers {
  /** |λ| and arg λ of every eigenvalue, in the order of the decomposition. */
  moduli: Float64Array;
  angles: Float64Array;
  /** max |λ| */
  radius: number;
  /** Aᵗv; with `largestOnly` the part of it in the eigenvectors whose |λ| is the radius. */
  apply(v: Float64Array, t: number, largestOnly?: boolean): Float64Array;
}

/** |λ| within this share of the radius count as the largest: the decomposition's own rounding. */
const sameModulus = 1e-9;

/**
 * V and D are real (ml-matrix, after EISPACK): a conjugate pair a ± ib is a block [[a, b], [−b, a]] of D, whose power is
 * |λ|ᵗ times the rotation by t·arg λ. Powers are of moduli and angles, so that nothing is multiplied t times.
 *
 * @param matrix [n, n] row-major, not defective (the eigenvectors span the space)
 */
export function eigenPowers(matrix: Float64Array, n: number): EigenPowers {
  const rows = Array.from({ length: n }, (_, i) => Array.from(matrix.subarray(i * n, (i + 1) * n)));
  const { realEigenvalues, imaginaryEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rows));
  const moduli = Float64Array.from(realEigenvalues, (real, i) => Math.hypot(real, imaginaryEigenvalues[i]!));
  const angles = Float64Array.from(realEigenvalues, (real, i) => Math.atan2(imaginaryEigenvalues[i]!, real));
  const radius = Math.max(...moduli);
  return {
    moduli,
    angles,
    radius,
    apply(v, t, largestOnly = false) {
      const c = solve(eigenvectorMatrix, Matrix.columnVector(Array.from(v))).to1DArray();
      const powers = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        if (largestOnly && moduli[i]! < radius * (1 - sameModulus)) continue;
        const factor = moduli[i]! ** t;
        const turned = imaginaryEigenvalues[i]! === 0 ? 0 : imaginaryEigenvalues[i]! > 0 ? 1 : -1;
        // The other coordinate of a pair's block: the next of a first, the one before of a second.
        const other = turned === 0 ? 0 : c[i + turned]!;
        const angle = t * Math.abs(angles[i]!);
        powers[i] =
          turned === 0
            ? Math.sign(realEigenvalues[i]!) ** t * factor * c[i]!
            : factor * (Math.cos(angle) * c[i]! + turned * Math.sin(angle) * other);
      }
      return Float64Array.from(eigenvectorMatrix.mmul(Matrix.columnVector(Array.from(powers))).to1DArray());
    },
  };
}

/** out ← Av for A [n, n] row-major. */
export function multiply(matrix: Float64Array, v: Float64Array, out: Float64Array): void {
  const n = v.length;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += matrix[i * n + j]! * v[j]!;
    out[i] = sum;
  }
}
