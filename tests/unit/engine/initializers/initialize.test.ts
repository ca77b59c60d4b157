import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { createReferenceObjective } from '../../../../src/main/engine/executors/reference/objective';
import { buildNetwork } from '../../../../src/main/engine/graph/build';
import { type Initializers, initialize } from '../../../../src/main/engine/initializers/initialize';
import { marginalBiases } from '../../../../src/main/engine/initializers/marginal';
import { createRng } from '../../../../src/main/engine/random';
import { type InitializerSpec, initializerNames, modelSchema } from '../../../../src/shared/model/experiment';
import type { ParameterLayout } from '../../../../src/shared/model/run';

const units = 120;
const inputs = 80;
const layout: ParameterLayout = [
  { name: 'layers.0.weight', shape: [units, inputs], offset: 0, size: units * inputs, role: 'weight' },
  { name: 'layers.0.bias', shape: [units], offset: units * inputs, size: units, role: 'bias' },
];
const size = units * inputs + units;

function draw(weights: InitializerSpec, biases: InitializerSpec = { name: 'zeros' }, seed = 5): Float64Array {
  const out = new Float64Array(size).fill(Number.NaN);
  initialize(layout, { weights, biases }, createRng(seed, 'initialization'), out);
  return out;
}
const weightsOf = (params: Float64Array): Float64Array => params.subarray(0, units * inputs);
const deviation = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

// The standard error of s is s/√(2n) for a normal, less for a uniform distribution.
const fiveErrors = 5 / Math.sqrt(2 * units * inputs);

describe('uniform', () => {
  test.each<[InitializerSpec, number]>([
    [{ name: 'uniform' }, 0.05],
    [{ name: 'uniform', scale: 2 }, 2],
    [{ name: 'glorotUniform' }, Math.sqrt(6 / (inputs + units))],
    [{ name: 'glorotUniform', scale: 2 }, 2 * Math.sqrt(6 / (inputs + units))],
    [{ name: 'heUniform' }, Math.sqrt(6 / inputs)],
  ])('%o lies within ±%d and fills it', (spec, halfWidth) => {
    const weights = weightsOf(draw(spec));
    expect(Math.max(...weights.map(Math.abs))).toBeAllclose(halfWidth, { rtol: 2e-3 });
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(halfWidth);
    expect(deviation(weights)).toBeAllclose(halfWidth / Math.sqrt(3), { rtol: fiveErrors });
  });
});

describe('normal', () => {
  test.each<[InitializerSpec, number]>([
    [{ name: 'normal' }, 0.05],
    [{ name: 'normal', scale: 3 }, 3],
    [{ name: 'glorotNormal' }, Math.sqrt(2 / (inputs + units))],
    [{ name: 'heNormal' }, Math.sqrt(2 / inputs)],
  ])('%o has standard deviation %d', (spec, expected) => {
    const weights = weightsOf(draw(spec));
    expect(deviation(weights)).toBeAllclose(expected, { rtol: fiveErrors });
    expect(Math.max(...weights)).toBeGreaterThan(3 * expected);
  });
});

test.each([
  ['wide', [6, 11]],
  ['tall', [11, 6]],
  ['square', [8, 8]],
] as const)('orthogonal, %s: the shorter side is orthonormal times the gain', (_, [rows, columns]) => {
  const block = { name: 'w', shape: [rows, columns], offset: 0, size: rows * columns, role: 'weight' } as const;
  const out = new Float64Array(rows * columns);
  const gain = 1.5;
  initialize(
    [{ ...block, shape: [rows, columns] }],
    { weights: { name: 'orthogonal', scale: gain }, biases: { name: 'zeros' } },
    createRng(1, 'q'),
    out,
  );
  const q = Matrix.from1DArray(rows, columns, out);
  const gram = rows <= columns ? q.mmul(q.transpose()) : q.transpose().mmul(q);
  const n = Math.min(rows, columns);
  expect(gram.to1DArray()).toBeAllclose(
    Matrix.eye(n, n)
      .mul(gain ** 2)
      .to1DArray(),
    { atol: 1e-13 },
  );
});

