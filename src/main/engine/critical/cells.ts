import type { Domain } from '../../../shared/model/experiment';
import { gradientNorm, hasFiniteJet, type Jet } from './jet';

type Evaluate = (x: number, y: number) => Promise<Jet>;

/** A square of the lattice: lower left corner and side, in units of the finest lattice. */
interface Cell {
  i: number;
  j: number;
  side: number;
  /** max‖∇f‖ seen in the cell of the first grid it comes from. */
  steepest: number;
  /** Where ‖∇f‖ was smallest in the cell it is a quarter of. */
  near: Jet | null;
}

/** Cells that touch each other. */
export interface Cluster {
  box: Domain;
  /** Too long to be a point. */
  long: boolean;
  /** Where in it ‖∇f‖ is smallest, smallest first. */
  starts: [number, number][];
}

export interface CellSearch {
  /** Cells that hold one critical point at most: its box, and its centre for Newton's method to start at. */
  single: { box: Domain; start: [number, number] }[];
  /** Places the cells could not decide on. */
  undecided: Cluster[];
  /** Places where value or derivatives are not finite. */
  masked: Cluster[];
  maskedShare: number;
  /** The number of cells was at its limit. */
  exhausted: boolean;
}

/** Cells are halved this many times: 1e-5 of the window. */
const halvings = 12;
/** Those on the edge of what is not finite only this often. */
const halvingsOfMasks = 5;
/** After this many cells the rest counts as undecided. */
const mostCells = 60_000;
/** So do smaller cells than these when they are many: along a curve of critical points their number doubles each time. */
const fewHalvings = 5;
const mostSmallCells = 8_000;
/** Deviations of the Hessian between nine points of a cell are taken this much larger for the points between them. */
const safety = 2;
/** An undecided place longer than this share of the window is no point. */
const longShare = 0.01;
const startsPerCluster = 12;

/**
 * Cells of a window that hold critical points of f, by halving: a cell is dropped when ∇f has no zero in it, becomes a
 * start for Newton's method when it can hold one only, and is quartered otherwise.
 *
 * The tests are those of Krawczyk's interval method, z ∈ c − A⁻¹(∇f(c) ± |ΔH|r) with A the Hessian at the centre c and r
 * the half sides, except that ΔH, how much the Hessian changes in the cell, is twice what nine points of it show instead
 * of a proven bound. What is much smaller than a cell of the first grid can be missed; hence two grids and the winding
 * number in `findCriticalPoints`.
 *
 * @param grid cells along each side at first
 */
export async function searchCells(
  evaluate: Evaluate,
  [x0, x1, y0, y1]: Domain,
  grid: number,
  turn: () => Promise<void> | undefined,
): Promise<CellSearch> {
  // Half a smallest cell: the nine points of every cell lie on the lattice.
  const units = grid * 2 ** (halvings + 1);
  const [width, height] = [x1 - x0, y1 - y0];
  const known = new Map<number, Jet>();
  const keyOf = (i: number, j: number) => i * (units + 1) + j;
  const xAt = (i: number) => (i === units ? x1 : x0 + (i / units) * width);
  const yAt = (j: number) => (j === units ? y1 : y0 + (j / units) * height);
  const base = units / grid;
  let queue: Cell[] = [];
  for (let j = 0; j < grid; j++) {
    for (let i = 0; i < grid; i++) queue.push({ i: i * base, j: j * base, side: base, steepest: 0, near: null });
  }

  const single: CellSearch['single'] = [];
  const undecided: Cell[] = [];
  const masked: Cell[] = [];
  let visited = 0;
  for (let halved = 0; queue.length > 0; halved++) {
    const next: Cell[] = [];
    const curve = halved > fewHalvings && queue.length > mostSmallCells;
    for (const cell of queue) {
      const pause = turn();
      if (pause) await pause;
      if (curve || visited >= mostCells) {
        undecided.push(cell);
        continue;
      }
      visited++;
      const half = cell.side / 2;
      const jets: Jet[] = [];
      for (let j = cell.j; j <= cell.j + cell.side; j += half) {
        for (let i = cell.i; i <= cell.i + cell.side; i += half) {
          const key = keyOf(i, j);
          let jet = known.get(key);
          if (!jet) {
            jet = await evaluate(xAt(i), yAt(j));
            known.set(key, jet);
          }
          jets.push(jet);
        }
      }
      const steepest = halved === 0 ? largestGradient(jets) : cell.steepest;
      const verdict = judge(jets, (half / units) * width, (half / units) * height, steepest);
      if (verdict === 'none') continue;
      if (verdict === 'one') {
        const [{ x: left, y: bottom }, { x: right, y: top }] = [jets[0]!, jets[8]!];
        single.push({ box: [left, right, bottom, top], start: [jets[4]!.x, jets[4]!.y] });
      } else if (verdict === 'masked' || (verdict === 'partlyMasked' && halved >= halvingsOfMasks)) {
        masked.push(cell);
      } else if (verdict === 'flat' || halved >= halvings) {
        undecided.push({ ...cell, near: flattest(jets) });
      } else {
        const near = flattest(jets);
        for (const dj of [0, half]) {
          for (const di of [0, half]) next.push({ i: cell.i + di, j: cell.j + dj, side: half, steepest, near });
        }
      }
    }
    queue = next;
  }
  const frame = { x0, y0, width, height, units };
  return {
    single,
    undecided: clustersOf(undecided, frame),
    masked: clustersOf(masked, frame),
    maskedShare: masked.reduce((sum, { side }) => sum + side * side, 0) / (units * units),
    exhausted: visited >= mostCells,
  };
}

