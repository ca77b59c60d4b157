import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { DataTexture, LinearFilter, type Mesh, RGBAFormat, type ShaderMaterial, SRGBColorSpace } from 'three';
import { colorTable } from '../../shared/math/colorMaps';
import { FatLineGeometry, fatLineMaterial } from './fatLines';
import type { SceneModel } from './model';
import { scenePalette } from './palette';
import type { Stage } from './stage';
import { SurfaceGeometry } from './surfaceGeometry';
import { floorContourMaterial, setClipped, surfaceMaterial } from './surfaceMaterial';
import { surfaceRim } from './surfaceRim';
import { useDisposable } from './useDisposable';

interface SurfaceViewProps {
  stage: Stage;
  revision: number;
  colorMap: SceneModel['colorMap'];
  theme: SceneModel['theme'];
  showContours: boolean;
}

/** The loss surface, its rim, and its iso-lines on the floor. */
export function SurfaceView({ stage, revision, colorMap, theme, showContours }: SurfaceViewProps) {
  const invalidate = useThree((state) => state.invalidate);
  const mesh = useDisposable(() => new SurfaceGeometry());
  const material = useDisposable(() => surfaceMaterial(stage.uniforms));
  const floor = useDisposable(() => floorContourMaterial(stage.uniforms));
  const rim = useDisposable(() => new FatLineGeometry());
  const rimMaterial = useDisposable(() =>
    fatLineMaterial(stage.uniforms, { width: 1.25, lift: 0.004, opacity: 0.55, caps: false }),
  );
  const floorMesh = useRef<Mesh>(null);
  const colors = useColorTexture(colorMap);

  // biome-ignore lint/correctness/useExhaustiveDependencies(revision): says that the stage's field changed
  useLayoutEffect(() => {
    setClipped(material, stage.uniforms.uClip.value.y > 0);
    if (stage.field) {
      mesh.update(stage.field);
      const points = surfaceRim(stage.field);
      rim.setPoints(points, points.length / 4);
    }
    invalidate();
  }, [stage, revision, mesh, rim, material, invalidate]);

  useLayoutEffect(() => {
    const palette = scenePalette(theme);
    setUniform(material, 'uColors', colors);
    setUniform(material, 'uContours', showContours ? 1 : 0);
    setUniform(floor, 'uColors', colors);
    floor.uniforms.uFloorColor!.value.set(palette.floor);
    rimMaterial.uniforms.uColor!.value.set(theme === 'dark' ? '#ffffff' : '#1a2029');
    invalidate();
  }, [material, floor, rimMaterial, colors, theme, showContours, invalidate]);

  useFrame(() => {
    // Straight from above the surface covers the floor.
    if (floorMesh.current) floorMesh.current.visible = showContours && stage.topness < 1;
  });

  if (!stage.field) return null;
  return (
    <>
      <mesh geometry={mesh.geometry} material={material} frustumCulled={false} />
      <mesh ref={floorMesh} geometry={mesh.floor} material={floor} frustumCulled={false} renderOrder={2} />
      <mesh geometry={rim.geometry} material={rimMaterial} frustumCulled={false} renderOrder={4} />
    </>
  );
}

function setUniform(material: ShaderMaterial, name: string, value: unknown): void {
  material.uniforms[name]!.value = value;
}

function useColorTexture(colorMap: SceneModel['colorMap']): DataTexture {
  const texture = useMemo(() => {
    const table = colorTable(colorMap);
    const made = new DataTexture(table.slice(), table.length / 4, 1, RGBAFormat);
    made.colorSpace = SRGBColorSpace;
    made.magFilter = LinearFilter;
    made.minFilter = LinearFilter;
    made.needsUpdate = true;
    return made;
  }, [colorMap]);
  useEffect(() => () => texture.dispose(), [texture]);
  return texture;
}
