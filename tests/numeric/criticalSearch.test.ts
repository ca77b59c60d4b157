import { EigenvalueDecomposition, LuDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it, test } from 'vitest';
import { descendFrom } from '../../src/main/engine/critical/descend';
import { measureMorseIndex } from '../../src/main/engine/critical/morseIndex';
import { searchCriticalPoint } from '../../src/main/engine/critical/search';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { expressionObjective } from '../../src/main/engine/objectives/expression';
import { functionObjective } from '../../src/main/engine/objectives/functions';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { withL2 } from '../../src/main/engine/objectives/withL2';
import { createRng } from '../../src/main/engine/random';
import { matchUpToSymmetry } from '../../src/main/engine/symmetries/equivalence';
import { hiddenUnits, permuteHiddenUnits } from '../../src/main/engine/symmetries/permutation';
import { scaleUnits } from '../../src/main/engine/symmetries/scaling';
import { searchMethodSchema } from '../../src/shared/model/critical';
import { modelSchema } from '../../src/shared/model/experiment';
import known from '../fixtures/critical-points.json';
import { makeCase, normalVector, randomTargets } from './networks';
import { quadratic, withSpectrum } from './quadratic';

const methods = searchMethodSchema.options;
const reference = createReferenceExecutor();

/** v + scale·(a normal vector). */
const nudged = (v: ArrayLike<number>, scale: number, seed: number) => {
  const noise = normalVector(v.length, seed);
  return Float64Array.from(v, (entry, i) => entry + scale * noise[i]!);
};

describe('on functions whose critical points are known', () => {
  const saddles = Object.entries(known).flatMap(([name, { criticalPoints }]) =>
    criticalPoints.filter(({ kind }) => kind !== 'degenerate').map((point) => ({ name, ...point })),
  );
  test.each(saddles)(
    '$name, $kind at ($x, $y), by every method that seeks any index',
    async ({ name, x, y, value }) => {
      const objective = functionObjective(name);
      for (const method of ['gaussNewton', 'newtonMR', 'dampedNewton'] as const) {
        const found = await searchCriticalPoint(objective, nudged([x, y], 0.003, 5), { method, tolerance: 1e-10 });
        expect([method, found.outcome]).toEqual([method, 'converged']);
        expect(found.gradientNorm).toBeLessThanOrEqual(found.tolerance);
        expect(found.params).toBeAllclose([x, y], { atol: 1e-8 });
        expect(found.loss).toBeAllclose(value, { atol: 1e-10, rtol: 1e-10 });
      }
    },
  );

  it('saddle-free Newton passes the saddle beside which it starts and ends at a minimum', async () => {
    const { outcome, params } = await searchCriticalPoint(functionObjective('doubleWell'), Float64Array.of(1e-3, 0.7), {
      method: 'saddleFree',
      tolerance: 1e-10,
    });
    expect(outcome).toBe('converged');
    expect(params).toBeAllclose([1, 0], { atol: 1e-8 });
    // The others end at the saddle from there.
    const newton = await searchCriticalPoint(functionObjective('doubleWell'), Float64Array.of(1e-3, 0.7));
    expect(newton.params).toBeAllclose([0, 0], { atol: 1e-8 });
  });

  it('says that it stalled where only the gradient is stationary, and how flat it is there', async () => {
    // f' = 1 + x² has its minimum at x = 0, where f'' = 0.
    const objective = expressionObjective('x + x^3/3 + y^2/2');
    for (const method of ['gaussNewton', 'newtonMR'] as const) {
      const found = await searchCriticalPoint(objective, Float64Array.of(0.4, 0.3), { method });
      expect(['stalled', 'maxIterations']).toContain(found.outcome);
      expect(found.gradientNorm).toBeAllclose(1, { rtol: 0.05 });
      expect(found.flatness).toBeLessThan(0.5);
    }
  });

  it('refuses a start where the loss is not finite, and returns what it has when cancelled', async () => {
    await expect(searchCriticalPoint(expressionObjective('log(x) + y'), Float64Array.of(-1, 0))).rejects.toMatchObject({
      code: 'engine',
      message: expect.stringContaining('NaN'),
    });
    const abort = new AbortController();
    const start = Float64Array.of(-1.2, 1);
    const { outcome, iterations, params } = await searchCriticalPoint(functionObjective('rosenbrock'), start, {
      signal: abort.signal,
      onStep: () => abort.abort(),
    });
    expect([outcome, iterations]).toEqual(['cancelled', 1]);
    expect(params).not.toEqual(start);
  });
});

