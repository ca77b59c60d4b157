import { badInput } from '../../../shared/errors';
import type { Grid } from '../../../shared/math/bilinear';
import { finiteExtent, heightTransform } from '../../../shared/math/heightTransform';
import { basinsOf, type MergeTree, simplify } from '../../../shared/math/mergeTree';
import type { Plane, Surface } from '../../../shared/model/landscape';
import {
  type Basin,
  maskedKind,
  type Peak,
  type PlacedCell,
  type Region,
  type RegionCriteria,
  type RegionKind,
  type RegionMap,
  type RegionThresholds,
  regionKinds,
} from '../../../shared/model/topology';
import { cooperate } from '../cooperate';
import { type SurfaceDerivatives, surfaceDerivatives } from './derivatives';
import { heightOrder, stretch } from './heightOrder';
import { buildMergeTree } from './mergeTree';
import { type PlaneMetric, planeMetric } from './metric';

type Axes = Pick<Plane, 'norms' | 'axisCosine'>;
type Turn = ReturnType<typeof cooperate>;

const code = (kind: RegionKind): number => regionKinds.indexOf(kind);

/**
 * Names every cell of a surface: the basin it drains into and what it looks like. λ₁ ≥ λ₂ are the eigenvalues of the
 * 2×2 Hessian and e its eigenvectors, all in orthonormal coordinates of the plane; R is the range of the heights; a
 * curvature λ counts as one where ½|λ|ℓ² > flatness·R over the extent ℓ. In this order, the first that fits:
 *
 * - cliff: ‖g‖·step ≥ cliffDrop·R, and within that step along both axes ‖g‖ is somewhere cliffJump times smaller;
 * - plateau: ‖g‖ℓ ≤ flatness·R and no curvature counts, on cells that hang together and hold a whole square of side ℓ;
 * - saddle: λ₁ > 0 > λ₂, one of them counts and is less than conditionNumber times the other, and the quadratic's saddle
 *   ‖H⁻¹g‖ is within reach;
 * - ravine: λ₁ > 0 counts, λ₁ ≥ conditionNumber·|λ₂|, and its floor |g·e₁|/λ₁ is within reach;
 * - ridge: the mirror image of a ravine (−L is a ravine there);
 * - slope: the rest.
 *
 * Ravines and ridges are groups of such cells with one that floor or crest goes through: less than half a cell's diagonal
 * away by the quadratic. Saddles are groups with a saddle of the grid itself. The foot of a cliff bends like a ravine,
 * but has no floor.
 *
 * This is about the slice: a saddle or a plateau of the full space may look otherwise on a plane, and the other way.
 *
 * @throws badInput for a grid below 3 × 3 or a surface without a finite cell; cancelled()
 */
export async function findRegions(
  surface: Pick<Surface, 'xs' | 'ys' | 'loss' | 'interpolation'>,
  axes: Axes,
  criteria: RegionCriteria,
  signal?: AbortSignal,
): Promise<RegionMap> {
  const { xs, ys, loss } = surface;
  if (xs.length < 3 || ys.length < 3) {
    throw badInput(`A grid of ${xs.length} × ${ys.length} has no second differences.`, 'Ask for 3 × 3 at least.', [
      'grid',
    ]);
  }
  const extent = finiteExtent(loss);
  if (!extent) throw badInput('No cell of the surface is finite.', 'Choose another window.', ['range']);
  const turn = cooperate(signal);
  const { heights, shift } = await heightsOf(loss, extent, criteria.heights, turn);
  const grid = { xs, ys, values: heights };
  const metric = planeMetric(axes);
  const thresholds = inOwnUnits(grid, metric, criteria, shift);
  if (surface.interpolation && criteria.heights === 'linear') {
    thresholds.persistence = Math.max(thresholds.persistence, 2 * surface.interpolation.largestError);
  }
  const tree = await buildMergeTree(grid, metric, signal);
  await turn();
  const simplified = simplify(tree, thresholds.persistence);
  await turn();
  const hills = await buildMergeTree({ xs, ys, values: heights.map((height) => -height) }, metric, signal);
  const simplifiedHills = simplify(hills, thresholds.persistence);
  const derivatives = await surfaceDerivatives(grid, metric, thresholds.stencil, turn);
  const { kinds, undecided } = await classifyCells(grid, metric, derivatives, criteria, thresholds, turn);
  await turn();
  const basinOf = basinsOf(tree, simplified);
  await turn();
  const hillOf = basinsOf(hills, simplifiedHills);
  await turn();
  return {
    criteria,
    thresholds,
    tree,
    hills,
    basinOf,
    hillOf,
    kinds,
    basins: (await describeExtrema(surface, tree, simplified.survivors, basinOf, turn)).map(
      ({ number, at, ...basin }): Basin => ({ minimum: number, lowest: at, ...basin }),
    ),
    peaks: (await describeExtrema(surface, hills, simplifiedHills.survivors, hillOf, turn)).map(
      ({ number, at, ...peak }): Peak => ({ maximum: number, highest: at, ...peak }),
    ),
    regions: await describeRegions(surface, kinds, criteria.minimumCells, turn),
    undecided,
  };
}

