import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Executor, supportOf } from '../../src/main/engine/executors/executor';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import type { Objective, Rows, Vector } from '../../src/main/engine/objectives/objective';
import { createRng } from '../../src/main/engine/random';
import { dot } from './derivatives';
import { layerCases, layerLossCases } from './layerCases';
import { activationLossPairs, type Case, type CaseOptions, makeCase, normalVector, relativeError } from './networks';

/** Largest `relativeError` allowed, array by array. */
export interface ConformanceTolerances {
  value: number;
  gradient: number;
  /** Hessian products. */
  product: number;
  /** Losses and standard errors along a plane. */
  plane: number;
}

/** What float32 arithmetic in any order of summation keeps on these small cases. */
export const float32Tolerances: ConformanceTolerances = { value: 1e-5, gradient: 1e-5, product: 1e-5, plane: 1e-5 };

const shapes: CaseOptions[] = [
  { activation: 'tanh', loss: 'softmaxCrossEntropy', sizes: [1, 1, 2], examples: 1 },
  { activation: 'tanh', loss: 'meanSquaredError', sizes: [1, 1], examples: 3 },
  { activation: 'silu', loss: 'binaryCrossEntropy', sizes: [3, 5, 1], examples: 7 },
  { activation: 'gelu', loss: 'softmaxCrossEntropy', sizes: [17, 9, 33, 11], examples: 31 },
  { activation: 'tanh', loss: 'meanSquaredError', sizes: [13, 70, 3], examples: 129 },
  { activation: 'elu', loss: 'softmaxCrossEntropy', sizes: [16, 16, 16, 4], examples: 64, bias: false },
  { activation: 'softplus', loss: 'softmaxCrossEntropy', sizes: [4, 6, 6, 6, 6, 6, 6, 3], examples: 40 },
  { activation: 'sigmoid', loss: 'binaryCrossEntropy', sizes: [5, 130, 3], examples: 65 },
  { activation: 'relu', loss: 'softmaxCrossEntropy', sizes: [64, 24, 10], examples: 300 },
  { activation: 'identity', loss: 'softmaxCrossEntropy', sizes: [10, 4], examples: 1030 },
];

/**
 * Checks an executor against the float64 reference (and that it refuses the networks it says it cannot run): every
 * activation × loss and every layer × loss with every command, sizes that are no multiple of a vector's width, one
 * example, deep and wide networks, subsets in any order.
 */