/**
 * What nine points (rows from below, the centre is the fifth) say of a cell with half sides rx, ry. flat: ∇f and its
 * derivatives are zero at all of them.
 */
function judge(
  jets: readonly Jet[],
  rx: number,
  ry: number,
  steepest: number,
): 'none' | 'one' | 'several' | 'flat' | 'masked' | 'partlyMasked' {
  const finite = jets.filter(hasFiniteJet).length;
  if (finite === 0) return 'masked';
  if (finite < 9) return 'partlyMasked';
  const center = jets[4]!;
  let [dxx, dxy, dyy] = [0, 0, 0];
  let [hxx, hxy, hyy] = [0, 0, 0];
  let least = Infinity;
  for (const { gx, gy, xx, xy, yy } of jets) {
    dxx = Math.max(dxx, safety * Math.abs(xx - center.xx));
    dxy = Math.max(dxy, safety * Math.abs(xy - center.xy));
    dyy = Math.max(dyy, safety * Math.abs(yy - center.yy));
    hxx = Math.max(hxx, Math.abs(xx));
    hxy = Math.max(hxy, Math.abs(xy));
    hyy = Math.max(hyy, Math.abs(yy));
    least = Math.min(least, Math.hypot(gx, gy));
  }
  if (hxx + hxy + hyy === 0 && largestGradient(jets) === 0) return 'flat';
  // A component that keeps its sign: every point is within r/2 of one of the nine.
  const reachX = ((hxx + dxx) * rx + (hxy + dxy) * ry) / 2;
  const reachY = ((hxy + dxy) * rx + (hyy + dyy) * ry) / 2;
  if (jets.every(({ gx }) => gx > reachX) || jets.every(({ gx }) => gx < -reachX)) return 'none';
  if (jets.every(({ gy }) => gy > reachY) || jets.every(({ gy }) => gy < -reachY)) return 'none';
  // A component that is monotone in x and in y has its extremes at the corners.
  if (isSteady(jets, 'xy')) {
    if (keepsSign(jets, 'gx') && isSteady(jets, 'xx')) return 'none';
    if (keepsSign(jets, 'gy') && isSteady(jets, 'yy')) return 'none';
  }

  // Steeper than anything at the nine points of the cell of the first grid, and more so the smaller the cell: a pole.
  const undecided = least > 2 * steepest ? 'partlyMasked' : 'several';
  const { gx, gy, xx, xy, yy } = center;
  const determinant = xx * yy - xy * xy;
  if (determinant === 0) return undecided;
  const px = -(yy * gx - xy * gy) / determinant;
  const py = -(xx * gy - xy * gx) / determinant;
  // ∇f ∈ ∇f(c) + A(z − c) ± deviation; where the nine points leave that, the gradient jumps.
  const [smoothX, smoothY] = [dxx * rx + dxy * ry, dxy * rx + dyy * ry];
  let [jumpX, jumpY] = [0, 0];
  for (const at of jets) {
    const [dx, dy] = [at.x - center.x, at.y - center.y];
    jumpX = Math.max(jumpX, Math.abs(at.gx - gx - xx * dx - xy * dy) - smoothX);
    jumpY = Math.max(jumpY, Math.abs(at.gy - gy - xy * dx - yy * dy) - smoothY);
  }
  const deviationX = smoothX + safety * jumpX;
  const deviationY = smoothY + safety * jumpY;
  const spreadX = (Math.abs(yy) * deviationX + Math.abs(xy) * deviationY) / Math.abs(determinant);
  const spreadY = (Math.abs(xy) * deviationX + Math.abs(xx) * deviationY) / Math.abs(determinant);
  const slack = 1 + 1e-6;
  if (Math.abs(px) > rx * slack + spreadX || Math.abs(py) > ry * slack + spreadY) return 'none';
  // The map is a contraction of the cell's neighbourhood: one zero at most.
  return spreadX <= rx / 2 && spreadY <= ry / 2 ? 'one' : undecided;
}

