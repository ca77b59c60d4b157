import { Matrix, SVD } from 'ml-matrix';
import { expect, test } from 'vitest';
import { createRng } from '../../src/main/engine/random';
import { pathPrincipalComponents } from '../../src/main/engine/trajectory/pca';
import { createProjector, projectTrajectory } from '../../src/main/engine/trajectory/project';
import { rowsOf } from './quadratic';

/** A decaying path with noise: rows × dimension, float32. */
function decayingPath(rows: number, dimension: number, seed: number): Float32Array {
  const rng = createRng(seed, 'tests/path');
  const rates = Array.from({ length: dimension }, () => 0.02 + 0.3 * rng.uniform());
  const start = Array.from({ length: dimension }, () => 2 * rng.normal());
  return Float32Array.from({ length: rows * dimension }, (_, k) => {
    const row = Math.floor(k / dimension);
    const i = k % dimension;
    return start[i]! * (1 - rates[i]!) ** row + 0.02 * rng.normal();
  });
}

/** Rows θ_t − θ_T as the oracle sees them. */
function centred(theta: Float32Array, dimension: number): Matrix {
  const rows = theta.length / dimension;
  const end = theta.slice((rows - 1) * dimension);
  return Matrix.from1DArray(
    rows,
    dimension,
    Array.from(theta, (value, k) => value - end[k % dimension]!),
  );
}

test.each([
  ['few rows: Gram matrix of the rows', 40, 150],
  ['few parameters: Gram matrix of the parameters', 300, 12],
  ['long path of many parameters: Lanczos', 420, 400],
])('%s agrees with a dense SVD', async (_, rows, dimension) => {
  const theta = decayingPath(rows, dimension, rows);
  const matrix = centred(theta, dimension);
  const svd = new SVD(matrix, { autoTranspose: true });
  const total = matrix.to1DArray().reduce((sum, value) => sum + value * value, 0);
  const found = await pathPrincipalComponents([rowsOf(theta, dimension)]);
  expect(found.singularValues).toBeAllclose(svd.diagonal.slice(0, 2), { rtol: 1e-9 });
  expect(found.explainedVarianceRatio).toBeAllclose(
    svd.diagonal.slice(0, 2).map((s) => (s * s) / total),
    { rtol: 1e-9 },
  );
  const first = matrix.getRow(0);
  [found.d1, found.d2].forEach((direction, k) => {
    const oracle = svd.rightSingularVectors.getColumn(k);
    const sign = Math.sign(oracle.reduce((sum, value, i) => sum + value * first[i]!, 0));
    expect(direction).toBeAllclose(
      oracle.map((value) => sign * value),
      { atol: 1e-6 },
    );
    // The convention that fixes the signs: the first row has positive coordinates.
    expect(direction.reduce((sum, value, i) => sum + value * first[i]!, 0)).toBeGreaterThan(0);
  });
  expect(found.origin).toEqual(Float64Array.from(theta.slice(-dimension)));
  expect(inner(found.d1, found.d2)).toBeAllclose(0, { atol: 1e-14 });
  expect(inner(found.d1, found.d1)).toBeAllclose(1, { atol: 1e-14 });
});

test('several paths are measured from the end of the first', async () => {
  const dimension = 30;
  const one = decayingPath(25, dimension, 1);
  const two = decayingPath(35, dimension, 2);
  const end = one.slice(-dimension);
  const all = Matrix.from1DArray(
    60,
    dimension,
    [...one, ...two].map((value, k) => value - end[k % dimension]!),
  );
  const { singularValues } = await pathPrincipalComponents([rowsOf(one, dimension), rowsOf(two, dimension)]);
  expect(singularValues).toBeAllclose(new SVD(all, { autoTranspose: true }).diagonal.slice(0, 2), { rtol: 1e-9 });
});

test('a mask keeps directions out of the biases, and the shares count what that loses', async () => {
  const dimension = 10;
  const theta = decayingPath(30, dimension, 5);
  const mask = Uint8Array.from({ length: dimension }, (_, i) => Number(i < 6));
  const matrix = centred(theta, dimension);
  const total = matrix.to1DArray().reduce((sum, value) => sum + value * value, 0);
  const kept = new SVD(matrix.subMatrix(0, 29, 0, 5), { autoTranspose: true }).diagonal;
  const { d1, d2, explainedVarianceRatio } = await pathPrincipalComponents([rowsOf(theta, dimension)], { mask });
  expect(explainedVarianceRatio).toBeAllclose([kept[0]! ** 2 / total, kept[1]! ** 2 / total], { rtol: 1e-9 });
  expect([...d1.slice(6), ...d2.slice(6)]).toEqual(new Array(8).fill(0));
});

