import munkres from 'munkres';
import { cooperate } from '../cooperate';
import type { Vector } from '../objectives/objective';
import { createRng } from '../random';
import { type HiddenUnits, permuteHiddenUnits } from '../symmetries/permutation';
import { addScaled, dot, norm } from '../vectors';

export interface Alignment {
  /** θ_B with its hidden units in θ_A's order. */
  theta: Float64Array;
  /** Per layer: which unit of θ_B stands at each place. */
  permutations: Int32Array[];
  /** ‖θ_A − θ_B‖ before and after. */
  distance: [number, number];
}

/** Sweeps over the layers in orders drawn by the seed, beside the two fixed starts. */
const randomSweeps = 3;
/** Gains below this share of ‖θ_A‖‖θ_B‖ are rounding. */
const leastGain = 1e-10;

/**
 * Weight matching (Ainsworth et al. 2023, "Git Re-Basin", algorithm 1): the permutations of hidden units that bring θ_B
 * closest to θ_A, one layer at a time by linear assignment on ⟨θ_A, P θ_B⟩ with the other layers held, until nothing
 * improves. Each step is exact; together they find a local optimum, so that several starts are tried and the closest is
 * kept: θ_B as it is, in seeded orders of the layers, and once from the input on, each layer by its own parameters alone,
 * which undoes any permutation of θ_A itself.
 *
 * Nearer ends need not have a lower barrier: in narrow networks it may be higher (Entezari et al. 2022). Other symmetries
 * (signs of tanh units, scales of relu units) are left alone.
 *
 * @throws cancelled()
 */
export async function alignHiddenUnits(
  a: Vector,
  b: Vector,
  layers: readonly HiddenUnits[],
  { seed, signal }: { seed: number; signal?: AbortSignal },
): Promise<Alignment> {
  const turn = cooperate(signal);
  const rng = createRng(seed, 'connect/alignment');
  const gain = leastGain * norm(a) * norm(b);
  const inOrder = Int32Array.from(layers, (_, k) => k);

  const solve = (theta: Float64Array, k: number, ownOnly: boolean): Int32Array => {
    const { units } = layers[k]!;
    const cost = similarity(a, theta, layers[k]!, ownOnly).map((row) => row.map((value) => -value));
    const order = new Int32Array(units);
    for (const [u, v] of munkres(cost)) order[u] = v;
    return order;
  };

  let best: { theta: Float64Array; permutations: Int32Array[]; match: number } | null = null;
  for (let start = 0; start < 2 + randomSweeps; start++) {
    const permutations = layers.map(({ units }) => Int32Array.from({ length: units }, (_, u) => u));
    let theta: Float64Array = Float64Array.from(b);
    const apply = (k: number, order: Int32Array): void => {
      theta = permuteHiddenUnits(theta, [layers[k]!], [order]);
      const before = permutations[k]!;
      permutations[k] = order.map((u) => before[u]!);
    };
    if (start === 1) {
      for (const k of inOrder) {
        apply(k, solve(theta, k, true));
        await turn();
      }
    }
    const sweep = start < 2 ? inOrder : rng.shuffle(inOrder.slice());
    for (let improved = true; improved; ) {
      improved = false;
      for (const k of sweep) {
        const order = solve(theta, k, false);
        const moved = permuteHiddenUnits(theta, [layers[k]!], [order]);
        if (dot(a, moved) > dot(a, theta) + gain) {
          apply(k, order);
          improved = true;
        }
        await turn();
      }
    }
    const match = dot(a, theta);
    if (!best || match > best.match + gain) best = { theta, permutations, match };
  }
  return {
    theta: best!.theta,
    permutations: best!.permutations,
    distance: [distanceBetween(a, b), distanceBetween(a, best!.theta)],
  };
}

/** [units, units]: the inner product of unit u of θ_A with unit v of θ_B. */
function similarity(a: Vector, b: Vector, { units, uses }: HiddenUnits, ownOnly: boolean): Float64Array[] {
  const sums = Array.from({ length: units }, () => new Float64Array(units));
  for (const { offset, outer, inner, own } of uses) {
    if (ownOnly && !own) continue;
    for (let o = 0; o < outer; o++) {
      const start = offset + o * units * inner;
      for (let u = 0; u < units; u++) {
        const row = sums[u]!;
        for (let v = 0; v < units; v++) {
          let sum = 0;
          for (let j = 0; j < inner; j++) sum += a[start + u * inner + j]! * b[start + v * inner + j]!;
          row[v]! += sum;
        }
      }
    }
  }
  return sums;
}

function distanceBetween(a: Vector, b: Vector): number {
  const difference = Float64Array.from(a);
  addScaled(difference, -1, b);
  return norm(difference);
}
