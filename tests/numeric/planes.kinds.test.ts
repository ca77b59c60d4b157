import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { createPlane, type PlaneData, prepareTurning } from '../../src/main/engine/planes';
import { createRng } from '../../src/main/engine/random';
import { addScaled, dot, norm } from '../../src/main/engine/vectors';
import { type PlaneSpec, planeSpecSchema } from '../../src/shared/model/landscape';
import { makeCase, normalVector } from './networks';
import { denseEigenvalues, matrixOperator, quadratic, randomSymmetric, rowsOf, withSpectrum } from './quadratic';

const spec = (value: unknown): PlaneSpec => planeSpecSchema.parse(value);

/** A path of a small tanh network in float32, with its float64 objective. */
const network = makeCase({ activation: 'tanh', loss: 'softmaxCrossEntropy', sizes: [3, 5, 4, 2], examples: 40 });
const objective: Objective = await createReferenceExecutor().load(network.network, network.data);
const dimension = objective.dimension;
const rows = 9;
function walk(seed: number): Float32Array {
  const rng = createRng(seed, 'tests/walk');
  return Float32Array.from({ length: rows * dimension }, (_, i) =>
    Math.fround(network.params[i % dimension]! + 0.3 * rng.normal()),
  );
}
const paths = [walk(1), walk(2), walk(3)];
const rowOf = (run: number, row: number) =>
  Float64Array.from(paths[run]!.subarray(row * dimension, (row + 1) * dimension));
const data: PlaneData = {
  layout: objective.layout,
  trajectories: paths.map((path) => rowsOf(path, dimension)),
  sources: {
    objective: async () => objective,
    direction: async (path) => normalVector(dimension, path.length),
    connection: async () => [rowOf(0, 8), rowOf(2, 4), rowOf(1, 8)],
  },
};

/** Second difference of the slice along an axis. */
async function curvatureAlong(basis: { origin: Float64Array; d1: Float64Array; d2: Float64Array }, h = 1e-3) {
  const { loss } = await objective.plane({ ...basis, coordinates: Float64Array.of(0, 0, h, 0, -h, 0, 0, h, 0, -h) });
  return [loss[1]! - 2 * loss[0]! + loss[2]!, loss[3]! - 2 * loss[0]! + loss[4]!].map((second) => second / h ** 2);
}

test('paths of two runs that lie in one plane are reproduced exactly by their joint PCA', async () => {
  const [u, v, end] = [normalVector(dimension, 5), normalVector(dimension, 6), rowOf(0, 8)];
  const rng = createRng(7, 'tests/in plane');
  const made = [0, 1].map((run) => {
    const path = new Float32Array(rows * dimension);
    for (let r = 0; r < rows; r++) {
      const [a, b] = run === 0 && r === rows - 1 ? [0, 0] : [rng.normal(), rng.normal()];
      for (let i = 0; i < dimension; i++) path[r * dimension + i] = end[i]! + a * u[i]! + b * v[i]!;
    }
    return path;
  });
  const plane = await createPlane(spec({ kind: 'pca' }), {
    layout: objective.layout,
    trajectories: made.map((path) => rowsOf(path, dimension)),
  });
  const [first, second] = plane.basis.explainedVarianceRatio!;
  expect(first + second).toBeAllclose(1, { atol: 1e-12 });
  for (const [k, path] of plane.paths.entries()) {
    // float32 storage of the rows: 1e-7 of their size.
    for (let r = 0; r < rows; r++) {
      const back = plane.basis.origin.slice();
      addScaled(back, path.x[r]!, plane.basis.d1);
      addScaled(back, path.y[r]!, plane.basis.d2);
      expect(back).toBeAllclose(made[k]!.subarray(r * dimension, (r + 1) * dimension), { atol: 2e-6 });
      expect(path.residual[r]!).toBeLessThan(2e-6);
    }
  }
});

