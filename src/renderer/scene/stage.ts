import { type DataTexture, Vector2, Vector3 } from 'three';
import { type HeightTransform, heightTransform } from '../../shared/math/heightTransform';
import { axisTicks, type LossTick, lossTicks, type Tick } from '../../shared/math/ticks';
import type { Domain } from '../../shared/model/experiment';
import { fillLevelTable, levelTexture } from './contourTable';
import { DrapedPath, type MarkerPosition } from './drape';
import { buildHeightField, type HeightField } from './heightField';
import { clipEnds, clippedTicks, heightExtent, isDrawnAlike, levelsBetween } from './layer';
import type { SceneLayer, SceneMark, SceneSurface } from './model';
import { Projector } from './projector';

/** Uniforms that several materials read; written once a frame. */
export interface SharedUniforms {
  /** Size of the canvas in CSS pixels. */
  uViewport: { value: Vector2 };
  uPixelRatio: { value: number };
  uLight: { value: Vector3 };
  /** 1: lit relief; less in the top view, where colours are read off. */
  uRelief: { value: number };
  /** Iso-lines by height; see fillLevelTable. */
  uLevels: { value: DataTexture };
  /** Width of a cell of the mesh in units of the window. */
  uCell: { value: number };
  /** 1 where the lowest (x) and the highest (y) heights are cut flat. */
  uClip: { value: Vector2 };
}

/** One optimizer's marker as it was last drawn. */
export interface MarkerState extends MarkerPosition {
  id: string;
  label: string;
  color: string;
  visible: boolean;
  drawnHeight: number;
  /** A whole path that ends outside leaves the window at (u, v), this way in unit coordinates; null for others. */
  leaving: { du: number; dv: number } | null;
  /** Where its label was placed; see placeLabels. */
  placement: number;
  /** The path on the surface. */
  path: DrapedPath;
}

/** A mark as it was last drawn, in pixels. */
export interface DrawnMark {
  mark: SceneMark;
  x: number;
  y: number;
  /** Where its label was placed; see placeLabels. */
  placement: number;
}

/** The point under the pointer or of the keyboard. */
export interface CursorState {
  u: number;
  v: number;
  height: number;
  visible: boolean;
}

const contourCount = 16;
const axisCount = 5;
const lossCount = 5;

/**
 * What the parts of one Landscape share outside React: the field being drawn, its transform, and per-frame values.
 * `update` is called while rendering and is idempotent; parts read it in `useFrame`.
 */
export class Stage {
  field: HeightField | null = null;
  transform: HeightTransform | null = null;
  domain: Domain = [0, 1, 0, 1];
  surface: SceneSurface | null = null;
  levels: LossTick[] = [];
  ticks: { x: Tick[]; y: Tick[] } = { x: [], y: [] };
  lossAxis: LossTick[] = [];
  /** Counts changes of field or transform. */
  revision = 0;
  /** 0 perspective, 1 straight down without perspective; between them while the camera moves. */
  topness = 0;
  readonly uniforms: SharedUniforms = {
    uViewport: { value: new Vector2(1, 1) },
    uPixelRatio: { value: 1 },
    uLight: { value: new Vector3(0, 1, 0) },
    uRelief: { value: 1 },
    uLevels: { value: levelTexture() },
    uCell: { value: 1 },
    uClip: { value: new Vector2(0, 0) },
  };
  readonly markers = new Map<string, MarkerState>();
  /** Critical points as last drawn. */
  marks: DrawnMark[] = [];
  readonly cursor: CursorState = { u: 0.5, v: 0.5, height: 0, visible: false };
  readonly projector = new Projector();
  /** Points a side up to which coarse grids are made smooth. */
  readonly resolution: number;
  private key: { surface: SceneSurface; version: number; scale: 'linear' | 'log'; layer: SceneLayer } | null = null;

  constructor(resolution: number) {
    this.resolution = resolution;
  }

  dispose(): void {
    this.uniforms.uLevels.value.dispose();
  }

  update(surface: SceneSurface | null, scale: 'linear' | 'log', layer: SceneLayer): number {
    if (!surface) {
      if (this.key) this.revision++;
      this.key = null;
      this.surface = null;
      this.field = null;
      this.transform = null;
      this.levels = [];
      this.lossAxis = [];
      return this.revision;
    }
    const { key } = this;
    const same = key && key.surface === surface && key.version === surface.version && key.scale === scale;
    if (same && isDrawnAlike(key.layer, layer)) return this.revision;
    this.key = { surface, version: surface.version, scale, layer };
    const extent = heightExtent(surface.loss, layer, scale);
    const drawable = extent !== null && surface.xs.length > 1 && surface.ys.length > 1;
    this.surface = drawable ? surface : null;
    this.domain = surface.range;
    this.transform = drawable ? heightTransform(scale, extent[0], extent[1]) : null;
    this.field = this.transform ? buildHeightField(surface, this.transform, this.resolution, this.field) : null;
    const ends = clipEnds(layer);
    this.uniforms.uClip.value.set(Number(ends.low), Number(ends.high));
    this.levels = this.transform
      ? levelsBetween(lossTicks(this.transform, contourCount), ends, this.transform, layer.step)
      : [];
    const [x0, x1, y0, y1] = this.domain;
    this.ticks = { x: axisTicks(x0, x1, axisCount), y: axisTicks(y0, y1, axisCount) };
    this.lossAxis = this.transform ? clippedTicks(lossTicks(this.transform, lossCount), layer) : [];
    if (this.field) this.uniforms.uCell.value = 1 / (Math.min(this.field.nx, this.field.ny) - 1);
    const table = this.uniforms.uLevels.value;
    fillLevelTable(this.levels, table.image.data as Float32Array);
    table.needsUpdate = true;
    return ++this.revision;
  }

  addMarker(id: string): MarkerState {
    const state: MarkerState = {
      id,
      label: '',
      color: '',
      visible: false,
      u: 0,
      v: 0,
      height: 0,
      drawnHeight: 0,
      leaving: null,
      loss: 0,
      inside: true,
      placement: -1,
      path: new DrapedPath(),
    };
    this.markers.set(id, state);
    return state;
  }

  removeMarker(state: MarkerState): void {
    if (this.markers.get(state.id) === state) this.markers.delete(state.id);
  }
}
