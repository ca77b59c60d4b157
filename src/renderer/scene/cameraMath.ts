import { type Matrix4, type PerspectiveCamera, Vector3 } from 'three';
import { boxCentre, boxHeight, floorLevel } from './world';

/** Pixels around the box that are left for labels. */
export interface Padding {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const axis = { right: new Vector3(), up: new Vector3(), back: new Vector3() };

/**
 * Distance from the box's centre at which the whole box lies inside the padded canvas, for a camera at this azimuth
 * (about +Y, 0 on +Z) and polar angle (0 straight down). `orthographic`: sizes as at the centre, whatever the depth.
 */
export function fitDistance(
  azimuth: number,
  polar: number,
  fov: number,
  width: number,
  height: number,
  padding: Padding,
  orthographic: boolean,
): number {
  const { right, up, back } = axis;
  back.set(Math.sin(polar) * Math.sin(azimuth), Math.cos(polar), Math.sin(polar) * Math.cos(azimuth));
  right.set(Math.cos(azimuth), 0, -Math.sin(azimuth));
  up.crossVectors(back, right);
  const tangent = Math.tan((fov * Math.PI) / 360);
  const tanX = (tangent * Math.max(width - padding.left - padding.right, 40)) / height;
  const tanY = (tangent * Math.max(height - padding.top - padding.bottom, 40)) / height;
  let distance = 0;
  for (let corner = 0; corner < 8; corner++) {
    const x = (corner & 1 ? 0.5 : -0.5) - boxCentre[0];
    const y = (corner & 2 ? 1 : floorLevel) * boxHeight - boxCentre[1];
    const z = (corner & 4 ? 0.5 : -0.5) - boxCentre[2];
    const across = Math.abs(x * right.x + y * right.y + z * right.z);
    const upward = Math.abs(x * up.x + y * up.y + z * up.z);
    const nearer = orthographic ? 0 : x * back.x + y * back.y + z * back.z;
    distance = Math.max(distance, across / tanX + nearer, upward / tanY + nearer);
  }
  return distance;
}

/**
 * Moves a perspective projection towards an orthographic one that shows the plane through the target at the same
 * size (w = (1−t)·(−z) + t·distance), and shifts the picture so that its centre is that of the padded canvas.
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
