import type { Dimension, GraphBuilder, ProgramValue } from './graphBuilder';

/** Arithmetic on a builder; operands broadcast. */
export interface Expressions {
  readonly builder: GraphBuilder;
  add(a: ProgramValue | number, b: ProgramValue | number): ProgramValue;
  sub(a: ProgramValue | number, b: ProgramValue | number): ProgramValue;
  mul(a: ProgramValue | number, b: ProgramValue | number): ProgramValue;
  /** A function of one tensor, elementwise, by the name of its operator. */
  f(type: string, x: ProgramValue): ProgramValue;
  where(condition: ProgramValue, a: ProgramValue | number, b: ProgramValue | number): ProgramValue;
  positive(x: ProgramValue): ProgramValue;
  /** Sums over some axes, which go. */
  sum(x: ProgramValue, axes: readonly number[]): ProgramValue;
  /** Σ over the rows of x [N, k], [k]: a product with `ones` [1, N] is several times faster than the operator for sums. */
  sumRows(x: ProgramValue, ones: ProgramValue): ProgramValue;
  /** Sums over some axes, which stay with size 1. */
  sumKeeping(x: ProgramValue, axes: readonly number[]): ProgramValue;
  meanKeeping(x: ProgramValue, axes: readonly number[]): ProgramValue;
  maxKeeping(x: ProgramValue, axes: readonly number[]): ProgramValue;
  toFloats(x: ProgramValue): ProgramValue;
  toIntegers(x: ProgramValue): ProgramValue;
  /** out[j,:] = Σ of the rows of x [m, k] where index [m] is j, for j < size */
  scatterRows(index: ProgramValue, x: ProgramValue, size: number): ProgramValue;
}

/** TensorProto.DataType */
const floatType = 1;
const int64Type = 7;

export function createExpressions(builder: GraphBuilder): Expressions {
  const value = (x: ProgramValue | number) => (typeof x === 'number' ? builder.scalar(x) : x);
  const binary = (type: string) => (a: ProgramValue | number, b: ProgramValue | number) =>
    builder.node(type, [value(a), value(b)]);
  const reduce = (type: string, keep: boolean) => (x: ProgramValue, axes: readonly number[]) => {
    const shape = x.shape.flatMap((size, i): Dimension[] => (axes.includes(i) ? (keep ? [1] : []) : [size]));
    return builder.node(type, [x, builder.constant('int64', [axes.length], axes)], {
      attributes: { keepdims: Number(keep) },
      shape,
    });
  };
  const toIntegers = (x: ProgramValue) => builder.node('Cast', [x], { attributes: { to: int64Type }, type: 'int64' });
  return {
    builder,
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    f: (type, x) => builder.node(type, [x]),
    where: (condition, a, b) => builder.node('Where', [condition, value(a), value(b)], { type: 'float32' }),
    positive: (x) => builder.node('Greater', [x, builder.scalar(0)], { type: 'bool' }),
    sum: reduce('ReduceSum', false),
    sumRows(x, ones) {
      const width = x.shape[1]!;
      return builder.reshape(builder.node('MatMul', [ones, x], { shape: [1, width] }), [width]);
    },
    sumKeeping: reduce('ReduceSum', true),
    meanKeeping: reduce('ReduceMean', true),
    maxKeeping: reduce('ReduceMax', true),
    toFloats: (x) => builder.node('Cast', [x], { attributes: { to: floatType }, type: 'float32' }),
    toIntegers,
    scatterRows(index, x, size) {
      const [count, width] = x.shape as [Dimension, number];
      const sizes = builder.constant('int64', [2], [size, width]);
      const zeros = builder.node('ConstantOfShape', [sizes], { shape: [size, width], type: 'float32' });
      const places = builder.reshape(toIntegers(index), [count, 1]);
      return builder.node('ScatterND', [zeros, places, x], { attributes: { reduction: 'add' }, shape: [size, width] });
    },
  };
}
