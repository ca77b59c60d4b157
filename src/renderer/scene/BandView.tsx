import { useFrame, useThree } from '@react-three/fiber';
import { useLayoutEffect, useRef } from 'react';
import { Color, DoubleSide, type Group, ShaderMaterial } from 'three';
import { FatLineGeometry, fatLineMaterial } from './fatLines';
import { buildHeightField } from './heightField';
import type { SceneModel } from './model';
import type { Stage } from './stage';
import { SurfaceGeometry } from './surfaceGeometry';
import { surfaceRim } from './surfaceRim';
import { useDisposable } from './useDisposable';
import { boxHeight } from './world';

interface BandViewProps {
  stage: Stage;
  revision: number;
  band: Float64Array;
  theme: SceneModel['theme'];
}

const signs = [1, -1] as const;
const sheetOpacity = 0.12;
const rimOpacity = 0.9;

/** The error band of a surface: one translucent sheet above it, one below, each with its edge. Not seen from above. */
export function BandView({ stage, revision, band, theme }: BandViewProps) {
  const invalidate = useThree((state) => state.invalidate);
  const above = useDisposable(() => new SurfaceGeometry());
  const below = useDisposable(() => new SurfaceGeometry());
  const rimAbove = useDisposable(() => new FatLineGeometry());
  const rimBelow = useDisposable(() => new FatLineGeometry());
  const sheet = useDisposable(sheetMaterial);
  const edge = useDisposable(() => fatLineMaterial(stage.uniforms, { width: 1.5, lift: 0.004, caps: false }));
  const group = useRef<Group>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies(revision): says that the stage's transform changed
  useLayoutEffect(() => {
    const { surface, transform, resolution } = stage;
    if (!surface || !transform) return;
    const { xs, ys, loss } = surface;
    for (const sign of signs) {
      const shifted = loss.map((value, k) => value + sign * band[k]!);
      const field = buildHeightField({ xs, ys, loss: shifted }, transform, resolution);
      (sign > 0 ? above : below).update(field);
      const points = surfaceRim(field);
      (sign > 0 ? rimAbove : rimBelow).setPoints(points, points.length / 4);
    }
    invalidate();
  }, [stage, revision, band, above, below, rimAbove, rimBelow, invalidate]);

  useLayoutEffect(() => {
    const color = theme === 'dark' ? '#ffffff' : '#11161d';
    sheet.uniforms.uColor!.value.set(color);
    edge.uniforms.uColor!.value.set(color);
    invalidate();
  }, [sheet, edge, theme, invalidate]);

  useFrame(() => {
    const shown = 1 - stage.topness;
    if (group.current) group.current.visible = shown > 0.01;
    sheet.uniforms.uOpacity!.value = sheetOpacity * shown;
    edge.uniforms.uOpacity!.value = rimOpacity * shown;
  });

  return (
    <group ref={group}>
      <mesh geometry={below.geometry} material={sheet} frustumCulled={false} renderOrder={5} />
      <mesh geometry={above.geometry} material={sheet} frustumCulled={false} renderOrder={6} />
      <mesh geometry={rimBelow.geometry} material={edge} frustumCulled={false} renderOrder={7} />
      <mesh geometry={rimAbove.geometry} material={edge} frustumCulled={false} renderOrder={8} />
    </group>
  );
}

/** One colour, denser where it is seen at an angle, so that its shape can be read. */
function sheetMaterial(): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader: /* glsl */ `
      varying vec3 vNormal;
      varying vec3 vPosition;
      void main() {
        vNormal = normal;
        vPosition = vec3(position.x, position.y * ${boxHeight.toFixed(3)}, position.z);
        gl_Position = projectionMatrix * modelViewMatrix * vec4(vPosition, 1.0);
      }
    `,
    fragmentShader: /* glsl */ `
      uniform vec3 uColor;
      uniform float uOpacity;
      varying vec3 vNormal;
      varying vec3 vPosition;
      void main() {
        float facing = abs(dot(normalize(vNormal), normalize(cameraPosition - vPosition)));
        gl_FragColor = vec4(uColor, uOpacity * (1.6 - facing));
        #include <colorspace_fragment>
      }
    `,
    side: DoubleSide,
    transparent: true,
    depthWrite: false,
    uniforms: { uColor: { value: new Color() }, uOpacity: { value: sheetOpacity } },
  });
}
