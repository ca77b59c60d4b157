/**
 * The merge tree of the sublevel sets of a height field: as the level rises from the lowest minimum up, each minimum
 * starts a component, and at a saddle two components become one. By the elder rule the component with the higher minimum
 * ends there; the difference in height is that minimum's persistence (Edelsbrunner, Letscher, Zomorodian 2002).
 *
 * Minima are numbered from the lowest up; equal heights count by the smaller cell index.
 *
 * The merge tree of the negated heights (the split tree of the heights) tells the same of maxima: its "minima" are maxima,
 * numbered from the highest down, each ends at the saddle at which its superlevel set meets a higher one's, and its
 * "basins" are the hills that steepest ascent sorts the cells into.
 */
export interface MergeTree {
  /** Cell of each minimum. */
  minima: Int32Array;
  /** Cell at which it joins an older one; −1 for the oldest of each connected part (masked cells may divide a grid). */
  saddles: Int32Array;
  /** height(saddle) − height(minimum), ≥ 0; Infinity where there is no saddle. */
  persistence: Float64Array;
  /** The older minimum whose component it joins; −1 where there is none. */
  elders: Int32Array;
  /** The minimum whose basin lies on the other side of the saddle; −1 where there is none. */
  across: Int32Array;
  /** For each cell the minimum that steepest descent ends in; −1 where masked. */
  basins: Int32Array;
}

export interface Simplification {
  /** Minima that stay, lowest first. */
  survivors: Int32Array;
  /** For each minimum the survivor whose basin takes its own in. */
  representative: Int32Array;
}

/**
 * Hides the minima (and their saddles) whose persistence is at most `threshold`; 0 hides no more than what equal
 * heights make up. A basin that is hidden goes to the one across its saddle, so that basins stay connected and the
 * lowest minimum of each survives. O(minima), and O(cells) for `basinsOf`: fit for a slider.
 */
export function simplify({ persistence, across }: MergeTree, threshold: number): Simplification {
  const count = persistence.length;
  const representative = new Int32Array(count).fill(-1);
  const survivors: number[] = [];
  for (let k = 0; k < count; k++) {
    if (across[k]! >= 0 && !(persistence[k]! > threshold)) continue;
    representative[k] = k;
    survivors.push(k);
  }
  const chain: number[] = [];
  for (let k = 0; k < count; k++) {
    let at = k;
    for (; representative[at]! < 0; at = across[at]!) chain.push(at);
    for (const passed of chain) representative[passed] = representative[at]!;
    chain.length = 0;
  }
  return { survivors: Int32Array.from(survivors), representative };
}

/** The basin of each cell after a simplification, as a number of its minimum; −1 where masked. */
export function basinsOf({ basins }: MergeTree, { representative }: Simplification): Int32Array {
  return basins.map((basin) => (basin < 0 ? -1 : representative[basin]!));
}