async function heightsOf(
  loss: Float64Array,
  [min, max]: [number, number],
  scale: RegionCriteria['heights'],
  turn: Turn,
): Promise<{ heights: Float64Array; shift: number }> {
  if (scale === 'linear' || min === max) return { heights: loss, shift: 0 };
  const transform = heightTransform('log', min, max);
  const decades = Math.log10((max + transform.shift) / (min + transform.shift));
  const heights = new Float64Array(loss.length);
  for (let cell = 0; cell < loss.length; cell++) {
    if (cell % stretch === 0) await turn();
    heights[cell] = decades * transform.toHeight(loss[cell]!);
  }
  return { heights, shift: transform.shift };
}

function inOwnUnits(
  { xs, ys, values }: Grid,
  { length }: PlaneMetric,
  criteria: RegionCriteria,
  shift: number,
): RegionThresholds {
  const [min, max] = finiteExtent(values)!;
  const range = max - min;
  const sides = [length(xs.at(-1)! - xs[0]!, 0), length(0, ys.at(-1)! - ys[0]!)] as const;
  const side = Math.min(...sides);
  const flatHeight = criteria.flatness * range;
  const cliffHeight = criteria.cliffDrop * range;
  const extent = criteria.extent * side;
  const stencil = [xs.length, ys.length].map((n, axis) =>
    Math.min(cellsOf(criteria.scale * side, sides[axis]!, n), Math.floor((n - 1) / 2)),
  ) as [number, number];
  const cliffStep = criteria.cliffStep * side;
  return {
    range,
    shift,
    persistence: criteria.persistence * range,
    flatHeight,
    cliffHeight,
    extent,
    cliffStep,
    reach: criteria.reach * side,
    flatGradient: flatHeight / extent,
    flatCurvature: (2 * flatHeight) / extent ** 2,
    cliffGradient: cliffHeight / cliffStep,
    stencil,
  };
}

/** Whole cells of an axis of n points that come nearest to a length, one at least. */
const cellsOf = (wanted: number, side: number, n: number): number => Math.max(1, Math.round((wanted / side) * (n - 1)));

