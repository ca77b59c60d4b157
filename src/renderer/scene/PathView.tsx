import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { Color, GreaterDepth, type Mesh, type Vector2 } from 'three';
import { windowExit } from '../../shared/math/windowExit';
import { markerAt } from './drape';
import { FatLineGeometry, fatLineMaterial } from './fatLines';
import { sampleHeight } from './heightField';
import { markerGeometry, markerMaterial } from './markers';
import type { PathBuffers, Playhead, SceneModel, ScenePath } from './model';
import { scenePalette } from './palette';
import type { MarkerState, Stage } from './stage';
import { useDisposable } from './useDisposable';
import { floorLevel, worldX, worldY, worldZ } from './world';

interface PathViewProps {
  stage: Stage;
  path: ScenePath;
  playhead: Playhead;
  theme: SceneModel['theme'];
  showShadows: boolean;
  /** Position among the paths: later ones are drawn over earlier ones. */
  order: number;
}

const markerRadius = 9;
/** After the camera, before what reads where the markers are: else a label says what its marker was a frame ago. */
export const beforeLabels = -0.25;
/** Height of a marker over a gap, where there is no surface to stand on. */
const gapHeight = floorLevel;

/** One optimizer: its path on the surface, its shadow on the floor, its marker at the playhead. */
export function PathView({ stage, path, playhead, theme, showShadows, order }: PathViewProps) {
  const invalidate = useThree((state) => state.invalidate);
  const line = useDisposable(() => new FatLineGeometry());
  const lines = useDisposable(() => pathMaterials(stage));
  const square = useDisposable(markerGeometry);
  const laid = useRef<{ revision: number; buffers: PathBuffers | null }>({ revision: -1, buffers: null });
  const marker = useRef<Mesh>(null);
  const hidden = useRef<Mesh>(null);

  useEffect(() => {
    const state = stage.addMarker(path.id);
    return () => stage.removeMarker(state);
  }, [stage, path.id]);

  useLayoutEffect(() => {
    lines.paint(path.color, theme);
    invalidate();
  }, [lines, path.color, theme, invalidate]);

  useFrame(() => {
    const { field } = stage;
    const state = stage.markers.get(path.id);
    if (!field || !state) return;
    const buffers = path.buffers.current;
    const count = path.count.current;
    const points = state.path;
    if (laid.current.revision !== stage.revision || laid.current.buffers !== buffers || count < points.rows) {
      points.clear();
      laid.current.revision = stage.revision;
      laid.current.buffers = buffers;
    }
    if (count > points.rows || points.rows === 0) {
      const before = points.length;
      points.append(field, stage.domain, buffers, count);
      line.setPoints(points.points, points.length, before);
    }
    const row = playhead.current;
    lines.split(row);

    state.label = path.label;
    state.color = path.color;
    state.visible = path.visible && markerAt(field, stage.domain, buffers, count, path.markerAt ?? row, state);
    state.leaving = path.whole && state.visible && !state.inside ? standAtExit(state, stage, buffers) : null;
    if (path.whole && state.leaving) state.label = path.whole.leaving;
    const shown = state.visible && !state.leaving;
    if (marker.current) marker.current.visible = shown;
    if (hidden.current) hidden.current.visible = shown;
    const height = Number.isNaN(state.height) ? gapHeight : state.height;
    state.drawnHeight = height;
    lines.place(worldX(state.u), worldY(height), worldZ(state.v), state.inside && !Number.isNaN(state.height));
  }, beforeLabels);

  const first = 10 + 6 * order;
  return (
    <group visible={path.visible}>
      <mesh
        geometry={line.geometry}
        material={lines.shadow}
        frustumCulled={false}
        renderOrder={3}
        visible={showShadows}
      />
      <mesh geometry={line.geometry} material={lines.behind} frustumCulled={false} renderOrder={first} />
      <mesh geometry={line.geometry} material={lines.ahead} frustumCulled={false} renderOrder={first + 1} />
      <mesh geometry={line.geometry} material={lines.casing} frustumCulled={false} renderOrder={first + 2} />
      <mesh geometry={line.geometry} material={lines.core} frustumCulled={false} renderOrder={first + 3} />
      <mesh
        ref={hidden}
        geometry={square}
        material={lines.markerBehind}
        frustumCulled={false}
        renderOrder={200 + order}
      />
      <mesh ref={marker} geometry={square} material={lines.marker} frustumCulled={false} renderOrder={300 + order} />
    </group>
  );
}

/** Puts the marker where the path leaves the window for good; null where it never was inside. */
function standAtExit(state: MarkerState, { domain, field }: Stage, { x, y }: PathBuffers): MarkerState['leaving'] {
  const exit = windowExit(x, y, domain);
  if (!exit || !field) return null;
  const [x0, x1, y0, y1] = domain;
  state.u = (exit.x - x0) / (x1 - x0);
  state.v = (exit.y - y0) / (y1 - y0);
  state.height = sampleHeight(field, state.u, state.v);
  return { du: exit.dx / (x1 - x0), dv: exit.dy / (y1 - y0) };
}

function pathMaterials({ uniforms }: Stage) {
  const lift = 0.014;
  const casing = fatLineMaterial(uniforms, { width: 5.2, lift });
  const core = fatLineMaterial(uniforms, { width: 3, lift: lift + 0.002 });
  const ahead = fatLineMaterial(uniforms, { width: 1.6, lift });
  const shadow = fatLineMaterial(uniforms, { width: 2.6, flat: true, lift: 0.004 });
  /** What a hill hides of the travelled part shows through, thin. */
  const behind = fatLineMaterial(uniforms, { width: 1.8, lift: -0.02, opacity: 0.5, caps: false });
  behind.depthFunc = GreaterDepth;
  const marker = markerMaterial(uniforms, markerRadius);
  const markerBehind = markerMaterial(uniforms, markerRadius);
  markerBehind.depthFunc = GreaterDepth;
  markerBehind.uniforms.uOpacity!.value = 0.55;
  const travelled = [casing, core, shadow, behind];
  const markers = [marker, markerBehind];
  const all = [...travelled, ahead, ...markers];
  const scratch = new Color();
  const rows = (material: typeof core): Vector2 => material.uniforms.uRows!.value;

  return {
    casing,
    core,
    ahead,
    shadow,
    behind,
    marker,
    markerBehind,
    /** The part up to `row` is bright, the rest faint. */
    split(row: number): void {
      for (const material of travelled) rows(material).y = row;
      rows(ahead).x = row;
    },
    place(x: number, y: number, z: number, inside: boolean): void {
      for (const material of markers) {
        material.uniforms.uAt!.value.set(x, y, z);
        material.uniforms.uHollow!.value = inside ? 0 : 1;
      }
    },
    paint(color: string, theme: SceneModel['theme']): void {
      const palette = scenePalette(theme);
      core.uniforms.uColor!.value.set(color);
      behind.uniforms.uColor!.value.set(color);
      casing.uniforms.uColor!.value.set(palette.casing);
      shadow.uniforms.uColor!.value.set(palette.shadow);
      ahead.uniforms.uColor!.value.set(color).lerp(scratch.set('#ffffff'), 0.25);
      ahead.uniforms.uOpacity!.value = 0.6;
      for (const material of markers) {
        material.uniforms.uColor!.value.set(color);
        material.uniforms.uRing!.value.set(palette.ring);
        material.uniforms.uCasing!.value.set(palette.outline);
      }
    },
    dispose(): void {
      for (const material of all) material.dispose();
    },
  };
}
