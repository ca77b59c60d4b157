import { badInput } from '../../../shared/errors';
import type { CriticalPoint } from '../../../shared/model/catalog';
import type { CriticalPoints, UnresolvedPlace } from '../../../shared/model/critical';
import type { Domain } from '../../../shared/model/experiment';
import { type CriticalKind, criticalKinds } from '../../../shared/model/landscape';
import { cooperate } from '../cooperate';
import type { Objective } from '../objectives/objective';
import { searchCells } from './cells';
import { gradientNorm, type Jet, jetsOf, requireTwoParameters } from './jet';
import { refineCriticalPoint } from './refine';
import { windingNumber } from './winding';

export interface WindowOptions {
  signal?: AbortSignal;
  /** `total` is the most there can be. */
  onProgress?: (done: number, total: number) => void;
}

/** Cells along a side at first, one grid after the other; no cell edge of one lies on the other's inside the window. */
const grids = [23, 31, 53, 97];
/** Two regular points nearer than this share of the window's diagonal are one: Newton's method ended there twice. */
const sameShare = 1e-8;
/** The same for degenerate points, which rounding lets nobody locate better where the function is not written about them. */
const sameDegenerateShare = 1e-4;
/** Points this far outside, as a share of the window, still lie on its edge. */
const edgeShare = 1e-9;
/** Half side of the box a degenerate point's index is measured on, as a share of the window. */
const indexShare = 1e-3;

/**
 * Every critical point of a two-parameter function in a window: cells of a grid are halved until they hold none or one
 * (`searchCells`), each start is refined to ‖∇f‖ ≤ 1e-10 by damped Newton, equal points are merged and classified.
 *
 * Two grids without a common line must give the same points and the winding number of ∇f along the window's edge must be
 * the sum of the points' indices; finer grids follow (up to 97 × 97) until that is so. Not a proof: a pair of points whose
 * indices cancel, on a scale far below 1/97 of the window, could be missed.
 *
 * @throws badInput for objectives that do not have two parameters, windows too narrow to hold a grid, and functions that
 *   are finite nowhere in the window; `cancelled`
 */
export async function findCriticalPoints(
  objective: Objective,
  window: Domain,
  { signal, onProgress }: WindowOptions = {},
): Promise<CriticalPoints> {
  requireTwoParameters(objective);
  checkWindow(window);
  const start = performance.now();
  const turn = cooperate(signal);
  const evaluateJet = jetsOf(objective);
  let evaluations = 0;
  const jet = (x: number, y: number) => {
    evaluations++;
    return evaluateJet(x, y);
  };
  const [x0, x1, y0, y1] = window;
  const diagonal = Math.hypot(x1 - x0, y1 - y0);

  const edge = await windingNumber(jet, window);
  let points: CriticalPoint[] = [];
  let agreed = false;
  let exhausted = 0;
  let pass = 0;
  for (;;) {
    const cells = await searchCells(jet, window, grids[pass]!, turn);
    if (cells.maskedShare === 1) {
      throw badInput(
        `The function is finite nowhere in the window ${window.join(', ')}.`,
        'Choose a window inside its domain.',
        ['window'],
      );
    }
    const found: CriticalPoint[] = [];
    const unresolved: UnresolvedPlace[] = [];
    const leaveOpen = async (kind: UnresolvedPlace['kind'], box: Domain) => {
      unresolved.push({ kind, box, index: await windingNumber(jet, widened(box, window)) });
    };
    const refine = async (from: readonly [number, number]): Promise<CriticalPoint | null> => {
      await turn();
      const { outcome, point } = await refineCriticalPoint(objective, from);
      return outcome === 'converged' && isInside(point, window) ? point : null;
    };
    for (const { box, start: from } of cells.single) {
      const there = [...found, ...points].find((point) => isInside(point, box)) ?? (await refine(from));
      if (there) merge(found, there, diagonal);
    }
    for (const { box, long, starts } of cells.undecided) {
      const near: CriticalPoint[] = [];
      for (const from of starts) {
        const point = await refine(from);
        if (point && isInside(point, widened(box, window)) && !(await isKink(jet, point))) merge(near, point, diagonal);
      }
      if (near.length === 0) await leaveOpen('kink', box);
      else if (long) await leaveOpen(near.every(({ kind }) => kind === 'degenerate') ? 'flat' : 'crowded', box);
      else {
        // Between two regular points so near to each other ‖∇f‖ is below the tolerance as well.
        const regular = near.filter(({ kind }) => kind !== 'degenerate');
        for (const point of regular.length > 0 ? regular : near) merge(found, point, diagonal);
      }
    }
    for (const { box, long } of cells.masked) if (!long) await leaveOpen('kink', box);
    agreed = pass > 0 && samePoints(points, found, diagonal);
    for (const point of found) merge(points, point, diagonal);
    pass++;
    if (cells.exhausted) exhausted++;
    onProgress?.(pass, grids.length);
    const inside = await indexSum(jet, points, unresolved, window);
    const balanced = edge === null || inside === null || edge === inside;
    if ((agreed && balanced) || exhausted === 2 || pass === grids.length) {
      points = points.sort(byKindAndValue);
      return {
        window,
        points,
        unresolved,
        maskedShare: cells.maskedShare,
        windingNumber: { edge, inside },
        verified: agreed && edge !== null && edge === inside && unresolved.length === 0 && cells.maskedShare === 0,
        grid: grids[pass - 1]!,
        evaluations,
        seconds: (performance.now() - start) / 1_000,
      };
    }
  }
}