test('a straight path has a seeded second direction with share 0; one that does not move is refused', async () => {
  const step = [1, 2, -2, 0.5];
  const theta = Float32Array.from({ length: 5 * 4 }, (_, k) => (4 - Math.floor(k / 4)) * step[k % 4]!);
  const found = await pathPrincipalComponents([rowsOf(theta, 4)], { seed: 3 });
  const again = await pathPrincipalComponents([rowsOf(theta, 4)], { seed: 3 });
  expect(found.explainedVarianceRatio[0]).toBeAllclose(1, { atol: 1e-12 });
  expect(found.explainedVarianceRatio[1]).toBe(0);
  expect(found.d1).toBeAllclose(
    step.map((value) => value / Math.hypot(...step)),
    { atol: 1e-12 },
  );
  expect(inner(found.d1, found.d2)).toBeAllclose(0, { atol: 1e-15 });
  expect(again.d2).toEqual(found.d2);

  const still = rowsOf(new Float32Array(12).fill(0.5), 4);
  await expect(pathPrincipalComponents([still])).rejects.toMatchObject({
    code: 'badInput',
    message: expect.stringContaining('does not move'),
  });
  await expect(pathPrincipalComponents([rowsOf(new Float32Array(4), 4)])).rejects.toMatchObject({ code: 'badInput' });
});

test('rows that diverged are left out and the origin is the last finite one', async () => {
  const dimension = 6;
  const theta = decayingPath(20, dimension, 9);
  const whole = await pathPrincipalComponents([rowsOf(theta, dimension)]);
  const diverged = new Float32Array(22 * dimension).fill(Number.NaN);
  diverged.set(theta);
  diverged.fill(Infinity, 20 * dimension, 21 * dimension);
  expect(await pathPrincipalComponents([rowsOf(diverged, dimension)])).toEqual(whole);
});

test('a path inside the plane is projected exactly, with oblique axes too', () => {
  const dimension = 50;
  const rng = createRng(1, 'tests/oblique');
  const draw = () => Float64Array.from({ length: dimension }, () => Math.round(8 * rng.normal()) / 8);
  const [origin, d1, noise] = [draw(), draw(), draw()];
  // Cosine of about 0.9: two separate cosines would be badly wrong here.
  const d2 = d1.map((value, i) => value + 0.5 * noise[i]!);
  const coordinates = [
    [0, 0],
    [1, 0],
    [0.5, -2],
    [-3, 4],
  ] as const;
  const theta = Float32Array.from(
    coordinates.flatMap(([x, y]) => Array.from(origin, (o, i) => o + x * d1[i]! + y * d2[i]!)),
  );
  const path = createProjector({ origin, d1, d2 }).project(theta, 4);
  expect(path.x).toBeAllclose(
    coordinates.map(([x]) => x),
    { atol: 1e-12 },
  );
  expect(path.y).toBeAllclose(
    coordinates.map(([, y]) => y),
    { atol: 1e-12 },
  );
  expect(path.residual).toBeAllclose([0, 0, 0, 0], { atol: 1e-12 });
});

test('the residual is the distance from the plane, orthogonal to both axes', async () => {
  const dimension = 200;
  const theta = decayingPath(30, dimension, 4);
  const axes = await pathPrincipalComponents([rowsOf(theta, dimension)]);
  const path = await projectTrajectory(axes, rowsOf(theta, dimension));
  let explained = 0;
  let outside = 0;
  for (let t = 0; t < 30; t++) {
    explained += path.x[t]! ** 2 + path.y[t]! ** 2;
    outside += path.residual[t]! ** 2;
    const rest = axes.origin.map(
      (o, i) => theta[t * dimension + i]! - o - path.x[t]! * axes.d1[i]! - path.y[t]! * axes.d2[i]!,
    );
    expect(Math.hypot(...rest)).toBeAllclose(path.residual[t]!, { rtol: 1e-10, atol: 1e-12 });
    expect([inner(rest, axes.d1), inner(rest, axes.d2)]).toBeAllclose([0, 0], { atol: 1e-12 });
  }
  const [first, second] = axes.explainedVarianceRatio;
  expect(explained / (explained + outside)).toBeAllclose(first + second, { rtol: 1e-10 });
  expect([path.x[29], path.y[29], path.residual[29]]).toEqual([0, 0, 0]);
});

function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
}