export function conformance(
  name: string,
  create: () => Promise<Executor>,
  tolerances: ConformanceTolerances = float32Tolerances,
): void {
  describe(`${name} agrees with the reference`, () => {
    const reference = createReferenceExecutor();
    let executor: Executor;
    beforeAll(async () => {
      executor = await create();
    });
    afterAll(() => executor.dispose());

    const options: CaseOptions[] = [
      ...activationLossPairs.map(([activation, loss]) => ({ activation, loss, sizes: [5, 7, 6, 3], examples: 37 })),
      ...shapes,
    ];
    const cases = [...options.map(makeCase), ...layerCases(), ...layerLossCases()];
    test.for(cases.map((item): [string, Case] => [item.name, item]))('%s', async ([, item]) => {
      const support = supportOf(executor, item.network);
      if (!support.ok) {
        // What an executor lacks it has to say and refuse, never compute wrongly.
        expect(support.reason).toMatch(/^has no \w+/);
        await expect(async () => executor.load(item.network, item.data)).rejects.toThrow('has no');
        return;
      }
      const actual = await executor.load(item.network, item.data);
      const expected = await reference.load(item.network, item.data);
      try {
        expect(actual.dimension).toBe(expected.dimension);
        expect(actual.layout).toEqual(expected.layout);
        expect(actual.examples).toBe(item.data.examples);
        expect(Boolean(actual.buffers)).toBe(Boolean(expected.buffers));
        if (expected.buffers) {
          expect(actual.buffers!.length).toBe(expected.buffers.length);
          const given = expected.buffers.map((value, i) => Math.fround(value + (i % 5) / 8));
          expected.buffers.set(given);
          actual.buffers!.set(given);
        }
        actual.redraw?.(77);
        expected.redraw?.(77);
        for (const rows of subsets(item.data.examples, item.network.coupled)) {
          await checkValueAndGradient(actual, expected, item.params, tolerances, rows);
          await checkMeasure(actual, expected, item.params, tolerances, rows);
          for (const matrix of ['hessian', 'gaussNewton'] as const) {
            await checkProducts(matrix, actual, expected, item.params, tolerances, rows);
          }
          await checkExampleGradients(actual, expected, item.params, tolerances, rows);
          await checkPlane(actual, expected, item.params, tolerances, rows);
          await checkStatistics(actual, expected, item.params, tolerances, rows);
        }
      } finally {
        actual.dispose();
        expected.dispose();
      }
    });

    const withWindows = layerCases().find(({ name }) => name === 'several kinds together')!;
    test.each([
      makeCase({ activation: 'identity', loss: 'softmaxCrossEntropy', sizes: [3, 4, 2], examples: 9 }),
      withWindows,
    ])(
      'a point that is not finite is NaN in every array of a plane and its neighbours are unharmed: $name',
      async (item) => {
        const { network, data, params } = item;
        const actual = await executor.load(network, data);
        const expected = await reference.load(network, data);
        const d1 = normalVector(params.length, 5);
        const d2 = normalVector(params.length, 6);
        const coordinates = Float64Array.of(0.5, 0, 1e200, 1e200, 0, 0.5);
        const got = await actual.plane({ origin: params, d1, d2, coordinates });
        expect(got.loss[1]).toBeNaN();
        expect(got.standardError[1]).toBeNaN();
        expect(got.accuracy[1]).toBeNaN();
        const finite = Float64Array.of(0.5, 0, 0, 0.5);
        const want = await expected.plane({ origin: params, d1, d2, coordinates: finite });
        expect(relativeError([got.loss[0]!, got.loss[2]!], want.loss)).toBeLessThanOrEqual(tolerances.plane);
        actual.dispose();
      },
    );

    test('two objectives and two Hessians of one executor do not disturb each other', async () => {
      const options = { activation: 'tanh', loss: 'softmaxCrossEntropy', examples: 21 } as const;
      const first = makeCase({ ...options, sizes: [4, 5, 3] });
      const second = makeCase({ ...options, sizes: [6, 9, 9, 2], seed: 2 });
      const a = await executor.load(first.network, first.data);
      const hessianA = await a.hessian(first.params);
      const b = await executor.load(second.network, second.data);
      const hessianB = await b.hessian(second.params);
      const moved = first.params.map((value) => Math.fround(value + 0.5));
      const hessianMoved = await a.hessian(moved);

      const pairs = [
        [first, hessianA, first.params],
        [second, hessianB, second.params],
        [first, hessianMoved, moved],
        [first, hessianA, first.params],
      ] as const;
      for (const [item, hessian, params] of pairs) {
        const oracle = await reference.load(item.network, item.data);
        const expectedHessian = await oracle.hessian(params);
        const v = normalVector(params.length, 8);
        const got = (item === first ? a : b).allocate();
        const want = new Float64Array(params.length);
        await hessian.apply(v, got);
        await expectedHessian.apply(v, want);
        expect(relativeError(got, want)).toBeLessThanOrEqual(tolerances.product);
      }
      for (const hessian of [hessianA, hessianB, hessianMoved]) hessian.dispose();
      a.dispose();
      const got = b.allocate();
      await b.gradient(second.params, got);
      const want = new Float64Array(got.length);
      await (await reference.load(second.network, second.data)).gradient(second.params, want);
      expect(relativeError(got, want)).toBeLessThanOrEqual(tolerances.gradient);
      b.dispose();
    });

    test('the Gauss–Newton matrix of a linear network is its Hessian', async () => {
      for (const loss of ['softmaxCrossEntropy', 'meanSquaredError', 'binaryCrossEntropy', 'huber'] as const) {
        const item = makeCase({ activation: 'identity', loss, sizes: [6, 4], examples: 50 });
        const objective = await executor.load(item.network, item.data);
        const [g, h] = [objective.allocate(), objective.allocate()];
        const v = normalVector(g.length, 3);
        await (await objective.gaussNewton!(item.params)).apply(v, g);
        await (await objective.hessian(item.params)).apply(v, h);
        expect(relativeError(g, h)).toBeLessThanOrEqual(tolerances.product);
        objective.dispose();
      }
    });

    test('the same command gives the same bytes', async () => {
      const { network, data, params } = makeCase({
        activation: 'silu',
        loss: 'softmaxCrossEntropy',
        sizes: [19, 23, 5],
        examples: 700,
      });
      const objective = await executor.load(network, data);
      const first = objective.allocate();
      const second = objective.allocate();
      const loss = await objective.gradient(params, first);
      expect(await objective.gradient(params, second)).toBe(loss);
      expect(second).toEqual(first);
      objective.dispose();
    });
  });
}

/** A little absolute room for losses much smaller than the logits they are differences of. */
const close = (tolerance: number) => ({ rtol: tolerance, atol: tolerance / 10 });

/** Everything, every third row, a shuffled part with repetitions, the last row (which is no batch by itself). */
function subsets(examples: number, coupled: boolean): (Rows | undefined)[] {
  if (examples === 1) return [undefined];
  const rng = createRng(examples, 'subset');
  const thirds = Int32Array.from({ length: Math.ceil(examples / 3) }, (_, i) => 3 * i);
  const drawn = Int32Array.from({ length: Math.min(examples, 21) }, () => rng.integer(examples));
  return [undefined, thirds, drawn, ...(coupled ? [] : [Int32Array.of(examples - 1)])];
}

