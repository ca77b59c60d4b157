import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { expressionObjective } from '../../src/main/engine/objectives/expression';
import { functionObjective } from '../../src/main/engine/objectives/functions';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { createOptimizer, optimizers } from '../../src/main/engine/optimizers';
import { createStepObjective } from '../../src/main/engine/optimizers/search';
import { dot, norm } from '../../src/main/engine/vectors';
import { modelSchema, optimizerSchema } from '../../src/shared/model/experiment';
import networks from '../fixtures/torch/networks.json';
import fixtures from '../fixtures/torch/secondOrder.json';
import { makeCase, normalVector } from './networks';
import { quadratic, withSpectrum } from './quadratic';

const reference = createReferenceExecutor();
const [[a, b], [, d]] = fixtures.quadratic as [[number, number], [number, number]];

async function objectiveOf(name: string): Promise<Objective> {
  if (name === 'quadratic') return expressionObjective(`0.5*(${a}*x^2 + 2*(${b})*x*y + ${d}*y^2)`);
  const network = networks.networks.find((item) => `${item.activation} ${item.loss}` === name);
  if (!network) return functionObjective(name);
  const [inputs, ...units] = network.sizes as [number, ...number[]];
  const layers = units.map((count, i) => ({
    type: 'dense',
    units: count,
    activation: i < units.length - 1 ? network.activation : 'identity',
  }));
  return reference.load(buildNetwork(modelSchema.parse({ inputShape: [inputs], layers, loss: network.loss })), {
    x: Float32Array.from(network.x),
    y: Float32Array.from(network.y),
    examples: network.x.length / inputs,
  });
}

interface Steps {
  rows: Float64Array[];
  /** ‖∇L‖ at each of them. */
  norms: number[];
  evaluations: number;
}

/** Full-batch steps as the trainer takes them, in float64, until the gradient is at or below `tolerance`. */
async function steps(
  objective: Objective,
  spec: unknown,
  start: ArrayLike<number>,
  count: number,
  tolerance = -1,
): Promise<Steps> {
  const optimizer = createOptimizer(optimizerSchema.parse({ learningRate: 1, ...(spec as object) }));
  const params = start instanceof Float32Array ? start.slice() : Float64Array.from(start);
  const state = optimizer.init(params);
  const gradient = params.slice();
  const at = createStepObjective(objective, new AbortController().signal);
  const rows = [Float64Array.from(params)];
  const norms: number[] = [];
  let gradients = 0;
  for (let t = 0; ; t++) {
    const arrived = at.arrived(gradient);
    const loss = arrived ?? (await objective.gradient(params, gradient));
    if (arrived === null) gradients++;
    norms.push(norm(gradient));
    if (t === count || norms[t]! <= tolerance) break;
    at.begin(loss, undefined);
    await optimizer.step(gradient, state, params, at);
    rows.push(Float64Array.from(params));
  }
  return { rows, norms, evaluations: gradients + at.evaluations };
}

describe(`step by step against torch ${fixtures.torch}, or numpy with exact derivatives, in float64`, () => {
  test.each(fixtures.cases.map((item) => [`${item.objective}: ${JSON.stringify(item.optimizer)}`, item] as const))(
    '%s',
    async (_, { objective, optimizer, trajectory }) => {
      const { rows } = await steps(await objectiveOf(objective), optimizer, trajectory[0]!, trajectory.length - 1);
      expect(rows.flatMap((row) => [...row])).toBeAllclose(trajectory.flat(), { rtol: 1e-5, atol: 1e-7 });
      expect(rows.at(-1)).not.toEqual(rows[0]);
    },
  );

  test('every search is among them, on three objectives', () => {
    for (const { name } of optimizers.filter(({ name, isSearch }) => isSearch && name !== 'sam')) {
      const seen = fixtures.cases.filter(({ optimizer }) => optimizer.name === name);
      expect([name, new Set(seen.map(({ objective }) => objective)).size >= 3]).toEqual([name, true]);
    }
  });

  test.each([
    ['CG', { name: 'conjugateGradient' }],
    ['CG', { name: 'conjugateGradient', parameters: { polakRibiere: false } }],
    ['BFGS', { name: 'bfgs' }],
    ['BFGS', { name: 'lbfgs' }],
  ] as const)('with exact line searches on a quadratic, SciPy’s %s and %j go the same way', async (method, spec) => {
    const { matrix, trajectories } = fixtures.scipy;
    const objective = quadratic(new Matrix(matrix), new Float64Array(6));
    const exact = { ...spec, parameters: { ...('parameters' in spec ? spec.parameters : {}), c2: 1e-8 } };
    const { rows } = await steps(objective, exact, trajectories[method][0]!, 5);
    expect(rows.flatMap((row) => [...row])).toBeAllclose(trajectories[method].flat(), { rtol: 1e-5, atol: 1e-6 });
  });
});

