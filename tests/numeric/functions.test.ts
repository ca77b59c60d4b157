import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { functionObjective, functions } from '../../src/main/engine/objectives/functions';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { createRng } from '../../src/main/engine/random';
import criticalPoints from '../fixtures/critical-points.json';

/** [[∂²/∂x², ∂²/∂x∂y], [∂²/∂x∂y, ∂²/∂y²]] by two products. */
async function hessianAt(objective: Objective, x: number, y: number): Promise<Matrix> {
  const operator = await objective.hessian(Float64Array.of(x, y));
  const columns = [Float64Array.of(1, 0), Float64Array.of(0, 1)].map((v) => {
    const out = new Float64Array(2);
    operator.apply(v, out);
    return out;
  });
  return new Matrix(columns.map((column) => [...column])).transpose();
}

function gradientAt(objective: Objective, x: number, y: number): Float64Array {
  const out = new Float64Array(2);
  objective.gradient(Float64Array.of(x, y), out);
  return out;
}

describe.each(functions.map((info) => [info.name, info] as const))('%s', (name, info) => {
  const objective = functionObjective(name);
  const [x0, x1, y0, y1] = info.domain;

  test('gradient and Hessian agree with central differences at 40 points of the domain', async () => {
    const rng = createRng(1, name);
    const h = 1e-5;
    for (let i = 0; i < 40; i++) {
      const x = x0 + rng.uniform() * (x1 - x0);
      const y = y0 + rng.uniform() * (y1 - y0);
      const f = (dx: number, dy: number) => objective.value(Float64Array.of(x + dx, y + dy)) as number;
      const gradient = gradientAt(objective, x, y);
      const scale = Math.max(1, Math.abs(f(0, 0)));
      const differences = [(f(h, 0) - f(-h, 0)) / (2 * h), (f(0, h) - f(0, -h)) / (2 * h)];
      const curvature = Math.max(1, ...(await hessianAt(objective, x, y)).to1DArray().map(Math.abs));
      expect(gradient).toBeAllclose(differences, { rtol: 1e-6, atol: 1e-9 * scale + 1e-9 * curvature });
      const dx = gradientAt(objective, x + h, y).map((v, k) => (v - gradientAt(objective, x - h, y)[k]!) / (2 * h));
      const dy = gradientAt(objective, x, y + h).map((v, k) => (v - gradientAt(objective, x, y - h)[k]!) / (2 * h));
      const hessian = await hessianAt(objective, x, y);
      expect(hessian.to1DArray()).toBeAllclose([dx[0]!, dy[0]!, dx[1]!, dy[1]!], {
        rtol: 1e-5,
        atol: 1e-7 * curvature,
      });
      expect(hessian.get(0, 1)).toBe(hessian.get(1, 0));
    }
  });

  test('the plane holds the values themselves, and the gradient returns the value', () => {
    const coordinates = Float64Array.of(0.1, 0.2, -0.3, 0.4, 1, -1);
    const origin = Float64Array.of(...info.start);
    const plane = objective.plane({ origin, d1: Float64Array.of(0.6, 0.8), d2: Float64Array.of(-1, 0.5), coordinates });
    const { loss } = plane as Awaited<typeof plane>;
    for (let i = 0; i < 3; i++) {
      const a = coordinates[2 * i]!;
      const b = coordinates[2 * i + 1]!;
      const point = Float64Array.of(origin[0]! + 0.6 * a - b, origin[1]! + 0.8 * a + 0.5 * b);
      expect(loss[i]).toBe(objective.value(point));
      expect(objective.gradient(point, new Float64Array(2))).toBeAllclose(loss[i]!, { rtol: 1e-14 });
    }
  });

  test('the start lies in the domain, with a finite loss and a gradient to follow', () => {
    const [x, y] = info.start;
    expect(x > x0 && x < x1 && y > y0 && y < y1).toBe(true);
    expect(Math.hypot(...gradientAt(objective, x, y))).toBeGreaterThan(1e-3);
  });
});

describe.each(Object.entries(criticalPoints))(
  'known critical points of %s',
  (name, { domain, criticalPoints: points }) => {
    test('value, vanishing gradient and Hessian eigenvalues', async () => {
      const objective = functionObjective(name);
      expect(functions.find((info) => info.name === name)?.domain).toEqual(domain);
      for (const point of points) {
        expect(objective.value(Float64Array.of(point.x, point.y))).toBeAllclose(point.value, {
          rtol: 1e-12,
          atol: 1e-12,
        });
        expect(gradientAt(objective, point.x, point.y)).toBeAllclose([0, 0], { atol: 1e-10 });
        const eigenvalues = new EigenvalueDecomposition(await hessianAt(objective, point.x, point.y)).realEigenvalues;
        expect(eigenvalues.sort((a, b) => a - b)).toBeAllclose(point.hessianEigenvalues, { rtol: 1e-10, atol: 1e-12 });
      }
    });
  },
);

/** Minima from the literature (Booth, Matyas, Rastrigin, Ackley, Griewank, Easom). */
test.each([
  ['booth', 1, 3, 0],
  ['matyas', 0, 0, 0],
  ['rastrigin', 0, 0, 0],
  ['ackley', 0, 0, 0],
  ['griewank', 0, 0, 0],
  ['easom', Math.PI, Math.PI, -1],
])('%s has its minimum at (%d, %d) with value %d', (name, x, y, value) => {
  const objective = functionObjective(name);
  expect(objective.value(Float64Array.of(x, y))).toBeAllclose(value, { atol: 1e-14 });
  expect(gradientAt(objective, x, y)).toBeAllclose([0, 0], { atol: 1e-14 });
});

describe('the recurrent unit has a cliff', () => {
  const objective = functionObjective('recurrentUnit');

  test('crossing the wall at b = −2.6 the gradient norm grows a thousandfold and the error jumps by 0.3', () => {
    const norms: number[] = [];
    const errors: number[] = [];
    for (let i = 0; i <= 4_000; i++) {
      const w = 4.6 + (0.6 * i) / 4_000;
      norms.push(Math.hypot(...gradientAt(objective, w, -2.6)));
      errors.push(objective.value(Float64Array.of(w, -2.6)) as number);
    }
    const wall = norms.indexOf(Math.max(...norms));
    expect(norms[wall]).toBeGreaterThan(100);
    expect(norms[wall]! / norms[0]!).toBeGreaterThan(1_000);
    expect(norms[wall]! / norms[4_000]!).toBeGreaterThan(1_000);
    /** Within ±0.003 of the wall, 1 % of the window. */
    expect(errors[wall - 20]! - errors[wall + 20]!).toBeGreaterThan(0.25);
  });

  test('the recurrence is the one of the paper', () => {
    const sigmoid = (a: number) => 1 / (1 + Math.exp(-a));
    let x = 0.5;
    for (let t = 1; t <= 50; t++) x = 5.5 * sigmoid(x) - 2.2;
    expect(objective.value(Float64Array.of(5.5, -2.2))).toBeAllclose((sigmoid(x) - 0.7) ** 2, { rtol: 1e-13 });
  });
});
