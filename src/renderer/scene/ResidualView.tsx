import { useFrame, useThree } from '@react-three/fiber';
import { useLayoutEffect, useRef } from 'react';
import type { Vector2 } from 'three';
import { breakRow } from './drape';
import { FatLineGeometry, fatLineMaterial } from './fatLines';
import { sampleHeight } from './heightField';
import type { PathBuffers, Playhead, ScenePath } from './model';
import type { Stage } from './stage';
import { useDisposable } from './useDisposable';

interface ResidualViewProps {
  stage: Stage;
  path: ScenePath;
  playhead: Playhead;
  /** Height in the box of a distance of 1. */
  scale: number;
}

/** Rows that get a line, evenly among those recorded; the last always. */
const mostLines = 48;

/** A path's distance from the plane: from points on the surface up to where the path runs, on the scale of the model. */
export function ResidualView({ stage, path, playhead, scale }: ResidualViewProps) {
  const invalidate = useThree((state) => state.invalidate);
  const line = useDisposable(() => new FatLineGeometry());
  const material = useDisposable(() =>
    fatLineMaterial(stage.uniforms, { width: 1.5, lift: 0.01, opacity: 0.85, caps: false }),
  );
  const laid = useRef<{ revision: number; buffers: PathBuffers | null; count: number; scale: number } | null>(null);

  useLayoutEffect(() => {
    material.uniforms.uColor!.value.set(path.color);
    invalidate();
  }, [material, path.color, invalidate]);

  useFrame(() => {
    const { field, revision, domain } = stage;
    const buffers = path.buffers.current;
    const count = path.count.current;
    (material.uniforms.uRows!.value as Vector2).y = playhead.current;
    if (!field) return;
    const before = laid.current;
    const isSame = before?.revision === revision && before.buffers === buffers && before.scale === scale;
    if (isSame && before.count === count) return;
    laid.current = { revision, buffers, count, scale };
    const [x0, x1, y0, y1] = domain;
    const points: number[] = [];
    const lines = Math.min(count, mostLines);
    for (let k = 0; k < lines; k++) {
      const row = lines < 2 ? 0 : Math.round((k * (count - 1)) / (lines - 1));
      const u = (buffers.x[row]! - x0) / (x1 - x0);
      const v = (buffers.y[row]! - y0) / (y1 - y0);
      const height = sampleHeight(field, u, v);
      const length = scale * buffers.residual[row]!;
      if (Number.isNaN(height) || !(length > 0)) continue;
      points.push(u, v, height, row, u, v, height + length, row, 0, 0, 0, breakRow);
    }
    line.setPoints(Float32Array.from(points), points.length / 4);
  });

  return (
    <mesh geometry={line.geometry} material={material} frustumCulled={false} renderOrder={150} visible={path.visible} />
  );
}
