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
  colorMap: 'viridis' | 'cividis' | 'magma' | 'batlow' | 'grey';
  theme: 'dark' | 'light';
  /** Perspective from the side, or straight down with contours. */
  view: 'perspective' | 'top';
  showContours: boolean;
  showShadows: boolean;
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
  /** Shown to its end wherever the timeline stands. */
  whole?: true;
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