/** Σ of the winding numbers of points and unresolved places; null where one of them has none. */
async function indexSum(
  jet: (x: number, y: number) => Promise<Jet>,
  points: readonly CriticalPoint[],
  unresolved: readonly UnresolvedPlace[],
  window: Domain,
): Promise<number | null> {
  let sum = 0;
  for (const { index } of unresolved) {
    if (index === null) return null;
    sum += index;
  }
  for (const point of points) {
    if (unresolved.some(({ box }) => isInside(point, box))) continue;
    if (point.index !== null) {
      sum += point.index === 1 ? -1 : 1;
      continue;
    }
    const around = await windingNumber(jet, boxAround(point, points, window));
    if (around === null) return null;
    sum += around;
  }
  return sum;
}

/**
 * Whether the gradient jumps at a point where it is zero (the tip of a pyramid has derivative 0 by convention): at a
 * distance a million times smaller it is not a hundred times smaller.
 */
async function isKink(jet: (x: number, y: number) => Promise<Jet>, { x, y, kind }: CriticalPoint): Promise<boolean> {
  if (kind !== 'degenerate') return false;
  const largestAt = async (distance: number) => {
    const around = [
      await jet(x + distance, y),
      await jet(x - distance, y),
      await jet(x, y + distance),
      await jet(x, y - distance),
    ];
    return Math.max(...around.map(gradientNorm));
  };
  const reach = 0.1 * (1 + Math.hypot(x, y));
  const [far, near] = [await largestAt(reach), await largestAt(1e-6 * reach)];
  return near > 0.01 * far;
}

/** A box about a point that holds no other. */
function boxAround(point: CriticalPoint, points: readonly CriticalPoint[], [x0, x1, y0, y1]: Domain): Domain {
  const nearest = points.reduce(
    (least, other) => (other === point ? least : Math.min(least, Math.hypot(other.x - point.x, other.y - point.y))),
    Infinity,
  );
  const rx = Math.min(indexShare * (x1 - x0), nearest / 2);
  const ry = Math.min(indexShare * (y1 - y0), nearest / 2);
  return [point.x - rx, point.x + rx, point.y - ry, point.y + ry];
}

/** A place's box with a margin that keeps its edge off what is inside. */
function widened([a, b, c, d]: Domain, [x0, x1, y0, y1]: Domain): Domain {
  const [dx, dy] = [(indexShare / 10) * (x1 - x0), (indexShare / 10) * (y1 - y0)];
  return [a - dx, b + dx, c - dy, d + dy];
}

function isInside({ x, y }: { x: number; y: number }, [x0, x1, y0, y1]: Domain): boolean {
  const [dx, dy] = [edgeShare * (x1 - x0), edgeShare * (y1 - y0)];
  return x >= x0 - dx && x <= x1 + dx && y >= y0 - dy && y <= y1 + dy;
}

/** Adds a point unless it is there; of two copies the one with the smaller residual stays. */
function merge(points: CriticalPoint[], point: CriticalPoint, diagonal: number): void {
  const same = points.findIndex((other) => isSame(other, point, diagonal));
  if (same < 0) points.push(point);
  else if (point.residual < points[same]!.residual) points[same] = point;
}

function isSame(a: CriticalPoint, b: CriticalPoint, diagonal: number): boolean {
  const degenerate = a.kind === 'degenerate' && b.kind === 'degenerate';
  return Math.hypot(a.x - b.x, a.y - b.y) <= (degenerate ? sameDegenerateShare : sameShare) * diagonal;
}

const samePoints = (a: readonly CriticalPoint[], b: readonly CriticalPoint[], diagonal: number): boolean =>
  a.length === b.length && a.every((one) => b.some((other) => isSame(one, other, diagonal)));

const order: readonly CriticalKind[] = criticalKinds;
const byKindAndValue = (a: CriticalPoint, b: CriticalPoint): number =>
  order.indexOf(a.kind) - order.indexOf(b.kind) || a.value - b.value || a.x - b.x || a.y - b.y;

/** @throws badInput */
function checkWindow(window: Domain): void {
  const [x0, x1, y0, y1] = window;
  const largest = Math.max(...window.map(Math.abs));
  const cure = 'Give x0,x1,y0,y1, four finite numbers with x0 < x1 and y0 < y1.';
  if (!window.every(Number.isFinite) || !(x0 < x1 && y0 < y1) || !Number.isFinite(Math.hypot(x1 - x0, y1 - y0))) {
    throw badInput(`The window ${window.join(', ')} is no rectangle.`, cure, ['window']);
  }
  if (Math.min(x1 - x0, y1 - y0) < 1e-7 * largest) {
    throw badInput(
      `The window ${window.join(', ')} is too narrow: its points differ in the last digits only.`,
      'Choose one wider than a ten-millionth of its coordinates.',
      ['window'],
    );
  }
}
