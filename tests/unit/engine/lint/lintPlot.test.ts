import { expect, test } from 'vitest';
import { lintPlot, type Plot } from '../../../../src/main/engine/lint/lintPlot';
import {
  type Plane,
  planeSpecSchema,
  type Surface,
  surfaceRequestSchema,
} from '../../../../src/shared/model/landscape';
import { type LintRule, lintRules } from '../../../../src/shared/model/lint';

const n = 11;
const axis = (from: number, to: number) =>
  Float64Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));

/** A straight path across an 11×11 bowl that shows it honestly; each test spoils one thing. */
function plot(
  changes: Omit<Partial<Plot>, 'request' | 'plane' | 'surface'> & {
    request?: object;
    plane?: Partial<Plane>;
    surface?: Partial<Surface>;
  } = {},
): Plot {
  const { request, plane, surface, ...rest } = changes;
  const spec = planeSpecSchema.parse({ kind: 'pca' });
  const x = axis(-1.6, 0);
  const path = { runId: 'a', x, y: x.map((value) => 0.2 * value), residual: new Float64Array(n).fill(0.01) };
  const loss = path.x.map((value, i) => value ** 2 + path.y[i]! ** 2);
  const whole: Plane = {
    ...{
      spec,
      dimension: 30,
      norms: [1, 1],
      axisCosine: 0,
      explainedVarianceRatio: [0.9, 0.08],
      labels: ['PC 1', 'PC 2'],
    },
    range: [-2, 2, -2, 2],
    paths: [{ ...path, loss }],
    ...plane,
  };
  const xs = axis(-2, 2);
  const cells = Float64Array.from({ length: n * n }, (_, k) => xs[k % n]! ** 2 + xs[Math.floor(k / n)]! ** 2);
  return {
    request: surfaceRequestSchema.parse({ source: { kind: 'runs', runIds: ['a'] }, plane: whole.spec, ...request }),
    plane: whole,
    surface: {
      ...{ id: 's', xs, ys: xs, loss: cells, standardError: null, accuracy: null, min: 0, max: 8, masked: 0 },
      ...{
        evaluations: 121,
        seconds: 1,
        executor: 'reference',
        executorSelection: null,
        subset: { kind: 'full' },
        split: 'train',
      },
      examples: 100,
      plane: whole,
      ...surface,
    },
    slices: [loss],
    network: { givenStatistics: 0 },
    ...rest,
  };
}

const rulesOf = (given: Plot): LintRule[] => lintPlot(given).map(({ rule }) => rule);
/** The one objection to a plot. */
function only(given: Plot) {
  const findings = lintPlot(given);
  expect(findings.map(({ rule }) => rule)).toHaveLength(1);
  return findings[0]!;
}
/** The window of a cure, which is always whole. */
const windowOf = ({ cure }: ReturnType<typeof only>) => cure!.request.range!;

test('nothing is said of a clean plot', () => {
  expect(lintPlot(plot())).toEqual([]);
});

test('pathSmall: the window is fitted to the path', () => {
  const path = plot().plane.paths[0]!;
  const small = { ...path, x: path.x.map((v) => v / 20), y: path.y.map((v) => v / 20) };
  const found = only(plot({ plane: { paths: [{ ...small, residual: new Float64Array(n) }] } }));
  expect(found).toMatchObject({ rule: 'pathSmall', severity: 'warning', limit: 0.05 });
  expect(found.value).toBeAllclose(0.08 / 4, { rtol: 1e-12 });
  const [x0, x1] = windowOf(found);
  expect(0.08 / (x1 - x0)).toBeGreaterThan(0.05);
});

test('pathLeaves: the window is widened to hold it', () => {
  const path = plot().plane.paths[0]!;
  const far = { ...path, x: path.x.map((v) => 2 * v) };
  const found = only(plot({ plane: { paths: [far] } }));
  expect(found).toMatchObject({ rule: 'pathLeaves', severity: 'warning' });
  // 3.2, 2.88, 2.56, 2.24 of eleven lie beyond 2.
  expect(found.value).toBeAllclose(4 / 11, { rtol: 1e-12 });
  const [x0, x1, y0, y1] = windowOf(found);
  expect(x0).toBeLessThan(-3.2);
  expect([x1, y0, y1]).toEqual([2, -2, 2]);
});

test('unnormalized: random directions of a network get filter normalization, also under a turn', () => {
  const random = { kind: 'random', normalization: 'none', seed: 7 } as const;
  const found = only(plot({ request: { plane: random } }));
  expect(found).toMatchObject({ rule: 'unnormalized', cure: { request: { plane: { kind: 'random', seed: 7 } } } });
  expect(found.cure!.request.plane).toMatchObject({ normalization: 'filter' });
  expect(rulesOf(plot({ request: { plane: random }, network: null }))).toEqual([]);
  const turned = { kind: 'turned', base: random, toward: { kind: 'gradient' }, angle: 1 };
  expect(only(plot({ request: { plane: turned } })).cure!.request.plane).toMatchObject({
    kind: 'turned',
    angle: 1,
    base: { normalization: 'filter' },
  });
});

