import { z } from 'zod';
import type { MergeTree } from '../math/mergeTree';
import type { Domain } from './experiment';
import { type Surface, surfaceRequestSchema } from './landscape';

const share = z.number().positive().max(1);

/**
 * What makes a cell part of a region. Lengths are those of parameter space, as shares of the window's shorter side;
 * heights are shares of the range (max − min) of the surface. So the same criteria serve every surface and do not change
 * when loss or directions are scaled.
 */
export const regionCriteriaSchema = z.strictObject({
  /** log: of the loss above the surface's floor (`heightTransform`), for losses over decades. */
  heights: z.enum(['linear', 'log']).default('linear'),
  /**
   * Minima that a saddle this much higher already drains are noise, and maxima this little above a saddle. 0.1 %: above what the grid makes up in a bent ravine
   * (Rosenbrock's at 51 × 51: 0.05 %), below the shallowest saddle of Himmelblau's function (0.6 %). On an interpolated
   * surface at least twice the largest error its checks saw.
   */
  persistence: z.number().min(0).max(1).default(0.001),
  /** Half the width of the difference stencils. 2 %: one cell of a 51 × 51 grid; larger values smooth noise away. */
  scale: share.default(0.02),
  /** Length over which slope and curvature are judged and that a plateau has in both directions. */
  extent: share.default(0.1),
  /** Flat: neither ‖g‖·ℓ nor ½|λ|ℓ² over the extent ℓ reaches this height; a curvature above it counts as one. */
  flatness: share.default(0.01),
  /** The step of a cliff. */
  cliffStep: share.default(0.05),
  /** Times the gradient norm changes within that step: an order of magnitude. */
  cliffJump: z.number().gt(1).default(10),
  /**
   * ‖g‖ times that step. 15 %: neither the ground of a parabola (2 % at the default step) nor the tip of a cone (10 %)
   * is a cliff, although the gradient falls to zero there.
   */
  cliffDrop: share.default(0.15),
  /** λ₁/|λ₂| of a ravine (and its mirror image of a ridge): below 10 plain gradient descent has no trouble. */
  conditionNumber: z.number().min(1).default(10),
  /** How far a valley's floor, a ridge's crest or a saddle may be, by the local quadratic. */
  reach: share.default(0.1),
  /** Smaller groups of cells are not listed as regions. A stencil spans 3 × 3. */
  minimumCells: z.int().min(1).default(4),
});
export type RegionCriteria = z.infer<typeof regionCriteriaSchema>;

/** `kinds` of a result holds indices of these; 255 where masked. Slope is what no criterion names. */
export const regionKinds = ['slope', 'plateau', 'cliff', 'ravine', 'ridge', 'saddle'] as const;
export type RegionKind = (typeof regionKinds)[number];
export const maskedKind = 255;

export const regionsRequestSchema = surfaceRequestSchema.extend({ criteria: regionCriteriaSchema.prefault({}) });

/** A cell with its place on the plane. */
export interface PlacedCell {
  cell: number;
  x: number;
  y: number;
  loss: number;
}

/** A minimum that survives the threshold, with its catchment area. */
export interface Basin {
  /** Number in the merge tree. */
  minimum: number;
  lowest: PlacedCell;
  /** At the window's edge the loss may go on falling outside. */
  atEdge: boolean;
  /** Where it joins an older basin; null for the deepest. */
  saddle: PlacedCell | null;
  /** In heights (loss, or decades with log); Infinity for the deepest. */
  persistence: number;
  cells: number;
  /** Share of the window's cells. */
  area: number;
}

/** A maximum that survives the threshold, with its hill: a basin upside down. */
export interface Peak {
  /** Number in the tree of the negated heights. */
  maximum: number;
  highest: PlacedCell;
  /** At the window's edge the loss may go on rising outside. */
  atEdge: boolean;
  /** Where its hill meets a higher one; null for the highest. */
  saddle: PlacedCell | null;
  /** In heights above that saddle; Infinity for the highest. */
  persistence: number;
  cells: number;
  area: number;
}

/** Cells of one kind that hang together (by sides and corners). */
export interface Region {
  kind: Exclude<RegionKind, 'slope'>;
  cells: number;
  area: number;
  bounds: Domain;
  lowest: PlacedCell;
  highest: PlacedCell;
}

/** The criteria in the surface's own units. */
export interface RegionThresholds {
  /** max − min of the heights. */
  range: number;
  /** Added before the logarithm; 0 for linear heights. */
  shift: number;
  /** In heights. */
  persistence: number;
  flatHeight: number;
  cliffHeight: number;
  /** In lengths of parameter space. */
  extent: number;
  cliffStep: number;
  reach: number;
  /** Largest ‖g‖ and |λ| of a plateau; smallest ‖g‖ of a cliff. */
  flatGradient: number;
  flatCurvature: number;
  cliffGradient: number;
  /** Half the stencil's width in cells along x and y. */
  stencil: [number, number];
}

export interface RegionMap {
  criteria: RegionCriteria;
  thresholds: RegionThresholds;
  tree: MergeTree;
  /** Of the negated heights: maxima and their hills. */
  hills: MergeTree;
  /** For each cell the minimum of its basin after the threshold; −1 where masked. */
  basinOf: Int32Array;
  /** For each cell the maximum of its hill after the threshold; −1 where masked. */
  hillOf: Int32Array;
  /** For each cell an index of `regionKinds`; 255 where masked. */
  kinds: Uint8Array;
  /** Largest first. */
  basins: Basin[];
  /** Largest first. */
  peaks: Peak[];
  regions: Region[];
  /** Cells beside masked ones, whose derivatives are not known: they have a basin, but count as slope. */
  undecided: number;
}

export interface SurfaceRegions extends RegionMap {
  surface: Surface;
}
