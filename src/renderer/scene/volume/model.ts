import type { SceneModel } from '../model';

/** What the view of a volume draws: plain data, in the volume's coordinates and the objective's loss. */
export interface VolumeModel {
  volume: SceneVolume | null;
  paths: readonly VolumePathModel[];
  labels: { x: string; y: string; z: string; loss: string };
  heightScale: SceneModel['heightScale'];
  colorMap: SceneModel['colorMap'];
  theme: SceneModel['theme'];
  view: SceneModel['view'];
  /** The isosurface; null: not shown. As a share of the colour scale, 0 to 1. */
  level: number | null;
  /** Of the isosurface, 0 to 1. */
  opacity: number;
  /** Where the slices stand along their axes, 0 to 1; null: not shown. */
  slices: Slices;
}

export const volumeAxes = ['x', 'y', 'z'] as const;
export type VolumeAxis = (typeof volumeAxes)[number];
export type Slices = Record<VolumeAxis, number | null>;

export interface SceneVolume {
  /** Changes when the numbers below changed in place (a slice came in). */
  version: number;
  xs: Float64Array;
  ys: Float64Array;
  zs: Float64Array;
  /** [nz, ny, nx]; NaN is a gap. */
  loss: Float64Array;
}

export interface VolumePathModel {
  id: string;
  label: string;
  /** CSS colour. */
  color: string;
  x: Float64Array;
  y: Float64Array;
  z: Float64Array;
  /** True loss. */
  loss: Float64Array;
  visible: boolean;
}

export interface VolumeHandlers {
  /** Keys of the scene: the level or a slice, by whole steps. */
  onStep(what: 'level' | VolumeAxis, steps: number): void;
  onToggle(what: 'level' | VolumeAxis): void;
}
