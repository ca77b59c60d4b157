import { useFrame, useThree } from '@react-three/fiber';
import { useLayoutEffect, useRef } from 'react';
import { GreaterDepth } from 'three';
import { DrapedPath } from './drape';
import { FatLineGeometry, fatLineMaterial } from './fatLines';
import type { SceneModel, SceneSection } from './model';
import { scenePalette } from './palette';
import type { Stage } from './stage';
import { useDisposable } from './useDisposable';

interface SectionViewProps {
  stage: Stage;
  section: SceneSection;
  theme: SceneModel['theme'];
}

/** The line of a cross-section, laid on the surface. */
export function SectionView({ stage, section, theme }: SectionViewProps) {
  const invalidate = useThree((state) => state.invalidate);
  const line = useDisposable(() => new FatLineGeometry());
  const casing = useDisposable(() => fatLineMaterial(stage.uniforms, { width: 5, lift: 0.012 }));
  const core = useDisposable(() => fatLineMaterial(stage.uniforms, { width: 2.4, lift: 0.014 }));
  const behind = useDisposable(() => {
    const material = fatLineMaterial(stage.uniforms, { width: 1.6, lift: -0.02, opacity: 0.6, caps: false });
    material.depthFunc = GreaterDepth;
    return material;
  });
  const laid = useRef<{ revision: number; section: SceneSection | null }>({ revision: -1, section: null });

  useLayoutEffect(() => {
    const { outline, chosen } = scenePalette(theme);
    casing.uniforms.uColor!.value.set(outline);
    core.uniforms.uColor!.value.set(chosen);
    behind.uniforms.uColor!.value.set(chosen);
    invalidate();
  }, [casing, core, behind, theme, invalidate]);

  // biome-ignore lint/correctness/useExhaustiveDependencies(section): it is laid in the next frame
  useLayoutEffect(() => invalidate(), [section, invalidate]);

  useFrame(() => {
    const { field, revision, domain } = stage;
    if (!field || (laid.current.revision === revision && laid.current.section === section)) return;
    laid.current = { revision, section };
    const [x0, y0] = section.from;
    const [x1, y1] = section.to ?? section.from;
    const path = new DrapedPath();
    const [x, y] = [Float64Array.of(x0, x1), Float64Array.of(y0, y1)];
    const none = new Float64Array(2);
    path.append(field, domain, { x, y, loss: none, residual: none }, 2);
    line.setPoints(path.points, path.length);
  });

  return (
    <>
      <mesh geometry={line.geometry} material={behind} frustumCulled={false} renderOrder={170} />
      <mesh geometry={line.geometry} material={casing} frustumCulled={false} renderOrder={171} />
      <mesh geometry={line.geometry} material={core} frustumCulled={false} renderOrder={172} />
    </>
  );
}
