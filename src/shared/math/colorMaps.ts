import { interpolateCividis, interpolateMagma, interpolatePuOr, interpolateViridis } from 'd3-scale-chromatic';
import type { Settings } from '../contract';
import { batlowHex } from './batlow';

export type ColorMapName = Settings['colorMap'];
/** Also the map of signed values, centred at 0: purple below, orange above (ColorBrewer, safe for colour-blind people). */
export type DrawnColorMap = ColorMapName | 'purpleOrange';
/** Red, green, blue in 0 … 255 (sRGB), not rounded. */
export type Rgb = [number, number, number];

export const colorMapNames = ['viridis', 'cividis', 'magma', 'batlow', 'grey'] as const satisfies ColorMapName[];

/** Entries of a lookup table. */
const size = 256;
const tables = new Map<DrawnColorMap, Uint8Array>();

/**
 * A perceptually uniform map that colour-blind people can read, from dark (t = 0) to light (t = 1); `purpleOrange` is
 * light in the middle.
 * Between the 256 colours of the table it interpolates linearly; t outside [0, 1] is clamped.
 * NaN has no colour: callers leave a gap (it gives mid grey, so that a mistake shows).
 */
export function colorMap(name: DrawnColorMap): (t: number) => Rgb {
  const table = colorTable(name);
  return (t) => {
    if (Number.isNaN(t)) return [128, 128, 128];
    const position = Math.min(Math.max(t, 0), 1) * (size - 1);
    const low = Math.min(Math.floor(position), size - 2);
    const weight = position - low;
    const channel = (c: number) => table[4 * low + c]! * (1 - weight) + table[4 * low + 4 + c]! * weight;
    return [channel(0), channel(1), channel(2)];
  };
}

/** The map as a 256 × 4 table (RGBA, alpha 255), ready to be a texture. Shared: do not write to it. */
export function colorTable(name: DrawnColorMap): Uint8Array {
  let table = tables.get(name);
  if (!table) {
    table = buildTable(name);
    tables.set(name, table);
  }
  return table;
}

/** `rgb(68, 1, 84)`, for SVG and CSS. */
export function cssColor([r, g, b]: Readonly<Rgb>): string {
  return `rgb(${Math.round(r)}, ${Math.round(g)}, ${Math.round(b)})`;
}

function buildTable(name: DrawnColorMap): Uint8Array {
  const table = new Uint8Array(4 * size).fill(255);
  for (let i = 0; i < size; i++) table.set(entry(name, i), 4 * i);
  return table;
}

function entry(name: DrawnColorMap, i: number): number[] {
  const t = i / (size - 1);
  switch (name) {
    case 'viridis':
      return parseColor(interpolateViridis(t));
    case 'cividis':
      return parseColor(interpolateCividis(t));
    case 'magma':
      return parseColor(interpolateMagma(t));
    case 'batlow':
      return parseColor(`#${batlowHex.slice(6 * i, 6 * i + 6)}`);
    case 'purpleOrange':
      return parseColor(interpolatePuOr(t));
    case 'grey': {
      // Equal steps of CIE lightness from 10 to 95.
      const level = greyOfLightness(10 + 85 * t);
      return [level, level, level];
    }
    default:
      return name satisfies never;
  }
}

/** `#rrggbb` or `rgb(r, g, b)`, the two forms d3-scale-chromatic gives. */
function parseColor(css: string): number[] {
  if (css.startsWith('#')) return [1, 3, 5].map((at) => Number.parseInt(css.slice(at, at + 2), 16));
  return (css.match(/\d+/g) ?? []).map(Number);
}

/** sRGB level of the grey with CIE L* (0 … 100, D65; CIE 15:2004 and IEC 61966-2-1). */
function greyOfLightness(lightness: number): number {
  const f = (lightness + 16) / 116;
  const luminance = f > 6 / 29 ? f ** 3 : 3 * (6 / 29) ** 2 * (f - 4 / 29);
  const encoded = luminance <= 0.0031308 ? 12.92 * luminance : 1.055 * luminance ** (1 / 2.4) - 0.055;
  return Math.round(255 * encoded);
}
