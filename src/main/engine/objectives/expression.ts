import { create, type MathNode, parseDependencies } from 'mathjs/number';
import { badInput } from '../../../shared/errors';
import type { Objective } from './objective';
import {
  arithmetic,
  type BinaryOperation,
  binaryFunctions,
  constantBase,
  constantPower,
  negate,
  type UnaryOperation,
  unaryFunctions,
} from './operations';
import { type TwoParameterFunction, twoParameterObjective } from './twoParameter';

const { parse } = create({ parseDependencies }) as { parse: (expression: string) => MathNode };

const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E, tau: 2 * Math.PI };
const functionNames = [...Object.keys(unaryFunctions), ...Object.keys(binaryFunctions)].sort();
const cure = `Use x, y, numbers, ${Object.keys(constants).join(', ')}, + - * / ^ and ${functionNames.join(', ')}.`;

/** One node of the compiled expression; operands are indices of earlier nodes. */
type Step =
  | { kind: 'constant'; value: number }
  | { kind: 'variable'; axis: 0 | 1 }
  | { kind: 'unary'; operation: UnaryOperation; a: number }
  | { kind: 'binary'; operation: BinaryOperation; a: number; b: number };

/**
 * Parses an expression in x and y (mathjs' grammar) and compiles it to closures for its value and, by second-order
 * forward differentiation, its exact gradient and Hessian. Nothing is evaluated as code.
 *
 * Real arithmetic: log(−1), 1/0, asin(2) give NaN or Infinity. `log` is natural; `log(a, b)` has base b.
 * At the kink of abs, relu, min, max the derivative of one branch is taken; floor, ceil, round and sign have derivative 0.
 *
 * @throws UserError (badInput) for anything but numbers, x, y, the known constants, operators and functions; the message
 * names the symbol and the cure lists the known ones
 */
export function compileExpression(expression: string): TwoParameterFunction {
  const tape: Step[] = [];
  const root = emit(parseTree(expression), tape, expression);
  return { value: compileValue(tape, root), derivatives: compileDerivatives(tape, root) };
}

/** A typed expression as an objective with θ = (x, y). Throws what `compileExpression` throws. */
export function expressionObjective(expression: string): Objective {
  return twoParameterObjective(compileExpression(expression));
}

const field = ['objective', 'expression'];
const refuse = (expression: string, reason: string) =>
  badInput(`Cannot use the expression "${shorten(expression)}": ${reason}`, cure, field);

const shorten = (text: string) => (text.length > 80 ? `${text.slice(0, 77)}…` : text);

function parseTree(expression: string): MathNode {
  if (expression.trim() === '') throw refuse(expression, 'it is empty.');
  try {
    return parse(expression);
  } catch (error) {
    if (error instanceof RangeError) throw refuse(expression, 'it is nested too deeply.');
    throw refuse(expression, `${(error as Error).message}.`);
  }
}

/** Appends the steps of `node` and returns the index of its value. */
function emit(node: MathNode, tape: Step[], expression: string): number {
  const push = (step: Step) => tape.push(step) - 1;
  const constant = (value: number) => push({ kind: 'constant', value });
  const constantAt = (index: number) => {
    const step = tape[index]!;
    return step.kind === 'constant' ? step.value : undefined;
  };
  const unary = (operation: UnaryOperation, a: number) => {
    const value = constantAt(a);
    return value === undefined ? push({ kind: 'unary', operation, a }) : constant(operation.f(value));
  };
  const binary = (operation: BinaryOperation, a: number, b: number) => {
    const left = constantAt(a);
    const right = constantAt(b);
    if (left !== undefined && right !== undefined) return constant(operation.f(left, right));
    if (operation === arithmetic.pow && right !== undefined) {
      return right === 0 ? constant(1) : unary(constantPower(right), a);
    }
    if (operation === arithmetic.pow && left !== undefined && left > 0) return unary(constantBase(left), b);
    return push({ kind: 'binary', operation, a, b });
  };

  switch (node.type) {
    case 'ConstantNode': {
      const { value } = node as MathNode & { value: unknown };
      if (typeof value !== 'number') throw refuse(expression, `${JSON.stringify(value) ?? 'nothing'} is not a number.`);
      if (!Number.isFinite(value)) throw refuse(expression, `the number ${value} is not finite.`);
      return constant(value);
    }
    case 'SymbolNode': {
      const { name } = node as MathNode & { name: string };
      if (name === 'x') return push({ kind: 'variable', axis: 0 });
      if (name === 'y') return push({ kind: 'variable', axis: 1 });
      if (Object.hasOwn(constants, name)) return constant(constants[name]!);
      if (functionNames.includes(name)) throw refuse(expression, `"${name}" is a function: write ${name}(…).`);
      throw refuse(expression, `unknown name "${name}".`);
    }
    case 'ParenthesisNode':
      return emit((node as MathNode & { content: MathNode }).content, tape, expression);
    case 'OperatorNode': {
      const { fn, op, args } = node as MathNode & { fn: string; op: string; args: MathNode[] };
      const operands = args.map((argument) => emit(argument, tape, expression));
      if (fn === 'unaryMinus') return unary(negate, operands[0]!);
      if (fn === 'unaryPlus') return operands[0]!;
      if (Object.hasOwn(arithmetic, fn)) {
        return binary(arithmetic[fn as keyof typeof arithmetic], operands[0]!, operands[1]!);
      }
      throw refuse(expression, `unknown operator "${op}".`);
    }
    case 'FunctionNode': {
      const { fn, args } = node as MathNode & { fn: MathNode & { name: string }; args: MathNode[] };
      if (fn.type !== 'SymbolNode') throw refuse(expression, `"${fn.toString()}" is not a known function.`);
      const { name } = fn;
      if (!functionNames.includes(name)) throw refuse(expression, `unknown function "${name}".`);
      const operands = args.map((argument) => emit(argument, tape, expression));
      const operation = Object.hasOwn(binaryFunctions, name) ? binaryFunctions[name] : undefined;
      if (operation) {
        const enough = name === 'atan2' ? operands.length === 2 : operands.length >= 2;
        if (!enough) throw refuse(expression, `${name} takes two arguments, not ${operands.length}.`);
        return operands.reduce((a, b) => binary(operation, a, b));
      }
      if (name === 'log' && operands.length === 2) {
        return binary(
          arithmetic.divide,
          unary(unaryFunctions.log!, operands[0]!),
          unary(unaryFunctions.log!, operands[1]!),
        );
      }
      if (operands.length !== 1) throw refuse(expression, `${name} takes one argument, not ${operands.length}.`);
      return unary(unaryFunctions[name]!, operands[0]!);
    }
    default:
      throw refuse(expression, `"${shorten(node.toString())}" (${describe(node.type)}) is not allowed.`);
  }
}

