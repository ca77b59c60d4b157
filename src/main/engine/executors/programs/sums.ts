import type { Expressions } from './expressions';
import type { Dimension, ProgramValue } from './graphBuilder';

/** op(a)·op(b) */
interface Product {
  readonly a: ProgramValue;
  readonly b: ProgramValue;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** A sum that is not written yet: a `Gemm` adds its product to what there is already. */
export interface PendingSum {
  readonly products: readonly Product[];
  /** Added to every row. */
  readonly bias: ProgramValue | null;
  readonly terms: readonly ProgramValue[];
}

export const noSum: PendingSum = { products: [], bias: null, terms: [] };

/** @param matrix the shape of products; the terms are brought to it where there are any */
export function emitSum(
  { builder, add }: Expressions,
  { products, bias, terms }: PendingSum,
  shape: readonly Dimension[],
  matrix: readonly Dimension[],
): ProgramValue {
  const common = products.length > 0 || bias !== null ? matrix : shape;
  const rest = terms.map((term) => builder.reshape(term, common));
  let sum = bias ?? rest.shift();
  for (const { a, b, transposeA, transposeB } of products) {
    const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
    sum = builder.node('Gemm', sum === undefined ? [a, b] : [a, b, sum], { attributes, shape: common });
  }
  for (const term of rest) sum = add(sum!, term);
  return builder.reshape(sum!, shape);
}