test('the plane of three models passes through all three, at its corners', async () => {
  const points = [
    { run: 0, row: 'final' },
    { run: 1, row: 'final' },
    { run: 2, row: 4 },
  ];
  const { basis, paths: seen, range } = await createPlane(spec({ kind: 'points', points }), data);
  const at = (run: number, row: number) => [seen[run]!.x[row]!, seen[run]!.y[row]!, seen[run]!.residual[row]!];
  expect(at(0, 8)).toBeAllclose([0, 0, 0], { atol: 1e-12 });
  expect(at(1, 8)).toBeAllclose([1, 0, 0], { atol: 1e-12 });
  expect(at(2, 4)).toBeAllclose([0, 1, 0], { atol: 1e-12 });
  expect(Math.abs(basis.axisCosine)).toBeGreaterThan(0.01);
  expect(range[0]).toBeLessThan(-0.2);
  expect(range[3]).toBeGreaterThan(1.2);

  const square = await createPlane(spec({ kind: 'points', points, axes: 'orthonormal' }), data);
  expect(square.basis.axisCosine).toBeAllclose(0, { atol: 1e-14 });
  expect(square.basis.norms).toBeAllclose([1, 1], { rtol: 1e-14 });
  for (const [run, row] of [
    [0, 8],
    [1, 8],
    [2, 4],
  ] as const) {
    expect(square.paths[run]!.residual[row]!).toBeLessThan(1e-12);
  }
  // Shares of the same plane are the same whatever its axes.
  const total = ([a, b]: [number, number]) => a + b;
  expect(total(square.basis.explainedVarianceRatio!)).toBeAllclose(total(basis.explainedVarianceRatio!), {
    rtol: 1e-12,
  });
});

test('a line of two checkpoints has a second axis square to it and as long', async () => {
  const points = [{ row: 0 }, { row: 5 }];
  const { basis, paths: seen } = await createPlane(spec({ kind: 'points', points, seed: 3 }), data);
  expect(basis.axisCosine).toBeAllclose(0, { atol: 1e-14 });
  expect(basis.norms[1]).toBeAllclose(basis.norms[0], { rtol: 1e-12 });
  expect([seen[0]!.x[0], seen[0]!.x[5], seen[0]!.y[5]]).toBeAllclose([0, 1, 0], { atol: 1e-12 });
});

test('the plane of a curve holds both ends and the bend', async () => {
  const { basis, paths: seen } = await createPlane(spec({ kind: 'connection', id: 'curve' }), data);
  expect([seen[1]!.x[8], seen[1]!.y[8], seen[1]!.residual[8]]).toBeAllclose([1, 0, 0], { atol: 1e-12 });
  expect([seen[2]!.x[4], seen[2]!.y[4], seen[2]!.residual[4]]).toBeAllclose([0, 1, 0], { atol: 1e-12 });
  expect(basis.labels).toEqual(['toward the other end', 'toward the bend']);
});

test('the slice of an eigenvector plane curves by the eigenvalues, top and bottom, at any step', async () => {
  const which = [{ end: 'top' }, { end: 'bottom' }];
  for (const row of [8, 2]) {
    const { basis } = await createPlane(spec({ kind: 'eigenvectors', which, origin: row }), data);
    const eigenvalues = basis.eigenvalues!.map(({ value }) => value);
    expect(eigenvalues[0]!).toBeGreaterThan(0);
    expect(eigenvalues[1]!).toBeLessThan(0);
    // O(h²) of the differences.
    expect(await curvatureAlong(basis)).toBeAllclose(eigenvalues, { rtol: 1e-4, atol: 1e-6 });
    expect(basis.origin).toEqual(rowOf(0, row));
  }
});

