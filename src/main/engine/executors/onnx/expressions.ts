import type { GraphBuilder, OnnxValue } from './graphBuilder';

/** Elementwise arithmetic on a builder. */
export interface Expressions {
  readonly builder: GraphBuilder;
  add(a: OnnxValue | number, b: OnnxValue | number): OnnxValue;
  sub(a: OnnxValue | number, b: OnnxValue | number): OnnxValue;
  mul(a: OnnxValue | number, b: OnnxValue | number): OnnxValue;
  /** A function of one tensor, by the name of its operator. */
  f(type: string, x: OnnxValue): OnnxValue;
  where(condition: OnnxValue, a: OnnxValue | number, b: OnnxValue | number): OnnxValue;
  positive(x: OnnxValue): OnnxValue;
  /** Σ over axis 1, which stays with size 1. */
  sumOverOutputs(x: OnnxValue): OnnxValue;
}

export function createExpressions(builder: GraphBuilder): Expressions {
  const value = (x: OnnxValue | number) => (typeof x === 'number' ? builder.scalar(x) : x);
  const binary = (type: string) => (a: OnnxValue | number, b: OnnxValue | number) =>
    builder.node(type, [value(a), value(b)]);
  return {
    builder,
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    f: (type, x) => builder.node(type, [x]),
    where: (condition, a, b) => builder.node('Where', [condition, value(a), value(b)], { type: 'float32' }),
    positive: (x) => builder.node('Greater', [x, builder.scalar(0)], { type: 'bool' }),
    sumOverOutputs: (x) =>
      builder.node('ReduceSum', [x, builder.constant('int64', [1], [1])], {
        attributes: { keepdims: 1 },
        shape: [x.shape[0]!, 1],
      }),
  };
}
