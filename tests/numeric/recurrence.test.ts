import { describe, expect, test } from 'vitest';
import { stateGradients } from '../../src/main/engine/executors/reference/stateGradients';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { createRng } from '../../src/main/engine/random';
import { eigenPowers, multiply } from '../../src/main/engine/recurrence/eigenPowers';
import { logChi, logNorms } from '../../src/main/engine/recurrence/randomProducts';
import { matrixKinds, squareMatrix } from '../../src/main/engine/recurrence/squareMatrix';
import { norm } from '../../src/main/engine/vectors';
import { UserError } from '../../src/shared/errors';
import { modelSchema } from '../../src/shared/model/experiment';

describe.each(matrixKinds)('powers of a %s matrix by its eigenvalues', (kind) => {
  test.each([2, 7, 20])('are those by multiplication, %d units', (n) => {
    const matrix = squareMatrix(kind, n, 0.95, createRng(n, 'test'));
    const powers = eigenPowers(matrix, n);
    expect(powers.radius).toBeAllclose(0.95, { rtol: 1e-10 });
    const rng = createRng(1, 'start');
    const v = Float64Array.from({ length: n }, () => rng.normal());
    let direct = v.slice();
    for (let t = 0; t <= 40; t++) {
      const gap = powers.apply(v, t).map((value, i) => value - direct[i]!);
      expect(norm(gap) / norm(direct)).toBeLessThan(1e-9);
      const next = new Float64Array(n);
      multiply(matrix, direct, next);
      direct = next;
    }
  });
});

test('the part of the largest modulus is an invariant subspace: one more power multiplies its norm by the radius', () => {
  const n = 9;
  const matrix = squareMatrix('symmetric', n, 1.2, createRng(4, 'test'));
  const { apply, radius } = eigenPowers(matrix, n);
  const v = new Float64Array(n).fill(1);
  expect(norm(apply(v, 6, true)) / norm(apply(v, 5, true))).toBeAllclose(radius, { rtol: 1e-10 });
});

test('a rotation by 90° four times is the identity', () => {
  const powers = eigenPowers(Float64Array.of(0, -1, 1, 0), 2);
  expect(powers.apply(Float64Array.of(3, 5), 4)).toBeAllclose([3, 5], { rtol: 1e-12 });
  expect(powers.apply(Float64Array.of(3, 5), 1)).toBeAllclose([-5, 3], { rtol: 1e-12 });
});

test('the logarithm of a χ variable: n = 2 is ½(ln 2 − γ) with variance π²/24, and ψ(½) = −γ − 2 ln 2 for n = 1', () => {
  const euler = 0.5772156649015329;
  expect(logChi(2).mean).toBeAllclose((Math.LN2 - euler) / 2, { rtol: 1e-11 });
  expect(logChi(2).variance).toBeAllclose(Math.PI ** 2 / 24, { rtol: 1e-11 });
  expect(logChi(1).mean).toBeAllclose((-euler - Math.LN2) / 2, { rtol: 1e-11 });
  expect(logChi(1).variance).toBeAllclose(Math.PI ** 2 / 8, { rtol: 1e-11 });
});

test('new matrices: mean and variance of ln‖v‖ are those of a random walk, within 5 standard errors', () => {
  const [n, steps, draws, gain] = [6, 20, 2_000, 1.3];
  const rng = createRng(2, 'test');
  const ends = Array.from({ length: draws }, () => logNorms(n, steps, gain, false, rng)[steps]!);
  const mean = ends.reduce((a, b) => a + b) / draws;
  const variance = ends.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1);
  const chi = logChi(n);
  const expected = steps * (Math.log(gain) + chi.mean - Math.log(n) / 2);
  expect(Math.abs(mean - expected)).toBeLessThan(5 * Math.sqrt(variance / draws));
  expect(Math.abs(variance / (steps * chi.variance) - 1)).toBeLessThan(5 * Math.sqrt(2 / draws) * 1.2);
});

describe('the gradient through time', () => {
  const [steps, features, units] = [6, 3, 5];
  const modelOf = (returnSequences: boolean) =>
    modelSchema.parse({
      inputShape: [steps, features],
      layers: [
        { type: 'recurrent', units, activation: 'tanh', returnSequences },
        ...(returnSequences ? [{ type: 'flatten' }] : []),
        { type: 'dense', units: 2 },
      ],
      loss: 'softmaxCrossEntropy',
    });
  const rng = createRng(7, 'test');
  const x = Float32Array.from({ length: 4 * steps * features }, () => rng.normal());
  const data = { x, y: Float32Array.of(0, 1, 1, 0), examples: 4 };

  test.each([false, true])(
    '‖∂ℓ/∂hₜ‖ is that of central differences of the rest of the sequence; all states read: %s',
    (all) => {
      const network = buildNetwork(modelOf(all));
      const size = network.layout.reduce((sum, block) => sum + block.size, 0);
      const params = new Float64Array(size).map(() => rng.normal() / 2);
      const example = 2;
      const found = stateGradients(network, data, params, 0, Int32Array.of(example));
      const [w, u, b, c, out, d] = network.layout.map(({ offset, size: n }) => params.subarray(offset, offset + n));
      const times = (matrix: Float64Array, v: Float64Array, rows: number) =>
        Float64Array.from({ length: rows }, (_, i) =>
          v.reduce((sum, value, j) => sum + matrix[i * v.length + j]! * value, 0),
        );
      const xs = data.x.subarray(example * steps * features, (example + 1) * steps * features);
      /** All states, the one of step `changed` moved along unit `i`. */
      const states = (changed = -1, i = 0, by = 0) => {
        let h = new Float64Array(units);
        return Array.from({ length: steps }, (_, t) => {
          const [fromX, fromH] = [
            times(w!, Float64Array.from(xs.subarray(t * features, (t + 1) * features)), units),
            times(u!, h, units),
          ];
          h = fromX.map((value, k) => Math.tanh(value + fromH[k]! + b![k]! + c![k]!));
          if (t === changed) h[i]! += by;
          return h;
        });
      };
      const loss = (hs: Float64Array[]) => {
        const read = all ? Float64Array.from(hs.flatMap((h) => Array.from(h))) : hs[steps - 1]!;
        const z = times(out!, read, 2).map((value, k) => value + d![k]!);
        return Math.log(Math.exp(z[0]!) + Math.exp(z[1]!)) - z[data.y[example]!]!;
      };
      for (const t of [0, 2, steps - 1]) {
        const gradient = Float64Array.from(
          { length: units },
          (_, i) => (loss(states(t, i, 1e-5)) - loss(states(t, i, -1e-5))) / 2e-5,
        );
        expect(found.gradients[t]).toBeAllclose(norm(gradient), { rtol: 1e-7 });
        expect(found.states[t]).toBeAllclose(norm(states()[t]!), { rtol: 1e-10 });
      }
    },
  );

  test('refuses a layer without states', () => {
    const network = buildNetwork(modelOf(false));
    const params = new Float64Array(network.layout.reduce((sum, { size }) => sum + size, 0));
    expect(() => stateGradients(network, data, params, 1)).toThrow(UserError);
  });
});
