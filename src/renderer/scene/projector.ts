import { type Camera, Matrix4, Vector4 } from 'three';
import { boxHeight } from './world';

export interface ScreenPoint {
  /** CSS pixels from the upper left of the canvas. */
  x: number;
  y: number;
  /** Normalized depth, −1 (near) to 1 (far). */
  depth: number;
}

/** From unit coordinates (u, v, height) to pixels and back, for the camera as it stands. Allocates nothing. */
export class Projector {
  width = 1;
  height = 1;
  /** Counts changes of the camera or the size. */
  revision = 0;
  private readonly toClip = new Matrix4();
  private readonly before = new Matrix4();
  private readonly toWorld = new Matrix4();
  private readonly scratch = new Vector4();

  update(camera: Camera, width: number, height: number): void {
    const resized = width !== this.width || height !== this.height;
    this.width = width;
    this.height = height;
    this.before.copy(this.toClip);
    this.toClip.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    if (!resized && this.before.equals(this.toClip)) return;
    this.revision++;
    this.toWorld.copy(this.toClip).invert();
  }

  project(u: number, v: number, height: number, out: ScreenPoint): ScreenPoint {
    const p = this.scratch.set(u - 0.5, height * boxHeight, 0.5 - v, 1).applyMatrix4(this.toClip);
    out.x = (p.x / p.w + 1) * 0.5 * this.width;
    out.y = (1 - p.y / p.w) * 0.5 * this.height;
    out.depth = p.z / p.w;
    return out;
  }

  /** The point of unit coordinates seen at a pixel and normalized depth. */
  unproject(x: number, y: number, depth: number, out: { u: number; v: number; height: number }): void {
    const p = this.scratch
      .set((2 * x) / this.width - 1, 1 - (2 * y) / this.height, depth, 1)
      .applyMatrix4(this.toWorld);
    out.u = p.x / p.w + 0.5;
    out.v = 0.5 - p.z / p.w;
    out.height = p.y / p.w / boxHeight;
  }
}