async function classifyCells(
  grid: Grid,
  { length }: PlaneMetric,
  derivatives: SurfaceDerivatives,
  { cliffJump, conditionNumber }: RegionCriteria,
  { extent, cliffStep, flatGradient, flatCurvature, cliffGradient, reach, stencil, range }: RegionThresholds,
  turn: Turn,
): Promise<{ kinds: Uint8Array; undecided: number }> {
  const { xs, ys, values } = grid;
  const shape = [xs.length, ys.length] as const;
  const sides = [length(xs.at(-1)! - xs[0]!, 0), length(0, ys.at(-1)! - ys[0]!)] as const;
  const cells = (wanted: number) => shape.map((n, axis) => cellsOf(wanted, sides[axis]!, n)) as [number, number];
  // A step has to lead out of the stencil, whose differences a jump blurs.
  const step = cells(cliffStep).map((n, axis) => Math.max(n, stencil[axis]! + 1)) as [number, number];
  const { gradientNorm, gu, gv, huu, huv, hvv } = derivatives;
  const calmest = await smallestAround(gradientNorm, shape, step, turn);
  const isSaddle = (high: number, low: number) =>
    high > 0 && low < 0 && Math.max(high, -low) < conditionNumber * Math.min(high, -low);
  const kinds = new Uint8Array(values.length);
  const flat = new Uint8Array(values.length);
  /** How far floor or crest are from the cell by the quadratic. */
  const offsets = new Float64Array(values.length);
  let undecided = 0;
  for (let cell = 0; cell < values.length; cell++) {
    if (cell % shape[0] === 0) await turn();
    if (Number.isNaN(values[cell]!)) {
      kinds[cell] = maskedKind;
      continue;
    }
    const mean = (huu[cell]! + hvv[cell]!) / 2;
    const radius = Math.hypot((huu[cell]! - hvv[cell]!) / 2, huv[cell]!);
    const norm = gradientNorm[cell]!;
    if (Number.isNaN(norm + radius)) {
      undecided++;
      continue;
    }
    const [high, low] = [mean + radius, mean - radius];
    // Unit eigenvector of `high`; the other is perpendicular.
    const angle = 0.5 * Math.atan2(2 * huv[cell]!, huu[cell]! - hvv[cell]!);
    const alongHigh = Math.cos(angle) * gu[cell]! + Math.sin(angle) * gv[cell]!;
    const alongLow = -Math.sin(angle) * gu[cell]! + Math.cos(angle) * gv[cell]!;
    const valley = high > flatCurvature;
    const crest = low < -flatCurvature;
    const give = (kind: RegionKind, offset: number) => {
      if (!(offset <= reach)) return;
      kinds[cell] = code(kind);
      offsets[cell] = offset;
    };
    if (range > 0 && norm >= cliffGradient && norm >= cliffJump * calmest[cell]!) kinds[cell] = code('cliff');
    else if (norm <= flatGradient && !valley && !crest) flat[cell] = 1;
    else if ((valley || crest) && isSaddle(high, low)) give('saddle', Math.hypot(alongHigh / high, alongLow / low));
    else if (valley && high >= conditionNumber * Math.abs(low)) give('ravine', Math.abs(alongHigh) / high);
    else if (crest && -low >= conditionNumber * Math.abs(high)) give('ridge', Math.abs(alongLow) / -low);
  }
  const nearest = length(xs[1]! - xs[0]!, ys[1]! - ys[0]!) / 2;
  for (const kind of ['saddle', 'ravine', 'ridge'] as const) {
    const goesThrough = (cell: number) =>
      kind === 'saddle' ? isGridSaddle(values, shape, cell) : offsets[cell]! <= nearest;
    for (const group of await components(kinds, shape, code(kind), turn)) {
      let through = false;
      for (let k = 0; k < group.length && !through; k++) {
        if (k % stretch === 0) await turn();
        through = goesThrough(group[k]!);
      }
      if (!through) for (const cell of group) kinds[cell] = code('slope');
    }
  }
  for (const group of await components(flat, shape, 1, turn)) {
    await turn();
    if (holdsRectangle(group, shape, cells(extent))) for (const cell of group) kinds[cell] = code('plateau');
  }
  return { kinds, undecided };
}

/** Neighbours of a point in the grid cut into triangles along one diagonal, in the order around it. */
const ring = [
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 0],
  [-1, -1],
  [0, -1],
] as const;

/**
 * Whether the surface of triangles has a saddle in a cell: going around it the heights are lower, higher, lower, higher.
 * Unlike differences this sees no saddle where a surface only falls. Not known at the edge and beside masked cells: false.
 */
