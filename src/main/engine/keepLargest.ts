import type { Vector } from './objectives/objective';

/**
 * Sets all but the `count` components of largest magnitude to 0, in place; of equal magnitudes the first ones stay.
 *
 * @param scratch of the same length and number type; overwritten
 */
export function keepLargest(values: Vector, count: number, scratch: Vector): void {
  if (count >= values.length) return;
  for (let i = 0; i < values.length; i++) scratch[i] = Math.abs(values[i]!);
  const threshold = select(scratch, values.length - count);
  let above = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) > threshold) above++;
  let ties = count - above;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude > threshold || (magnitude === threshold && ties-- > 0)) continue;
    values[i] = 0;
  }
}

/** The k-th smallest, k from 0 (Hoare's quickselect); reorders `values`. */
function select(values: Vector, k: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k]!;
}
