import { z } from 'zod';
import {
  maximumGridCells,
  type Plane,
  type PlanePath,
  planeSpecSchema,
  type Subset,
  type Surface,
  surfaceRequestSchema,
} from './landscape';

/** Lines through a plane, volumes above it, and differences of surfaces. */

const { grid: _grid, range, adaptive: _adaptive, save, ...measured } = surfaceRequestSchema.shape;
const place = z.tuple([z.number().finite(), z.number().finite()]);

export const profileRequestSchema = z
  .strictObject({
    ...measured,
    /** Ends in plane coordinates. */
    from: place,
    to: place,
    points: z.int().min(2).max(65_536).default(101),
  })
  .refine(({ from, to }) => from[0] !== to[0] || from[1] !== to[1], {
    error: 'the two ends are the same point',
    path: ['to'],
  });

/** New points of a profile while it is being computed. */
export interface ProfileTile {
  index: Int32Array;
  loss: Float64Array;
}

/** L along a segment of a plane, every point computed. All arrays have one entry per point. */
export interface Profile {
  x: Float64Array;
  y: Float64Array;
  /** From the first end, in lengths of parameter space. */
  distance: Float64Array;
  /** NaN where it is not finite. */
  loss: Float64Array;
  standardError: Float64Array | null;
  accuracy: Float64Array | null;
  min: number;
  max: number;
  masked: number;
  seconds: number;
  executor: string;
  examples: number;
  subset: Subset;
  split: Surface['split'];
  plane: Surface['plane'];
}

export const volumeRequestSchema = z.strictObject({
  ...measured,
  range,
  save,
  /** Points along the plane's axes and the third direction. */
  grid: z
    .tuple([z.int().min(2).max(512), z.int().min(2).max(512), z.int().min(2).max(512)])
    .refine(([nx, ny, nz]) => nx * ny * nz <= maximumGridCells, {
      error: `a volume holds at most ${maximumGridCells} cells`,
    })
    .default([25, 25, 25]),
  /** The axis of another plane, made orthogonal to the first; it keeps its length. */
  third: z.strictObject({
    plane: planeSpecSchema,
    /** Which of its axes. */
    axis: z.literal([1, 2]).default(1),
  }),
  /** z₀ and z₁; the plane is z = 0. As wide as that axis's own suggestion, and holding the paths, when left out. */
  depth: z
    .tuple([z.number().finite(), z.number().finite()])
    .refine(([z0, z1]) => z0 < z1, { error: 'depth is z0,z1 with z0 < z1' })
    .optional(),
});

/** A whole slice of a volume. */
export interface VolumeSlice {
  k: number;
  z: number;
  xs: Float64Array;
  ys: Float64Array;
  /** [ny, nx] */
  loss: Float64Array;
}

/** A run's path seen from a volume. All arrays have one entry per recorded row. */
export interface VolumePath extends PlanePath {
  /** Coordinate on the third direction. */
  z: Float64Array;
}

export interface Volume {
  id: string;
  xs: Float64Array;
  ys: Float64Array;
  zs: Float64Array;
  /** [nz, ny, nx]: loss[(k·ny + j)·nx + i] = L at (xs[i], ys[j], zs[k]); NaN where it is not finite. */
  loss: Float64Array;
  min: number;
  max: number;
  masked: number;
  evaluations: number;
  seconds: number;
  executor: string;
  examples: number;
  subset: Subset;
  split: Surface['split'];
  plane: Omit<Plane, 'paths'>;
  /** The third direction's name and ‖d₃‖. */
  third: { label: string; norm: number };
  /** Of the source's runs; residual is the distance from the volume. */
  paths: VolumePath[];
  /** As of a surface. */
  reused?: Surface['reused'];
}

export const differenceRequestSchema = z.strictObject({
  minuend: surfaceRequestSchema,
  subtrahend: surfaceRequestSchema,
});

/** minuend − subtrahend on the minuend's grid. */
export interface SurfaceDifference {
  xs: Float64Array;
  ys: Float64Array;
  /** [ny, nx]; NaN where either is masked or the subtrahend does not reach. */
  difference: Float64Array;
  /** 1 where both values were computed at this very point, 0 where one is interpolated or resampled. */
  exact: Uint8Array;
  /** The grids differ: the subtrahend was resampled bilinearly. */
  resampled: boolean;
  min: number;
  max: number;
  masked: number;
  rootMeanSquare: number;
  minuend: Surface;
  subtrahend: Surface;
}
