import type { ActivationName } from '../../../shared/model/experiment';
import type { Vector } from '../objectives/objective';
import type { HiddenUnits, Scaling, UnitUse } from './units';

/** Of what a unit's activation does to its sum. */
export function scalingOf(activation: ActivationName): Scaling {
  switch (activation) {
    case 'identity':
      return 'any';
    case 'relu':
    case 'leakyRelu':
      return 'positive';
    case 'tanh':
      return 'sign';
    case 'sigmoid':
    case 'softplus':
    case 'elu':
    case 'gelu':
    case 'silu':
      return 'none';
    default:
      return activation satisfies never;
  }
}

/** Of one map after the other. */
export function bothScalings(a: Scaling, b: Scaling): Scaling {
  if (a === 'any' || a === b) return b;
  return b === 'any' ? a : 'none';
}

export const hasSign = ({ scaling }: HiddenUnits): boolean => scaling === 'sign' || scaling === 'any';
export const hasScale = ({ scaling }: HiddenUnits): boolean => scaling === 'positive' || scaling === 'any';

/** Multiplies each unit's own parameters by its factor and divides by it those that read the unit. */
export function scaleUnits(theta: Float64Array, { units, uses }: HiddenUnits, factors: ArrayLike<number>): void {
  for (const use of uses) {
    eachRun(use, units, (unit, start, end) => {
      const factor = use.own ? factors[unit]! : 1 / factors[unit]!;
      for (let i = start; i < end; i++) theta[i] = theta[i]! * factor;
    });
  }
}

/** Sweeps over the layers at most, and the change of a factor below which there is nothing left to do. */
const mostSweeps = 200;
const settled = 1e-14;

/**
 * The one of all rescalings of a θ whose units have own and reading parameters of the same norm: it has the least ‖θ‖ of
 * them, so that two θ that differ by rescalings only have the same. Units whose norm is 0 on a side keep their scale.
 *
 * @returns θ balanced, and per layer the factors that made it so
 */
export function balanceUnits(
  theta: Vector,
  layers: readonly HiddenUnits[],
): { balanced: Float64Array; factors: Float64Array[] } {
  const balanced = Float64Array.from(theta);
  const factors = layers.map(({ units }) => new Float64Array(units).fill(1));
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let largest = 0;
    layers.forEach((layer, k) => {
      if (!hasScale(layer)) return;
      const step = balancingFactors(balanced, layer);
      scaleUnits(balanced, layer, step);
      for (let unit = 0; unit < layer.units; unit++) {
        factors[k]![unit]! *= step[unit]!;
        largest = Math.max(largest, Math.abs(step[unit]! - 1));
      }
    });
    if (largest < settled) break;
  }
  return { balanced, factors };
}

/** Undoes `balanceUnits` with factors of its kind. */
export function unbalanceUnits(theta: Float64Array, layers: readonly HiddenUnits[], factors: readonly Float64Array[]) {
  layers.forEach((layer, k) => {
    if (hasScale(layer)) {
      scaleUnits(
        theta,
        layer,
        factors[k]!.map((factor) => 1 / factor),
      );
    }
  });
}

function balancingFactors(theta: Vector, { units, uses }: HiddenUnits): Float64Array {
  const squares = { own: new Float64Array(units), reading: new Float64Array(units) };
  for (const use of uses) {
    const sums = use.own ? squares.own : squares.reading;
    eachRun(use, units, (unit, start, end) => {
      for (let i = start; i < end; i++) sums[unit]! += theta[i]! ** 2;
    });
  }
  return squares.own.map((own, unit) => {
    const factor = (squares.reading[unit]! / own) ** 0.25;
    return factor > 0 && Number.isFinite(factor) ? factor : 1;
  });
}

function eachRun(
  { offset, outer, inner }: UnitUse,
  units: number,
  use: (unit: number, start: number, end: number) => void,
): void {
  for (let o = 0; o < outer; o++) {
    for (let unit = 0; unit < units; unit++) {
      const start = offset + (o * units + unit) * inner;
      use(unit, start, start + inner);
    }
  }
}
