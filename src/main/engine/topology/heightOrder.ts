import type { cooperate } from '../cooperate';

/** Bits sorted by in one pass. */
const digitBits = 16;
const digitMask = 2 ** digitBits - 1;

type Turn = ReturnType<typeof cooperate>;
/** Cells between two looks at the signal. */
export const stretch = 4_096;

/**
 * Cells from the lowest height up, equal heights (0 and −0 too) by the smaller index; NaN cells are left out. A radix
 * sort of the float's bits: 4 passes whatever the heights are.
 *
 * @param turn awaited every `stretch` cells
 */
export async function heightOrder(heights: Float64Array, turn: Turn): Promise<Int32Array> {
  const bits = new Float64Array(heights.length);
  // Low word first: every platform of Node is little-endian.
  const words = new Uint32Array(bits.buffer);
  let order = new Int32Array(heights.length);
  let count = 0;
  for (let cell = 0; cell < heights.length; cell++) {
    if (cell % stretch === 0) await turn();
    // + 0 turns −0 into 0.
    bits[cell] = heights[cell]! + 0;
    if (!Number.isNaN(heights[cell]!)) order[count++] = cell;
    // Order of the bits = order of the numbers: negative ones are inverted, the others get the top bit.
    const [low, high] = [2 * cell, 2 * cell + 1];
    if (words[high]! >>> 31 === 1) {
      words[low] = ~words[low]!;
      words[high] = ~words[high]!;
    } else words[high] = words[high]! | 0x80000000;
  }
  order = order.subarray(0, count);
  let sorted = new Int32Array(count);
  for (const word of [0, 1]) {
    for (const shift of [0, digitBits]) {
      await sortByDigit(order, sorted, (cell) => (words[2 * cell + word]! >>> shift) & digitMask, turn);
      [order, sorted] = [sorted, order];
    }
  }
  return order;
}

/** Stable: equal digits stay in order. */
async function sortByDigit(
  order: Int32Array,
  sorted: Int32Array,
  digitOf: (cell: number) => number,
  turn: Turn,
): Promise<void> {
  const starts = new Int32Array(digitMask + 2);
  for (let k = 0; k < order.length; k++) {
    if (k % stretch === 0) await turn();
    starts[digitOf(order[k]!) + 1]!++;
  }
  for (let digit = 1; digit < starts.length; digit++) starts[digit]! += starts[digit - 1]!;
  for (let k = 0; k < order.length; k++) {
    if (k % stretch === 0) await turn();
    const cell = order[k]!;
    sorted[starts[digitOf(cell)]!++] = cell;
  }
}