function isGridSaddle(values: Float64Array, [nx, ny]: readonly [number, number], cell: number): boolean {
  const [i, j] = [cell % nx, Math.floor(cell / nx)];
  if (i === 0 || j === 0 || i === nx - 1 || j === ny - 1) return false;
  const around = ring.map(([di, dj]) => cell + dj * nx + di);
  if (around.some((other) => Number.isNaN(values[other]!))) return false;
  const higher = around.map(
    (other) => values[other]! > values[cell]! || (values[other] === values[cell] && other > cell),
  );
  return higher.filter((one, k) => one !== higher[(k + 1) % ring.length]).length >= 4;
}

/** Smallest value within so many cells along both axes; NaN is passed over. */
async function smallestAround(
  values: Float64Array,
  [nx, ny]: readonly [number, number],
  [rx, ry]: readonly [number, number],
  turn: Turn,
): Promise<Float64Array> {
  const rows = new Float64Array(values.length);
  for (let j = 0; j < ny; j++) {
    await turn();
    slidingMinimum(values, rows, j * nx, 1, nx, rx);
  }
  const out = new Float64Array(values.length);
  for (let i = 0; i < nx; i++) {
    await turn();
    slidingMinimum(rows, out, i, nx, ny, ry);
  }
  return out;
}

/** out[k] ← min of values[k − reach … k + reach] along one line of the grid, in O(count). */
function slidingMinimum(
  values: Float64Array,
  out: Float64Array,
  start: number,
  step: number,
  count: number,
  reach: number,
): void {
  /** Positions that may still become the smallest, their values ascending. */
  const queue = new Int32Array(count);
  let [head, tail] = [0, 0];
  for (let ahead = 0; ahead < count + reach; ahead++) {
    if (ahead < count) {
      const value = values[start + ahead * step]!;
      if (!Number.isNaN(value)) {
        while (tail > head && values[start + queue[tail - 1]! * step]! >= value) tail--;
        queue[tail++] = ahead;
      }
    }
    const at = ahead - reach;
    if (at < 0) continue;
    while (head < tail && queue[head]! < at - reach) head++;
    out[start + at * step] = head < tail ? values[start + queue[head]! * step]! : Number.POSITIVE_INFINITY;
  }
}

/** Groups of cells with this label that hang together by sides and corners, each with its cells ascending. */
async function components(
  labels: Uint8Array,
  [nx, ny]: readonly [number, number],
  label: number,
  turn: Turn,
): Promise<number[][]> {
  /** Number of its group, from 1; 0: none yet. */
  const owner = new Int32Array(labels.length);
  const queue = new Int32Array(labels.length);
  const groups: number[][] = [];
  for (let first = 0; first < labels.length; first++) {
    if (first % stretch === 0) await turn();
    if (labels[first] !== label || owner[first]) continue;
    const own = groups.push([]);
    owner[first] = own;
    queue[0] = first;
    let tail = 1;
    for (let next = 0; next < tail; next++) {
      if ((next + 1) % stretch === 0) await turn();
      const [i, j] = [queue[next]! % nx, Math.floor(queue[next]! / nx)];
      for (let y = Math.max(0, j - 1); y <= Math.min(ny - 1, j + 1); y++) {
        for (let x = Math.max(0, i - 1); x <= Math.min(nx - 1, i + 1); x++) {
          const other = y * nx + x;
          if (labels[other] !== label || owner[other]) continue;
          owner[other] = own;
          queue[tail++] = other;
        }
      }
    }
  }
  for (let cell = 0; cell < labels.length; cell++) {
    if (cell % stretch === 0) await turn();
    if (owner[cell]) groups[owner[cell]! - 1]!.push(cell);
  }
  return groups;
}

/** In the order of their numbers of cells, the most first, those of as many as they come. */
async function largestFirst<T>(count: number, cellsOf: (k: number) => number, make: (k: number) => T, turn: Turn) {
  const order = await heightOrder(
    Float64Array.from({ length: count }, (_, k) => -cellsOf(k)),
    turn,
  );
  const made: T[] = [];
  for (const [at, k] of order.entries()) {
    if (at % stretch === 0) await turn();
    made.push(make(k));
  }
  return made;
}

