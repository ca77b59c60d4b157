import type { DrawnColorMap } from '../../shared/math/colorMaps';
import type { Domain } from '../../shared/model/experiment';
import type { CriticalKind } from '../../shared/model/landscape';
import type { MotionColumns } from '../../shared/model/motion';

/**
 * What the scene draws: plain data, made by `state`, drawn by `scene`. World units belong to the scene alone;
 * everything here is in the plane's coordinates and the objective's loss.
 */
export interface SceneModel {
  surface: SceneSurface | null;
  paths: ScenePath[];
  marks: readonly SceneMark[];
  /** What moves the optimizers; none when left out. */
  motions?: readonly SceneMotion[];
  labels: { x: string; y: string; loss: string };
  heightScale: 'linear' | 'log';
  colorMap: DrawnColorMap;
  layer: SceneLayer;
  section: SceneSection | null;
  theme: 'dark' | 'light';
  /** Perspective from the side, or straight down with contours. */
  view: 'perspective' | 'top';
  showContours: boolean;
  showShadows: boolean;
}

/** How the heights of the surface are to be read. */
export interface SceneLayer {
  /** Heights from here on are one flat top; of signed heights also those below its negative. null: none are cut. */
  clip: number | null;
  /** Heights and colours are centred at 0. */
  signed: boolean;
  /** Heights are multiples of this (shares of n examples: 1/n); 0: of nothing. Iso-lines run between two of them. */
  step: number;
  /** Two sheets this far above and below the surface, a number per point; null for none. */
  band: Float64Array | null;
  /** 1 for the points that were computed and are marked; null: none are. */
  evaluated: Uint8Array | null;
  /** Height in the box of a path's distance 1 from the plane; null: no such lines. */
  dropScale: number | null;
  /** The paths' losses are heights of this surface: their numbers stand beside the markers. */
  isPathLoss: boolean;
}

/** Heights as they are, nothing beside them. */
export const plainLayer: SceneLayer = {
  ...{ clip: null, signed: false, step: 0, band: null, evaluated: null, dropScale: null, isPathLoss: true },
};

/** A segment of the plane, laid on the surface; one end alone while the other is being chosen. */
export interface SceneSection {
  from: readonly [number, number];
  to: readonly [number, number] | null;
}

export interface SceneSurface {
  /** Changes when the numbers below changed in place (a refinement pass). */
  version: number;
  range: Domain;
  xs: Float64Array;
  ys: Float64Array;
  /** [ny, nx] row-major; NaN is a gap. */
  loss: Float64Array;
}

/** One optimizer's path. The arrays are preallocated and grow in place; only the first `count.current` rows are real. */
export interface ScenePath {
  id: string;
  label: string;
  /** CSS colour. */
  color: string;
  buffers: { current: PathBuffers };
  count: { readonly current: number };
  visible: boolean;
  /**
   * Shown to its end wherever the timeline stands. Where it ends outside the window, an arrow at the edge it leaves by,
   * with this text, stands for the end.
   */
  whole?: { leaving: string };
  /** The row at which its marker stands; at the playhead when left out. */
  markerAt?: number;
}

/** A critical point, a place where none was found, or a bend of a curve, on the surface. Its shape says what it is. */
export interface SceneMark {
  id: string;
  kind: CriticalKind | 'bend';
  x: number;
  y: number;
  /** Stands beside it; none when empty. */
  label: string;
  chosen: boolean;
  /** Height of the line above it, in widths of the window: how far the point is from the plane. 0 for none. */
  drop: number;
}

/** What moved an optimizer at each of its rows, drawn at the marker of its path. */
export interface SceneMotion {
  /** Of the path. */
  id: string;
  rows: number;
  columns: MotionColumns;
  /** The plane's axes: their lengths and the cosine between them. */
  norms: readonly [number, number];
  cosine: number;
}

export interface PathBuffers {
  x: Float64Array;
  y: Float64Array;
  /** True loss. */
  loss: Float64Array;
  /** Distance from the plane; 0 on it. */
  residual: Float64Array;
}

export interface HoverProbe {
  x: number;
  y: number;
  loss: number;
  gradient: [number, number];
}

/** Where the timeline stands, in recorded rows (fractional while playing). Read in `useFrame`, never through React. */
export interface Playhead {
  readonly current: number;
  /** Called when `current` moves so that the scene can `invalidate()`. Returns the undo. */
  subscribe(listener: () => void): () => void;
}

export interface SceneHandlers {
  /** null: the pointer left the surface. */
  onHover(probe: HoverProbe | null): void;
  /** A click (not a drag) or Enter at the keyboard cursor. */
  onPick(x: number, y: number): void;
  /** The same on a mark. */
  onPickMark(id: string): void;
}

export interface SceneControls {
  resetView(): void;
  /** Orbit by whole steps, for the keyboard. */
  orbit(azimuthSteps: number, elevationSteps: number): void;
  zoom(steps: number): void;
  /** The current picture as PNG. */
  capture(): Promise<Uint8Array>;
}