describe('on quadratics', () => {
  const spectrum = [-3, -1, -0.5, 0.2, 0.7, 1, 2, 4, 5, 9];
  const center = normalVector(10, 1);

  it('knows no more than gradient and Hessian products, and takes few of them', async () => {
    const whole = quadratic(withSpectrum(spectrum, 3), center);
    const refuse = () => {
      throw new Error('not asked for');
    };
    const objective: Objective = { ...whole, value: refuse, measure: refuse, plane: refuse };
    for (const method of ['gaussNewton', 'newtonMR', 'dampedNewton'] as const) {
      const found = await searchCriticalPoint(objective, nudged(center, 0.1, 2), { method, tolerance: 1e-10 });
      expect(found.outcome).toBe('converged');
      expect(found.params).toBeAllclose(center, { atol: 1e-9 });
      expect(found.iterations).toBeLessThanOrEqual(6);
    }
  });

  it('goes no further in one step than a fifth of 1 + ‖θ‖', async () => {
    const objective = quadratic(withSpectrum(spectrum, 3), center);
    for (const method of methods.filter((one) => one !== 'saddleFree')) {
      const lengths: number[] = [];
      let before = new Float64Array(10);
      const watched: Objective = {
        ...objective,
        hessian(params) {
          const moved = Math.hypot(...params.map((value, i) => value - before[i]!));
          lengths.push(moved / (1 + Math.hypot(...before)));
          before = Float64Array.from(params);
          return objective.hessian(params);
        },
      };
      const { outcome } = await searchCriticalPoint(watched, new Float64Array(10), { method, tolerance: 1e-10 });
      expect([method, outcome]).toEqual([method, 'converged']);
      expect(Math.max(...lengths)).toBeGreaterThan(0.1);
      expect(Math.max(...lengths)).toBeLessThan(0.2 + 1e-12);
    }
  });

  it('counts the eigenvalues of each sign, by the whole matrix and by Lanczos', async () => {
    const objective = quadratic(withSpectrum([...spectrum, 0, 0], 4), new Float64Array(12));
    const at = new Float64Array(12);
    const dense = await measureMorseIndex(objective, at, { gradientNorm: 0, top: 2 });
    expect(dense).toMatchObject({ kind: 'saddle', index: 3, negative: 3, zero: 2, positive: 7, indexKnown: true });
    expect(dense.top.map(({ value }) => value)).toBeAllclose([9, 5], { rtol: 1e-10 });
    expect(dense.bottom.map(({ value }) => value)).toBeAllclose([-3, -1, -0.5], { rtol: 1e-10 });
    const lanczos = await measureMorseIndex(objective, at, { gradientNorm: 0, top: 2, spectrum: 'lanczos' });
    expect(lanczos).toMatchObject({ kind: 'saddle', index: 3, negative: 3, zero: null, indexKnown: true });
    for (const { residual } of [...lanczos.top, ...lanczos.bottom]) expect(residual).toBeLessThan(1e-5);
    const bowl = quadratic(withSpectrum([1, 2, 3, 4], 5), new Float64Array(4));
    expect(await measureMorseIndex(bowl, new Float64Array(4), { gradientNorm: 0 })).toMatchObject({
      kind: 'minimum',
      index: 0,
      zero: 0,
    });
  });
});

/** Two dense layers without biases or activations on given data, in float64. */
async function linearNetwork(x: Matrix, y: Matrix, hidden: number) {
  const model = modelSchema.parse({
    inputShape: [x.columns],
    layers: [
      { type: 'dense', units: hidden, bias: false },
      { type: 'dense', units: y.columns, bias: false },
    ],
    loss: 'meanSquaredError',
  });
  const data = {
    x: Float32Array.from(x.to1DArray()),
    y: Float32Array.from(y.to1DArray()),
    examples: x.rows,
  };
  return reference.load(buildNetwork(model), data);
}

