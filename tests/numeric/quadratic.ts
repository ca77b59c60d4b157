import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { LinearOperator, Objective } from '../../src/main/engine/objectives/objective';
import { createRng } from '../../src/main/engine/random';
import type { TrajectoryRows } from '../../src/main/engine/trajectory/rows';

/** Dense symmetric operator; counts its products. */
export function matrixOperator(matrix: Matrix): LinearOperator & { products: number } {
  const size = matrix.rows;
  const entries = Float64Array.from(matrix.to1DArray());
  const operator = {
    size,
    products: 0,
    apply(v: ArrayLike<number>, out: { [i: number]: number }) {
      operator.products++;
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += entries[i * size + j]! * v[j]!;
        out[i] = sum;
      }
    },
    dispose() {},
  };
  return operator;
}

export function diagonalOperator(values: ArrayLike<number>): LinearOperator & { products: number } {
  const operator = {
    size: values.length,
    products: 0,
    apply(v: ArrayLike<number>, out: { [i: number]: number }) {
      operator.products++;
      for (let i = 0; i < values.length; i++) out[i] = values[i]! * v[i]!;
    },
    dispose() {},
  };
  return operator;
}

/** GOE-like symmetric matrix, seeded. */
export function randomSymmetric(size: number, seed: number): Matrix {
  const rng = createRng(seed, 'tests/symmetric');
  const matrix = new Matrix(size, size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = rng.normal();
      matrix.set(i, j, value);
      matrix.set(j, i, value);
    }
  }
  return matrix;
}

/** Q·diag(values)·Qᵀ with a random orthogonal Q. */
export function withSpectrum(values: readonly number[], seed: number): Matrix {
  const basis = new EigenvalueDecomposition(randomSymmetric(values.length, seed), { assumeSymmetric: true })
    .eigenvectorMatrix;
  const matrix = basis.mmul(Matrix.diag([...values])).mmul(basis.transpose());
  return matrix.add(matrix.transpose()).div(2);
}

/** Ascending, by ml-matrix. */
export function denseEigenvalues(matrix: Matrix): number[] {
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues.toSorted((a, b) => a - b);
}

/** L(θ) = ½(θ − c)ᵀA(θ − c) in float64, one weight block. */
export function quadratic(matrix: Matrix, center: ArrayLike<number>): Objective {
  const dimension = matrix.rows;
  const operator = matrixOperator(matrix);
  const deviation = (params: ArrayLike<number>) =>
    Float64Array.from({ length: dimension }, (_, i) => params[i]! - center[i]!);
  const value = (params: ArrayLike<number>) => {
    const d = deviation(params);
    const product = new Float64Array(dimension);
    operator.apply(d, product);
    return d.reduce((sum, entry, i) => sum + 0.5 * entry * product[i]!, 0);
  };
  return {
    dimension,
    layout: [{ name: 'weight', shape: [dimension], offset: 0, size: dimension, role: 'weight' }],
    examples: 0,
    precision: 'float64',
    executor: 'quadratic',
    allocate: () => new Float64Array(dimension),
    value,
    gradient(params, out) {
      operator.apply(deviation(params), out);
      return value(params);
    },
    hessian: () => matrixOperator(matrix),
    measure: (params) => ({ loss: value(params), standardError: Number.NaN, accuracy: Number.NaN }),
    plane({ origin, d1, d2, coordinates }) {
      const points = coordinates.length / 2;
      const gap = () => new Float64Array(points).fill(Number.NaN);
      const loss = Float64Array.from({ length: points }, (_, k) =>
        value(origin.map((o, i) => o + coordinates[2 * k]! * d1[i]! + coordinates[2 * k + 1]! * d2[i]!)),
      );
      return { loss, standardError: gap(), accuracy: gap() };
    },
    dispose() {},
  };
}

/** Rows held in memory, as a run's file would give them. */
export function rowsOf(theta: Float32Array, dimension: number): TrajectoryRows {
  return {
    rows: theta.length / dimension,
    dimension,
    read: (first, count) => theta.slice(first * dimension, (first + count) * dimension),
  };
}
