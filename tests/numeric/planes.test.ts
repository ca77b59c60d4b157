import { expect, test } from 'vitest';
import { createPlane } from '../../src/main/engine/planes';
import { randomDirection } from '../../src/main/engine/planes/random';
import { createRng } from '../../src/main/engine/random';
import type { PlaneSpec } from '../../src/shared/model/landscape';
import type { ParameterLayout } from '../../src/shared/model/run';
import { rowsOf } from './quadratic';

/** 6 → 5 → 3 dense network. */
const layout: ParameterLayout = [
  { name: 'layers.0.weight', shape: [5, 6], offset: 0, size: 30, role: 'weight' },
  { name: 'layers.0.bias', shape: [5], offset: 30, size: 5, role: 'bias' },
  { name: 'layers.1.weight', shape: [3, 5], offset: 35, size: 15, role: 'weight' },
  { name: 'layers.1.bias', shape: [3], offset: 50, size: 3, role: 'bias' },
];
const dimension = 53;

function params(): Float32Array {
  const rng = createRng(11, 'tests/params');
  const theta = Float32Array.from({ length: dimension }, () => rng.normal());
  theta.fill(0, 6, 12); // A dead unit: row 1 of the first weight.
  return theta;
}
const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
const random = (changes: Partial<Extract<PlaneSpec, { kind: 'random' }>> = {}) =>
  ({ kind: 'random', seed: 5, normalization: 'filter', biases: 'zero', origin: 'final', ...changes }) as const;

test('filter normalization gives each output unit the norm of its weights; biases are zero', () => {
  const theta = Float64Array.from(params());
  const d = randomDirection(theta, layout, random(), 'stream');
  for (let unit = 0; unit < 5; unit++) {
    const [from, to] = [unit * 6, unit * 6 + 6];
    expect(norm(d.slice(from, to))).toBeAllclose(norm(theta.slice(from, to)), { rtol: 1e-9 });
  }
  for (let unit = 0; unit < 3; unit++) {
    const [from, to] = [35 + unit * 5, 40 + unit * 5];
    expect(norm(d.slice(from, to))).toBeAllclose(norm(theta.slice(from, to)), { rtol: 1e-9 });
  }
  expect([...d.slice(30, 35), ...d.slice(50)]).toEqual(new Array(8).fill(0));
  expect(d.slice(6, 12)).toBeAllclose(new Array(6).fill(0), { atol: 0 });
});

test('layer normalization matches whole blocks, none leaves the draw; kept biases are never the weights’ own', () => {
  const theta = Float64Array.from(params());
  const layer = randomDirection(theta, layout, random({ normalization: 'layer', biases: 'keep' }), 'stream');
  for (const { offset, size } of layout) {
    const [from, to] = [offset, offset + size];
    expect(norm(layer.slice(from, to))).toBeAllclose(norm(theta.slice(from, to)), { rtol: 1e-9 });
  }
  const drawn = randomDirection(theta, layout, random({ normalization: 'none', biases: 'keep' }), 'stream');
  const zeroed = randomDirection(theta, layout, random({ normalization: 'none' }), 'stream');
  expect(drawn.slice(0, 30)).toEqual(zeroed.slice(0, 30));
  for (const [from, to] of [
    [30, 35],
    [50, 53],
  ] as const) {
    const scale = layer[from]! / drawn[from]!;
    expect(layer.slice(from, to)).toBeAllclose(
      drawn.slice(from, to).map((value) => scale * value),
      { rtol: 1e-12 },
    );
    const cosine = layer.slice(from, to).reduce((sum, value, i) => sum + value * theta[from + i]!, 0);
    expect(Math.abs(cosine)).toBeLessThan(0.999 * norm(theta.slice(from, to)) ** 2);
  }
});

test('random axes are orthogonal after normalization, repeat with the seed and keep their lengths', async () => {
  const trajectories = [rowsOf(params(), dimension)];
  const { basis, range, paths } = await createPlane(random(), { layout, trajectories });
  expect(basis.axisCosine).toBeAllclose(0, { atol: 1e-14 });
  const inner = basis.d1.reduce((sum, value, i) => sum + value * basis.d2[i]!, 0);
  expect(inner / (norm(basis.d1) * norm(basis.d2))).toBeAllclose(0, { atol: 1e-14 });
  const weights = [...params().slice(0, 30), ...params().slice(35, 50)];
  expect(basis.norms).toBeAllclose([norm(weights), norm(weights)], { rtol: 1e-9 });
  expect(range).toEqual([-1, 1, -1, 1]);
  expect([paths[0]!.x[0], paths[0]!.y[0], paths[0]!.residual[0]]).toEqual([0, 0, 0]);
  expect(basis.explainedVarianceRatio).toBeNull();

  const again = await createPlane(random(), { layout, trajectories });
  expect(again.basis).toEqual(basis);
  const other = await createPlane(random({ seed: 6 }), { layout, trajectories });
  expect(other.basis.d1).not.toEqual(basis.d1);
});

test('weights that are all zero cannot normalize a direction', async () => {
  const trajectories = [rowsOf(new Float32Array(dimension), dimension)];
  await expect(createPlane(random(), { layout, trajectories })).rejects.toMatchObject({
    code: 'badInput',
    cure: expect.stringContaining('none'),
  });
  await expect(createPlane(random({ normalization: 'none' }), { layout, trajectories })).resolves.toBeDefined();
});