describe('what the book says of them', () => {
  test('Newton arrives at the minimum of a quadratic in one step, whatever its condition', async () => {
    for (const kappa of [1, 1e2, 1e6]) {
      const center = normalVector(5, 3);
      const objective = quadratic(withSpectrum([1, 2, 5, kappa / 2, kappa], 1), center);
      const { rows } = await steps(objective, { name: 'newton' }, normalVector(5, 4), 1);
      expect(rows[1]).toBeAllclose(center, { atol: 1e-9 });
    }
  });

  test('near a saddle Newton jumps into it, saddle-free Newton leaves it and ends at a minimum', async () => {
    const objective = functionObjective('doubleWell');
    const start = [0.2, 0.5];
    const newton = await steps(objective, { name: 'newton' }, start, 10, 1e-9);
    expect(newton.rows.at(-1)).toBeAllclose([0, 0], { atol: 1e-9 });
    const saddleFree = await steps(objective, { name: 'saddleFreeNewton' }, start, 30, 1e-9);
    expect(saddleFree.rows.at(-1)).toBeAllclose([1, 0], { atol: 1e-9 });
    // The first step is Newton's along y and against Newton's along x.
    expect(saddleFree.rows[1]![0]! - 0.2).toBeCloseTo(0.2 - newton.rows[1]![0]!, 12);
    expect(saddleFree.rows[1]![1]).toBeCloseTo(newton.rows[1]![1]!, 12);
  });

  test.each([true, false])(
    'conjugate gradients (Polak–Ribière: %s) end a quadratic of n dimensions in n steps',
    async (polakRibiere) => {
      for (const n of [2, 5, 8]) {
        const spectrum = Array.from({ length: n }, (_, i) => 1 + i * i);
        const objective = quadratic(withSpectrum(spectrum, n), normalVector(n, 1));
        const spec = { name: 'conjugateGradient', parameters: { polakRibiere, c2: 1e-10 } };
        const { norms } = await steps(objective, spec, normalVector(n, 2), n);
        expect(norms[n]! / norms[0]!).toBeLessThan(1e-5);
        expect(norms[n - 1]! / norms[0]!).toBeGreaterThan(1e-4);
      }
    },
  );

  test('BFGS converges superlinearly on Rosenbrock’s function', async () => {
    const { rows } = await steps(functionObjective('rosenbrock'), { name: 'bfgs' }, [-1.2, 1], 200, 1e-9);
    const errors = rows.map(([x, y]) => Math.hypot(x! - 1, y! - 1));
    const ratios = errors.slice(1).map((error, k) => error / errors[k]!);
    expect(ratios.length).toBeLessThan(60);
    expect(Math.max(...ratios.slice(-3))).toBeLessThan(0.2);
    expect(ratios.at(-1)).toBeLessThan(0.02);
  });

  test('steps to the same gradient: descent pays κ, conjugate gradients √κ, Newton nothing', async () => {
    const counts = async (kappa: number) => {
      const spectrum = Array.from({ length: 40 }, (_, i) => kappa ** (i / 39));
      const objective = quadratic(withSpectrum(spectrum, 6), new Float64Array(40));
      const start = normalVector(40, 8);
      const used = async (spec: object) => (await steps(objective, spec, start, 40_000, 1e-4)).norms.length - 1;
      return {
        sgd: await used({ name: 'sgd', learningRate: 2 / (1 + kappa) }),
        conjugateGradient: await used({ name: 'conjugateGradient', parameters: { c2: 1e-3 } }),
        newton: await used({ name: 'newton' }),
      };
    };
    const [low, high] = [await counts(10), await counts(1_000)];
    expect(high.sgd / low.sgd).toBeGreaterThan(60);
    expect(high.conjugateGradient / low.conjugateGradient).toBeLessThan(10);
    expect([low.newton, high.newton]).toEqual([1, 1]);
  });
});

