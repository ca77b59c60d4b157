import { useFrame, useThree } from '@react-three/fiber';
import { useLayoutEffect, useMemo, useRef } from 'react';
import { type Group, MeshBasicMaterial, PlaneGeometry } from 'three';
import { FatLineGeometry, fatLineMaterial } from './fatLines';
import { type Face, faceLines, faces, facesCamera } from './frame';
import type { SceneModel } from './model';
import { scenePalette } from './palette';
import type { Stage } from './stage';
import { useDisposable } from './useDisposable';
import { boxHeight, floorLevel } from './world';

interface FrameViewProps {
  stage: Stage;
  revision: number;
  theme: SceneModel['theme'];
}

/** The box: floor, grid on the sides away from the viewer, outline. */
export function FrameView({ stage, revision, theme }: FrameViewProps) {
  const invalidate = useThree((state) => state.invalidate);
  const groups = useRef<Partial<Record<Face, Group | null>>>({});
  const parts = useDisposable(() => frameParts(stage));

  // biome-ignore lint/correctness/useExhaustiveDependencies(revision): says that the stage's ticks changed
  useLayoutEffect(() => {
    parts.update(stage);
    invalidate();
  }, [parts, stage, revision, invalidate]);

  useLayoutEffect(() => {
    const palette = scenePalette(theme);
    parts.floor.color.set(palette.floor);
    parts.grid.uniforms.uColor!.value.set(palette.grid);
    parts.outline.uniforms.uColor!.value.set(palette.frame);
    invalidate();
  }, [parts, theme, invalidate]);

  useFrame(({ camera }) => {
    const { x, y, z } = camera.position;
    for (const face of faces) {
      const group = groups.current[face];
      if (!group) continue;
      // From above the walls are lines; the floor's frame is then the map's.
      const wall = face !== 'floor' && stage.topness > 0.6;
      group.visible = !wall && facesCamera(face, x + 0.5, 0.5 - z, y / boxHeight);
    }
  });

  const rotation = useMemo(() => [-Math.PI / 2, 0, 0] as const, []);
  return (
    <>
      <mesh
        geometry={parts.square}
        material={parts.floor}
        rotation={rotation}
        position-y={floorLevel * boxHeight - 0.002}
        renderOrder={0}
      />
      {faces.map((face) => (
        <group
          key={face}
          ref={(group) => {
            groups.current[face] = group;
          }}
        >
          <mesh
            geometry={parts.lines[face].grid.geometry}
            material={parts.grid}
            frustumCulled={false}
            renderOrder={1}
          />
          <mesh
            geometry={parts.lines[face].outline.geometry}
            material={parts.outline}
            frustumCulled={false}
            renderOrder={1}
          />
        </group>
      ))}
    </>
  );
}

function frameParts(stage: Stage) {
  const floor = new MeshBasicMaterial({ toneMapped: false });
  const square = new PlaneGeometry(1, 1);
  const grid = fatLineMaterial(stage.uniforms, { width: 1 });
  const outline = fatLineMaterial(stage.uniforms, { width: 1.25 });
  const pair = () => ({ grid: new FatLineGeometry(), outline: new FatLineGeometry() });
  const lines: Record<Face, ReturnType<typeof pair>> = {
    floor: pair(),
    u0: pair(),
    u1: pair(),
    v0: pair(),
    v1: pair(),
  };
  return {
    floor,
    square,
    grid,
    outline,
    lines,
    update({ ticks, domain, lossAxis }: Stage): void {
      const [x0, x1, y0, y1] = domain;
      const positions = {
        u: ticks.x.map(({ value }) => (value - x0) / (x1 - x0)),
        v: ticks.y.map(({ value }) => (value - y0) / (y1 - y0)),
        height: lossAxis.map(({ height }) => height),
      };
      for (const face of faces) {
        for (const kind of ['grid', 'outline'] as const) {
          const points = faceLines(face, positions, kind === 'outline');
          lines[face][kind].setPoints(points, points.length / 4);
        }
      }
    },
    dispose(): void {
      for (const face of faces) {
        lines[face].grid.dispose();
        lines[face].outline.dispose();
      }
      for (const part of [floor, square, grid, outline]) part.dispose();
    },
  };
}