test('on the plane of two parameters coordinates are the parameters’ own values', async () => {
  const rows = 4;
  const rng = createRng(2, 'tests/rows');
  const theta = Float32Array.from({ length: rows * dimension }, () => rng.normal());
  const { basis, paths } = await createPlane(
    { kind: 'parameters', indices: [7, 51], origin: 'final' },
    { layout, trajectories: [rowsOf(theta, dimension)] },
  );
  for (let r = 0; r < rows; r++) {
    expect([paths[0]!.x[r], paths[0]!.y[r]]).toEqual([theta[r * dimension + 7], theta[r * dimension + 51]]);
  }
  expect(basis.labels).toEqual(['layers.0.weight[1, 1]', 'layers.1.bias[1]']);
  expect([basis.origin[7], basis.origin[51]]).toEqual([0, 0]);
  expect(paths[0]!.residual[rows - 1]).toBe(0);
  // Shares are about the origin row itself: Σ(Δθ₇)² / Σ‖Δθ‖².
  let along = 0;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < dimension; i++) {
      const change = (theta[r * dimension + i]! - theta[(rows - 1) * dimension + i]!) ** 2;
      total += change;
      if (i === 7) along += change;
    }
  }
  expect(basis.explainedVarianceRatio![0]).toBeAllclose(along / total, { rtol: 1e-12 });
});

test('parameters, rows and axes that do not exist are named', async () => {
  const data = { layout, trajectories: [rowsOf(params(), dimension)] };
  await expect(createPlane({ kind: 'parameters', indices: [0, 53], origin: 'final' }, data)).rejects.toMatchObject({
    code: 'badInput',
    message: 'Parameter 53 does not exist.',
    cure: expect.stringContaining('0 to 52'),
  });
  await expect(createPlane({ kind: 'parameters', indices: [4, 4], origin: 'final' }, data)).rejects.toMatchObject({
    code: 'badInput',
  });
  await expect(createPlane(random({ origin: 3 }), data)).rejects.toMatchObject({
    code: 'badInput',
    message: 'Row 3 was not recorded.',
  });
  await expect(createPlane({ kind: 'pca', biases: true }, { layout, trajectories: [] })).rejects.toMatchObject({
    code: 'badInput',
  });
});

test('a PCA plane without biases contains the end and moves only weights', async () => {
  const rows = 8;
  const rng = createRng(4, 'tests/rows');
  const theta = Float32Array.from({ length: rows * dimension }, () => rng.normal());
  const { basis, paths, range } = await createPlane(
    { kind: 'pca', biases: false },
    { layout, trajectories: [rowsOf(theta, dimension)] },
  );
  for (const d of [basis.d1, basis.d2]) expect([...d.slice(30, 35), ...d.slice(50)]).toEqual(new Array(8).fill(0));
  expect(paths[0]!.residual[rows - 1]).toBe(0);
  const [path] = paths;
  const total = path!.x.reduce((sum, x, r) => sum + x * x + path!.y[r]! ** 2 + path!.residual[r]! ** 2, 0);
  const share = path!.x.reduce((sum, x) => sum + x * x, 0) / total;
  expect(basis.explainedVarianceRatio![0]).toBeAllclose(share, { rtol: 1e-10 });
  for (let r = 0; r < rows; r++) {
    expect(path!.x[r]).toBeGreaterThan(range[0]);
    expect(path!.x[r]).toBeLessThan(range[1]);
    expect(path!.y[r]).toBeGreaterThan(range[2]);
    expect(path!.y[r]).toBeLessThan(range[3]);
  }
});

test('a function before anything ran: its own axes and domain', async () => {
  const coordinates: ParameterLayout = [
    { name: 'x', shape: [1], offset: 0, size: 1, role: 'coordinate' },
    { name: 'y', shape: [1], offset: 1, size: 1, role: 'coordinate' },
  ];
  const { basis, range, paths } = await createPlane(
    { kind: 'parameters', indices: [0, 1], origin: 'final' },
    { layout: coordinates, trajectories: [], start: [1, -1], domain: [-6, 6, -4, 4] },
  );
  expect(basis.labels).toEqual(['x', 'y']);
  expect([...basis.origin]).toEqual([0, 0]);
  expect(basis.center).toEqual([1, -1]);
  expect(range).toEqual([-6, 6, -4, 4]);
  expect(paths).toEqual([]);
});

test('a plane from few rows is near the plane of all; its shares and paths are those of every row', async () => {
  const rng = createRng(3, 'tests/spread');
  const rows = 900;
  const [one, two, end] = [params(), params().reverse(), params().map((value) => -value)];
  const theta = Float32Array.from({ length: rows * dimension }, (_, k) => {
    const [row, i] = [Math.floor(k / dimension), k % dimension];
    return end[i]! + Math.exp(-row / 300) * one[i]! + Math.exp(-row / 60) * two[i]! + 0.01 * rng.normal();
  });
  const data = { layout, trajectories: [rowsOf(theta, dimension), rowsOf(theta.slice(0, 300 * dimension), dimension)] };
  const exact = await createPlane({ kind: 'pca', biases: true }, data);
  const few = await createPlane({ kind: 'pca', biases: true, maxRows: 64 }, data);
  expect(few.paths.map(({ x }) => x.length)).toEqual([900, 300]);
  expect(few.basis.origin).toEqual(exact.basis.origin);
  expect([...few.basis.d1]).not.toEqual([...exact.basis.d1]);
  const share = ([first, second]: [number, number]) => first + second;
  const [most, got] = [share(exact.basis.explainedVarianceRatio!), share(few.basis.explainedVarianceRatio!)];
  // No plane holds more of the path than its own principal components.
  expect(got).toBeLessThan(most + 1e-12);
  expect(got).toBeGreaterThan(most - 0.005);
  // Where there are no more rows than asked for, nothing is approximated.
  const whole = await createPlane({ kind: 'pca', biases: true, maxRows: 1_200 }, data);
  expect(whole.basis).toEqual(exact.basis);
});
