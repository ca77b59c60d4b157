import { type Matrix4, type PerspectiveCamera, Vector3 } from 'three';
import { type HeightField, intersectHeightField, sampleHeight } from './heightField';
import { boxCentre, boxHeight, floorLevel } from './world';

/** Pixels around the box that are left for labels. */
export interface Padding {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Framing {
  /** From the box's centre. */
  distance: number;
  /** Shift of the picture, in units of half the canvas, that centres the box in the padded canvas. */
  shiftX: number;
  shiftY: number;
}

const axis = { right: new Vector3(), up: new Vector3(), back: new Vector3() };
const bounds = { left: 0, right: 0, bottom: 0, top: 0 };

/** Extent of the box on a screen one unit before the eye; for `orthographic`, as seen at the centre's distance. */
function boxOnScreen(distance: number, orthographic: boolean): void {
  const { right, up, back } = axis;
  bounds.left = bounds.bottom = Infinity;
  bounds.right = bounds.top = -Infinity;
  for (let corner = 0; corner < 8; corner++) {
    const x = (corner & 1 ? 0.5 : -0.5) - boxCentre[0];
    const y = (corner & 2 ? 1 : floorLevel) * boxHeight - boxCentre[1];
    const z = (corner & 4 ? 0.5 : -0.5) - boxCentre[2];
    const depth = orthographic ? distance : distance - (x * back.x + y * back.y + z * back.z);
    const across = (x * right.x + y * right.y + z * right.z) / depth;
    const upward = (x * up.x + y * up.y + z * up.z) / depth;
    bounds.left = Math.min(bounds.left, across);
    bounds.right = Math.max(bounds.right, across);
    bounds.bottom = Math.min(bounds.bottom, upward);
    bounds.top = Math.max(bounds.top, upward);
  }
}

/**
 * The nearest place from which the whole box is seen inside the padded canvas, for a camera at this azimuth (about
 * +Y, 0 on +Z) and polar angle (0 straight down). `orthographic`: sizes as at the centre, whatever the depth.
 */
export function frameBox(
  azimuth: number,
  polar: number,
  fov: number,
  width: number,
  height: number,
  padding: Padding,
  orthographic: boolean,
): Framing {
  const { right, up, back } = axis;
  back.set(Math.sin(polar) * Math.sin(azimuth), Math.cos(polar), Math.sin(polar) * Math.cos(azimuth));
  right.set(Math.cos(azimuth), 0, -Math.sin(azimuth));
  up.crossVectors(back, right);
  const tangent = Math.tan((fov * Math.PI) / 360);
  const roomX = (2 * tangent * Math.max(width - padding.left - padding.right, 40)) / height;
  const roomY = (2 * tangent * Math.max(height - padding.top - padding.bottom, 40)) / height;
  let near = 1;
  let far = 20;
  for (let k = 0; k < 40; k++) {
    const middle = (near + far) / 2;
    boxOnScreen(middle, orthographic);
    if (bounds.right - bounds.left > roomX || bounds.top - bounds.bottom > roomY) near = middle;
    else far = middle;
  }
  boxOnScreen(far, orthographic);
  const half = { x: (tangent * width) / height, y: tangent };
  return {
    distance: far,
    shiftX: (padding.left - padding.right) / width - (bounds.left + bounds.right) / 2 / half.x,
    shiftY: (padding.bottom - padding.top) / height - (bounds.bottom + bounds.top) / 2 / half.y,
  };
}

/**
 * Moves a perspective projection towards an orthographic one that shows the plane through the target at the same
 * size (w = (1−t)·(−z) + t·distance), and shifts the picture.
 */
export function blendProjection(
  camera: PerspectiveCamera,
  topness: number,
  distance: number,
  shiftX: number,
  shiftY: number,
): void {
  camera.updateProjectionMatrix();
  const e = camera.projectionMatrix.elements;
  const { near, far } = camera;
  const t = topness;
  e[10] = (1 - t) * e[10]! + t * ((-2 * distance) / (far - near));
  e[14] = (1 - t) * e[14]! + t * ((-distance * (far + near)) / (far - near));
  e[11] = (1 - t) * e[11]!;
  e[15] = t * distance;
  shiftRow(camera.projectionMatrix, 0, shiftX);
  shiftRow(camera.projectionMatrix, 1, shiftY);
  camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert();
}

/** Adds a share of w to x or y: a shift on the screen. */
function shiftRow(matrix: Matrix4, row: 0 | 1, shift: number): void {
  const e = matrix.elements;
  for (let column = 0; column < 4; column++) e[4 * column + row]! += shift * e[4 * column + 3]!;
}

/** A direction to look from: azimuth about +Y (0 on +Z), polar angle (0 straight down). */
export interface View {
  azimuth: number;
  polar: number;
}

/** Points a side at which visibility is tried. */
const trials = 15;
/** Share of the landscape that has to become visible for a view further down the list to be taken. */
const preference = 0.05;

/**
 * From which of the given views most of the landscape is seen, low ground counting more than high: that is where
 * optimizers go. An earlier view is kept unless a later one is clearly better.
 */
export function clearestView(field: HeightField, views: readonly View[]): View {
  let best = views[0]!;
  let bestShare = visibleShare(field, best);
  for (const view of views.slice(1)) {
    const share = visibleShare(field, view);
    if (share <= bestShare + preference) continue;
    best = view;
    bestShare = share;
  }
  return best;
}

function visibleShare(field: HeightField, { azimuth, polar }: View): number {
  const du = Math.sin(polar) * Math.sin(azimuth);
  const dv = -Math.sin(polar) * Math.cos(azimuth);
  const dh = Math.cos(polar) / boxHeight;
  let visible = 0;
  let total = 0;
  for (let j = 0; j < trials; j++) {
    for (let i = 0; i < trials; i++) {
      const u = (i + 0.5) / trials;
      const v = (j + 0.5) / trials;
      const height = sampleHeight(field, u, v);
      if (Number.isNaN(height)) continue;
      const weight = 1.2 - height;
      total += weight;
      if (Number.isNaN(intersectHeightField(field, u, v, height + 0.02, du, dv, dh))) visible += weight;
    }
  }
  return total > 0 ? visible / total : 1;
}