test('eigenvectors are those of the dense matrix, and of its block where biases are left out', async () => {
  const size = 12;
  const matrix = withSpectrum(
    Array.from({ length: size }, (_, i) => i - 4),
    3,
  );
  const center = new Float64Array(size);
  const theta = Float32Array.from({ length: size }, (_, i) => Math.fround(Math.sin(i)));
  const layout = [
    { name: 'layers.0.weight', shape: [9], offset: 0, size: 9, role: 'weight' },
    { name: 'layers.0.bias', shape: [3], offset: 9, size: 3, role: 'bias' },
  ] as const;
  const given = (biases: boolean) =>
    createPlane(spec({ kind: 'eigenvectors', which: [{ rank: 2 }, { end: 'bottom' }], biases }), {
      layout: layout.map((block) => ({ ...block, shape: [...block.shape] })),
      trajectories: [rowsOf(theta, size)],
      sources: { ...data.sources!, objective: async () => quadratic(matrix, center) },
    });
  const { basis } = await given(true);
  expect(basis.eigenvalues!.map(({ value }) => value)).toBeAllclose([6, -4], { atol: 1e-8 });
  const product = new Float64Array(size);
  matrixOperator(matrix).apply(basis.d1, product);
  addScaled(product, -6, basis.d1);
  expect(norm(product)).toBeLessThan(1e-3);

  const block = denseEigenvalues(matrix.subMatrix(0, 8, 0, 8));
  const weights = await given(false);
  expect(weights.basis.eigenvalues!.map(({ value }) => value)).toBeAllclose([block[7]!, block[0]!], { atol: 1e-8 });
  expect([...weights.basis.d1.slice(9), ...weights.basis.d2.slice(9)]).toEqual([0, 0, 0, 0, 0, 0]);
});

test('the gradient plane holds g and Hg, and curves along g by gᵀHg/gᵀg', async () => {
  const { basis } = await createPlane(spec({ kind: 'gradient', origin: 6 }), data);
  const theta = rowOf(0, 6);
  const gradient = objective.allocate();
  await objective.gradient(theta, gradient);
  const hessian = await objective.hessian(theta);
  const image = objective.allocate();
  await hessian.apply(gradient, image);
  hessian.dispose();
  expect(basis.axisCosine).toBeAllclose(0, { atol: 1e-14 });
  for (const vector of [gradient, image]) {
    const rest = Float64Array.from(vector);
    const [a, b] = [dot(rest, basis.d1), dot(rest, basis.d2)];
    addScaled(rest, -a, basis.d1);
    addScaled(rest, -b, basis.d2);
    expect(norm(rest)).toBeLessThan(1e-12 * norm(vector));
  }
  expect(dot(gradient, basis.d1)).toBeAllclose(norm(gradient), { rtol: 1e-12 });
  const [along] = await curvatureAlong(basis);
  expect(along).toBeAllclose(dot(gradient, image) / dot(gradient, gradient), { rtol: 1e-4 });
});

test('one file gives a direction and its square partner, two files both as they are', async () => {
  const one = await createPlane(spec({ kind: 'file', paths: ['d.npy'] }), data);
  expect(one.basis.d1).toEqual(normalVector(dimension, 5));
  expect(one.basis.axisCosine).toBeAllclose(0, { atol: 1e-14 });
  const two = await createPlane(spec({ kind: 'file', paths: ['d.npy', 'e.safetensors'] }), data);
  expect(two.basis.d2).toEqual(normalVector(dimension, 13));
  expect(two.basis.labels).toEqual(['d.npy', 'e.safetensors']);
});

test.each([
  ['pca', { kind: 'pca' }],
  ['two parameters', { kind: 'parameters', indices: [3, 11] }],
  ['three points, oblique', { kind: 'points', points: [{ run: 0 }, { run: 1 }, { run: 2 }] }],
])('turning %s by 0 and 2π changes nothing; by π/2 the third direction is in the plane', async (_, base) => {
  const flat = await createPlane(spec(base), data);
  const toward = { kind: 'random', seed: 4 } as const;
  for (const axis of ['first', 'second'] as const) {
    const turning = await prepareTurning(flat, { toward, axis, origin: 'base' }, data);
    for (const angle of [0, 2 * Math.PI]) {
      const { basis, paths: seen, range } = turning.at(angle);
      for (const key of ['origin', 'd1', 'd2'] as const)
        expect(basis[key]).toBeAllclose(flat.basis[key], { atol: 1e-14 });
      for (const [k, path] of seen.entries()) {
        expect(path.x).toBeAllclose(flat.paths[k]!.x, { atol: 1e-12 });
        expect(path.y).toBeAllclose(flat.paths[k]!.y, { atol: 1e-12 });
        expect(path.residual).toBeAllclose(flat.paths[k]!.residual, { rtol: 1e-7, atol: 1e-7 });
      }
      expect(range).toEqual(flat.range);
    }
    const quarter = turning.at(Math.PI / 2);
    const kept = axis === 'first' ? 'd2' : 'd1';
    const turned = axis === 'first' ? 'd1' : 'd2';
    expect(quarter.basis[kept]).toEqual(flat.basis[kept]);
    // What is new is square to the plane turned from, and as long as the axis was.
    for (const d of [flat.basis.d1, flat.basis.d2]) {
      expect(dot(quarter.basis[turned], d)).toBeAllclose(0, { atol: 1e-12 * norm(d) * norm(quarter.basis[turned]) });
    }
    expect(quarter.basis.norms).toBeAllclose(flat.basis.norms, { rtol: 1e-12 });
  }
});

