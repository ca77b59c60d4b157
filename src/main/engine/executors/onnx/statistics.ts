import type { Measure } from '../../objectives/objective';

export function sumOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

export function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** From Σℓ, Σℓ² and the number right (NaN for regression) of n examples. */
export function toMeasure(losses: number, squares: number, right: number, n: number): Measure {
  const loss = losses / n;
  const variance = n < 2 ? Number.NaN : Math.max(0, squares - n * loss * loss) / (n - 1);
  return { loss, standardError: Math.sqrt(variance / n), accuracy: right / n };
}
