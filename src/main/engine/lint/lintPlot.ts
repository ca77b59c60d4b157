import type { Domain } from '../../../shared/model/experiment';
import type { FlatPlaneSpec, Plane, PlaneSpec, Surface, SurfaceRequest } from '../../../shared/model/landscape';
import type { LintFinding, LintRule } from '../../../shared/model/lint';
import { suggestRange } from '../planes/range';
import { lintTexts } from './texts';

/** A plot with what is known about it. */
export interface Plot {
  request: SurfaceRequest;
  plane: Plane;
  surface: Surface;
  /** The slice's loss at each path's coordinates; NaN where it was not evaluated. */
  slices: readonly Float64Array[];
  /** The objective is a network's, and how many running statistics its batch norm reads, the same at every point. */
  network: { givenStatistics: number } | null;
}

/** Where each rule begins to object. */
const limits = {
  /** Of the window's side. */
  pathSmall: 0.05,
  /** Of Σ‖θ_t − origin‖². */
  explained: 0.5,
  /** Of the standard error, as a share of the surface's range: a note below, a warning above. */
  subsetError: 0.02,
  /** |cos| of the angle between the axes. */
  cosine: 0.05,
  /** Largest residual over the path's extent in the plane. */
  residual: 1,
  /** Largest |slice − true loss| over the range of the true loss. */
  slice: 0.25,
  /** Of the cells: a note below, a warning above. */
  masked: 0.05,
} as const;

/** Planes made to show something else than the path: that they hold little of it is worth a note. */
const notAboutPaths: readonly PlaneSpec['kind'][] = ['points', 'connection', 'eigenvectors', 'gradient', 'file'];

/**
 * What a careful reviewer would object to, the gravest first: each with the number measured, why it matters and the request
 * for a plot that cures it. Rules about paths look at the finite rows of all of them, and only where something moves.
 */
export function lintPlot(plot: Plot): LintFinding[] {
  const rank = { error: 0, warning: 1, note: 2 };
  return [windowRules, planeRules, dataRules, pathRules]
    .flatMap((rules) => rules(plot))
    .toSorted((a, b) => rank[a.severity] - rank[b.severity]);
}

function finding(
  rule: LintRule,
  severity: LintFinding['severity'],
  value: number,
  limit: number | null,
  request: SurfaceRequest | null,
): LintFinding {
  const { title, why, cure } = lintTexts[rule];
  return { rule, severity, value, limit, title, why, cure: request && { title: cure, request } };
}

function windowRules({ request, plane, surface }: Plot): LintFinding[] {
  const found: LintFinding[] = [];
  const window = windowOf(surface);
  const extent = extentOf(plane);
  if (extent) {
    const [x0, x1, y0, y1] = window;
    const share = Math.max((extent.x[1] - extent.x[0]) / (x1 - x0), (extent.y[1] - extent.y[0]) / (y1 - y0));
    if (share < limits.pathSmall) {
      const range = suggestRange(plane.paths, { norms: plane.norms });
      found.push(finding('pathSmall', 'warning', share, limits.pathSmall, { ...request, range }));
    }
    if (extent.outside(window) > 0) {
      const range = union(window, extent);
      found.push(finding('pathLeaves', 'warning', extent.outside(window), 0, { ...request, range }));
    }
  }
  if (surface.masked > 0) {
    const share = surface.masked / surface.loss.length;
    const range = finiteWindow(surface);
    const severity = share > limits.masked ? 'warning' : 'note';
    found.push(finding('maskedCells', severity, share, 0, range && { ...request, range }));
  }
  return found;
}

function planeRules({ request, plane, network }: Plot): LintFinding[] {
  const found: LintFinding[] = [];
  const flat = flatOf(request.plane);
  if (network && flat.kind === 'random' && flat.normalization === 'none') {
    const cure = withFlat(request, { ...flat, normalization: 'filter' });
    found.push(finding('unnormalized', 'warning', plane.norms[0], null, cure));
  }
  if (Math.abs(plane.axisCosine) > limits.cosine) {
    const cure = 'axes' in flat ? withFlat(request, { ...flat, axes: 'orthonormal' }) : null;
    found.push(finding('obliqueAxes', 'warning', plane.axisCosine, limits.cosine, cure));
  }
  return found;
}

function dataRules({ request, surface, network }: Plot): LintFinding[] {
  const found: LintFinding[] = [];
  if (network && network.givenStatistics > 0 && request.statistics === 'given') {
    const cure: SurfaceRequest = { ...request, statistics: 'recomputed' };
    found.push(finding('staleStatistics', 'error', network.givenStatistics, 0, cure));
  }
  if (surface.standardError) {
    const errors = surface.standardError.filter(Number.isFinite).sort();
    const value = errors[errors.length >> 1]! / (surface.max - surface.min);
    const severity = value > limits.subsetError ? 'warning' : 'note';
    found.push(finding('subsetWithoutBand', severity, value, null, { ...request, subset: { kind: 'full' } }));
  }
  return found;
}

