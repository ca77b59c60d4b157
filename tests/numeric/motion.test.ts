import { describe, expect, it } from 'vitest';
import { expressionObjective } from '../../src/main/engine/objectives/expression';
import { createOptimizer } from '../../src/main/engine/optimizers';
import { replay } from '../../src/main/engine/training/replay';
import { train } from '../../src/main/engine/training/train';
import type { TrajectoryRows } from '../../src/main/engine/trajectory/rows';
import { optimizerSchema, trainingSchema } from '../../src/shared/model/experiment';
import type { MotionName } from '../../src/shared/model/motion';
import { drain } from './surfaces';

/** f = ½(x² + 4y²): ∇f = (x, 4y). */
const quadratic = () => expressionObjective('0.5*(x^2 + 4*y^2)');
const start = [2, -1] as const;
const axes = { origin: new Float64Array(2), d1: Float64Array.of(1, 0), d2: Float64Array.of(0, 1) };

async function recordedAndRepeated(
  optimizer: unknown,
  {
    plane = axes,
    steps = 3,
    recordEvery = 1,
    alter = (_: Float32Array) => {},
    signal = new AbortController().signal,
  } = {},
) {
  const spec = optimizerSchema.parse(optimizer);
  const training = trainingSchema.parse({ stop: { steps }, recordEvery });
  const common = () => ({
    ...{
      objective: quadratic(),
      params: Float64Array.from(start),
      optimizer: createOptimizer(spec),
      training,
      seed: 0,
    },
    classify: false,
  });
  const { tiles } = await drain(train({ ...common(), signal: new AbortController().signal }));
  const theta = Float32Array.from(tiles.flatMap((batch) => [...batch.theta]));
  const at = tiles.flatMap((batch) => [...batch.metrics.step]);
  alter(theta);
  const recorded: TrajectoryRows = {
    rows: at.length,
    dimension: 2,
    read: (first, count) => theta.slice(2 * first, 2 * (first + count)),
  };
  return drain(replay({ ...common(), signal, plane, recorded, steps: at }));
}

const pairs = (columns: Record<MotionName, Float64Array>, name: 'descent' | 'velocity' | 'step') =>
  Array.from(columns[`${name}X`], (x, row) => [x, columns[`${name}Y`][row]!]).flat();