test('staleStatistics: given running statistics are recomputed', () => {
  const network = { givenStatistics: 16 };
  const found = only(plot({ network }));
  expect(found).toMatchObject({ rule: 'staleStatistics', severity: 'error', value: 16 });
  expect(found.cure!.request.statistics).toBe('recomputed');
  expect(rulesOf(plot({ network, request: { statistics: 'recomputed' } }))).toEqual([]);
});

test('lowExplained: PCA instead; no cure where it is that', () => {
  const plane: Partial<Plane> = { explainedVarianceRatio: [0.3, 0.1] };
  const found = only(plot({ plane, request: { plane: { kind: 'random' } } }));
  expect(found).toMatchObject({ rule: 'lowExplained', severity: 'warning', value: 0.4, limit: 0.5 });
  expect(found.cure!.request.plane).toEqual({ kind: 'pca', biases: true });
  expect(only(plot({ plane })).cure).toBeNull();
  // A plane made to show something else.
  expect(only(plot({ plane, request: { plane: { kind: 'gradient' } } })).severity).toBe('note');
});

test('maskedCells: the window shrinks to where the loss is finite', () => {
  const { surface } = plot();
  const loss = surface.loss.slice();
  for (let i = 0; i < n; i++) loss[(n - 1) * n + i] = Number.NaN;
  const found = only(plot({ surface: { loss, masked: n } }));
  expect(found).toMatchObject({ rule: 'maskedCells', severity: 'warning' });
  expect(found.value).toBeAllclose(1 / 11, { rtol: 1e-12 });
  const [, , y0, y1] = windowOf(found);
  expect(y1).toBeLessThan(2);
  expect(y1 - y0).toBeGreaterThan(2.5);
  expect(only(plot({ surface: { loss, masked: 1 } })).severity).toBe('note');
});

test('subsetWithoutBand: the error beside the relief, and all examples instead', () => {
  const request = { subset: { kind: 'random', examples: 20 } };
  const surface = { standardError: new Float64Array(n * n).fill(0.4) };
  const found = only(plot({ request, surface }));
  expect(found).toMatchObject({ rule: 'subsetWithoutBand', severity: 'warning' });
  expect(found.value).toBeAllclose(0.05, { rtol: 1e-12 });
  expect(found.cure!.request.subset).toEqual({ kind: 'full' });
  expect(only(plot({ request, surface: { standardError: new Float64Array(n * n).fill(0.01) } })).severity).toBe('note');
});

test('obliqueAxes: the same plane on unit square axes', () => {
  const points = [{ run: 0, row: 0 }, { run: 0 }, { run: 1 }];
  const found = only(plot({ plane: { axisCosine: -0.4 }, request: { plane: { kind: 'points', points } } }));
  expect(found).toMatchObject({ rule: 'obliqueAxes', value: -0.4, limit: 0.05 });
  expect(found.cure!.request.plane).toMatchObject({ kind: 'points', axes: 'orthonormal' });
});

test('largeResidual: farther from the plane than long in it', () => {
  const path = plot().plane.paths[0]!;
  const residual = new Float64Array(n).fill(0.1);
  residual[3] = 3.2;
  const found = only(plot({ plane: { paths: [{ ...path, residual }] }, request: { plane: { kind: 'random' } } }));
  expect(found).toMatchObject({ rule: 'largeResidual', limit: 1 });
  expect(found.value).toBeAllclose(3.2 / Math.hypot(1.6, 0.32), { rtol: 1e-12 });
  expect(found.cure!.request.plane.kind).toBe('pca');
});

test('sliceFarFromPath: measured against the range of the true loss, on the training part only', () => {
  const given = plot({ request: { plane: { kind: 'random' } } });
  const slices = [given.slices[0]!.map((value, i) => (i === 4 ? value + 1 : i === 5 ? Number.NaN : value))];
  const found = only({ ...given, slices });
  expect(found).toMatchObject({ rule: 'sliceFarFromPath', severity: 'warning', limit: 0.25 });
  expect(found.value).toBeAllclose(1 / (1.6 ** 2 + 0.32 ** 2), { rtol: 1e-12 });
  expect(found.cure!.request.plane.kind).toBe('pca');
  expect(lintPlot({ ...given, slices, surface: { ...given.surface, split: 'validation' } })).toEqual([]);
});

test('the gravest comes first, rows that are not finite are passed over, and every rule has its case here', () => {
  const path = plot().plane.paths[0]!;
  const broken = { ...path, x: path.x.with(0, Number.NaN), residual: path.residual.with(0, Number.NaN) };
  expect(rulesOf(plot({ plane: { paths: [broken] } }))).toEqual([]);
  const still = { ...path, x: new Float64Array(1), y: new Float64Array(1) };
  expect(rulesOf(plot({ plane: { paths: [still], explainedVarianceRatio: null } }))).toEqual([]);
  const severities = lintPlot(
    plot({
      network: { givenStatistics: 4 },
      plane: { explainedVarianceRatio: [0.1, 0] },
      request: { plane: { kind: 'gradient' } },
    }),
  ).map(({ severity }) => severity);
  expect(severities).toEqual(['error', 'note']);
  expect(lintRules).toHaveLength(10);
});