const float32 = (rows: number, columns: number, seed: number) =>
  Matrix.from1DArray(rows, columns, Array.from(normalVector(rows * columns, seed)));

describe('on linear networks, whose critical points are known (Baldi & Hornik 1989)', () => {
  const [inputs, outputs, hidden, examples] = [5, 4, 2, 40];
  const x = float32(examples, inputs, 11);
  const exactTargets = x.mmul(float32(inputs, outputs, 12)).add(float32(examples, outputs, 13));
  const y = Matrix.from1DArray(examples, outputs, exactTargets.to1DArray().map(Math.fround));
  // Regression matrix A = Σyx Σxx⁻¹ and Σ = A Σxy with its eigenvectors, largest eigenvalue first.
  const regression = solve(x.transpose().mmul(x), x.transpose().mmul(y)).transpose();
  const sigma = regression.mmul(x.transpose().mmul(y));
  const eigen = new EigenvalueDecomposition(sigma.add(sigma.transpose()).div(2), { assumeSymmetric: true });
  const order = eigen.realEigenvalues
    .map((_, i) => i)
    .sort((a, b) => eigen.realEigenvalues[b]! - eigen.realEigenvalues[a]!);
  const subsets = order.flatMap((_, i) => order.slice(i + 1).map((__, k) => [i, i + 1 + k] as const));

  test.each(subsets)('the eigenvectors %i and %i', async (first, second) => {
    const objective = await linearNetwork(x, y, hidden);
    const chosen = [first, second];
    const u = new Matrix(chosen.map((k) => eigen.eigenvectorMatrix.getColumn(order[k]!))).transpose();
    // Any basis of the span will do: W₂ = U C⁻¹, W₁ = C Uᵀ A.
    const mixing = new Matrix([
      [1.2, 0.3],
      [-0.4, 0.9],
    ]);
    const w1 = mixing.mmul(u.transpose()).mmul(regression);
    const w2 = u.mmul(solve(mixing, Matrix.eye(2)));
    const exact = Float64Array.from([...w1.to1DArray(), ...w2.to1DArray()]);
    const gradient = new Float64Array(exact.length);
    const loss = await objective.gradient(exact, gradient);
    expect(Math.hypot(...gradient)).toBeLessThan(1e-12);

    for (const method of ['gaussNewton', 'newtonMR'] as const) {
      const found = await searchCriticalPoint(objective, nudged(exact, 0.01, 14), { method, tolerance: 1e-11 });
      expect([method, found.outcome]).toEqual([method, 'converged']);
      expect(found.loss).toBeAllclose(loss, { rtol: 1e-10 });
      const found1 = Matrix.from1DArray(hidden, inputs, [...found.params.subarray(0, hidden * inputs)]);
      const found2 = Matrix.from1DArray(outputs, hidden, [...found.params.subarray(hidden * inputs)]);
      // The factors are free up to an invertible matrix; their product is not.
      expect(found2.mmul(found1).to1DArray()).toBeAllclose(w2.mmul(w1).to1DArray(), { atol: 1e-8 });
      const index = await measureMorseIndex(objective, found.params, found);
      // One way down for every chosen eigenvector and larger one that was left out.
      const inversions = chosen.flatMap((k) =>
        order.map((_, j) => j).filter((j) => j < k && !chosen.includes(j)),
      ).length;
      expect(index).toMatchObject({ negative: inversions, zero: hidden ** 2, indexKnown: true });
      expect(index.kind).toBe(inversions > 0 ? 'saddle' : 'degenerate');
    }
  });

  it('the origin: p·r ways down and as many up, the rest flat', async () => {
    const objective = await linearNetwork(x, y, hidden);
    const index = await measureMorseIndex(objective, new Float64Array(hidden * (inputs + outputs)), {
      gradientNorm: 0,
    });
    const rank = Math.min(inputs, outputs);
    expect(index).toMatchObject({
      ...{ kind: 'saddle', negative: hidden * rank, positive: hidden * rank },
      zero: hidden * (inputs + outputs) - 2 * hidden * rank,
    });
  });

  it('goes down both sides of a saddle, to losses of better critical points', async () => {
    const objective = await linearNetwork(x, y, hidden);
    const u = new Matrix([0, 2].map((k) => eigen.eigenvectorMatrix.getColumn(order[k]!))).transpose();
    const exact = Float64Array.from([...u.transpose().mmul(regression).to1DArray(), ...u.to1DArray()]);
    const { lowest, negative } = await measureMorseIndex(objective, exact, { gradientNorm: 0 });
    expect(negative).toBe(1);
    const total = y.to1DArray().reduce((sum, value) => sum + value * value, 0);
    const best =
      (total - order.slice(0, 2).reduce((sum, k) => sum + eigen.realEigenvalues[k]!, 0)) / (examples * outputs);
    for (const sign of [1, -1] as const) {
      const { outcome, path, loss, arcLength, gradientNorm } = await descendFrom(objective, exact, lowest, sign);
      expect(outcome).toBe('converged');
      expect(gradientNorm).toBeLessThanOrEqual(1e-6);
      expect(loss.at(-1)!).toBeAllclose(best, { rtol: 1e-8 });
      expect(path.length).toBe(loss.length);
      expect(path.length).toBeLessThanOrEqual(201);
      for (let i = 1; i < loss.length; i++) {
        expect(loss[i]!).toBeLessThan(loss[i - 1]!);
        expect(arcLength[i]!).toBeGreaterThan(arcLength[i - 1]!);
      }
      // It begins along ±v.
      const along = path[1]!.reduce((sum, value, i) => sum + (value - exact[i]!) * lowest[i]!, 0);
      expect(Math.sign(along)).toBe(sign);
    }
  });
});

