import { PerspectiveCamera, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { blendProjection, clearestView, frameBox } from '../../../../src/renderer/scene/cameraMath';
import { facesCamera } from '../../../../src/renderer/scene/frame';
import { Projector } from '../../../../src/renderer/scene/projector';
import { boxCentre, boxHeight, floorLevel } from '../../../../src/renderer/scene/world';
import { fieldOf } from './fields';

const fov = 28;
const padding = { left: 60, right: 100, top: 26, bottom: 44 };

function cameraAt(azimuth: number, polar: number, distance: number, aspect: number): PerspectiveCamera {
  const camera = new PerspectiveCamera(fov, aspect, 0.05, 40);
  const target = new Vector3(...boxCentre);
  camera.position.setFromSphericalCoords(distance, Math.max(polar, 1e-6), azimuth).add(target);
  camera.lookAt(target);
  return camera;
}

/** Pixels of the box's corners as drawn. */
function corners(azimuth: number, polar: number, width: number, height: number, topness: number) {
  const framing = frameBox(azimuth, polar, fov, width, height, padding, topness === 1);
  const camera = cameraAt(azimuth, polar, framing.distance, width / height);
  blendProjection(camera, topness, framing.distance, framing.shiftX, framing.shiftY);
  camera.updateMatrixWorld();
  const projector = new Projector();
  projector.update(camera, width, height);
  const points = [0, 1].flatMap((u) =>
    [0, 1].flatMap((v) => [floorLevel, 1].map((h) => projector.project(u, v, h, { x: 0, y: 0, depth: 0 }))),
  );
  return { xs: points.map(({ x }) => x), ys: points.map(({ y }) => y), projector, camera };
}

describe('frameBox and blendProjection', () => {
  it.each([
    ['perspective', Math.PI / 4, 0.98, 1280, 800, 0],
    ['tall', Math.PI / 4, 0.7, 420, 800, 0],
    ['top', 0, 0, 1280, 800, 1],
  ] as const)(
    '%s: the box touches the padded canvas and lies in its middle',
    (_, azimuth, polar, width, height, topness) => {
      const { xs, ys } = corners(azimuth, polar, width, height, topness);
      const left = Math.min(...xs) - padding.left;
      const right = width - padding.right - Math.max(...xs);
      const top = Math.min(...ys) - padding.top;
      const bottom = height - padding.bottom - Math.max(...ys);
      for (const gap of [left, right, top, bottom]) expect(gap).toBeGreaterThan(-0.5);
      expect(Math.min(left + right, top + bottom)).toBeLessThan(1);
      expect(left).toBeAllclose(right, { atol: 0.5 });
      expect(top).toBeAllclose(bottom, { atol: 0.5 });
    },
  );

  it('has no perspective left in the top view: heights change nothing', () => {
    const { projector } = corners(0, 0, 1000, 800, 1);
    const low = projector.project(0.9, 0.2, 0, { x: 0, y: 0, depth: 0 });
    const high = projector.project(0.9, 0.2, 1, { x: 0, y: 0, depth: 0 });
    expect([high.x, high.y]).toBeAllclose([low.x, low.y], { atol: 1e-2 });
    expect(high.depth).toBeLessThan(low.depth);
  });

  it('shows the plane through the centre at one size in both projections', () => {
    const sizes = [0, 0.3, 1].map((topness) => {
      const camera = cameraAt(0.3, 0.9, 3, 1.5);
      blendProjection(camera, topness, 3, 0, 0);
      const right = new Vector3().setFromMatrixColumn(camera.matrixWorld, 0).multiplyScalar(0.2);
      camera.updateMatrixWorld();
      right.setFromMatrixColumn(camera.matrixWorld, 0).multiplyScalar(0.2);
      return new Vector3(...boxCentre)
        .add(right)
        .applyMatrix4(camera.matrixWorldInverse)
        .applyMatrix4(camera.projectionMatrix).x;
    });
    expect(sizes).toBeAllclose([sizes[0]!, sizes[0]!, sizes[0]!], { rtol: 1e-9 });
  });

  it('goes back from pixels to the point it came from', () => {
    const { projector } = corners(0.7, 1, 1280, 800, 0);
    const pixel = projector.project(0.31, 0.77, 0.4, { x: 0, y: 0, depth: 0 });
    const back = { u: 0, v: 0, height: 0 };
    projector.unproject(pixel.x, pixel.y, pixel.depth, back);
    expect([back.u, back.v, back.height]).toBeAllclose([0.31, 0.77, 0.4], { atol: 1e-5 });
  });
});

describe('clearestView', () => {
  const low = { azimuth: -0.6, polar: 1.2 };
  const high = { azimuth: -0.6, polar: 0.5 };
  it('stays with the customary view over open ground', () => {
    expect(
      clearestView(
        fieldOf(33, 33, (u, v) => 0.1 * u + 0.1 * v),
        [low, high],
      ),
    ).toBe(low);
  });
  it('looks over a wall that hides the ground', () => {
    expect(
      clearestView(
        fieldOf(33, 33, (_, v) => (v < 0.15 ? 1 : 0.1)),
        [low, high],
      ),
    ).toBe(high);
  });
});

describe('facesCamera', () => {
  it('shows the far walls and hides the near ones', () => {
    // Left of the front, above.
    const camera = [-0.8, -1.5, 2 / boxHeight] as const;
    expect((['floor', 'u0', 'u1', 'v0', 'v1'] as const).filter((face) => facesCamera(face, ...camera))).toEqual([
      'floor',
      'u1',
      'v1',
    ]);
  });
});
