/** Bits sorted by in one pass. */
const digitBits = 16;

/**
 * Cells from the lowest height up, equal heights (0 and −0 too) by the smaller index; NaN cells are left out. A radix
 * sort of the float's bits: 4 passes whatever the heights are.
 */
export function heightOrder(heights: Float64Array): Int32Array {
  let order = Int32Array.from(heights.keys()).filter((cell) => !Number.isNaN(heights[cell]!));
  const low = new Uint32Array(heights.length);
  const high = new Uint32Array(heights.length);
  // + 0 turns −0 into 0. Low word first: every platform of Node is little-endian.
  const words = new Uint32Array(heights.map((height) => height + 0).buffer);
  for (let cell = 0; cell < heights.length; cell++) {
    // Order of the bits = order of the numbers: negative ones are inverted, the others get the top bit.
    const negative = words[2 * cell + 1]! >>> 31 === 1;
    low[cell] = negative ? ~words[2 * cell]! : words[2 * cell]!;
    high[cell] = negative ? ~words[2 * cell + 1]! : words[2 * cell + 1]! | 0x80000000;
  }
  for (const [keys, shift] of [
    [low, 0],
    [low, digitBits],
    [high, 0],
    [high, digitBits],
  ] as const) {
    order = sortByDigit(order, keys, shift);
  }
  return order;
}

function sortByDigit(order: Int32Array<ArrayBuffer>, keys: Uint32Array, shift: number): Int32Array<ArrayBuffer> {
  const mask = 2 ** digitBits - 1;
  const starts = new Int32Array(2 ** digitBits + 1);
  for (const cell of order) starts[((keys[cell]! >>> shift) & mask) + 1]!++;
  for (let digit = 1; digit < starts.length; digit++) starts[digit]! += starts[digit - 1]!;
  const sorted = new Int32Array(order.length);
  for (const cell of order) sorted[starts[(keys[cell]! >>> shift) & mask]!++] = cell;
  return sorted;
}