describe('descent', () => {
  it('ends in the two wells of a double well, and says where there is no bottom', async () => {
    const wells = functionObjective('doubleWell');
    const ends = [];
    for (const sign of [1, -1] as const) {
      const { outcome, path, loss } = await descendFrom(wells, new Float64Array(2), Float64Array.of(1, 0), sign);
      expect(outcome).toBe('converged');
      expect(loss.at(-1)!).toBeLessThan(1e-12);
      ends.push(path.at(-1)![0]!);
    }
    expect(ends).toBeAllclose([1, -1], { atol: 1e-6 });
    const slope = await descendFrom(
      functionObjective('classicalSaddle'),
      new Float64Array(2),
      Float64Array.of(0, 1),
      1,
    );
    expect(slope.outcome).toBe('diverged');
    const uphill = await descendFrom(wells, Float64Array.of(1, 0), Float64Array.of(0, 1), 1);
    expect(uphill).toMatchObject({ outcome: 'stalled', steps: 0 });
  });

  it('keeps at most the points asked for, the end among them', async () => {
    const ravine = await descendFrom(
      expressionObjective('(x^2 - 1)^2 + 200*(y - x^2)^2'),
      new Float64Array(2),
      Float64Array.of(1, 0),
      1,
      { points: 20 },
    );
    expect(ravine.steps).toBeGreaterThan(100);
    expect(ravine.path.length).toBeLessThanOrEqual(21);
    expect(ravine.path.at(-1)).toBeAllclose([1, 1], { atol: 1e-3 });
  });
});