async function checkStatistics(
  actual: Objective,
  expected: Objective,
  params: Vector,
  tolerances: ConformanceTolerances,
  rows?: Rows,
): Promise<void> {
  expect(Boolean(actual.statistics)).toBe(Boolean(expected.statistics));
  if (!expected.statistics) return;
  const got = await actual.statistics!(params, rows);
  expect(relativeError(got, await expected.statistics(params, rows))).toBeLessThanOrEqual(tolerances.value);
}

async function checkValueAndGradient(
  actual: Objective,
  expected: Objective,
  params: Vector,
  tolerances: ConformanceTolerances,
  rows?: Rows,
): Promise<void> {
  const want = expected.allocate();
  const loss = await expected.gradient(params, want, rows);
  expect(await actual.value(params, rows)).toBeAllclose(loss, close(tolerances.value));

  const got = actual.allocate().fill(7);
  expect(await actual.gradient(params, got, rows)).toBeAllclose(loss, close(tolerances.value));
  expect(relativeError(got, want)).toBeLessThanOrEqual(tolerances.gradient);

  const foreign = new Float64Array(params.length);
  await actual.gradient(Float32Array.from(params), foreign, rows);
  expect(relativeError(foreign, got)).toBe(0);
}

async function checkMeasure(
  actual: Objective,
  expected: Objective,
  params: Vector,
  tolerances: ConformanceTolerances,
  rows?: Rows,
): Promise<void> {
  const got = await actual.measure(params, rows);
  const want = await expected.measure(params, rows);
  expect(got.loss).toBeAllclose(want.loss, close(tolerances.value));
  expect(got.accuracy).toEqual(want.accuracy);
  if (Number.isNaN(want.standardError)) expect(got.standardError).toBeNaN();
  else expect(got.standardError).toBeAllclose(want.standardError, close(tolerances.value));
}

/** Elementwise, and uᵀAv = vᵀAu; for the Gauss–Newton matrix of these losses, which are convex, vᵀGv ≥ 0 too. */
async function checkProducts(
  matrix: 'hessian' | 'gaussNewton',
  actual: Objective,
  expected: Objective,
  params: Vector,
  tolerances: ConformanceTolerances,
  rows?: Rows,
): Promise<void> {
  const operatorOf = (objective: Objective) => objective[matrix]!(params, rows);
  const actualOperator = await operatorOf(actual);
  const expectedOperator = await operatorOf(expected);
  expect(actualOperator.size).toBe(params.length);
  const directions = [3, 4].map((seed) => normalVector(params.length, seed));
  const products: Vector[] = [];
  for (const v of directions) {
    const got = actual.allocate().fill(7);
    const want = expected.allocate();
    await actualOperator.apply(v, got);
    await expectedOperator.apply(v, want);
    expect(relativeError(got, want), matrix).toBeLessThanOrEqual(tolerances.product);
    const room = Math.max(tolerances.product, 1e-12) * Math.sqrt(dot(v, v) * dot(want, want));
    if (matrix === 'gaussNewton') expect(dot(v, got)).toBeGreaterThanOrEqual(-room);
    products.push(got);
  }
  const [u, v] = directions as [Float64Array, Float64Array];
  const [au, av] = products as [Vector, Vector];
  const scale = Math.sqrt(Math.max(dot(u, u) * dot(av, av), dot(v, v) * dot(au, au)));
  expect(dot(u, av), matrix).toBeAllclose(dot(v, au), { atol: Math.max(tolerances.product, 1e-12) * scale });
  actualOperator.dispose();
  expectedOperator.dispose();
}

async function checkExampleGradients(
  actual: Objective,
  expected: Objective,
  params: Vector,
  tolerances: ConformanceTolerances,
  rows?: Rows,
): Promise<void> {
  expect(Boolean(actual.exampleGradients)).toBe(Boolean(expected.exampleGradients));
  // A hundred examples show what a thousand do.
  if (!expected.exampleGradients || (rows ?? { length: expected.examples }).length > 100) return;
  const got = await actual.exampleGradients!(params, rows);
  const want = await expected.exampleGradients(params, rows);
  expect(relativeError(got, want)).toBeLessThanOrEqual(tolerances.gradient);
}

async function checkPlane(
  actual: Objective,
  expected: Objective,
  params: Vector,
  tolerances: ConformanceTolerances,
  rows?: Rows,
): Promise<void> {
  const coordinates = Float64Array.of(0, 0, 0.25, -0.5, -1, 0.125, 0.5, 0.5, 1, -1);
  const tile = {
    origin: params,
    d1: normalVector(params.length, 5).map((value) => value / 8),
    d2: normalVector(params.length, 6).map((value) => value / 8),
    coordinates,
  };
  const got = await actual.plane(tile, rows);
  const want = await expected.plane(tile, rows);
  expect(relativeError(got.loss, want.loss)).toBeLessThanOrEqual(tolerances.plane);
  expect(got.accuracy).toEqual(want.accuracy);
  if (Number.isNaN(want.standardError[0]!)) expect(got.standardError).toEqual(want.standardError);
  else expect(relativeError(got.standardError, want.standardError)).toBeLessThanOrEqual(tolerances.plane);
}