const describe = (nodeType: string) =>
  nodeType
    .replace(/Node$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();

type Value = (x: number, y: number) => number;

function compileValue(tape: readonly Step[], root: number): Value {
  const values: Value[] = [];
  for (const step of tape) values.push(valueOfStep(step, values));
  return values[root]!;
}

function valueOfStep(step: Step, values: readonly Value[]): Value {
  switch (step.kind) {
    case 'constant': {
      const { value } = step;
      return () => value;
    }
    case 'variable':
      return step.axis === 0 ? (x) => x : (_, y) => y;
    case 'unary': {
      const { f } = step.operation;
      const a = values[step.a]!;
      return (x, y) => f(a(x, y));
    }
    case 'binary': {
      const { f } = step.operation;
      const a = values[step.a]!;
      const b = values[step.b]!;
      return (x, y) => f(a(x, y), b(x, y));
    }
    default:
      return step satisfies never;
  }
}

/** c·d where a zero derivative d wipes out an infinite or undefined c: a variable that does not occur has no part. */
const times = (c: number, d: number) => (d === 0 ? 0 : c * d);

/** Second-order jets (f, fx, fy, fxx, fxy, fyy), one per step, by the chain rule. */
function compileDerivatives(tape: readonly Step[], root: number): TwoParameterFunction['derivatives'] {
  const jets = new Float64Array(6 * tape.length);
  const result = 6 * root;
  return (x, y, out) => {
    for (let i = 0; i < tape.length; i++) {
      const step = tape[i]!;
      const o = 6 * i;
      if (step.kind === 'binary') binaryJet(step.operation, jets, o, 6 * step.a, 6 * step.b);
      else if (step.kind === 'unary') unaryJet(step.operation, jets, o, 6 * step.a);
      else if (step.kind === 'constant') jets[o] = step.value;
      else {
        jets[o] = step.axis === 0 ? x : y;
        jets[o + 1 + step.axis] = 1;
      }
    }
    for (let k = 0; k < 6; k++) out[k] = jets[result + k]!;
  };
}

function unaryJet({ f, d, dd }: UnaryOperation, jets: Float64Array, o: number, a: number): void {
  const va = jets[a]!;
  const ax = jets[a + 1]!;
  const ay = jets[a + 2]!;
  const v = f(va);
  const d1 = d(va, v);
  const d2 = dd(va, v);
  jets[o] = v;
  jets[o + 1] = times(d1, ax);
  jets[o + 2] = times(d1, ay);
  jets[o + 3] = times(d1, jets[a + 3]!) + times(d2, ax * ax);
  jets[o + 4] = times(d1, jets[a + 4]!) + times(d2, ax * ay);
  jets[o + 5] = times(d1, jets[a + 5]!) + times(d2, ay * ay);
}

function binaryJet(operation: BinaryOperation, jets: Float64Array, o: number, a: number, b: number): void {
  const va = jets[a]!;
  const ax = jets[a + 1]!;
  const ay = jets[a + 2]!;
  const vb = jets[b]!;
  const bx = jets[b + 1]!;
  const by = jets[b + 2]!;
  const v = operation.f(va, vb);
  const da = operation.da(va, vb, v);
  const db = operation.db(va, vb, v);
  const daa = operation.daa(va, vb, v);
  const dab = operation.dab(va, vb, v);
  const dbb = operation.dbb(va, vb, v);
  const second = (axes: number, aij: number, abij: number, bij: number) =>
    times(da, jets[a + axes]!) + times(db, jets[b + axes]!) + times(daa, aij) + times(dab, abij) + times(dbb, bij);
  jets[o] = v;
  jets[o + 1] = times(da, ax) + times(db, bx);
  jets[o + 2] = times(da, ay) + times(db, by);
  jets[o + 3] = second(3, ax * ax, 2 * ax * bx, bx * bx);
  jets[o + 4] = second(4, ax * ay, ax * by + ay * bx, bx * by);
  jets[o + 5] = second(5, ay * ay, 2 * ay * by, by * by);
}
