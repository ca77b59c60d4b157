import munkres from 'munkres';
import { cooperate } from '../cooperate';
import type { Vector } from '../objectives/objective';
import { createRng } from '../random';
import { permuteHiddenUnits } from '../symmetries/permutation';
import { balanceUnits, hasScale, hasSign, scaleUnits, unbalanceUnits } from '../symmetries/scaling';
import type { HiddenUnits } from '../symmetries/units';
import { addScaled, dot, norm } from '../vectors';

export interface Alignment {
  /** θ_B with its hidden units in θ_A's order, and with their signs and scales. */
  theta: Float64Array;
  /** Per layer: which unit of θ_B stands at each place. */
  permutations: Int32Array[];
  /** Units that changed sign. */
  flipped: number;
  /** Units have the scales of θ_A's. */
  rescaled: boolean;
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
 * improves. Units with tanh change sign on both sides where that is nearer: the assignment is then on |⟨·,·⟩|. Where units
 * can be rescaled (relu, no activation), the matching is made between both θ with balanced units, and θ_B gets the scales of
 * θ_A's units at the end, if that is nearer than leaving them.
 *
 * Each step is exact; together they find a local optimum, so that several starts are tried and the closest is kept: θ_B as
 * it is, in seeded orders of the layers, and once from the input on, each layer by its own parameters alone, which undoes
 * any permutation of θ_A itself.
 *
 * Nearer ends need not have a lower barrier: in narrow networks it may be higher (Entezari et al. 2022).
 *
 * @param rescale false where an L2 term tells scales apart
 * @throws cancelled()
 */
export async function alignHiddenUnits(
  a: Vector,
  b: Vector,
  layers: readonly HiddenUnits[],
  { seed, signal, rescale = true }: { seed: number; signal?: AbortSignal; rescale?: boolean },
): Promise<Alignment> {
  const turn = cooperate(signal);
  const asTheyAre = await matchWeights(a, b, layers, seed, turn);
  const candidates = [asTheyAre];
  if (rescale && layers.some(hasScale)) {
    const [ofA, ofB] = [balanceUnits(a, layers), balanceUnits(b, layers)];
    const matched = await matchWeights(ofA.balanced, ofB.balanced, layers, seed, turn);
    unbalanceUnits(matched.theta, layers, ofA.factors);
    candidates.push(matched);
  }
  const distances = candidates.map(({ theta }) => distanceBetween(a, theta));
  const nearest = distances.length > 1 && distances[1]! < distances[0]! ? 1 : 0;
  return {
    ...candidates[nearest]!,
    rescaled: nearest === 1,
    distance: [distanceBetween(a, b), distances[nearest]!],
  };
}

async function matchWeights(
  a: Vector,
  b: Vector,
  layers: readonly HiddenUnits[],
  seed: number,
  turn: ReturnType<typeof cooperate>,
): Promise<Pick<Alignment, 'theta' | 'permutations' | 'flipped'>> {
  const rng = createRng(seed, 'connect/alignment');
  const gain = leastGain * norm(a) * norm(b);
  const inOrder = Int32Array.from(layers, (_, k) => k);

  /** Which unit of θ goes to each place, and with which sign. */
  const solve = (theta: Float64Array, k: number, ownOnly: boolean): { order: Int32Array; signs: Int8Array } => {
    const layer = layers[k]!;
    const alike = similarity(a, theta, layer, ownOnly);
    const cost = alike.map((row) => row.map((value) => -(hasSign(layer) ? Math.abs(value) : value)));
    const order = new Int32Array(layer.units);
    for (const [u, v] of munkres(cost)) order[u] = v;
    const signs = Int8Array.from(order, (v, u) => (hasSign(layer) && alike[u]![v]! < 0 ? -1 : 1));
    return { order, signs };
  };
  const moved = (theta: Float64Array, k: number, { order, signs }: ReturnType<typeof solve>): Float64Array => {
    const permuted = permuteHiddenUnits(theta, [layers[k]!], [order]);
    if (hasSign(layers[k]!)) scaleUnits(permuted, layers[k]!, signs);
    return permuted;
  };

  let best: { theta: Float64Array; permutations: Int32Array[]; signs: Int8Array[]; match: number } | null = null;
  for (let start = 0; start < 2 + randomSweeps; start++) {
    const permutations = layers.map(({ units }) => Int32Array.from({ length: units }, (_, u) => u));
    const turned = layers.map(({ units }) => new Int8Array(units).fill(1));
    let theta: Float64Array = Float64Array.from(b);
    const apply = (k: number, solution: ReturnType<typeof solve>): void => {
      theta = moved(theta, k, solution);
      const [before, signsBefore] = [permutations[k]!, turned[k]!];
      permutations[k] = solution.order.map((u) => before[u]!);
      turned[k] = solution.signs.map((sign, u) => sign * signsBefore[solution.order[u]!]!);
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
        const solution = solve(theta, k, false);
        if (dot(a, moved(theta, k, solution)) > dot(a, theta) + gain) {
          apply(k, solution);
          improved = true;
        }
        await turn();
      }
    }
    const match = dot(a, theta);
    if (!best || match > best.match + gain) best = { theta, permutations, signs: turned, match };
  }
  const { theta, permutations, signs } = best!;
  const flipped = signs.reduce((sum, layer) => sum + layer.filter((sign) => sign < 0).length, 0);
  return { theta, permutations, flipped };
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