test('orthogonal is uniform: without the choice of signs the first entry would always be negative', () => {
  const layout2: ParameterLayout = [{ name: 'w', shape: [3, 3], offset: 0, size: 9, role: 'weight' }];
  const rng = createRng(2, 'q');
  const out = new Float64Array(9);
  let positive = 0;
  for (let i = 0; i < 400; i++) {
    initialize(layout2, { weights: { name: 'orthogonal' }, biases: { name: 'zeros' } }, rng, out);
    if (out[0]! > 0) positive += 1;
  }
  expect(positive).toBeAllclose(200, { atol: 5 * Math.sqrt(400 / 4) });
});

test('weights and biases each have their own initializer', () => {
  const params = draw({ name: 'constant', scale: 0.5 }, { name: 'constant', scale: -1 });
  expect(new Set(weightsOf(params))).toEqual(new Set([0.5]));
  expect(new Set(params.subarray(units * inputs))).toEqual(new Set([-1]));
  expect(new Set(draw({ name: 'zeros' }))).toEqual(new Set([0]));
});

test.each(initializerNames)('%s repeats with its seed and fills every place', (name) => {
  const params = draw({ name });
  expect(params.some(Number.isNaN)).toBe(false);
  expect(draw({ name })).toEqual(params);
  if (!['zeros', 'constant', 'identity'].includes(name))
    expect(draw({ name }, { name: 'zeros' }, 6)).not.toEqual(params);
});

test.each(['glorotUniform', 'heNormal', 'orthogonal'] as const)('%s is refused for biases', (name) => {
  expect(() => draw({ name: 'zeros' }, { name })).toThrow(`${name} needs a matrix; layers.0.bias has shape [120]`);
});

describe('sparse', () => {
  test.each([
    [{ name: 'sparse' }, 15, 1],
    [{ name: 'sparse', connections: 4, scale: 0.5 }, 4, 0.5],
    [{ name: 'sparse', connections: 500 }, inputs, 1],
  ] as const)('%o: as many inputs of every unit, spread over all inputs', (spec, connections, expected) => {
    const weights = weightsOf(draw(spec));
    const used = new Set<number>();
    for (let unit = 0; unit < units; unit++) {
      const row = [...weights.subarray(unit * inputs, (unit + 1) * inputs)];
      expect(row.filter((value) => value !== 0)).toHaveLength(connections);
      row.forEach((value, i) => {
        if (value !== 0) used.add(i);
      });
    }
    expect(used.size).toBe(inputs);
    const nonzero = weights.filter((value) => value !== 0);
    expect(deviation(nonzero)).toBeAllclose(expected, { rtol: 5 / Math.sqrt(2 * nonzero.length) });
  });
});

test('identity passes input i on to unit i; a convolution passes channels on', () => {
  const weights = weightsOf(draw({ name: 'identity', scale: 2 }));
  const x = Float64Array.from({ length: inputs }, (_, i) => i + 1);
  for (let unit = 0; unit < units; unit++) {
    const y = x.reduce((sum, value, i) => sum + value * weights[unit * inputs + i]!, 0);
    expect(y).toBe(unit < inputs ? 2 * (unit + 1) : 0);
  }
  const filters: ParameterLayout = [
    { name: 'layers.0.weight', shape: [2, 3, 3, 3], offset: 0, size: 54, role: 'weight' },
  ];
  const out = new Float64Array(54);
  initialize(filters, { weights: { name: 'identity' }, biases: { name: 'zeros' } }, createRng(0, 'i'), out);
  expect([...out.keys()].filter((i) => out[i] !== 0)).toEqual([4, 27 + 9 + 4]);
});

