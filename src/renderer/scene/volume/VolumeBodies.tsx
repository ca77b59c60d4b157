import { useFrame, useThree } from '@react-three/fiber';
import { useLayoutEffect } from 'react';
import {
  BufferAttribute,
  BufferGeometry,
  type Color,
  DataTexture,
  LinearFilter,
  Mesh,
  RGBAFormat,
  type ShaderMaterial,
  SRGBColorSpace,
} from 'three';
import { colorMap as mapOf } from '../../../shared/math/colorMaps';
import { type IsosurfaceMesh, isosurface } from '../../../shared/math/isosurface';
import { breakRow } from '../drape';
import { FatLineGeometry, fatLineMaterial } from '../fatLines';
import { scenePalette } from '../palette';
import { useDisposable } from '../useDisposable';
import { worldX, worldY, worldZ } from '../world';
import { type VolumeModel, volumeAxes } from './model';
import { type Box, type Part, paintOrder, type SlicePlane, trianglesWithin } from './paintOrder';
import { sliceImage } from './sliceImage';
import { isoMaterial, sliceMaterial } from './volumeMaterials';
import { unitHeight, type VolumeStage } from './volumeStage';

interface VolumeBodiesProps {
  stage: VolumeStage;
  revision: number;
  model: VolumeModel;
}

const sliceOpacity = 0.8;
/** Pixels a side of a slice's picture. */
const imageSize = 160;
/** Three slices cut the box into eight cells, themselves into 1 + 2 + 4 parts. */
const mostCells = 8;
const mostSliceParts = 7;
/** After the frame and the paths, before the markers. */
const firstOrder = 100;

/** The isosurface and the slices, painted from back to front. */
export function VolumeBodies({ stage, revision, model }: VolumeBodiesProps) {
  const invalidate = useThree((state) => state.invalidate);
  const bodies = useDisposable(() => createBodies(stage));
  const { level, opacity, slices, colorMap, theme } = model;
  const { x, y, z } = slices;

  // biome-ignore lint/correctness/useExhaustiveDependencies(revision): says that the stage's volume changed
  useLayoutEffect(() => {
    bodies.setLevel(stage, level, colorMap);
    invalidate();
  }, [bodies, stage, revision, level, colorMap, invalidate]);
  // biome-ignore lint/correctness/useExhaustiveDependencies(revision): says that the stage's volume changed
  useLayoutEffect(() => {
    bodies.setSlices(stage, { x, y, z }, colorMap);
    invalidate();
  }, [bodies, stage, revision, x, y, z, colorMap, invalidate]);
  useLayoutEffect(() => {
    bodies.paint(opacity, scenePalette(theme).text);
    invalidate();
  }, [bodies, opacity, theme, invalidate]);

  useFrame(({ camera }) => {
    const { x: eyeX, y: eyeY, z: eyeZ } = camera.position;
    bodies.arrange([eyeX + 0.5, 0.5 - eyeZ, (eyeY - worldY(unitHeight(0))) / (worldY(1) - worldY(unitHeight(0)))]);
  });
  return bodies.meshes.map((mesh) => <primitive key={mesh.uuid} object={mesh} />);
}

