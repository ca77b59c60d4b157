import type { MotionColumns } from '../model/motion';
import type { Theme } from './optimizerColors';

/** How what moves an optimizer is drawn: the scene and its legend agree on it here. */

export const glyphs = ['descent', 'velocity', 'step', 'rate'] as const;
export type Glyph = (typeof glyphs)[number];

/** Told apart from each other, also without colour vision, and from the optimizers' paths by their casing. */
export const glyphColors: Record<Theme, Record<Glyph, string>> = {
  dark: { descent: '#ff5d73', velocity: '#ffd60a', step: '#ffffff', rate: '#4cc9f0' },
  light: { descent: '#c1121f', velocity: '#8f6400', step: '#11161d', rate: '#0369a1' },
};

/** Steps shorter than this share of the window are magnified. */
const shortestStep = 0.03;

/** The power of ten by which a step (a length in shares of the window) is drawn longer, so that it can be seen. */
export function stepMagnification(length: number): number {
  if (!(length > 0) || length >= shortestStep) return 1;
  return 10 ** Math.ceil(Math.log10(shortestStep / length) - 1e-9);
}

/** ‖x·d₁ + y·d₂‖ for axes of these lengths and this cosine between them. */
export function lengthOnPlane(x: number, y: number, [a, b]: readonly [number, number], cosine: number): number {
  return Math.sqrt(Math.max((x * a) ** 2 + (y * b) ** 2 + 2 * x * y * a * b * cosine, 0));
}

/**
 * Where a gradient of length 1 in the plane, at an angle to the first axis, moves the parameters to: the projection of Dn,
 * in the plane's coordinates. Over all angles an ellipse; a circle where all rates are the same.
 *
 * @param rate of a row of `MotionColumns`
 */
export function rateEllipse(
  { rate11, rate12, rate22 }: MotionColumns,
  row: number,
  norms: readonly [number, number],
  cosine: number,
  angle: number,
): [number, number] {
  // n in the unit axes, which need not be square to each other.
  const sine = Math.sqrt(1 - cosine * cosine);
  const b = Math.sin(angle) / sine;
  const a = Math.cos(angle) - b * cosine;
  const p = a * rate11[row]! + b * rate12[row]!;
  const q = a * rate12[row]! + b * rate22[row]!;
  return [(p - cosine * q) / (sine * sine * norms[0]), (q - cosine * p) / (sine * sine * norms[1])];
}
