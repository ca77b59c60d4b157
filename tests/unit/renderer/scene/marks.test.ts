import { PerspectiveCamera } from 'three';
import { describe, expect, it } from 'vitest';
import { drawMarks, markNear } from '../../../../src/renderer/scene/marks';
import { plainLayer, type SceneMark } from '../../../../src/renderer/scene/model';
import { scenePalette } from '../../../../src/renderer/scene/palette';
import { Stage } from '../../../../src/renderer/scene/stage';
import { criticalShapes } from '../../../../src/shared/math/criticalShapes';
import { criticalKinds } from '../../../../src/shared/model/landscape';

const mark = (id: string, x: number, y: number, change: Partial<SceneMark> = {}): SceneMark => ({
  ...{ id, kind: 'saddle', x, y, label: '', chosen: false, drop: 0 },
  ...change,
});

/** A ridge along x = 0 of the window [−1, 1]², seen from the left, a little above. */
function stageOfRidge(): Stage {
  const stage = new Stage(65);
  const xs = Float64Array.from({ length: 65 }, (_, i) => -1 + i / 32);
  const loss = Float64Array.from({ length: 65 * 65 }, (_, k) => Math.exp(-30 * xs[k % 65]! ** 2));
  stage.update({ version: 1, range: [-1, 1, -1, 1], xs, ys: xs, loss }, 'linear', plainLayer);
  const camera = new PerspectiveCamera(35, 1.6, 0.05, 40);
  camera.position.set(-3, 0.6, 0);
  camera.lookAt(0, 0, 0);
  camera.updateMatrixWorld();
  stage.projector.update(camera, 1280, 800);
  return stage;
}

/** Records how opaque each fill was. */
function recorder() {
  const opacities: number[] = [];
  const colors: string[] = [];
  const ctx = {
    globalAlpha: 1,
    fillStyle: '',
    fill() {
      opacities.push(this.globalAlpha);
      colors.push(this.fillStyle);
    },
    ...{ beginPath() {}, moveTo() {}, lineTo() {}, closePath() {}, stroke() {} },
  };
  return { ctx: ctx as unknown as CanvasRenderingContext2D, opacities, colors };
}

describe('drawMarks', () => {
  it('draws what the surface hides faintly and leaves out what is outside the window', () => {
    const stage = stageOfRidge();
    const { ctx, opacities } = recorder();
    drawMarks(ctx, stage, [mark('before', -0.6, 0), mark('behind', 0.4, 0), mark('out', 1.2, 0)], scenePalette('dark'));
    expect(stage.marks.map(({ mark: { id } }) => id)).toEqual(['before', 'behind']);
    expect(opacities[0]).toBe(1);
    expect(opacities[1]).toBeLessThan(0.6);
  });

  it('draws the chosen one last and in a colour of its own', () => {
    const stage = stageOfRidge();
    const { ctx, colors } = recorder();
    const palette = scenePalette('light');
    drawMarks(ctx, stage, [mark('a', -0.6, 0.3, { chosen: true }), mark('b', -0.6, -0.3)], palette);
    expect(stage.marks.map(({ mark: { id } }) => id)).toEqual(['b', 'a']);
    expect(colors).toEqual([palette.ring, palette.chosen]);
  });

  it('keeps the place of a label from frame to frame', () => {
    const stage = stageOfRidge();
    const { ctx } = recorder();
    drawMarks(ctx, stage, [mark('a', -0.6, 0)], scenePalette('dark'));
    stage.marks[0]!.placement = 3;
    drawMarks(ctx, stage, [mark('a', -0.6, 0, { chosen: true })], scenePalette('dark'));
    expect(stage.marks[0]!.placement).toBe(3);
  });
});

describe('markNear', () => {
  const drawn = [
    { mark: mark('a', 0, 0), x: 100, y: 100, placement: -1 },
    { mark: mark('b', 0, 0), x: 110, y: 100, placement: -1 },
  ];
  it('is the nearest within a finger’s breadth', () => {
    expect(markNear(drawn, 103, 100)).toBe('a');
    expect(markNear(drawn, 106, 100)).toBe('b');
    expect(markNear(drawn, 110, 111)).toBe('b');
    expect(markNear(drawn, 110, 130)).toBeNull();
  });
});

describe('criticalShapes', () => {
  it('are told apart by their outlines, each within its circle', () => {
    const inside = (points: (typeof criticalShapes)['saddle'], x: number, y: number) => {
      let odd = false;
      for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
        const [[xi, yi], [xj, yj]] = [points[i]!, points[j]!];
        if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
      }
      return odd;
    };
    const places = Array.from({ length: 441 }, (_, k) => [-1 + (k % 21) / 10, -1 + Math.floor(k / 21) / 10] as const);
    const pictures = criticalKinds.map((kind) => places.map(([x, y]) => inside(criticalShapes[kind], x, y)));
    pictures.forEach((a, i) => {
      for (const b of pictures.slice(0, i)) {
        const differ = a.filter((filled, k) => filled !== b[k]).length;
        expect(differ / Math.max(a.filter(Boolean).length, b.filter(Boolean).length)).toBeGreaterThan(0.3);
      }
      for (const [x, y] of criticalShapes[criticalKinds[i]!]) expect(Math.hypot(x, y)).toBeLessThanOrEqual(1.25);
    });
  });
});