describe('above 200 parameters, where the matrix is seen on a Krylov space', () => {
  const values = Array.from({ length: 240 }, (_, i) => (i < 40 ? -1 : 1) * (0.5 + (i % 12)));
  const objective = quadratic(Matrix.diag(values), new Float64Array(values.length));
  const start = normalVector(values.length, 9);
  const gradient = start.map((entry, i) => values[i]! * entry);
  const stepOf = async (name: string, damping: number, tolerance: number) => {
    const spec = { name, parameters: { damping, tolerance, maxIterations: 100 } };
    const { rows, evaluations } = await steps(objective, spec, start, 1);
    return { step: rows[1]!.map((entry, i) => entry - start[i]!), evaluations };
  };

  test('Newton solves (H + λI)s = −g to its tolerance, with no more products than that takes', async () => {
    for (const tolerance of [1e-2, 1e-6]) {
      const { step, evaluations } = await stepOf('newton', 0.3, tolerance);
      const residual = step.map((entry, i) => (values[i]! + 0.3) * entry + gradient[i]!);
      // The Galerkin step's residual is at most a small multiple of the least one, which is what the tolerance is of.
      expect(norm(residual) / norm(gradient)).toBeLessThan(3 * tolerance);
      expect(evaluations).toBeLessThan(40);
    }
  });

  test('saddle-free Newton is −(|H| + λI)⁻¹g', async () => {
    const { step } = await stepOf('saddleFreeNewton', 0.3, 1e-10);
    expect(step).toBeAllclose(
      gradient.map((g, i) => -g / (Math.abs(values[i]!) + 0.3)),
      { rtol: 1e-6, atol: 1e-8 },
    );
  });

  test('Levenberg–Marquardt takes a network of 259 parameters down a decade with few products', async () => {
    const { network, data, params } = makeCase({
      activation: 'tanh',
      loss: 'meanSquaredError',
      sizes: [4, 16, 8, 3],
      examples: 20,
    });
    const net = await reference.load(network, data);
    expect(net.dimension).toBeGreaterThan(200);
    const { norms, rows } = await steps(net, { name: 'gaussNewton' }, params, 10);
    expect(net.value(rows.at(-1)!)).toBeLessThan(0.01 * (net.value(rows[0]!) as number));
    expect(norms).toHaveLength(11);
  });
});

describe('line searches', () => {
  test.each(['conjugateGradient', 'bfgs', 'lbfgs'])(
    '%s never goes up, and every step fulfils Wolfe’s conditions',
    async (name) => {
      const objective = functionObjective('himmelblau');
      const { rows } = await steps(objective, { name }, [3.5, -4.5], 12, 1e-6);
      const gradient = [new Float64Array(2), new Float64Array(2)] as const;
      const c2 = name === 'conjugateGradient' ? 0.1 : 0.9;
      expect(rows.length).toBeGreaterThan(5);
      for (let k = 1; k < rows.length; k++) {
        const before = objective.gradient(rows[k - 1]!, gradient[0]) as number;
        const after = objective.gradient(rows[k]!, gradient[1]) as number;
        const way = rows[k]!.map((entry, i) => entry - rows[k - 1]![i]!);
        const [slope, end] = gradient.map((g) => dot(g, way)) as [number, number];
        expect(slope).toBeLessThan(0);
        expect(after).toBeLessThanOrEqual(before + 1e-4 * slope + 1e-12);
        expect(Math.abs(end)).toBeLessThanOrEqual(c2 * Math.abs(slope) * (1 + 1e-6) + 1e-12);
      }
    },
  );

  test.each(['conjugateGradient', 'bfgs', 'lbfgs'])('%s comes back from a trial outside the domain', async (name) => {
    // NaN for x ≤ 0; the first trial lands at x < 0.
    const objective = expressionObjective('x - 2*log(x) + 0.5*y^2');
    const { rows } = await steps(objective, { name, learningRate: 50 }, [0.5, 0.3], 40, 1e-6);
    expect(rows.at(-1)).toBeAllclose([2, 0], { atol: 1e-5 });
  });

  test.each(['newton', 'saddleFreeNewton', 'conjugateGradient', 'bfgs', 'lbfgs'])(
    '%s in float32 arrives where float64 does, to rounding',
    async (name) => {
      const start = [3.5, 2.5];
      const wide = await steps(functionObjective('himmelblau'), { name }, start, 25, 1e-8);
      const narrow = await steps(functionObjective('himmelblau'), { name }, Float32Array.from(start), 25);
      expect(narrow.rows.at(-1)).toBeAllclose(wide.rows.at(-1)!, { rtol: 1e-5 });
      expect(narrow.rows.at(-1)).toBeAllclose([3, 2], { rtol: 1e-5 });
    },
  );

  test('at the minimum a step stays where it is', async () => {
    for (const name of ['newton', 'saddleFreeNewton', 'conjugateGradient', 'bfgs', 'lbfgs']) {
      const { rows } = await steps(functionObjective('rosenbrock'), { name }, [1, 1], 3);
      expect([name, ...rows.at(-1)!]).toEqual([name, 1, 1]);
    }
  });
});
