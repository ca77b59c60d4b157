import { type Gram, planeCoordinates } from '../../../shared/math/projection';
import type { Domain } from '../../../shared/model/experiment';
import type { TurnedPlaneSpec } from '../../../shared/model/landscape';
import { createProjector, type ProjectedPath } from '../trajectory/project';
import { projectOnSolid, type SolidPath } from '../trajectory/solid';
import { addScaled, dot, norm } from '../vectors';
import { describeBasis, type MadePlane } from './basis';
import { checkpointOf, type PlaneData, type PlaneWork } from './data';
import { makeDirection, squareDirection } from './directions';

/** A plane that can be turned toward one direction; an angle costs O(P + rows), no pass over the paths. */
export interface Turning {
  at(angle: number): MadePlane;
}

/**
 * Prepares the turning of `base`: û is the third direction made square to the plane and as long as the turning axis d, and
 * the paths are projected once on span{d₁, d₂, û}, from which their coordinates and residuals follow at any angle.
 * Coordinates keep their meaning: at angle 0 (and 2π) the plane is the base's, at π/2 the axis is û.
 *
 * The window is the base's for every angle, moved with the origin.
 *
 * @throws badInput where the third direction lies in the plane
 */
export async function prepareTurning(
  base: MadePlane,
  spec: Omit<TurnedPlaneSpec, 'kind' | 'angle' | 'base'>,
  data: PlaneData,
  work: PlaneWork = {},
): Promise<Turning> {
  const { d1, d2, labels } = base.basis;
  const shifted = spec.origin !== 'base';
  const center: [number, number] = shifted ? [0, 0] : base.basis.center;
  const pivot = shifted
    ? checkpointOf({ run: 0, row: spec.origin as number | 'final' }, data, ['plane', 'origin'])
    : base.basis.origin.slice();
  if (!shifted) {
    addScaled(pivot, center[0], d1);
    addScaled(pivot, center[1], d2);
  }
  const turning = spec.axis === 'first' ? d1 : d2;
  const name = spec.toward.kind;
  const toward = await makeDirection(spec.toward, pivot, data, work);
  const third = squareDirection(toward, [d1, d2], norm(turning), name, ['plane', 'toward']);
  const gram: Gram = { d11: dot(d1, d1), d12: dot(d1, d2), d22: dot(d2, d2) };
  const solids: SolidPath[] = [];
  for (const trajectory of data.trajectories) {
    solids.push(await projectOnSolid({ origin: pivot, d1, d2, d3: third }, trajectory, work.signal));
  }
  const range = shifted ? moved(base, pivot) : base.range;

  return {
    at(angle) {
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      const turned = turning.map((value, i) => cos * value + sin * third[i]!);
      const [a1, a2] = spec.axis === 'first' ? [turned, d2] : [d1, turned];
      const origin = pivot.slice();
      addScaled(origin, -center[0], a1);
      addScaled(origin, -center[1], a2);
      const label = `${spec.axis === 'first' ? labels[0] : labels[1]} → ${name}`;
      return {
        basis: describeBasis({
          origin,
          d1: a1,
          d2: a2,
          center,
          labels: spec.axis === 'first' ? [label, labels[1]] : [labels[0], label],
          explainedVarianceRatio: null,
        }),
        paths: solids.map((solid) => seenAt(solid, { cos, sin, axis: spec.axis, gram, center })),
        range,
      };
    },
  };
}

/** The base's window about the new origin. */
function moved({ basis, range }: MadePlane, pivot: Float64Array): Domain {
  const { x, y } = createProjector(basis).project(Float32Array.from(pivot), 1);
  const [x0, x1, y0, y1] = range;
  return [x0 - x[0]!, x1 - x[0]!, y0 - y[0]!, y1 - y[0]!];
}

/** Least-squares coordinates on the turned axes; the turning axis is d, cos·d + sin·û. */
function seenAt(
  { x: p, y: q, z: r, residual: rest }: SolidPath,
  {
    cos,
    sin,
    axis,
    gram,
    center,
  }: { cos: number; sin: number; axis: 'first' | 'second'; gram: Gram; center: [number, number] },
): ProjectedPath {
  const rows = p.length;
  const path: ProjectedPath = {
    x: new Float64Array(rows),
    y: new Float64Array(rows),
    residual: new Float64Array(rows),
  };
  // As if the second axis turned: k stays, t turns.
  const kk = axis === 'first' ? gram.d22 : gram.d11;
  const tt = axis === 'first' ? gram.d11 : gram.d22;
  const kt = gram.d12;
  const turnedGram: Gram = { d11: kk, d12: cos * kt, d22: tt };
  const [stays, turns] = axis === 'first' ? [q, p] : [p, q];
  const [toStays, toTurns] = axis === 'first' ? [path.y, path.x] : [path.x, path.y];
  const [centerStays, centerTurns] = axis === 'first' ? [center[1], center[0]] : center;
  for (let i = 0; i < rows; i++) {
    const s = stays[i]!;
    const t = turns[i]!;
    const u = r[i]!;
    const b1 = s * kk + t * kt;
    const b2 = cos * (s * kt + t * tt) + sin * u * tt;
    const [x, y] = planeCoordinates(turnedGram, b1, b2);
    const ds = s - x;
    const dt = t - cos * y;
    const du = u - sin * y;
    const inside = Math.max(0, ds * ds * kk + 2 * ds * dt * kt + dt * dt * tt + du * du * tt);
    toStays[i] = centerStays + x;
    toTurns[i] = centerTurns + y;
    path.residual[i] = Math.sqrt(inside + rest[i]! ** 2);
  }
  return path;
}