function pathRules({ request, plane, surface, slices }: Plot): LintFinding[] {
  const extent = extentOf(plane);
  if (!extent) return [];
  const found: LintFinding[] = [];
  const cure = holdingThePath(request);
  const severity = notAboutPaths.includes(flatOf(request.plane).kind) ? 'note' : 'warning';

  const explained = plane.explainedVarianceRatio;
  if (explained && explained[0] + explained[1] < limits.explained) {
    found.push(finding('lowExplained', severity, explained[0] + explained[1], limits.explained, cure));
  }
  const inPlane = Math.hypot(
    (extent.x[1] - extent.x[0]) * plane.norms[0],
    (extent.y[1] - extent.y[0]) * plane.norms[1],
  );
  const farthest = Math.max(0, ...plane.paths.map(({ residual }) => Math.max(0, ...residual.filter(Number.isFinite))));
  if (farthest > limits.residual * inPlane) {
    found.push(finding('largeResidual', severity, farthest / inPlane, limits.residual, cure));
  }
  // The recorded loss is that of the training part.
  if (surface.split === 'train') {
    const value = worstSlice(plane, slices);
    if (value > limits.slice) found.push(finding('sliceFarFromPath', severity, value, limits.slice, cure));
  }
  return found;
}

/** max|slice − true loss| / range of the true loss, over the rows that were evaluated. */
function worstSlice(plane: Plane, slices: readonly Float64Array[]): number {
  let worst = 0;
  let low = Infinity;
  let high = -Infinity;
  plane.paths.forEach(({ loss }, k) => {
    for (let r = 0; r < loss.length; r++) {
      const slice = slices[k]?.[r] ?? Number.NaN;
      if (!Number.isFinite(loss[r])) continue;
      low = Math.min(low, loss[r]!);
      high = Math.max(high, loss[r]!);
      if (Number.isFinite(slice)) worst = Math.max(worst, Math.abs(slice - loss[r]!));
    }
  });
  return high > low ? worst / (high - low) : 0;
}

interface Extent {
  x: [number, number];
  y: [number, number];
  /** Share of the rows outside a window. */
  outside(window: Domain): number;
}

/** Of the finite rows of all paths; null where there are fewer than two different points. */
function extentOf({ paths }: Plane): Extent | null {
  const points = paths.flatMap(({ x, y }) =>
    Array.from(x, (value, i) => [value, y[i]!] as const).filter((point) => point.every(Number.isFinite)),
  );
  const x: [number, number] = [Infinity, -Infinity];
  const y: [number, number] = [Infinity, -Infinity];
  for (const [px, py] of points) {
    x[0] = Math.min(x[0], px);
    x[1] = Math.max(x[1], px);
    y[0] = Math.min(y[0], py);
    y[1] = Math.max(y[1], py);
  }
  if (!(x[1] > x[0] || y[1] > y[0])) return null;
  return {
    x,
    y,
    outside([x0, x1, y0, y1]) {
      const out = points.filter(([px, py]) => px < x0 || px > x1 || py < y0 || py > y1);
      return out.length / points.length;
    },
  };
}

const windowOf = ({ xs, ys }: Surface): Domain => [xs[0]!, xs.at(-1)!, ys[0]!, ys.at(-1)!];

/** Both, with a margin of 5 % where the path decides. */
function union([x0, x1, y0, y1]: Domain, { x, y }: Extent): Domain {
  const margin = 0.05;
  const side = (low: number, high: number, [from, to]: [number, number]): [number, number] => {
    const pad = margin * (Math.max(high, to) - Math.min(low, from));
    return [from < low ? from - pad : low, to > high ? to + pad : high];
  };
  return [...side(x0, x1, x), ...side(y0, y1, y)];
}

/** The largest window of the same shape about the lowest cell without a gap; null where its neighbours are gaps. */
function finiteWindow(surface: Surface): Domain | null {
  const { xs, ys, loss } = surface;
  const nx = xs.length;
  let lowest = -1;
  for (let k = 0; k < loss.length; k++)
    if (lowest < 0 || !(loss[k]! >= loss[lowest]!)) if (!Number.isNaN(loss[k])) lowest = k;
  if (lowest < 0) return null;
  const [i, j] = [lowest % nx, Math.floor(lowest / nx)];
  const [x0, x1, y0, y1] = windowOf(surface);
  for (let share = 0.95; share > 0.05; share -= 0.05) {
    const half = [(share * (x1 - x0)) / 2, (share * (y1 - y0)) / 2] as const;
    // Inside the window: what lies beyond it was not looked at.
    const cx = Math.min(Math.max(xs[i]!, x0 + half[0]), x1 - half[0]);
    const cy = Math.min(Math.max(ys[j]!, y0 + half[1]), y1 - half[1]);
    const range: Domain = [cx - half[0], cx + half[0], cy - half[1], cy + half[1]];
    const gap = loss.some((value, k) => {
      const [x, y] = [xs[k % nx]!, ys[Math.floor(k / nx)]!];
      return Number.isNaN(value) && x >= range[0] && x <= range[1] && y >= range[2] && y <= range[3];
    });
    if (!gap) return range;
  }
  return null;
}

const flatOf = (spec: PlaneSpec): FlatPlaneSpec => (spec.kind === 'turned' ? spec.base : spec);

function withFlat(request: SurfaceRequest, flat: FlatPlaneSpec): SurfaceRequest {
  const { range: _, ...rest } = request;
  return { ...rest, plane: request.plane.kind === 'turned' ? { ...request.plane, base: flat } : flat };
}

/** PCA of the paths with everything in it; null where it is that already. */
function holdingThePath(request: SurfaceRequest): SurfaceRequest | null {
  const { range: _, ...rest } = request;
  const { plane } = request;
  return plane.kind === 'pca' && plane.biases ? null : { ...rest, plane: { kind: 'pca', biases: true } };
}
