/** Word offsets of the fields of `assembly/command.ts`'s Command. */
export const field = {
  packTape: 0,
  packCount: 1,
  tape: 2,
  tapeCount: 3,
  rows: 4,
  index: 5,
  shards: 6,
  shardPanels: 7,
  chunkPanels: 8,
  params: 9,
  tangents: 10,
  packs: 11,
  partials: 12,
  partialBytes: 13,
  sums: 14,
  out: 15,
  dimension: 16,
  result: 17,
  scratch: 18,
  scratchBytes: 19,
  points: 20,
  pointCount: 21,
  pointSums: 22,
  blockPoints: 23,
  origin: 24,
  first: 25,
  second: 26,
  tailStart: 27,
  tailCount: 28,
  packBytes: 29,
  pointOffset: 30,
  draw: 31,
} as const;
export const commandWords = 32;

/** Bytes of one `Sums`: Σℓ, Σℓ² and the number right, float64. */
export const sumsBytes = 24;
/** Bases and sums at the start of a thread's scratch. */
export const frameBytes = 128;
/** Examples side by side in a panel. */
export const panelRows = 8;

export const panelsOf = (rows: number): number => Math.ceil(rows / panelRows);
