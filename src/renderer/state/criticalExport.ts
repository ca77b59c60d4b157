import { toJson } from '../../shared/json';
import type { CriticalPoints, FoundCriticalPoint } from '../../shared/model/critical';
import { saveFile } from '../api';
import { type Cell, csvText } from './csv';
import { eigenvalueCells } from './curvatureExport';
import { fileName } from './figure';

/** Saves what was found. Returns the file's name; null when cancelled. */
export function exportCritical(
  found: CriticalPoints | FoundCriticalPoint,
  format: 'csv' | 'json',
  name: string,
): Promise<string | null> {
  const text = format === 'json' ? `${toJson(found)}\n` : 'points' in found ? windowCsv(found) : foundCsv(found);
  return saveFile(`${fileName(name)}-critical-points.${format}`, new TextEncoder().encode(text));
}

/** One row per point. */
export const windowCsv = ({ points }: CriticalPoints): string =>
  csvText([
    ['kind', 'index', 'x', 'y', 'value', 'eigenvalue1', 'eigenvalue2', 'residual'],
    ...points.map(({ kind, index, x, y, value, eigenvalues, residual }): Cell[] => [
      ...[kind, index, x, y, value],
      ...eigenvalues,
      residual,
    ]),
  ]);

/** One row per eigenvalue, with the point it is of. */
export function foundCsv({ index, ...point }: FoundCriticalPoint): string {
  const { step, method, outcome, loss, gradientNorm, onPlane } = point;
  const of: Cell[] = [
    ...[step, method, outcome, index.kind, loss, gradientNorm],
    ...[index.negative, index.zero, index.positive, onPlane?.x ?? null, onPlane?.y ?? null, onPlane?.distance ?? null],
  ];
  const ends = [
    ...index.top.map((pair) => ({ end: 'top', ...pair })),
    ...index.bottom.map((pair) => ({ end: 'bottom', ...pair })),
  ];
  return csvText([
    [
      ...['step', 'method', 'outcome', 'kind', 'loss', 'gradientNorm', 'negative', 'zero', 'positive'],
      ...['x', 'y', 'distance', 'end', 'eigenvalue', 'residual', 'converged'],
    ],
    ...ends.map(({ end, ...pair }): Cell[] => [...of, end, ...eigenvalueCells(pair)]),
  ]);
}
