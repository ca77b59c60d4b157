import { intersectHeightField } from './heightField';
import type { HoverProbe } from './model';
import { probeSurface } from './probe';
import type { Stage } from './stage';

const near = { u: 0, v: 0, height: 0 };
const far = { u: 0, v: 0, height: 0 };

/** The point of the surface seen at a pixel, with its loss and gradient; moves the crosshair there. */
export function pickSurface(stage: Stage, x: number, y: number): HoverProbe | null {
  const { field } = stage;
  if (!field) return null;
  stage.projector.unproject(x, y, -1, near);
  stage.projector.unproject(x, y, 1, far);
  const du = far.u - near.u;
  const dv = far.v - near.v;
  const dh = far.height - near.height;
  const t = intersectHeightField(field, near.u, near.v, near.height, du, dv, dh);
  return Number.isNaN(t) ? null : probeAtUnit(stage, near.u + t * du, near.v + t * dv);
}

/** Loss and gradient at unit coordinates; moves the crosshair there. */
export function probeAtUnit(stage: Stage, u: number, v: number): HoverProbe | null {
  const { surface, domain, cursor } = stage;
  const [x0, x1, y0, y1] = domain;
  cursor.u = Math.min(Math.max(u, 0), 1);
  cursor.v = Math.min(Math.max(v, 0), 1);
  return surface ? probeSurface(surface, x0 + cursor.u * (x1 - x0), y0 + cursor.v * (y1 - y0)) : null;
}
