import { z } from 'zod';
import { finiteExtent } from '../../shared/math/heightTransform';
import type { Surface } from '../../shared/model/landscape';
import type { FieldIssue } from './compile';

const text = z.string().max(100);

export const measures = ['loss', 'accuracy', 'error', 'gap', 'standardError'] as const;
/** What the heights are; `error` is the share wrong (0–1 loss), `gap` validation − training loss, both of the data alone. */
export type Measure = (typeof measures)[number];

/** Which of a surface's numbers are drawn and how; numbers are the text typed. */
export const layerOptionsShape = {
  measure: z.enum(measures).default('loss'),
  /** The L2 term of the training loss in the picture. */
  l2: z.enum(['in', 'out']).default('in'),
  /** Standard errors above and below a surface of a subset that are drawn as sheets. */
  band: z.enum(['0', '1', '2']).default('0'),
  /** Heights are cut at a typed value, or at a quantile (in percent) of the surface's own. */
  clip: z.enum(['none', 'value', 'quantile']).default('none'),
  clipValue: text.default(''),
  clipQuantile: text.default('95'),
  /** Compute only where the surface bends, to this error in percent of the range. */
  adaptive: z.boolean().default(false),
  tolerance: text.default('1'),
  /** Mark the computed points of such a surface. */
  evaluated: z.boolean().default(false),
  /** The distance of each path from the plane, as lines. */
  dropLines: z.boolean().default(false),
};
const layerOptionsSchema = z.object(layerOptionsShape);
export type LayerOptions = z.infer<typeof layerOptionsSchema>;
export const defaultLayerOptions: LayerOptions = layerOptionsSchema.parse({});

/** A typed number in (least, most]; what is wrong with it otherwise. */
function numberIssue(path: string, typed: string, least: number, most: number): FieldIssue | null {
  const value = typed.trim();
  const number = Number(value);
  if (value === '') return { path, key: 'required', values: {} };
  if (!Number.isFinite(number)) return { path, key: 'notANumber', values: { value } };
  if (number <= least) return { path, key: 'tooSmallExclusive', values: { value, limit: String(least) } };
  if (number > most) return { path, key: 'tooBig', values: { value, limit: String(most) } };
  return null;
}

/** What needs another computation and is wrong. */
export function adaptiveIssue({ adaptive, tolerance }: LayerOptions): FieldIssue | null {
  return adaptive ? numberIssue('tolerance', tolerance, 0, 100) : null;
}

export function clipIssue({ clip, clipValue, clipQuantile }: LayerOptions): FieldIssue | null {
  if (clip === 'value') return numberIssue('clipValue', clipValue, Number.NEGATIVE_INFINITY, Number.MAX_VALUE);
  return clip === 'quantile' ? numberIssue('clipQuantile', clipQuantile, 0, 100) : null;
}

/** The height the surface is cut at; null where it is not, also where the cut would leave nothing or take nothing. */
export function clipLevel(options: LayerOptions, values: Float64Array): number | null {
  if (options.clip === 'none' || clipIssue(options)) return null;
  const extent = finiteExtent(values);
  if (!extent) return null;
  const level =
    options.clip === 'value' ? Number(options.clipValue) : quantile(values, Number(options.clipQuantile) / 100);
  return level > extent[0] && level < extent[1] ? level : null;
}

/** Of the finite values, linear between order statistics (type 7 of Hyndman & Fan 1996, NumPy's default). */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.filter(Number.isFinite).sort();
  const position = share * (sorted.length - 1);
  const low = Math.floor(position);
  const below = sorted[low] ?? Number.NaN;
  return below + (position - low) * ((sorted[low + 1] ?? below) - below);
}

/** A part of the data a surface is of. `full`: every point is computed, which accuracy and standard error need. */
export interface Part {
  split: Surface['split'];
  l2: 'in' | 'out';
  full: boolean;
}
export const partKey = ({ split, l2, full }: Part): string => [split, split === 'train' ? l2 : '', full].join();

/** The surfaces a layer is made of, its own first. */
export function partsOf(
  { measure, l2, band, split }: Pick<LayerOptions, 'measure' | 'l2' | 'band'> & { split: Surface['split'] },
  adaptive: boolean,
): Part[] {
  const full =
    adaptive && (measure === 'accuracy' || measure === 'error' || measure === 'standardError' || band !== '0');
  if (measure !== 'gap') return [{ split, l2, full }];
  return [
    { split: 'validation', l2: 'in', full: false },
    { split: 'train', l2: 'out', full: false },
  ];
}

/**
 * The heights of a layer from its parts; null where they have no such numbers.
 *
 * gap = validation − training loss, both without the L2 term; error = 1 − accuracy.
 */
export function layerValues(measure: Measure, [own, other]: readonly Surface[]): Float64Array | null {
  if (!own) return null;
  switch (measure) {
    case 'loss':
      return own.loss;
    case 'accuracy':
      return own.accuracy;
    case 'error':
      return own.accuracy?.map((share) => 1 - share) ?? null;
    case 'standardError':
      return own.standardError;
    case 'gap':
      return other ? own.loss.map((loss, k) => loss - other.loss[k]!) : null;
    default:
      return measure satisfies never;
  }
}
