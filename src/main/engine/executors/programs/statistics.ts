import type { Measure } from '../../objectives/objective';
import type { Tensor } from './runtime';

/** Σℓ, Σℓ² and the number right (NaN for regression). */
export interface LossSums {
  losses: number;
  squares: number;
  right: number;
}

export const noLosses = (): LossSums => ({ losses: 0, squares: 0, right: 0 });

/** Adds the `count` examples from `first` on of some results: losses and, for classes, which are right. */
export function addMeasure(sums: LossSums, results: readonly Tensor[], first: number, count: number): void {
  const [losses, right] = results.map(({ data }) => (data as Float32Array).subarray(first, first + count));
  sums.losses += sumOf(losses!);
  sums.squares += sumOfSquares(losses!);
  sums.right += right === undefined ? Number.NaN : sumOf(right);
}

export function sumOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** Of n examples. */
export function toMeasure({ losses, squares, right }: LossSums, n: number): Measure {
  const loss = losses / n;
  const variance = n < 2 ? Number.NaN : Math.max(0, squares - n * loss * loss) / (n - 1);
  return { loss, standardError: Math.sqrt(variance / n), accuracy: right / n };
}