const keepsSign = (jets: readonly Jet[], component: 'gx' | 'gy'): boolean =>
  jets.every((jet) => jet[component] > 0) || jets.every((jet) => jet[component] < 0);

/** Zero throughout, or of one sign and clear of zero. */
function isSteady(jets: readonly Jet[], entry: 'xx' | 'xy' | 'yy'): boolean {
  let [least, most] = [Infinity, -Infinity];
  for (const jet of jets) {
    least = Math.min(least, jet[entry]);
    most = Math.max(most, jet[entry]);
  }
  return (least === 0 && most === 0) || least > 0.05 * most || most < 0.05 * least;
}

const largestGradient = (jets: readonly Jet[]): number =>
  jets.reduce((most, jet) => (hasFiniteJet(jet) ? Math.max(most, gradientNorm(jet)) : most), 0);

interface Frame {
  x0: number;
  y0: number;
  width: number;
  height: number;
  units: number;
}

/** The finite point with the smallest ‖∇f‖. */
const flattest = (jets: readonly Jet[]): Jet | null =>
  jets.reduce<Jet | null>(
    (best, jet) => (hasFiniteJet(jet) && (!best || gradientNorm(jet) < gradientNorm(best)) ? jet : best),
    null,
  );

interface Frame {
  x0: number;
  y0: number;
  width: number;
  height: number;
  units: number;
}

function clustersOf(undecided: readonly Cell[], { x0, y0, width, height, units }: Frame): Cluster[] {
  const coarse = undecided.reduce((most, { side }) => Math.max(most, side), 1);
  const stride = Math.ceil(units / coarse) + 2;
  const buckets = new Map<number, Cell[]>();
  for (const cell of undecided) {
    const key = Math.floor(cell.i / coarse) * stride + Math.floor(cell.j / coarse);
    const bucket = buckets.get(key);
    if (bucket) bucket.push(cell);
    else buckets.set(key, [cell]);
  }
  const clusters: Cluster[] = [];
  for (const first of [...buckets.keys()]) {
    const members: Cell[] = [];
    const open = [first];
    while (open.length > 0) {
      const key = open.pop()!;
      const bucket = buckets.get(key);
      if (!bucket) continue;
      buckets.delete(key);
      for (const cell of bucket) members.push(cell);
      for (const di of [-1, 0, 1]) for (const dj of [-1, 0, 1]) open.push(key + di * stride + dj);
    }
    if (members.length === 0) continue;
    const least = (axis: 'i' | 'j') => members.reduce((low, cell) => Math.min(low, cell[axis]), units);
    const most = (axis: 'i' | 'j') => members.reduce((high, cell) => Math.max(high, cell[axis] + cell.side), 0);
    const [left, right, bottom, top] = [least('i'), most('i'), least('j'), most('j')];
    const starts = members
      .flatMap(({ near }) => (near ? [near] : []))
      .sort((a, b) => gradientNorm(a) - gradientNorm(b))
      .slice(0, startsPerCluster)
      .map(({ x, y }): [number, number] => [x, y]);
    clusters.push({
      box: [
        x0 + (left / units) * width,
        x0 + (right / units) * width,
        y0 + (bottom / units) * height,
        y0 + (top / units) * height,
      ],
      long: Math.max(right - left, top - bottom) > longShare * units,
      starts,
    });
  }
  return clusters;
}
