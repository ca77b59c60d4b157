import type { SurfaceRequest } from './landscape';

export const lintRules = [
  'pathSmall',
  'pathLeaves',
  'unnormalized',
  'staleStatistics',
  'lowExplained',
  'maskedCells',
  'subsetWithoutBand',
  'obliqueAxes',
  'largeResidual',
  'sliceFarFromPath',
] as const;
export type LintRule = (typeof lintRules)[number];

/** Something a careful reviewer would object to. */
export interface LintFinding {
  rule: LintRule;
  /** error: the picture is wrong; warning: it misleads; note: it should be said. */
  severity: 'error' | 'warning' | 'note';
  /** What was measured; the rule says of what. */
  value: number;
  /** What it may be at most (at least for shares that should be large); null where there is no number to compare with. */
  limit: number | null;
  /** In English; other languages have their own under `catalog.lint`. */
  title: string;
  why: string;
  /** The request for a plot without this objection, and what it changes; null where no plot of these runs is. */
  cure: { title: string; request: SurfaceRequest } | null;
}

export interface LintReport {
  findings: LintFinding[];
  /** Of the plot that was looked at. */
  surface: { id: string; min: number; max: number; executor: string };
}
