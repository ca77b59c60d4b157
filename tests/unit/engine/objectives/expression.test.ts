import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileExpression, expressionObjective } from '../../../../src/main/engine/objectives/expression';
import { UserError } from '../../../../src/shared/errors';

const value = (expression: string, x = 0, y = 0) => compileExpression(expression).value(x, y);
const jet = (expression: string, x: number, y: number) => {
  const out = new Float64Array(6);
  compileExpression(expression).derivatives(x, y, out);
  return out;
};

test.each([
  ['-x^2', 3, 0, -9],
  ['2x y + 1', 3, 4, 25],
  ['2^-1^2', 0, 0, 0.5],
  ['x^3^2', 1.5, 0, 1.5 ** 9],
  ['+x - -y', 1, 2, 3],
  ['log(8, 2) + log2(8) + log10(100) + log(e)', 0, 0, 9],
  ['max(x, y, 3) - min(1, x)', 1, 2, 2],
  ['atan2(y, x)', -1, 1, Math.atan2(1, -1)],
  ['x^(1 + 1)', -3, 0, 9],
  ['x^0', 0, 0, 1],
  ['erf(x)', 0.5, 0, 0.5204998778130465],
  ['sigmoid(-800) + softplus(800)', 0, 0, 800],
  ['(-8)^(1/3) + x', 0, 0, Number.NaN],
  ['1/x', 0, 0, Number.POSITIVE_INFINITY],
])('%s at (%d, %d) is %d', (expression, x, y, expected) => {
  if (Number.isNaN(expected)) expect(value(expression, x, y)).toBeNaN();
  else if (Number.isFinite(expected)) expect(value(expression, x, y)).toBeAllclose(expected, { rtol: 1e-14 });
  else expect(value(expression, x, y)).toBe(expected);
});

/** Each function at a point inside its domain, composed so that all second derivatives are alive. */
const composed = (name: string) => `${name}((x*y + x - y^2/4)/2)`;
const anywhere = ['abs', 'atan', 'cbrt', 'cos', 'cosh', 'erf', 'exp', 'expm1', 'relu', 'sigmoid', 'sin', 'sinh'];
test.each([
  ...[...anywhere, 'softplus', 'tan', 'tanh', 'log', 'log1p', 'log2', 'log10', 'sqrt', 'acos', 'asin'].map(composed),
  ...['ceil', 'floor', 'round', 'sign'].map(composed),
  'atan2(x*y, x + y^2)',
  'min(x*y, x + y) + max(x^2, sin(y), 0.1)',
  '(x + y)^(x*y)',
  '3^(x*y) + (x + y)^2.5 + (x - y)^4 + (x*y)^3 + (x - 2y)^5 + (x + y)^-1',
  'x*y/(x^2 + y)',
  'log(x + 2, y + 3)',
])('%s: jets agree with central differences', (expression) => {
  const f = compileExpression(expression);
  const [x, y, h] = [0.83, 0.61, 1e-4];
  const at = (dx: number, dy: number) => f.value(x + dx * h, y + dy * h);
  const expected = [
    at(0, 0),
    (at(1, 0) - at(-1, 0)) / (2 * h),
    (at(0, 1) - at(0, -1)) / (2 * h),
    (at(1, 0) - 2 * at(0, 0) + at(-1, 0)) / h ** 2,
    (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * h ** 2),
    (at(0, 1) - 2 * at(0, 0) + at(0, -1)) / h ** 2,
  ];
  expect(jet(expression, x, y)).toBeAllclose(expected, { rtol: 1e-6, atol: 2e-6 });
});

test('polynomials of random coefficients have exactly the derivatives of the power rule', () => {
  const coefficient = fc.integer({ min: -9, max: 9 });
  fc.assert(
    fc.property(coefficient, coefficient, coefficient, coefficient, (a, b, x, y) => {
      const expected = [
        a * x ** 3 * y + b * y ** 4,
        3 * a * x ** 2 * y,
        a * x ** 3 + 4 * b * y ** 3,
        6 * a * x * y,
        3 * a * x ** 2,
        12 * b * y ** 2,
      ];
      expect([...jet(`${a}*x^3*y + ${b}*y^4`, x, y)]).toBeAllclose(expected, { rtol: 1e-14 });
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('a variable that does not occur has derivative 0, even where the function is singular', () => {
  expect([...jet('sqrt(x)', 0, 1)]).toEqual([0, Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY, 0, 0]);
});

describe('refused with the symbol and the known ones', () => {
  test.each([
    ['', 'it is empty'],
    ['x +', 'Unexpected end of expression'],
    ['z + x', 'unknown name "z"'],
    ['sin', '"sin" is a function: write sin(…)'],
    ['gamma(x)', 'unknown function "gamma"'],
    ['sin(x, y)', 'sin takes one argument, not 2'],
    ['atan2(x)', 'atan2 takes two arguments, not 1'],
    ['max(x)', 'max takes two arguments, not 1'],
    ['sin()', 'sin takes one argument, not 0'],
    ['x = 3', 'assignment'],
    ['f(x) = x', 'function assignment'],
    ['import("fs")', 'unknown function "import"'],
    ['"text"', '"text" is not a number'],
    ['true', 'true is not a number'],
    ['# comment', 'nothing is not a number'],
    ['1e999 x', 'Infinity is not finite'],
    ['[x, y]', 'array'],
    ['x.constructor', 'accessor'],
    ['x.sin(2)', 'is not a known function'],
    ['constructor', 'unknown name "constructor"'],
    ['toString(x)', 'unknown function "toString"'],
    ['x ? 1 : 2', 'conditional'],
    ['x < y', 'unknown operator "<"'],
    ['x mod 2', 'unknown operator "mod"'],
    ['x!', 'unknown operator "!"'],
    ['1:3', 'range'],
    ['x; y', 'block'],
    ['5 cm', 'unknown name "cm"'],
    ['i', 'unknown name "i"'],
    [`${'('.repeat(1_900)}x`, 'Cannot use the expression'],
  ])('%s', (expression, reason) => {
    const attempt = () => compileExpression(expression);
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(reason);
    try {
      attempt();
    } catch (error) {
      expect((error as UserError).code).toBe('badInput');
      expect((error as UserError).field).toEqual(['objective', 'expression']);
      expect((error as UserError).cure).toContain('tanh');
    }
  });
});

test('points without a finite value are NaN on the plane and what arithmetic gives elsewhere', async () => {
  const objective = expressionObjective('log(x) + 1/y');
  const plane = await objective.plane({
    origin: Float64Array.of(0, 0),
    d1: Float64Array.of(1, 0),
    d2: Float64Array.of(0, 1),
    coordinates: Float64Array.of(-1, 1, 1, 0, 0, 1, 1, 1),
  });
  expect([...plane.loss]).toEqual([Number.NaN, Number.NaN, Number.NaN, 1]);
  expect(objective.value(Float64Array.of(1, 0))).toBe(Number.POSITIVE_INFINITY);
  expect(objective.value(Float64Array.of(-1, 1))).toBeNaN();
});
