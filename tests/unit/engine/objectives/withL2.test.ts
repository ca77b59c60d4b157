import { describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../../../../src/main/engine/executors/reference';
import { withL2 } from '../../../../src/main/engine/objectives/withL2';
import { makeCase, normalVector } from '../../../numeric/networks';

const coefficient = 0.3;
const { network, data, params } = makeCase({
  activation: 'tanh',
  loss: 'softmaxCrossEntropy',
  sizes: [3, 4, 2],
  examples: 9,
});
const bare = await createReferenceExecutor().load(network, data);
const v = normalVector(params.length, 2);

describe.each([
  ['weights only', false],
  ['biases too', true],
])('½λ‖w‖² over %s', (_, biases) => {
  const objective = withL2(bare, { coefficient, biases });
  const isPenalized = (i: number): boolean =>
    network.layout.some(({ offset, size, role }) => i >= offset && i < offset + size && (role === 'weight' || biases));
  const penalty = (theta: Float64Array): number =>
    theta.reduce((sum, value, i) => sum + (isPenalized(i) ? (coefficient / 2) * value ** 2 : 0), 0);

  test('is added to the value, the gradient and the measure', async () => {
    const plain = new Float64Array(params.length);
    const penalized = new Float64Array(params.length);
    const loss = await bare.gradient(params, plain);
    expect(await objective.gradient(params, penalized)).toBeAllclose(loss + penalty(params), { rtol: 1e-14 });
    expect(await objective.value(params)).toBeAllclose(loss + penalty(params), { rtol: 1e-14 });
    expect(penalized).toBeAllclose(
      plain.map((value, i) => value + (isPenalized(i) ? coefficient * params[i]! : 0)),
      { rtol: 1e-14 },
    );
    const rows = Int32Array.of(1, 4);
    const measure = await bare.measure(params, rows);
    const { loss: total, ...rest } = await objective.measure(params, rows);
    expect(total).toBeAllclose(measure.loss + penalty(params), { rtol: 1e-14 });
    expect({ ...rest, loss: measure.loss }).toEqual(measure);
  });

  test('adds λ to the diagonal of the Hessian', async () => {
    const plain = new Float64Array(params.length);
    const penalized = new Float64Array(params.length);
    await (await bare.hessian(params)).apply(v, plain);
    await (await objective.hessian(params)).apply(v, penalized);
    expect(penalized).toBeAllclose(
      plain.map((value, i) => value + (isPenalized(i) ? coefficient * v[i]! : 0)),
      { rtol: 1e-14 },
    );
  });

  test('adds the same to Gauss–Newton products where there are any, and makes none up', async () => {
    // The Hessian stands in for them: only what is added matters here.
    const withProducts = withL2({ ...bare, gaussNewton: bare.hessian }, { coefficient, biases });
    const [hessian, gaussNewton] = [new Float64Array(params.length), new Float64Array(params.length)];
    await (await objective.hessian(params)).apply(v, hessian);
    await (await withProducts.gaussNewton!(params)).apply(v, gaussNewton);
    expect(gaussNewton).toEqual(hessian);
    const { gaussNewton: none, ...rest } = bare;
    expect(withL2(rest, { coefficient, biases }).gaussNewton).toBeUndefined();
    expect(none === undefined || typeof none === 'function').toBe(true);
  });

  test('is exact at every point of a plane, and masked points stay masked', async () => {
    const d1 = normalVector(params.length, 3);
    const d2 = normalVector(params.length, 4);
    const coordinates = Float64Array.of(0, 0, 0.5, -2, -1, 0.25, 1e200, 1e200);
    const tile = { origin: params, d1, d2, coordinates };
    const plain = await bare.plane(tile);
    const penalized = await objective.plane(tile);
    for (let point = 0; point < 3; point++) {
      const theta = params.map(
        (value, i) => value + coordinates[2 * point]! * d1[i]! + coordinates[2 * point + 1]! * d2[i]!,
      );
      expect(penalized.loss[point]).toBeAllclose(plain.loss[point]! + penalty(theta), { rtol: 1e-13 });
    }
    expect(penalized.loss[3]).toBeNaN();
    expect(penalized.standardError).toEqual(plain.standardError);
    expect(penalized.accuracy).toEqual(plain.accuracy);
  });
});
