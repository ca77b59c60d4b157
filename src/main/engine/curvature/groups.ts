import type { LinearOperator, Rows } from '../objectives/objective';
import { createRng } from '../random';
import { dot } from '../vectors';

/** The examples a measurement uses and, where they are a sample of all, the groups its standard error comes from. */
export interface Sample {
  /** Left out: all examples, and nothing to be uncertain about. */
  rows?: Rows;
  /** Disjoint parts of `rows`, in no order of the data; empty where no spread can be told. */
  groups: readonly Rows[];
  /** 1 − n/N: the sample is drawn without replacement, and one that is everything has no error. */
  correction: number;
}

export const everything: Sample = { groups: [], correction: 0 };

/** How many groups a subset is split into: enough for a spread with 9 degrees of freedom. */
const groupCount = 10;

/** Each group has an operator of its own, kept in memory: many minibatches share them. */
const mostGroups = 32;

/** A random subset: its examples are dealt to ten groups of (nearly) equal size at random. */
export function sampleOfSubset(rows: Rows, examples: number, seed: number): Sample {
  const count = Math.min(groupCount, Math.floor(rows.length / 2));
  if (count < 2) return { rows, groups: [], correction: 1 - rows.length / examples };
  const order = createRng(seed, 'groups').shuffle(rows.slice());
  const groups = Array.from({ length: count }, (_, g) => order.filter((_, i) => i % count === g).sort());
  return { rows, groups, correction: 1 - rows.length / examples };
}

/**
 * The first `batches` minibatches of one shuffled epoch, without replacement; the last one is short where the data end.
 * Their mean, weighted by size, is the mean over their union.
 */
export function sampleOfBatches(
  { batches, batchSize, seed }: { batches: number; batchSize: number; seed: number },
  examples: number,
): Sample {
  const order = createRng(seed, 'subset').shuffle(Int32Array.from({ length: examples }, (_, i) => i));
  const rows = order.slice(0, batches * batchSize);
  const count = Math.min(Math.ceil(rows.length / batchSize), mostGroups);
  const groups = Array.from({ length: count }, (_, g) =>
    rows.filter((_, i) => Math.floor(i / batchSize) % count === g).sort(),
  );
  return { rows: rows.sort(), groups: groups.length < 2 ? [] : groups, correction: 1 - rows.length / examples };
}

/** The same operator on each group of a sample; their weighted mean is the operator on all of it. */
export interface GroupedOperator {
  readonly size: number;
  readonly groups: readonly LinearOperator[];
  /** n_g/n, adding up to 1. */
  readonly weights: readonly number[];
  readonly correction: number;
  dispose(): void;
}

/** null where the sample has no groups. `make` is called once per group. */
export async function groupedOperator(
  { groups, correction }: Sample,
  make: (rows: Rows) => LinearOperator | Promise<LinearOperator>,
): Promise<GroupedOperator | null> {
  if (groups.length < 2) return null;
  const total = groups.reduce((sum, rows) => sum + rows.length, 0);
  const operators: LinearOperator[] = [];
  const dispose = () => {
    for (const operator of operators) operator.dispose();
  };
  try {
    for (const rows of groups) operators.push(await make(rows));
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    size: operators[0]!.size,
    groups: operators,
    weights: groups.map((rows) => rows.length / total),
    correction,
    dispose,
  };
}

/** A_g v for every group: as much work as one product with the whole. */
export async function groupProducts(
  grouped: GroupedOperator,
  v: Float64Array,
  turn: () => Promise<void> | undefined,
): Promise<Float64Array[]> {
  const products: Float64Array[] = [];
  for (const operator of grouped.groups) {
    const product = new Float64Array(v.length);
    await turn();
    await operator.apply(v, product);
    products.push(product);
  }
  return products;
}

/** vᵀA_g v of every group. */
export async function groupForms(
  grouped: GroupedOperator,
  v: Float64Array,
  turn: () => Promise<void> | undefined,
): Promise<number[]> {
  return (await groupProducts(grouped, v, turn)).map((product) => dot(v, product));
}

/** Σ w_g q_g */
export const groupMean = ({ weights }: GroupedOperator, values: readonly number[]): number =>
  values.reduce((sum, value, g) => sum + weights[g]! * value, 0);

/**
 * Standard error of Σ w_g q_g from the spread between m groups drawn without replacement:
 * √((1 − n/N)·m/(m − 1)·Σ w_g²(q_g − q̄)²).
 *
 * For a quantity that depends on the examples through H linearly (trace, vᵀHv) this is the error of the quantity; for
 * an eigenvalue it is that of vᵀHv with v held, its first-order error (dλ = vᵀ dH v). Not in it: the bias of a subset's
 * extreme eigenvalues, which lie outside the full data's on average.
 */
export function standardErrorOfGroups(grouped: GroupedOperator, values: readonly number[]): number {
  const { weights, correction } = grouped;
  const m = values.length;
  const mean = groupMean(grouped, values);
  const squares = values.reduce((sum, value, g) => sum + (weights[g]! * (value - mean)) ** 2, 0);
  return Math.sqrt(Math.max(correction, 0) * (m / (m - 1)) * squares);
}