describe('layers of their own, and biases from the targets', () => {
  const model = (loss: string, outputs: number) =>
    modelSchema.parse({
      inputShape: [4],
      layers: [
        { type: 'dense', units: 6, activation: 'relu' },
        { type: 'dense', units: outputs },
      ],
      loss,
    });
  const start = (spec: ReturnType<typeof model>, initializers: Partial<Initializers>) => {
    const { layout } = buildNetwork(spec);
    const out = new Float64Array(layout.reduce((sum, block) => sum + block.size, 0));
    initialize(
      layout,
      { weights: { name: 'heNormal' }, biases: { name: 'zeros' }, ...initializers },
      createRng(0, 'initialization'),
      out,
    );
    return Object.fromEntries(
      layout.map(({ name, offset, size: length }) => [name, [...out.subarray(offset, offset + length)]]),
    );
  };

  test('a layer’s own initializers win; the others keep the general ones', () => {
    const blocks = start(model('softmaxCrossEntropy', 3), {
      layers: [
        { layer: 0, biases: { name: 'constant', scale: 1 } },
        { layer: 1, weights: { name: 'zeros' } },
      ],
    });
    expect(blocks['layers.0.bias']).toEqual([1, 1, 1, 1, 1, 1]);
    expect(blocks['layers.0.weight']!.every((value) => value !== 0)).toBe(true);
    expect(new Set(blocks['layers.1.weight'])).toEqual(new Set([0]));
    expect(blocks['layers.1.bias']).toEqual([0, 0, 0]);
    expect(() =>
      start(model('softmaxCrossEntropy', 3), { layers: [{ layer: 2, weights: { name: 'zeros' } }] }),
    ).toThrow('Layer 2 has no weights');
  });

  test.each([
    ['softmaxCrossEntropy', 3, [0, 0, 0, 1, 1, 2], -(3 * Math.log(1 / 2) + 2 * Math.log(1 / 3) + Math.log(1 / 6)) / 6],
    ['binaryCrossEntropy', 1, [1, 0, 0, 0], -(Math.log(1 / 4) + 3 * Math.log(3 / 4)) / 4],
    ['meanSquaredError', 2, [1, 5, 3, 5, 2, 2], (2 / 3 + 2) / 2],
  ])('%s: with zero weights the loss is that of the best constant', (loss, outputs, y, expected) => {
    const spec = model(loss, outputs);
    const targets = Float32Array.from(y);
    const blocks = start(spec, {
      weights: { name: 'zeros' },
      biases: { name: 'marginal' },
      marginal: marginalBiases(spec, targets),
    });
    expect(blocks['layers.0.bias']).toEqual([0, 0, 0, 0, 0, 0]);
    const examples = loss === 'softmaxCrossEntropy' ? y.length : y.length / outputs;
    const data = { x: new Float32Array(4 * examples).fill(1), y: targets, examples };
    const objective = createReferenceObjective(buildNetwork(spec), data, 'reference');
    const params = Float64Array.from(Object.values(blocks).flat());
    expect(objective.value(params)).toBeAllclose(expected, { rtol: 1e-12 });
    const gradient = new Float64Array(params.length);
    objective.gradient(params, gradient);
    expect(gradient.subarray(-outputs)).toBeAllclose(new Float64Array(outputs), { atol: 1e-12 });
  });

  test('a class without examples gets half a one; what has no such biases says so', () => {
    const biases = marginalBiases(model('softmaxCrossEntropy', 3), Float32Array.of(0, 0, 1, 1));
    expect([...biases]).toBeAllclose([Math.log(0.5), Math.log(0.5), Math.log(0.125)], { rtol: 1e-12 });
    expect(() => marginalBiases(model('multiClassHinge', 3), Float32Array.of(0, 1))).toThrow('hinge');
    const bare = model('meanSquaredError', 1);
    expect(() => marginalBiases({ ...bare, layers: bare.layers.slice(0, 1) }, Float32Array.of(0))).toThrow(
      'last layer',
    );
  });
});