describe('minima of a small network', () => {
  const sizes = [3, 4, 3, 2];
  const { network, data, params } = makeCase({
    ...{ activation: 'tanh', loss: 'meanSquaredError', sizes, examples: 30, seed: 6 },
  });
  const load = async () => withL2(await reference.load(network, data), { coefficient: 0.02, biases: true });
  const layers = hiddenUnits(network.model, network.layout);
  const permutations = [
    [2, 0, 3, 1],
    [1, 2, 0],
  ];

  it.each(methods)('related by a permutation of hidden units are found equal up to it: %s', async (method) => {
    const objective = await load();
    const descended = await searchCriticalPoint(objective, params, { method: 'saddleFree', tolerance: 1e-3 });
    const search = (start: Float64Array) => searchCriticalPoint(objective, start, { method, tolerance: 1e-10 });
    const first = await search(descended.params);
    const second = await search(permuteHiddenUnits(descended.params, layers, permutations));
    expect([first.outcome, second.outcome]).toEqual(['converged', 'converged']);
    expect(await measureMorseIndex(objective, first.params, first)).toMatchObject({ kind: 'minimum', zero: 0 });
    expect(second.loss).toBeAllclose(first.loss, { rtol: 1e-12 });
    const apart = first.params.reduce((most, value, i) => Math.max(most, Math.abs(value - second.params[i]!)), 0);
    expect(apart).toBeGreaterThan(0.1);
    const matched = matchUpToSymmetry(network.model, network.layout, second.params, first.params);
    expect(matched.distance).toBeLessThan(1e-8);
  });

  it('is another one when a weight differs', async () => {
    const other = Float64Array.from(params);
    other[2]! += 0.01;
    expect(matchUpToSymmetry(network.model, network.layout, other, params).distance).toBeAllclose(0.01, { rtol: 1e-6 });
  });

  it('matches units of the other sign where the activation is odd only', async () => {
    const flip = (theta: Float64Array) => {
      const flipped = theta.slice();
      // Unit 1 of the first layer: its row, its bias, and the column that reads it.
      const [weight, bias, reader] = network.layout;
      for (let i = 0; i < 3; i++) flipped[weight!.offset + 3 + i]! *= -1;
      flipped[bias!.offset + 1]! *= -1;
      for (let o = 0; o < 3; o++) flipped[reader!.offset + 4 * o + 1]! *= -1;
      return flipped;
    };
    const objective = await load();
    const flipped = flip(permuteHiddenUnits(params, layers, permutations));
    expect(await objective.value(flipped)).toBeAllclose(await objective.value(params), { rtol: 1e-13 });
    expect(matchUpToSymmetry(network.model, network.layout, flipped, params).distance).toBe(0);
    const softplus = makeCase({ activation: 'softplus', loss: 'meanSquaredError', sizes, examples: 3 });
    expect(
      matchUpToSymmetry(softplus.network.model, network.layout, flip(softplus.params), softplus.params).distance,
    ).toBeGreaterThan(0.01);
  });

  it('matches units that are permuted, rescaled and turned around, whatever lies between layers', async () => {
    const model = modelSchema.parse({
      inputShape: [1, 6, 6],
      layers: [
        { type: 'conv2d', filters: 4, kernelSize: 3, activation: 'relu' },
        { type: 'maxPool2d', poolSize: 2 },
        { type: 'flatten' },
        { type: 'dense', units: 5, activation: 'tanh' },
        { type: 'dense', units: 4 },
        { type: 'dense', units: 6, activation: 'leakyRelu' },
        { type: 'dense', units: 3, activation: 'softplus' },
        { type: 'dense', units: 2 },
      ],
      loss: 'softmaxCrossEntropy',
    });
    const built = buildNetwork(model);
    const units = hiddenUnits(model, built.layout);
    expect(units.map(({ scaling }) => scaling)).toEqual(['positive', 'sign', 'any', 'positive', 'none']);
    const rng = createRng(4, 'tests/symmetry');
    const size = built.layout.reduce((sum, block) => sum + block.size, 0);
    const theta = Float64Array.from({ length: size }, () => rng.normal());
    const copy = permuteHiddenUnits(
      theta,
      units,
      units.map(({ units: count }) => rng.shuffle(Int32Array.from({ length: count }, (_, u) => u))),
    );
    for (const layer of units) {
      const factor = { any: -1, sign: -1, positive: 1, none: 1 }[layer.scaling];
      const scale = () => (layer.scaling === 'any' || layer.scaling === 'positive' ? Math.exp(2 * rng.normal()) : 1);
      scaleUnits(
        copy,
        layer,
        Float64Array.from({ length: layer.units }, (_, u) => (u % 2 ? factor : 1) * scale()),
      );
    }
    const images = {
      x: Float32Array.from({ length: 36 * 7 }, () => rng.normal()),
      y: randomTargets(rng, 'softmaxCrossEntropy', 2, 7),
      examples: 7,
    };
    const objective = await reference.load(built, images);
    expect(await objective.value(copy)).toBeAllclose(await objective.value(theta), { rtol: 1e-12 });
    const { distance, params } = matchUpToSymmetry(model, built.layout, copy, theta);
    expect(distance).toBeLessThan(1e-9);
    expect(await objective.value(params)).toBeAllclose(await objective.value(theta), { rtol: 1e-9 });
    // An L2 term tells scales apart, and so does the match then.
    expect(matchUpToSymmetry(model, built.layout, copy, theta, { rescale: false }).distance).toBeGreaterThan(0.1);
    // Another network stays another.
    const other = theta.slice();
    other[7]! += 0.05;
    expect(matchUpToSymmetry(model, built.layout, other, theta).distance).toBeGreaterThan(0.005);
  });

  it('is found from a random start, quadratically once near', async () => {
    const objective = await load();
    const norms: number[] = [];
    const found = await searchCriticalPoint(objective, randomStart(5), {
      tolerance: 1e-11,
      onStep: ({ gradientNorm }) => norms.push(gradientNorm),
    });
    expect(found.outcome).toBe('converged');
    expect(norms).toHaveLength(found.iterations);
    for (let i = 1; i < norms.length; i++) expect(norms[i]!).toBeLessThan(norms[i - 1]!);
    expect(norms.at(-1)! / norms.at(-2)!).toBeLessThan(0.01);
  });

  it('is told from a gradient-flat region, where minimizing ‖∇L‖ ends without one', async () => {
    const objective = await load();
    const { outcome, gradientNorm, flatness } = await searchCriticalPoint(objective, randomStart(4), {
      method: 'gaussNewton',
      maxIterations: 500,
    });
    expect(outcome).toBe('stalled');
    expect(gradientNorm).toBeGreaterThan(1e-4);
    expect(flatness).toBeLessThan(1e-3);
  });

  it('lies on both sides of the saddle at which two units are equal, the same up to their order', async () => {
    const two = makeCase({ activation: 'tanh', loss: 'meanSquaredError', sizes: [2, 2, 1], examples: 40, seed: 3 });
    const objective = withL2(await reference.load(two.network, two.data), { coefficient: 0.002, biases: true });
    const [layer] = hiddenUnits(two.network.model, two.network.layout);
    const swapped = permuteHiddenUnits(two.params, [layer!], [[1, 0]]);
    // The gradient keeps equal units equal, so that the lowest point among those is found with them equal.
    const equal = two.params.map((value, i) => (value + swapped[i]!) / 2);
    const saddle = await searchCriticalPoint(objective, equal, { method: 'saddleFree', tolerance: 1e-11 });
    expect(saddle.outcome).toBe('converged');
    const index = await measureMorseIndex(objective, saddle.params, saddle);
    expect(index).toMatchObject({ kind: 'saddle', negative: 1, zero: 0 });
    const ends = [];
    for (const sign of [1, -1] as const) {
      const { outcome, path, gradientNorm } = await descendFrom(objective, saddle.params, index.lowest, sign);
      expect(outcome).toBe('converged');
      const end = path.at(-1)!;
      expect(await measureMorseIndex(objective, end, { gradientNorm })).toMatchObject({ kind: 'minimum', index: 0 });
      ends.push(end);
    }
    const [plus, minus] = ends as [Float64Array, Float64Array];
    expect(Math.hypot(...plus.map((value, i) => value - minus[i]!))).toBeGreaterThan(0.5);
    expect(matchUpToSymmetry(two.network.model, two.network.layout, plus, minus).distance).toBeLessThan(1e-3);
  });

  function randomStart(seed: number): Float64Array {
    const rng = createRng(seed, 'start');
    return Float64Array.from(params, () => 0.3 * rng.normal());
  }
});

/** A⁻¹B */
function solve(a: Matrix, b: Matrix): Matrix {
  return new LuDecomposition(a).solve(b);
}
