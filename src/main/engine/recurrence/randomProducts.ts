import type { Rng } from '../random';
import { norm, scale } from '../vectors';
import { multiply } from './eigenPowers';

/**
 * Mean and variance of ln‖z‖, z standard normal in n dimensions: ½(ψ(n/2) + ln 2) and ¼ψ₁(n/2), the logarithm of a
 * χ variable (ψ, ψ₁ the digamma and trigamma functions).
 */
export function logChi(n: number): { mean: number; variance: number } {
  // ψ(x) = ψ(x + 1) − 1/x and ψ₁(x) = ψ₁(x + 1) + 1/x² up to x ≥ 20; there the asymptotic series.
  let x = n / 2;
  let digamma = 0;
  let trigamma = 0;
  for (; x < 20; x++) {
    digamma -= 1 / x;
    trigamma += 1 / x ** 2;
  }
  digamma += Math.log(x) - 1 / (2 * x) - 1 / (12 * x ** 2) + 1 / (120 * x ** 4) - 1 / (252 * x ** 6);
  trigamma += 1 / x + 1 / (2 * x ** 2) + 1 / (6 * x ** 3) - 1 / (30 * x ** 5) + 1 / (42 * x ** 7);
  return { mean: (digamma + Math.LN2) / 2, variance: trigamma / 4 };
}

/**
 * ln‖vₜ‖ for t = 0 … steps of vₜ = Wₜvₜ₋₁ from a random unit vector, W of entries N(0, gain²/n) so that E‖Wv‖² = gain²‖v‖².
 * One W for all steps (`shared`, a recurrent network), or a new one each (a feedforward network). Of new ones every factor
 * ‖Wₜvₜ₋₁‖/‖vₜ₋₁‖ is an independent gain·χₙ/√n, whatever vₜ₋₁ is: ln‖vₜ‖ is a random walk with t times the mean and the
 * variance of one step.
 */
export function logNorms(n: number, steps: number, gain: number, shared: boolean, rng: Rng): Float64Array {
  const deviation = gain / Math.sqrt(n);
  const draw = () => Float64Array.from({ length: n * n }, () => deviation * rng.normal());
  let v = Float64Array.from({ length: n }, () => rng.normal());
  let next = new Float64Array(n);
  scale(v, 1 / norm(v));
  const found = new Float64Array(steps + 1);
  let matrix = draw();
  for (let t = 1; t <= steps; t++) {
    if (!shared && t > 1) matrix = draw();
    multiply(matrix, v, next);
    const length = norm(next);
    found[t] = found[t - 1]! + Math.log(length);
    scale(next, 1 / length);
    [v, next] = [next, v];
  }
  return found;
}
