import { create, erfDependencies } from 'mathjs/number';

/** y = f(a) with f′ and f″; `v` is f(a). At a kink the derivative is that of the flat or the first branch. */
export interface UnaryOperation {
  f(a: number): number;
  d(a: number, v: number): number;
  dd(a: number, v: number): number;
}

/** y = f(a, b) with its five partial derivatives; `v` is f(a, b). */
export interface BinaryOperation {
  f(a: number, b: number): number;
  da(a: number, b: number, v: number): number;
  db(a: number, b: number, v: number): number;
  daa(a: number, b: number, v: number): number;
  dab(a: number, b: number, v: number): number;
  dbb(a: number, b: number, v: number): number;
}

const zero = () => 0;
const one = () => 1;
const erf = (create({ erfDependencies }) as { erf: (a: number) => number }).erf;

/** ln(1 + eᵃ) without overflow. */
const softplus = (a: number) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
const sigmoid = (a: number) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)));

const step = (f: (a: number) => number): UnaryOperation => ({ f, d: zero, dd: zero });

/** A logarithm whose derivative is 1/(a·scale). */
const logarithm = (f: (a: number) => number, scale: number): UnaryOperation => ({
  f,
  d: (a) => 1 / (a * scale),
  dd: (a) => -1 / (a * a * scale),
});

/** The functions of one argument an expression may call. */
export const unaryFunctions: Readonly<Record<string, UnaryOperation>> = {
  abs: { f: Math.abs, d: Math.sign, dd: zero },
  acos: { f: Math.acos, d: (a) => -1 / Math.sqrt(1 - a * a), dd: (a) => -a / (1 - a * a) ** 1.5 },
  asin: { f: Math.asin, d: (a) => 1 / Math.sqrt(1 - a * a), dd: (a) => a / (1 - a * a) ** 1.5 },
  atan: { f: Math.atan, d: (a) => 1 / (1 + a * a), dd: (a) => (-2 * a) / (1 + a * a) ** 2 },
  cbrt: { f: Math.cbrt, d: (_, v) => 1 / (3 * v * v), dd: (_, v) => -2 / (9 * v ** 5) },
  ceil: step(Math.ceil),
  cos: { f: Math.cos, d: (a) => -Math.sin(a), dd: (_, v) => -v },
  cosh: { f: Math.cosh, d: Math.sinh, dd: (_, v) => v },
  erf: {
    f: erf,
    d: (a) => (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a),
    dd: (a) => ((-4 * a) / Math.sqrt(Math.PI)) * Math.exp(-a * a),
  },
  exp: { f: Math.exp, d: (_, v) => v, dd: (_, v) => v },
  expm1: { f: Math.expm1, d: (_, v) => v + 1, dd: (_, v) => v + 1 },
  floor: step(Math.floor),
  log: logarithm(Math.log, 1),
  log10: logarithm(Math.log10, Math.LN10),
  log1p: { f: Math.log1p, d: (a) => 1 / (1 + a), dd: (a) => -1 / (1 + a) ** 2 },
  log2: logarithm(Math.log2, Math.LN2),
  relu: { f: (a) => Math.max(a, 0), d: (a) => (a > 0 ? 1 : 0), dd: zero },
  round: step(Math.round),
  sigmoid: { f: sigmoid, d: (_, v) => v * (1 - v), dd: (_, v) => v * (1 - v) * (1 - 2 * v) },
  sign: step(Math.sign),
  sin: { f: Math.sin, d: Math.cos, dd: (_, v) => -v },
  sinh: { f: Math.sinh, d: Math.cosh, dd: (_, v) => v },
  softplus: { f: softplus, d: sigmoid, dd: (a) => sigmoid(a) * sigmoid(-a) },
  sqrt: { f: Math.sqrt, d: (_, v) => 0.5 / v, dd: (_, v) => -0.25 / v ** 3 },
  tan: { f: Math.tan, d: (_, v) => 1 + v * v, dd: (_, v) => 2 * v * (1 + v * v) },
  tanh: { f: Math.tanh, d: (_, v) => 1 - v * v, dd: (_, v) => -2 * v * (1 - v * v) },
};

/** The functions of two arguments an expression may call; `min` and `max` also take more. */
export const binaryFunctions: Readonly<Record<string, BinaryOperation>> = {
  atan2: {
    f: Math.atan2,
    da: (a, b) => b / (a * a + b * b),
    db: (a, b) => -a / (a * a + b * b),
    daa: (a, b) => (-2 * a * b) / (a * a + b * b) ** 2,
    dab: (a, b) => (a * a - b * b) / (a * a + b * b) ** 2,
    dbb: (a, b) => (2 * a * b) / (a * a + b * b) ** 2,
  },
  max: choice(Math.max, (a, b) => a >= b),
  min: choice(Math.min, (a, b) => a <= b),
};

function choice(f: BinaryOperation['f'], isFirst: (a: number, b: number) => boolean): BinaryOperation {
  return {
    f,
    da: (a, b) => (isFirst(a, b) ? 1 : 0),
    db: (a, b) => (isFirst(a, b) ? 0 : 1),
    daa: zero,
    dab: zero,
    dbb: zero,
  };
}

export const negate: UnaryOperation = { f: (a) => -a, d: () => -1, dd: zero };

/** Operators by the name of mathjs. */
export const arithmetic = {
  add: { f: (a, b) => a + b, da: one, db: one, daa: zero, dab: zero, dbb: zero },
  subtract: { f: (a, b) => a - b, da: one, db: () => -1, daa: zero, dab: zero, dbb: zero },
  multiply: { f: (a, b) => a * b, da: (_, b) => b, db: (a) => a, daa: zero, dab: one, dbb: zero },
  divide: {
    f: (a, b) => a / b,
    da: (_, b) => 1 / b,
    db: (_, b, v) => -v / b,
    daa: zero,
    dab: (_, b) => -1 / (b * b),
    dbb: (_, b, v) => (2 * v) / (b * b),
  },
  /** For a > 0; a constant exponent or base goes through `constantPower` and `constantBase`. */
  pow: {
    f: (a, b) => a ** b,
    da: (a, b) => b * a ** (b - 1),
    db: (a, _, v) => (v === 0 ? 0 : v * Math.log(a)),
    daa: (a, b) => b * (b - 1) * a ** (b - 2),
    dab: (a, b) => a ** (b - 1) * (1 + b * Math.log(a)),
    dbb: (a, _, v) => (v === 0 ? 0 : v * Math.log(a) ** 2),
  },
} satisfies Record<string, BinaryOperation>;

/** a ↦ aᶜ, also for negative a where c is an integer. */
export function constantPower(c: number): UnaryOperation {
  if (c === 1) return { f: (a) => a, d: one, dd: zero };
  if (c === 2) return { f: (a) => a * a, d: (a) => 2 * a, dd: () => 2 };
  if (c === 3) return { f: (a) => a * a * a, d: (a) => 3 * a * a, dd: (a) => 6 * a };
  if (c === 4) {
    return {
      f: (a) => {
        const square = a * a;
        return square * square;
      },
      d: (a) => 4 * a * a * a,
      dd: (a) => 12 * a * a,
    };
  }
  return { f: (a) => a ** c, d: (a) => c * a ** (c - 1), dd: (a) => c * (c - 1) * a ** (c - 2) };
}

/** b ↦ cᵇ */
export function constantBase(c: number): UnaryOperation {
  const log = Math.log(c);
  return { f: (b) => c ** b, d: (_, v) => v * log, dd: (_, v) => v * log * log };
}
