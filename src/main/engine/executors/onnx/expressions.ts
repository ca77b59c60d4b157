import type { Dimension, GraphBuilder, OnnxValue } from './graphBuilder';

/** Arithmetic on a builder; operands broadcast. */
export interface Expressions {
  readonly builder: GraphBuilder;
  add(a: OnnxValue | number, b: OnnxValue | number): OnnxValue;
  sub(a: OnnxValue | number, b: OnnxValue | number): OnnxValue;
  mul(a: OnnxValue | number, b: OnnxValue | number): OnnxValue;
  /** A function of one tensor, elementwise, by the name of its operator. */
  f(type: string, x: OnnxValue): OnnxValue;
  where(condition: OnnxValue, a: OnnxValue | number, b: OnnxValue | number): OnnxValue;
  positive(x: OnnxValue): OnnxValue;
  /** Sums over some axes, which go. */
  sum(x: OnnxValue, axes: readonly number[]): OnnxValue;
  /** Σ over the rows of x [N, k], [k]: as a product with ones, several times faster than the operator for sums. */
  sumRows(x: OnnxValue): OnnxValue;
  /** Sums over some axes, which stay with size 1. */
  sumKeeping(x: OnnxValue, axes: readonly number[]): OnnxValue;
  meanKeeping(x: OnnxValue, axes: readonly number[]): OnnxValue;
  maxKeeping(x: OnnxValue, axes: readonly number[]): OnnxValue;
  toFloats(x: OnnxValue): OnnxValue;
  toIntegers(x: OnnxValue): OnnxValue;
  /** out[j,:] = Σ of the rows of x [m, k] where index [m] is j, for j < size */
  scatterRows(index: OnnxValue, x: OnnxValue, size: number): OnnxValue;
}

/** TensorProto.DataType */
const floatType = 1;
const int64Type = 7;

export function createExpressions(builder: GraphBuilder): Expressions {
  const value = (x: OnnxValue | number) => (typeof x === 'number' ? builder.scalar(x) : x);
  const binary = (type: string) => (a: OnnxValue | number, b: OnnxValue | number) =>
    builder.node(type, [value(a), value(b)]);
  const reduce = (type: string, keep: boolean) => (x: OnnxValue, axes: readonly number[]) => {
    const shape = x.shape.flatMap((size, i): Dimension[] => (axes.includes(i) ? (keep ? [1] : []) : [size]));
    return builder.node(type, [x, builder.constant('int64', [axes.length], axes)], {
      attributes: { keepdims: Number(keep) },
      shape,
    });
  };
  const toIntegers = (x: OnnxValue) => builder.node('Cast', [x], { attributes: { to: int64Type }, type: 'int64' });
  return {
    builder,
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    f: (type, x) => builder.node(type, [x]),
    where: (condition, a, b) => builder.node('Where', [condition, value(a), value(b)], { type: 'float32' }),
    positive: (x) => builder.node('Greater', [x, builder.scalar(0)], { type: 'bool' }),
    sum: reduce('ReduceSum', false),
    sumRows(x) {
      const [count, width] = x.shape as [Dimension, number];
      const size = builder.node('Shape', [x], { attributes: { start: 0, end: 1 }, shape: [1], type: 'int64' });
      const one = builder.constant('int64', [1], [1]);
      const sizes = builder.node('Concat', [one, size], { attributes: { axis: 0 }, shape: [2] });
      const ones = builder.node('Expand', [builder.constant('float32', [1, 1], [1]), sizes], { shape: [1, count] });
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
