import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { groupedOperator, sampleOfBatches } from '../../src/main/engine/curvature/groups';
import { measureLayers } from '../../src/main/engine/curvature/layerCurvature';
import { blockOperator, dotOnLayer, layersOf, participationRatio } from '../../src/main/engine/curvature/layers';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import type { LinearOperator } from '../../src/main/engine/objectives/objective';
import { makeCase } from './networks';
import { denseEigenvalues } from './quadratic';

async function matrixOf(operator: LinearOperator): Promise<Matrix> {
  const matrix = Matrix.zeros(operator.size, operator.size);
  for (let j = 0; j < operator.size; j++) {
    const unit = new Float64Array(operator.size);
    unit[j] = 1;
    const column = new Float64Array(operator.size);
    await operator.apply(unit, column);
    matrix.setColumn(j, [...column]);
  }
  return matrix;
}

const { network, data, params } = makeCase({
  activation: 'tanh',
  loss: 'softmaxCrossEntropy',
  sizes: [4, 7, 5, 3],
  examples: 40,
});
const load = () => createReferenceExecutor().load(network, data);

test('a layer holds its weight and its bias; functions have a layer per coordinate', async () => {
  const objective = await load();
  const layers = layersOf(objective.layout);
  expect(layers.map(({ name, size }) => [name, size])).toEqual([
    ['layers.0', 35],
    ['layers.1', 40],
    ['layers.2', 18],
  ]);
  expect(
    layersOf(['x', 'y'].map((name, i) => ({ name, shape: [1], offset: i, size: 1, role: 'coordinate' as const }))),
  ).toMatchObject([{ name: 'x', ranges: [{ start: 0, end: 1 }] }, { name: 'y' }]);
});

test('blocks are those of the dense Hessian, also where a layer is not in one piece', async () => {
  const objective = await load();
  const hessian = await objective.hessian(params);
  const dense = await matrixOf(hessian);
  const split = {
    name: 'two pieces',
    size: 12,
    ranges: [
      { start: 3, end: 10 },
      { start: 60, end: 65 },
    ],
  };
  for (const layer of [...layersOf(objective.layout), split]) {
    const indices = layer.ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i));
    const block = await matrixOf(blockOperator(hessian, layer));
    expect(block.to1DArray()).toBeAllclose(dense.selection(indices, indices).to1DArray(), { atol: 1e-14 });
  }
});

test('measured by layer: eigenvalues and traces of the dense blocks, shares of the dense eigenvectors', async () => {
  const objective = await load();
  const dense = await matrixOf(await objective.hessian(params));
  const gradient = objective.allocate();
  await objective.gradient(params, gradient);
  const squared = dotOnLayer({ name: '', size: 93, ranges: [{ start: 0, end: 93 }] }, gradient, gradient);
  const measured = await measureLayers(objective, params, {
    ...{ top: 2, blockTop: 2, products: 400, confidence: 0.99, tolerance: 1e-9, seed: 2 },
  });
  expect(measured.layers.map(({ name }) => name)).toEqual(['layers.0', 'layers.1', 'layers.2']);
  layersOf(objective.layout).forEach((layer, l) => {
    const { start } = layer.ranges[0]!;
    const { end } = layer.ranges.at(-1)!;
    const block = dense.subMatrix(start, end - 1, start, end - 1);
    // Var z_lᵀ(Hz)_l = 2(‖H_ll‖²_F − Σ H_ii²) + Σ ‖H_lm‖²_F over the other layers m.
    const squares = (matrix: Matrix) => matrix.to1DArray().reduce((sum, entry) => sum + entry ** 2, 0);
    const rows = dense.subMatrix(start, end - 1, 0, 92);
    const diagonal = block.diag().reduce((sum, entry) => sum + entry ** 2, 0);
    const variance = 2 * (squares(block) - diagonal) + squares(rows) - squares(block);
    const { eigenvalues, trace, gradientShare, parameters } = measured.layers[l]!;
    expect(parameters).toBe(layer.size);
    expect(eigenvalues.map(({ value }) => value)).toBeAllclose(denseEigenvalues(block).toReversed().slice(0, 2), {
      rtol: 1e-8,
    });
    expect(Math.abs(trace.value - block.trace())).toBeLessThan(3 * trace.standardError);
    expect(trace.standardError).toBeAllclose(Math.sqrt(variance / 400), { rtol: 0.15 });
    expect(trace.interval[0]).toBeLessThan(block.trace());
    expect(trace.interval[1]).toBeGreaterThan(block.trace());
    expect(gradientShare).toBeAllclose(dotOnLayer(layer, gradient, gradient) / squared, { rtol: 1e-12 });
  });
  expect(measured.layers.reduce((sum, { gradientShare }) => sum + gradientShare, 0)).toBeAllclose(1, { rtol: 1e-12 });

  const top = denseEigenvalues(dense).toReversed().slice(0, 2);
  measured.eigenvectors.forEach(({ value, participation, participationRatio: ratio, gradientAlignment }, k) => {
    expect(value).toBeAllclose(top[k]!, { rtol: 1e-8 });
    expect(participation.reduce((sum, share) => sum + share)).toBeAllclose(1, { rtol: 1e-12 });
    expect(Math.min(...participation)).toBeGreaterThan(0);
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThan(93);
    expect(gradientAlignment).toBeGreaterThanOrEqual(0);
    expect(gradientAlignment).toBeLessThanOrEqual(1);
  });
});

test('participation ratio: one entry, all entries', () => {
  expect(participationRatio(Float64Array.of(0, -3, 0))).toBe(1);
  expect(participationRatio(new Float64Array(50).fill(-0.2))).toBeAllclose(50, { rtol: 1e-12 });
});

test('the Hessian of minibatches of different sizes, weighted by size, is that of their union', async () => {
  const objective = await load();
  const sample = sampleOfBatches({ batches: 3, batchSize: 14, seed: 1 }, 40);
  expect(sample.groups.map(({ length }) => length)).toEqual([14, 14, 12]);
  expect([...sample.rows!]).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect(sample.correction).toBe(0);
  const grouped = await groupedOperator(sample, async (rows) => objective.hessian(params, rows));
  const mean = Matrix.zeros(93, 93);
  for (const [g, operator] of grouped!.groups.entries()) mean.add((await matrixOf(operator)).mul(grouped!.weights[g]!));
  expect(mean.to1DArray()).toBeAllclose((await matrixOf(await objective.hessian(params))).to1DArray(), { atol: 1e-13 });
});