test('at any angle the paths are where a plain projection on the turned axes puts them', async () => {
  for (const [base, axis, origin] of [
    [{ kind: 'pca' }, 'second', 3],
    [{ kind: 'points', points: [{ run: 0 }, { run: 1 }, { run: 2 }] }, 'first', 'base'],
    [{ kind: 'parameters', indices: [3, 11] }, 'second', 'base'],
  ] as const) {
    const toward = { kind: 'point', run: 1, row: 2 };
    const turned = await createPlane(spec({ kind: 'turned', base, toward, angle: 0.7, axis, origin }), data);
    const { origin: at, d1, d2 } = turned.basis;
    for (const [k, path] of turned.paths.entries()) {
      for (let r = 0; r < rows; r++) {
        const rest = rowOf(k, r);
        addScaled(rest, -1, at);
        addScaled(rest, -path.x[r]!, d1);
        addScaled(rest, -path.y[r]!, d2);
        expect(norm(rest)).toBeAllclose(path.residual[r]!, { rtol: 1e-9, atol: 1e-12 });
        // Least squares: what is left is square to both axes.
        expect([dot(rest, d1) / norm(d1), dot(rest, d2) / norm(d2)]).toBeAllclose([0, 0], { atol: 1e-11 });
      }
    }
    if (origin === 3) expect([turned.paths[0]!.x[3], turned.paths[0]!.y[3]]).toBeAllclose([0, 0], { atol: 1e-12 });
  }
});

test('parallel, zero and missing directions are refused by name', async () => {
  const refused = (value: unknown, message: RegExp) =>
    expect(createPlane(spec(value), data)).rejects.toMatchObject({
      code: 'badInput',
      message: expect.stringMatching(message),
    });
  await refused({ kind: 'file', paths: ['d.npy', 'e.npy'] }, /"d.npy" and "e.npy" are parallel \(cosine 1\.000000\)/);
  await refused({ kind: 'points', points: [{ row: 4 }, { row: 4 }] }, /"toward run 1 \(row 4\)" has the length 0/);
  await refused({ kind: 'points', points: [{}, { run: 3 }] }, /a point of run 4; 3 are given/);
  await refused({ kind: 'points', points: [{}, { row: 9 }] }, /Row 9 was not recorded/);
  await refused({ kind: 'eigenvectors', which: [{ rank: 2 }, { rank: 2 }] }, /Both axes are the eigenvector 2/);
  await refused(
    { kind: 'turned', base: { kind: 'points', points: [{}, { row: 3 }] }, toward: { kind: 'point', row: 3 }, angle: 1 },
    /"point" lies in the plane already/,
  );
  const flat = quadratic(randomSymmetric(dimension, 1), network.params);
  const atMinimum = { ...data, trajectories: [rowsOf(Float32Array.from(network.params), dimension)] };
  await expect(
    createPlane(spec({ kind: 'gradient' }), {
      ...atMinimum,
      sources: { ...data.sources!, objective: async () => flat },
    }),
  ).rejects.toMatchObject({ message: 'The gradient at the origin is zero.' });
});