describe('what moves an optimizer', () => {
  it('of momentum on a quadratic is what is computed by hand', async () => {
    const { result, tiles } = await recordedAndRepeated({
      name: 'momentum',
      learningRate: 0.1,
      parameters: { momentum: 0.5 },
    });
    // θ₀ = (2, −1): g = (2, −4), v₁ = g. θ₁ = (1.8, −0.6): g = (1.8, −2.4), v₂ = ½v₁ + g = (2.8, −4.4).
    // θ₂ = (1.52, −0.16): g = (1.52, −0.64), v₃ = (2.92, −2.84). θ₃ = (1.228, 0.124).
    expect(pairs(result.columns, 'descent')).toBeAllclose([-2, 4, -1.8, 2.4, -1.52, 0.64, -1.228, -0.496], {
      rtol: 1e-12,
    });
    // What it arrives with: none at first.
    expect(pairs(result.columns, 'velocity')).toBeAllclose([0, 0, -2, 4, -2.8, 4.4, -2.92, 2.84], {
      rtol: 1e-12,
      atol: 1e-15,
    });
    expect(pairs(result.columns, 'step').slice(0, 6)).toBeAllclose([-0.2, 0.4, -0.28, 0.44, -0.292, 0.284], {
      rtol: 1e-12,
    });
    expect(pairs(result.columns, 'step').slice(6)).toEqual([Number.NaN, Number.NaN]);
    expect([result.memory, result.adaptive, result.rows]).toEqual(['velocity', false, 4]);
    expect(result.columns.rate11.every(Number.isNaN)).toBe(true);
    // The parts together are the whole.
    expect(tiles.flatMap(({ columns }) => [...columns.descentX])).toEqual([...result.columns.descentX]);
  });

  it('of Adam on a quadratic is what is computed by hand', async () => {
    const rate = 0.1;
    const [b1, b2, eps] = [0.9, 0.999, 1e-8];
    const { result } = await recordedAndRepeated({ name: 'adam', learningRate: rate }, { steps: 2 });
    const [theta, m, s] = [[...start], [0, 0], [0, 0]];
    for (let t = 0; t < 2; t++) {
      const g = [theta[0]!, 4 * theta[1]!];
      expect([result.columns.descentX[t], result.columns.descentY[t]]).toBeAllclose([-g[0]!, -g[1]!], { rtol: 1e-12 });
      expect([result.columns.velocityX[t], result.columns.velocityY[t]]).toBeAllclose([-m[0]!, -m[1]!], {
        rtol: 1e-12,
        atol: 1e-15,
      });
      const rates = g.map((gi, i) => {
        m[i] = b1 * m[i]! + (1 - b1) * gi;
        s[i] = b2 * s[i]! + (1 - b2) * gi * gi;
        return rate / (Math.sqrt(s[i]! / (1 - b2 ** (t + 1))) + eps);
      });
      const step = rates.map((r, i) => (-r * m[i]!) / (1 - b1 ** (t + 1)));
      expect([result.columns.stepX[t], result.columns.stepY[t]]).toBeAllclose(step, { rtol: 1e-10 });
      const { rate11, rate12, rate22 } = result.columns;
      expect([rate11[t], rate12[t], rate22[t]]).toBeAllclose([rates[0]!, 0, rates[1]!], { rtol: 1e-12, atol: 1e-15 });
      step.forEach((d, i) => {
        theta[i]! += d;
      });
    }
    expect([result.memory, result.adaptive]).toEqual(['firstMoment', true]);
  });

  it('of a search, which evaluates the objective inside its step: SAM descends from uphill', async () => {
    const sam = { name: 'sam', learningRate: 0.1, parameters: { radius: 0.5 } };
    const { result } = await recordedAndRepeated(sam, { steps: 1 });
    const reach = 0.5 / Math.sqrt(20);
    expect([result.columns.descentX[0], result.columns.descentY[0]]).toBeAllclose([-2, 4], { rtol: 1e-12 });
    expect([result.columns.stepX[0], result.columns.stepY[0]]).toBeAllclose(
      [-0.1 * (2 + 2 * reach), -0.4 * (-1 - 4 * reach)],
      { rtol: 1e-10 },
    );
    expect([result.memory, result.adaptive]).toEqual([null, false]);
  });

  it('is the same seen from oblique axes: coordinates solve the normal equations, rates are a form on unit axes', async () => {
    const plane = { origin: new Float64Array(2), d1: Float64Array.of(2, 0), d2: Float64Array.of(1, 1) };
    const adam = { name: 'adam', learningRate: 0.1 };
    const { result: straight } = await recordedAndRepeated(adam);
    const { result: oblique } = await recordedAndRepeated(adam, { plane });
    const back = (name: 'descent' | 'velocity' | 'step') =>
      Array.from(oblique.columns[`${name}X`], (x, row) => {
        const y = oblique.columns[`${name}Y`][row]!;
        return [2 * x + y, y];
      }).flat();
    for (const name of ['descent', 'velocity'] as const) {
      expect(back(name)).toBeAllclose(pairs(straight.columns, name), { rtol: 1e-12, atol: 1e-14 });
    }
    const [r1, r2] = [straight.columns.rate11[0]!, straight.columns.rate22[0]!];
    const { rate11, rate12, rate22 } = oblique.columns;
    expect([rate11[0], rate12[0], rate22[0]]).toBeAllclose([r1, r1 / Math.SQRT2, (r1 + r2) / 2], { rtol: 1e-12 });
  });

  it('is told of recorded rows only', async () => {
    const sgd = { name: 'sgd', learningRate: 0.1 };
    const { result: all } = await recordedAndRepeated(sgd, { steps: 7 });
    const { result: some } = await recordedAndRepeated(sgd, { steps: 7, recordEvery: 3 });
    expect(some.rows).toBe(4);
    [0, 3, 6, 7].forEach((step, row) => {
      expect(some.columns.descentX[row]).toBe(all.columns.descentX[step]);
      expect(some.columns.stepY[row]).toBe(all.columns.stepY[step]);
    });
    expect(some.memory).toBeNull();
    expect(some.columns.velocityX.every(Number.isNaN)).toBe(true);
  });

  it('is refused where the repeated path is another, and cancelled', async () => {
    const sgd = { name: 'sgd', learningRate: 0.1 };
    const alter = (theta: Float32Array) => {
      theta[5]! += 1e-6;
    };
    await expect(recordedAndRepeated(sgd, { alter })).rejects.toMatchObject({
      code: 'engine',
      message: expect.stringMatching(/departs from the recorded one at step 2: parameter 1/),
    });
    await expect(recordedAndRepeated(sgd, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
