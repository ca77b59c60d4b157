import type { ActivationName } from '../../../../shared/model/experiment';
import type { Expressions } from './expressions';
import type { ProgramValue } from './graphBuilder';

/** y = f(x), f'(x) and f''(x) elementwise; y is at hand for the derivatives. */
interface EmittedActivation {
  value(e: Expressions, x: ProgramValue): ProgramValue;
  derivative(e: Expressions, x: ProgramValue, y: ProgramValue): ProgramValue;
  secondDerivative(e: Expressions, x: ProgramValue, y: ProgramValue): ProgramValue;
}

const leakySlope = 0.01;

/** φ(x) = e^(−x²/2)/√(2π) */
const normalPdf = (e: Expressions, x: ProgramValue) =>
  e.mul(e.f('Exp', e.mul(e.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

/** Φ(x) = ½ + ½ erf(x/√2) */
const normalCdf = (e: Expressions, x: ProgramValue) => e.add(e.mul(e.f('Erf', e.mul(x, Math.SQRT1_2)), 0.5), 0.5);

/** σ(x)σ(−x) */
const logisticDerivative = (e: Expressions, x: ProgramValue) => {
  const s = e.f('Sigmoid', x);
  return e.mul(s, e.sub(1, s));
};

const none = (): never => {
  throw new RangeError('the graph leaves this derivative out');
};

/** The definitions of the reference, with those operators that are accurate in float32. */
export const activations: Readonly<Record<ActivationName, EmittedActivation>> = {
  identity: { value: (_, x) => x, derivative: none, secondDerivative: none },
  relu: {
    value: (e, x) => e.f('Relu', x),
    derivative: step,
    secondDerivative: none,
  },
  leakyRelu: {
    value: (e, x) => e.builder.node('LeakyRelu', [x], { attributes: { alpha: { float: leakySlope } } }),
    derivative: (e, x) => e.where(e.positive(x), 1, leakySlope),
    secondDerivative: none,
  },
  /** f' = 1 − y², f'' = −2 y f' */
  tanh: {
    value: (e, x) => e.f('Tanh', x),
    derivative: (e, _x, y) => e.sub(1, e.mul(y, y)),
    secondDerivative: (e, _x, y) => e.mul(e.mul(y, -2), e.sub(1, e.mul(y, y))),
  },
  /** f' = y(1 − y), f'' = f'(1 − 2y) */
  sigmoid: {
    value: (e, x) => e.f('Sigmoid', x),
    derivative: logisticDerivative,
    secondDerivative: (e, x, y) => e.mul(logisticDerivative(e, x), e.sub(1, e.mul(y, 2))),
  },
  softplus: {
    value: (e, x) => e.f('Softplus', x),
    derivative: (e, x) => e.f('Sigmoid', x),
    secondDerivative: logisticDerivative,
  },
  /** f' = 1 + min(y, 0), f'' = f' where x ≤ 0 */
  elu: {
    value: (e, x) => e.f('Elu', x),
    derivative: eluDerivative,
    secondDerivative: (e, x, y) => e.where(e.positive(x), 0, eluDerivative(e, x, y)),
  },
  /** f' = Φ + xφ, f'' = (2 − x²)φ */
  gelu: {
    value: (e, x) => e.f('Gelu', x),
    derivative: (e, x) => e.add(normalCdf(e, x), e.mul(x, normalPdf(e, x))),
    secondDerivative: (e, x) => e.mul(e.sub(2, e.mul(x, x)), normalPdf(e, x)),
  },
  /** With s = σ(x): f' = s + y(1 − s), f'' = s(1 − s)(2 + x(1 − 2s)) */
  silu: {
    value: (e, x) => e.mul(x, e.f('Sigmoid', x)),
    derivative: (e, x, y) => e.add(e.f('Sigmoid', x), e.mul(y, e.sub(1, e.f('Sigmoid', x)))),
    secondDerivative: (e, x) => {
      const slope = e.sub(1, e.mul(e.f('Sigmoid', x), 2));
      return e.mul(logisticDerivative(e, x), e.add(e.mul(x, slope), 2));
    },
  },
};

/** 1 for x > 0, else 0: a steep ramp, the fastest of several ways to say it. */
function step(e: Expressions, x: ProgramValue): ProgramValue {
  return e.builder.node('HardSigmoid', [x], { attributes: { alpha: { float: 3e38 }, beta: { float: 0 } } });
}

function eluDerivative(e: Expressions, _x: ProgramValue, y: ProgramValue): ProgramValue {
  return e.add(e.builder.node('Min', [y, e.builder.scalar(0)]), 1);
}
