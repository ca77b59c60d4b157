import { useFrame, useThree } from '@react-three/fiber';
import { useLayoutEffect, useRef } from 'react';
import type { Group } from 'three';
import { breakRow } from './drape';
import { FatLineGeometry, fatLineMaterial } from './fatLines';
import { sampleHeight } from './heightField';
import type { SceneModel } from './model';
import { scenePalette } from './palette';
import type { Stage } from './stage';
import { useDisposable } from './useDisposable';

/** Half length of the crosshair's arms and the pieces each is laid on the surface with. */
const arm = 0.035;
const pieces = 8;
const pointCount = 2 * (pieces + 1) + 1;

/** A small cross that lies on the surface under the pointer or at the keyboard's cursor. */
export function CursorView({ stage, theme }: { stage: Stage; theme: SceneModel['theme'] }) {
  const invalidate = useThree((state) => state.invalidate);
  const line = useDisposable(() => new FatLineGeometry());
  const casing = useDisposable(() => fatLineMaterial(stage.uniforms, { width: 4.5, lift: 0.02, opacity: 0.75 }));
  const core = useDisposable(() => fatLineMaterial(stage.uniforms, { width: 2, lift: 0.022 }));
  const points = useRef(new Float32Array(4 * pointCount));
  const group = useRef<Group>(null);

  useLayoutEffect(() => {
    casing.uniforms.uColor!.value.set(scenePalette(theme).outline);
    core.uniforms.uColor!.value.set('#ffffff');
    invalidate();
  }, [casing, core, theme, invalidate]);

  useFrame(() => {
    const { cursor, field } = stage;
    if (!group.current) return;
    group.current.visible = cursor.visible && field !== null;
    if (!field || !cursor.visible) return;
    let at = 0;
    const put = (u: number, v: number): void => {
      const height = sampleHeight(field, u, v);
      points.current[at++] = u;
      points.current[at++] = v;
      points.current[at++] = height;
      points.current[at++] = Number.isNaN(height) ? breakRow : 0;
    };
    for (let k = 0; k <= pieces; k++) put(cursor.u + arm * ((2 * k) / pieces - 1), cursor.v);
    points.current.fill(0, at, at + 3);
    points.current[at + 3] = breakRow;
    at += 4;
    for (let k = 0; k <= pieces; k++) put(cursor.u, cursor.v + arm * ((2 * k) / pieces - 1));
    line.setPoints(points.current, pointCount);
  });

  return (
    <group ref={group} visible={false}>
      <mesh geometry={line.geometry} material={casing} frustumCulled={false} renderOrder={180} />
      <mesh geometry={line.geometry} material={core} frustumCulled={false} renderOrder={181} />
    </group>
  );
}
