import { useFrame, useThree } from '@react-three/fiber';
import { useLayoutEffect, useRef } from 'react';
import { GreaterDepth } from 'three';
import { glyphColors, glyphs } from '../../../shared/math/motion';
import { FatLineGeometry, fatLineMaterial } from '../fatLines';
import type { Playhead, SceneModel, SceneMotion } from '../model';
import { scenePalette } from '../palette';
import type { Stage } from '../stage';
import { useDisposable } from '../useDisposable';
import { motionGlyphs } from './arrows';

interface MotionViewProps {
  stage: Stage;
  motion: SceneMotion;
  playhead: Playhead;
  theme: SceneModel['theme'];
}

/** Above the paths and below their markers. */
const firstOrder = 180;

/** What moves one optimizer, at its marker: arrows and the ellipse of its rates. */
export function MotionView({ stage, motion, playhead, theme }: MotionViewProps) {
  const invalidate = useThree((state) => state.invalidate);
  const parts = useDisposable(() => glyphParts(stage));
  const drawn = useRef({ row: -1, revision: -1, u: 0, v: 0, motion });

  useLayoutEffect(() => {
    parts.paint(theme);
    invalidate();
  }, [parts, theme, invalidate]);
  // biome-ignore lint/correctness/useExhaustiveDependencies(motion): another motion is another picture
  useLayoutEffect(() => invalidate(), [motion, invalidate]);

  useFrame(() => {
    const state = stage.markers.get(motion.id);
    const { field } = stage;
    const shown = state?.visible && state.inside && field !== null;
    parts.show(Boolean(shown));
    if (!shown) return;
    const row = Math.min(Math.max(Math.floor(playhead.current + 1e-9), 0), motion.rows - 1);
    const { u, v } = state;
    const last = drawn.current;
    const same = last.row === row && last.revision === stage.revision && last.u === u && last.v === v;
    if (same && last.motion === motion) return;
    drawn.current = { row, revision: stage.revision, u, v, motion };
    const points = motionGlyphs(motion, row, stage.domain, field, u, v);
    for (const glyph of glyphs) parts.set(glyph, points[glyph]);
  });

  return parts.meshes.map(({ key, geometry, material, order }) => (
    <mesh key={key} geometry={geometry} material={material} frustumCulled={false} renderOrder={firstOrder + order} />
  ));
}

function glyphParts({ uniforms }: Stage) {
  const lift = 0.03;
  const made = glyphs.map((glyph, n) => {
    const line = new FatLineGeometry();
    const casing = fatLineMaterial(uniforms, { width: 5.4, lift });
    const core = fatLineMaterial(uniforms, { width: glyph === 'rate' ? 2 : 3, lift: lift + 0.002 });
    /** What a hill hides shows through, thin. */
    const behind = fatLineMaterial(uniforms, { width: 2, lift: -0.02, opacity: 0.55, caps: false });
    behind.depthFunc = GreaterDepth;
    return { glyph, n, line, casing, core, behind };
  });
  return {
    meshes: made.flatMap(({ glyph, n, line: { geometry }, casing, core, behind }) => [
      { key: `${glyph} behind`, geometry, material: behind, order: n },
      // A head drawn over another's casing would lose its rim: all casings come first.
      { key: `${glyph} casing`, geometry, material: casing, order: glyphs.length + n },
      { key: `${glyph} core`, geometry, material: core, order: 2 * glyphs.length + n },
    ]),
    show(shown: boolean): void {
      for (const { casing, core, behind } of made) {
        for (const material of [casing, core, behind]) material.visible = shown;
      }
    },
    set(glyph: (typeof glyphs)[number], points: Float32Array): void {
      made.find((each) => each.glyph === glyph)!.line.setPoints(points, points.length / 4);
    },
    paint(theme: SceneModel['theme']): void {
      for (const { glyph, casing, core, behind } of made) {
        core.uniforms.uColor!.value.set(glyphColors[theme][glyph]);
        behind.uniforms.uColor!.value.set(glyphColors[theme][glyph]);
        casing.uniforms.uColor!.value.set(scenePalette(theme).casing);
      }
    },
    dispose(): void {
      for (const { line, casing, core, behind } of made) {
        for (const part of [line, casing, core, behind]) part.dispose();
      }
    },
  };
}
