import type { ActivationName } from '../../../../shared/model/experiment';
import { erfc } from './erf';

/** An activation in float64: f, f' and f'' at x. Where f has a kink the derivatives are PyTorch's, from the left. */
export interface ScalarActivation {
  value(x: number): number;
  derivative(x: number): number;
  secondDerivative(x: number): number;
}

/** PyTorch's default `negative_slope`. */
const leakySlope = 0.01;

/** σ(x) = 1/(1 + e^(−x)), without overflow and exact to the last digits in both tails. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^(−|x|)) */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Φ(x), the standard normal distribution function. */
function normalCdf(x: number): number {
  return erfc(-x * Math.SQRT1_2) / 2;
}

function normalPdf(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** 1 − tanh²(x) = 4e^(−2|x|)/(1 + e^(−2|x|))² */
function sechSquared(x: number): number {
  const e = Math.exp(-2 * Math.abs(x));
  return (4 * e) / ((1 + e) * (1 + e));
}

const one = () => 1;
const zero = () => 0;

/** Definitions and defaults of torch.nn; softplus leaves out PyTorch's switch to x above 20 (a change of 2e-9). */
export const activations: Readonly<Record<ActivationName, ScalarActivation>> = {
  identity: { value: (x) => x, derivative: one, secondDerivative: zero },
  /** max(x, 0) */
  relu: {
    value: (x) => Math.max(x, 0),
    derivative: (x) => (x <= 0 ? 0 : 1),
    secondDerivative: zero,
  },
  /** x for x > 0, else x/100 */
  leakyRelu: {
    value: (x) => (x > 0 ? x : leakySlope * x),
    derivative: (x) => (x > 0 ? 1 : leakySlope),
    secondDerivative: zero,
  },
  tanh: {
    value: Math.tanh,
    derivative: sechSquared,
    secondDerivative: (x) => -2 * Math.tanh(x) * sechSquared(x),
  },
  sigmoid: {
    value: logistic,
    derivative: (x) => logistic(x) * logistic(-x),
    secondDerivative: (x) => -logistic(x) * logistic(-x) * Math.tanh(x / 2),
  },
  softplus: {
    value: softplus,
    derivative: logistic,
    secondDerivative: (x) => logistic(x) * logistic(-x),
  },
  /** x for x > 0, else e^x − 1 (α = 1) */
  elu: {
    value: (x) => (x > 0 ? x : Math.expm1(x)),
    derivative: (x) => (x > 0 ? 1 : Math.exp(x)),
    secondDerivative: (x) => (x > 0 ? 0 : Math.exp(x)),
  },
  /** x Φ(x), the exact form */
  gelu: {
    value: (x) => x * normalCdf(x),
    derivative: (x) => normalCdf(x) + x * normalPdf(x),
    secondDerivative: (x) => (2 - x * x) * normalPdf(x),
  },
  /** x σ(x) */
  silu: {
    value: (x) => x * logistic(x),
    derivative: (x) => logistic(x) * (1 + x * logistic(-x)),
    secondDerivative: (x) => logistic(x) * logistic(-x) * (2 - x * Math.tanh(x / 2)),
  },
};
