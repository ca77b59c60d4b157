import type { Domain } from '../../../shared/model/experiment';
import type { PlaneSpec } from '../../../shared/model/landscape';
import type { StudyScene } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { findFunction } from '../objectives/functions';
import type { Objective } from '../objectives/objective';
import { createPlane, type MadePlane } from '../planes';
import { computeSurface } from '../surface/compute';
import type { StudyContext, StudyObjective, StudyRun } from './study';

export const lossWords: Words = { en: 'Loss', ko: '손실' };

/** The plane of some runs of one objective: their own two parameters, or the joint PCA of the paths. */
export async function planeOfRuns(runs: readonly StudyRun[], { signal }: StudyContext): Promise<MadePlane> {
  const { train } = runs[0]!.objective;
  const spec: PlaneSpec = train.dimension === 2 ? parametersOfPlane : { kind: 'pca', biases: true };
  return createPlane(
    spec,
    { layout: train.layout, trajectories: runs.map(({ trajectory }) => trajectory), ...domainOf(runs[0]!.objective) },
    { signal },
  );
}
const parametersOfPlane: PlaneSpec = { kind: 'parameters', indices: [0, 1], origin: 'final' };

function domainOf({ spec }: StudyObjective): { domain?: Domain } {
  switch (spec.kind) {
    case 'function':
      return { domain: findFunction(spec.name).domain };
    case 'expression':
      return { domain: spec.domain };
    default:
      return {};
  }
}

export interface SurfaceOfPlane {
  xs: Float64Array;
  ys: Float64Array;
  loss: Float64Array;
  accuracy: Float64Array | null;
}

/** The objective on a grid of a plane, every point computed. */
export async function surfaceOnPlane(
  objective: Objective,
  { basis, range }: { basis: Pick<MadePlane['basis'], 'origin' | 'd1' | 'd2'>; range: Domain },
  grid: number,
  { signal }: StudyContext,
): Promise<SurfaceOfPlane> {
  const own = (values: Float64Array) => {
    const vector = objective.allocate();
    vector.set(values);
    return vector;
  };
  const axes = { origin: own(basis.origin), d1: own(basis.d1), d2: own(basis.d2) };
  const tiles = computeSurface(objective, axes, { range, grid: [grid, grid], signal });
  for (;;) {
    const next = await tiles.next();
    if (next.done) {
      const { xs, ys, loss, accuracy } = next.value;
      return { xs, ys, loss, accuracy };
    }
  }
}

/** The plane of both parameters of an objective that has no more. */
export const ownPlane = {
  origin: new Float64Array(2),
  d1: Float64Array.of(1, 0),
  d2: Float64Array.of(0, 1),
} as const;

export interface RunsSceneOptions {
  label: Words;
  /** One per run. */
  names: readonly Words[];
  /** Points along each side (default 61). */
  grid?: number;
  /** The window; the plane's own where left out, or the function's domain widened to hold the paths. */
  range?: Domain;
  heightScale?: StudyScene['heightScale'];
}

/** The training surface of some runs of one objective with their paths, at their true losses. */
export async function sceneOfRuns(
  runs: readonly StudyRun[],
  { label, names, grid = 61, range, heightScale = 'auto' }: RunsSceneOptions,
  context: StudyContext,
): Promise<StudyScene> {
  const plane = await planeOfRuns(runs, context);
  const surface = await surfaceOnPlane(
    runs[0]!.objective.train,
    { basis: plane.basis, range: range ?? plane.range },
    grid,
    context,
  );
  return sceneOnPlane(plane, surface, {
    label,
    height: lossWords,
    heightScale,
    heights: surface.loss,
    names,
    pathHeights: runs.map(({ metrics }) => metrics.loss),
  });
}

export interface PlaneSceneOptions {
  label: Words;
  height: Words;
  heightScale: StudyScene['heightScale'];
  /** [ny, nx] row-major. */
  heights: Float64Array;
  /** One per path of the plane. */
  names: readonly Words[];
  pathHeights: readonly Float64Array[];
}

/** Any heights over a plane, with the plane's paths at heights of their own. */
export function sceneOnPlane(
  { basis, paths }: Pick<MadePlane, 'basis' | 'paths'>,
  { xs, ys }: Pick<SurfaceOfPlane, 'xs' | 'ys'>,
  { label, height, heightScale, heights, names, pathHeights }: PlaneSceneOptions,
): StudyScene {
  const [x, y] = basis.labels;
  return {
    label,
    axes: [
      { en: x, ko: x },
      { en: y, ko: y },
    ],
    ...{ height, heightScale, xs, ys, heights },
    paths: paths.map((path, i) => ({ label: names[i]!, height: pathHeights[i]!, ...path })),
    marks: [],
  };
}