/** Whether a group holds a rectangle of so many grid steps. */
function holdsRectangle(
  group: readonly number[],
  [nx]: readonly [number, number],
  [width, height]: readonly [number, number],
): boolean {
  if (group.length < (width + 1) * (height + 1)) return false;
  /** For each column, cells of the group in a row below each other up to this one, and in a row beside each other. */
  const tall = new Int32Array(nx);
  const lastRow = new Int32Array(nx).fill(-2);
  let wide = 0;
  let previous = -2;
  for (const cell of group) {
    const [i, j] = [cell % nx, Math.floor(cell / nx)];
    tall[i] = lastRow[i] === j - 1 ? tall[i]! + 1 : 1;
    lastRow[i] = j;
    const goesOn = cell === previous + 1 && i > 0;
    wide = tall[i]! <= height ? 0 : goesOn ? wide + 1 : 1;
    previous = cell;
    if (wide > width) return true;
  }
  return false;
}

/** What basins and hills have in common: the extremum by its number in the tree, and what drains to it. */
interface Extremum extends Omit<Basin, 'minimum' | 'lowest'> {
  number: number;
  at: PlacedCell;
}

async function describeExtrema(
  surface: Pick<Surface, 'xs' | 'ys' | 'loss'>,
  { minima, saddles, persistence }: MergeTree,
  survivors: Int32Array,
  areaOf: Int32Array,
  turn: Turn,
): Promise<Extremum[]> {
  const cells = new Int32Array(minima.length);
  for (const number of areaOf) if (number >= 0) cells[number]!++;
  const [nx, ny] = [surface.xs.length, surface.ys.length];
  const describe = (number: number): Extremum => {
    const cell = minima[number]!;
    const [i, j] = [cell % nx, Math.floor(cell / nx)];
    return {
      number,
      at: place(surface, cell),
      atEdge: i === 0 || j === 0 || i === nx - 1 || j === ny - 1,
      saddle: saddles[number]! < 0 ? null : place(surface, saddles[number]!),
      persistence: persistence[number]!,
      cells: cells[number]!,
      area: cells[number]! / areaOf.length,
    };
  };
  return largestFirst(
    survivors.length,
    (k) => cells[survivors[k]!]!,
    (k) => describe(survivors[k]!),
    turn,
  );
}

async function describeRegions(
  surface: Pick<Surface, 'xs' | 'ys' | 'loss'>,
  kinds: Uint8Array,
  minimumCells: number,
  turn: Turn,
): Promise<Region[]> {
  const { xs, ys, loss } = surface;
  const nx = xs.length;
  const regions: Region[] = [];
  for (const kind of regionKinds) {
    if (kind === 'slope') continue;
    for (const group of await components(kinds, [nx, ys.length], code(kind), turn)) {
      await turn();
      if (group.length < minimumCells) continue;
      await turn();
      let [lowest, highest] = [group[0]!, group[0]!];
      let [i0, i1, j0, j1] = [nx, 0, ys.length, 0];
      for (const cell of group) {
        if (loss[cell]! < loss[lowest]!) lowest = cell;
        if (loss[cell]! > loss[highest]!) highest = cell;
        const [i, j] = [cell % nx, Math.floor(cell / nx)];
        [i0, i1, j0, j1] = [Math.min(i0, i), Math.max(i1, i), Math.min(j0, j), Math.max(j1, j)];
      }
      regions.push({
        kind,
        cells: group.length,
        area: group.length / kinds.length,
        bounds: [xs[i0]!, xs[i1]!, ys[j0]!, ys[j1]!],
        lowest: place(surface, lowest),
        highest: place(surface, highest),
      });
    }
  }
  return largestFirst(
    regions.length,
    (k) => regions[k]!.cells,
    (k) => regions[k]!,
    turn,
  );
}

function place({ xs, ys, loss }: Pick<Surface, 'xs' | 'ys' | 'loss'>, cell: number): PlacedCell {
  return { cell, x: xs[cell % xs.length]!, y: ys[Math.floor(cell / xs.length)]!, loss: loss[cell]! };
}