function createBodies(stage: VolumeStage) {
  const cells = Array.from({ length: mostCells }, () => {
    const geometry = new BufferGeometry();
    return {
      geometry,
      inner: meshOf(geometry, isoMaterial(stage.uniforms, 'inner')),
      outer: meshOf(geometry, isoMaterial(stage.uniforms, 'outer')),
    };
  });
  const quads = volumeAxes.map(() => new BufferGeometry());
  const images = volumeAxes.map(() => sliceTexture());
  const parts = Array.from({ length: mostSliceParts }, () => meshOf(quads[0]!, sliceMaterial()));
  const outline = new FatLineGeometry();
  const outlineMaterial = fatLineMaterial(stage.uniforms, { width: 1.25, opacity: 0.6 });
  const outlines = meshOf(outline.geometry, outlineMaterial);
  outlines.renderOrder = firstOrder - 1;
  const meshes = [outlines, ...cells.flatMap(({ inner, outer }) => [inner, outer]), ...parts];
  let iso: IsosurfaceMesh | null = null;
  let planes: SlicePlane[] = [];

  /** The triangles of each cell; which cell is which is decided by `boxKey`. */
  const cellOf = new Map<string, (typeof cells)[number]>();
  function distribute(): void {
    cellOf.clear();
    const boxes = iso ? paintOrder([0, 0, 0], planes).filter(({ kind }) => kind === 'cell') : [];
    boxes.forEach(({ box }, n) => {
      const cell = cells[n]!;
      cellOf.set(boxKey(box), cell);
      cell.geometry.setIndex(new BufferAttribute(trianglesWithin(iso!.positions, iso!.index, box), 1));
      for (const mesh of [cell.inner, cell.outer]) clip(mesh, box);
    });
    for (const { inner, outer } of cells) inner.visible = outer.visible = false;
  }

  return {
    meshes,
    setLevel(from: VolumeStage, level: number | null, name: VolumeModel['colorMap']): void {
      const { volume, transform } = from;
      iso = null;
      if (volume && transform && level !== null) {
        const { xs, ys, zs, loss } = volume;
        iso = isosurface({ nx: xs.length, ny: ys.length, nz: zs.length, values: loss }, transform.toLoss(level));
        const position = new BufferAttribute(worldPositions(iso.positions), 3);
        const normal = new BufferAttribute(worldNormals(iso.normals), 3);
        // The shader reads one, the isosurface has none.
        const uv = new BufferAttribute(new Float32Array((2 * iso.positions.length) / 3), 2);
        for (const { geometry } of cells) {
          geometry.dispose();
          geometry.setAttribute('position', position);
          geometry.setAttribute('normal', normal);
          geometry.setAttribute('uv', uv);
        }
        const [r, g, b] = mapOf(name)(level);
        for (const { inner, outer } of cells) {
          for (const mesh of [inner, outer]) {
            const color: Color = mesh.material.uniforms.uColor!.value;
            color.setRGB(r / 255, g / 255, b / 255, SRGBColorSpace);
          }
        }
      }
      distribute();
    },
    setSlices(from: VolumeStage, slices: VolumeModel['slices'], name: VolumeModel['colorMap']): void {
      const { volume, transform } = from;
      planes = [];
      const rims: number[] = [];
      volumeAxes.forEach((axis, n) => {
        const at = slices[axis];
        if (at === null || !volume || !transform) return;
        const which = n as SlicePlane['axis'];
        planes.push({ axis: which, at });
        images[n]!.image.data!.set(sliceImage(volume, which, at, transform, name, imageSize));
        images[n]!.needsUpdate = true;
        const corners = sliceCorners(which, at);
        setQuad(quads[n]!, corners);
        for (const [u, v, w] of [...corners, corners[0]!]) rims.push(u, v, unitHeight(w), 0);
        rims.push(0, 0, 0, breakRow);
      });
      outline.setPoints(Float32Array.from(rims), rims.length / 4);
      distribute();
    },
    paint(opacity: number, rim: string): void {
      for (const { inner, outer } of cells) {
        for (const mesh of [inner, outer]) mesh.material.uniforms.uOpacity!.value = opacity;
      }
      for (const part of parts) part.material.uniforms.uOpacity!.value = sliceOpacity;
      outlineMaterial.uniforms.uColor!.value.set(rim);
    },
    /** For an eye in units of the box. */
    arrange(eye: [number, number, number]): void {
      for (const part of parts) part.visible = false;
      let used = 0;
      paintOrder(eye, planes).forEach((part: Part, n) => {
        const order = firstOrder + 2 * n;
        if (part.kind === 'slice') {
          const mesh = parts[used++]!;
          mesh.geometry = quads[part.axis]!;
          mesh.material.uniforms.uImage!.value = images[part.axis]!;
          clip(mesh, part.box);
          mesh.renderOrder = order;
          mesh.visible = true;
          return;
        }
        const cell = cellOf.get(boxKey(part.box));
        if (!cell) return;
        cell.inner.renderOrder = order;
        cell.outer.renderOrder = order + 1;
        cell.inner.visible = cell.outer.visible = true;
      });
    },
    dispose(): void {
      for (const mesh of meshes) mesh.material.dispose();
      for (const { geometry } of cells) geometry.dispose();
      for (const quad of quads) quad.dispose();
      for (const image of images) image.dispose();
      outline.dispose();
    },
  };
}

function meshOf(geometry: BufferGeometry, material: ShaderMaterial): Mesh<BufferGeometry, ShaderMaterial> {
  const mesh = new Mesh(geometry, material);
  mesh.frustumCulled = false;
  return mesh;
}

const boxKey = ({ from, to }: Box): string => [...from, ...to].join(' ');

/** Sides of the box itself cut nothing off. */
const beyond = 1e-3;

function clip(mesh: Mesh<BufferGeometry, ShaderMaterial>, { from, to }: Box): void {
  const [x0, y0, z0] = from.map((c) => (c === 0 ? -beyond : c)) as Box['from'];
  const [x1, y1, z1] = to.map((c) => (c === 1 ? 1 + beyond : c)) as Box['to'];
  // v runs away from the viewer: its far end is the smaller world coordinate.
  mesh.material.uniforms.uFrom!.value.set(worldX(x0), worldY(unitHeight(z0)), worldZ(y1));
  mesh.material.uniforms.uTo!.value.set(worldX(x1), worldY(unitHeight(z1)), worldZ(y0));
}

function sliceTexture(): DataTexture {
  const texture = new DataTexture(new Uint8Array(4 * imageSize ** 2), imageSize, imageSize, RGBAFormat);
  texture.colorSpace = SRGBColorSpace;
  texture.magFilter = LinearFilter;
  texture.minFilter = LinearFilter;
  return texture;
}

/** Corners in the unit cube, along the two other axes in their order. */
function sliceCorners(axis: SlicePlane['axis'], at: number): [number, number, number][] {
  return [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ].map((place) => place.toSpliced(axis, 0, at) as [number, number, number]);
}

function setQuad(geometry: BufferGeometry, corners: readonly [number, number, number][]): void {
  const position = corners.flatMap(([u, v, w]) => [worldX(u), worldY(unitHeight(w)), worldZ(v)]);
  geometry.setAttribute('position', new BufferAttribute(Float32Array.from(position), 3));
  geometry.setAttribute('normal', new BufferAttribute(new Float32Array(12), 3));
  geometry.setAttribute('uv', new BufferAttribute(Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1), 2));
  geometry.setIndex([0, 1, 2, 0, 2, 3]);
}

function worldPositions(unit: Float32Array): Float32Array {
  const world = new Float32Array(unit.length);
  for (let k = 0; k < unit.length; k += 3) {
    world[k] = worldX(unit[k]!);
    world[k + 1] = worldY(unitHeight(unit[k + 2]!));
    world[k + 2] = worldZ(unit[k + 1]!);
  }
  return world;
}

/** Gradients in the unit cube as gradients in the world, whose box is less high than wide; the shader normalizes. */
function worldNormals(unit: Float32Array): Float32Array {
  const height = worldY(1) - worldY(unitHeight(0));
  const world = new Float32Array(unit.length);
  for (let k = 0; k < unit.length; k += 3) {
    world[k] = unit[k]!;
    world[k + 1] = unit[k + 2]! / height;
    world[k + 2] = -unit[k + 1]!;
  }
  return world;
}
