import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useLayoutEffect } from 'react';
import { Color, type Vector2 } from 'three';
import { FatLineGeometry, fatLineMaterial } from '../fatLines';
import { markerGeometry, markerMaterial } from '../markers';
import type { Playhead } from '../model';
import { beforeLabels } from '../PathView';
import { scenePalette } from '../palette';
import { useDisposable } from '../useDisposable';
import { floorLevel, worldX, worldY, worldZ } from '../world';
import type { VolumeModel, VolumePathModel } from './model';
import { spacePath, unitPlace } from './spacePath';
import { unitHeight, type VolumeStage } from './volumeStage';

interface SpacePathViewProps {
  stage: VolumeStage;
  revision: number;
  path: VolumePathModel;
  playhead: Playhead;
  theme: VolumeModel['theme'];
  order: number;
}

const markerRadius = 9;

/** One optimizer's path through the volume, its marker at the playhead, and the marker's foot on the floor. */
export function SpacePathView({ stage, revision, path, playhead, theme, order }: SpacePathViewProps) {
  const invalidate = useThree((state) => state.invalidate);
  const line = useDisposable(() => new FatLineGeometry());
  const stem = useDisposable(() => new FatLineGeometry());
  const square = useDisposable(markerGeometry);
  const parts = useDisposable(() => pathParts(stage));

  useEffect(() => {
    const state = stage.addMarker(path.id);
    return () => stage.removeMarker(state);
  }, [stage, path.id]);

  // biome-ignore lint/correctness/useExhaustiveDependencies(revision): says that the stage's box changed
  useLayoutEffect(() => {
    const points = spacePath(path, stage.box);
    line.setPoints(points, points.length / 4);
    parts.paint(path.color, theme);
    invalidate();
  }, [stage, revision, path, line, parts, theme, invalidate]);

  useFrame(() => {
    const state = stage.markers.get(path.id);
    if (!state) return;
    const rows = path.x.length;
    const row = Math.min(Math.max(playhead.current, 0), rows - 1);
    parts.split(row);
    const a = Math.floor(row);
    const b = Math.min(a + 1, rows - 1);
    const at = (values: Float64Array) => values[a]! + (row - a) * (values[b]! - values[a]!);
    const place = unitPlace(stage.box, at(path.x), at(path.y), at(path.z));
    const [u, v, w] = place.map((c) => Math.min(Math.max(c, 0), 1)) as typeof place;
    state.label = path.label;
    state.color = path.color;
    state.loss = path.loss[row - a < 0.5 ? a : b]!;
    state.visible = path.visible && rows > 0 && place.every(Number.isFinite);
    state.u = u;
    state.v = v;
    state.drawnHeight = unitHeight(w);
    state.inside = place.every((c) => c >= -1e-9 && c <= 1 + 1e-9);
    parts.place(worldX(u), worldY(state.drawnHeight), worldZ(v), state.inside);
    stem.setPoints(Float32Array.of(u, v, floorLevel, 0, u, v, state.drawnHeight, 0), 2);
  }, beforeLabels);

  const first = 10 + 4 * order;
  return (
    <group visible={path.visible}>
      <mesh geometry={line.geometry} material={parts.ahead} frustumCulled={false} renderOrder={first} />
      <mesh geometry={line.geometry} material={parts.casing} frustumCulled={false} renderOrder={first + 1} />
      <mesh geometry={line.geometry} material={parts.core} frustumCulled={false} renderOrder={first + 2} />
      <mesh geometry={stem.geometry} material={parts.stem} frustumCulled={false} renderOrder={first + 3} />
      <mesh geometry={square} material={parts.marker} frustumCulled={false} renderOrder={300 + order} />
    </group>
  );
}

function pathParts({ uniforms }: VolumeStage) {
  const lift = 0.012;
  const casing = fatLineMaterial(uniforms, { width: 5.2, lift });
  const core = fatLineMaterial(uniforms, { width: 3, lift: lift + 0.002 });
  const ahead = fatLineMaterial(uniforms, { width: 1.8, lift });
  const stem = fatLineMaterial(uniforms, { width: 1.4, opacity: 0.7 });
  const marker = markerMaterial(uniforms, markerRadius);
  // Painted before what is translucent: in front of it they hide it, behind it they shine through. A casing that wrote its
  // depth would hide the next piece of its own line.
  for (const line of [core, ahead, stem]) line.depthWrite = true;
  const travelled = [casing, core];
  const all = [...travelled, ahead, stem, marker];
  const rows = (material: typeof core): Vector2 => material.uniforms.uRows!.value;
  const white = new Color('#ffffff');
  return {
    casing,
    core,
    ahead,
    stem,
    marker,
    split(row: number): void {
      for (const material of travelled) rows(material).y = row;
      rows(ahead).x = row;
    },
    place(x: number, y: number, z: number, inside: boolean): void {
      marker.uniforms.uAt!.value.set(x, y, z);
      marker.uniforms.uHollow!.value = inside ? 0 : 1;
    },
    paint(color: string, theme: VolumeModel['theme']): void {
      const palette = scenePalette(theme);
      core.uniforms.uColor!.value.set(color);
      stem.uniforms.uColor!.value.set(color);
      casing.uniforms.uColor!.value.set(palette.casing);
      ahead.uniforms.uColor!.value.set(color).lerp(white, 0.25);
      marker.uniforms.uColor!.value.set(color);
      marker.uniforms.uRing!.value.set(palette.ring);
      marker.uniforms.uCasing!.value.set(palette.outline);
    },
    dispose(): void {
      for (const material of all) material.dispose();
    },
  };
}
