import { toJson } from '../../shared/json';
import type { CurvatureComparison } from '../../shared/model/curvature';
import type { Eigenvalue } from '../../shared/model/landscape';
import { saveFile } from '../api';
import { type Cell, csvText } from './csv';
import { fileName } from './figure';

/** Saves what is shown. Returns the file's name; null when cancelled. */
export function exportCurvature(
  shown: CurvatureComparison,
  format: 'csv' | 'json',
  runName: string,
): Promise<string | null> {
  const text = format === 'csv' ? curvatureCsv(shown) : `${toJson(shown)}\n`;
  return saveFile(`${fileName(runName)}-${shown.measurement}.${format}`, new TextEncoder().encode(text));
}

/**
 * One row per number of a spectrum, point of a density, trace, layer, or row of a path, with the matrix it is of.
 */
export function curvatureCsv(shown: CurvatureComparison): string {
  return csvText(table(shown));
}

function table(shown: CurvatureComparison): Cell[][] {
  switch (shown.measurement) {
    case 'spectrum':
      return [
        ['matrix', 'step', 'end', 'eigenvalue', 'residual', 'converged', 'standardError', 'gradientAlignment'],
        ...shown.results.flatMap(({ matrix, step, eigenvalues, bottom, around }) =>
          [
            ...eigenvalues.map((eigenvalue) => ({ end: 'top', ...eigenvalue })),
            ...(around?.eigenvalues ?? []).map((eigenvalue) => ({ end: 'around', ...eigenvalue })),
            ...bottom.map((eigenvalue) => ({ end: 'bottom', ...eigenvalue })),
          ].map(({ end, standardError, gradientAlignment, ...pair }): Cell[] => [
            ...[matrix, step, end],
            ...eigenvalueCells(pair),
            ...[standardError, gradientAlignment],
          ]),
        ),
      ];
    case 'density':
      return [
        ['matrix', 'step', 'eigenvalue', 'density', 'standardError'],
        ...shown.results.flatMap(({ matrix, step, xs, density, standardError }) =>
          Array.from(xs, (x, i): Cell[] => [matrix, step, x, density[i]!, standardError?.[i] ?? null]),
        ),
      ];
    case 'trace':
      return [
        ['matrix', 'step', 'trace', 'standardError', 'low', 'high', 'confidence', 'method', 'products'],
        ...shown.results.map(
          ({ matrix, step, value, standardError, interval, confidence, method, products }): Cell[] => [
            ...[matrix, step, value, standardError],
            ...interval,
            ...[confidence, method, products],
          ],
        ),
      ];
    case 'layers':
      return [
        [
          ...['matrix', 'step', 'layer', 'parameters', 'largestEigenvalue', 'residual', 'converged'],
          ...['trace', 'traceStandardError', 'traceLow', 'traceHigh', 'gradientShare'],
        ],
        ...shown.results.flatMap(({ matrix, step, layers }) =>
          layers.map(({ name, parameters, eigenvalues: [largest], trace, gradientShare }): Cell[] => [
            ...[matrix, step, name, parameters],
            ...(largest ? eigenvalueCells(largest) : [null, null, null]),
            ...[trace.value, trace.standardError, ...trace.interval, gradientShare],
          ]),
        ),
      ];
    case 'alongPath':
      return [
        [
          ...['matrix', 'row', 'step', 'sharpness', 'residual', 'converged', 'standardError'],
          ...['gradientAlignment', 'learningRate', 'twoOverLearningRate'],
        ],
        ...shown.results.flatMap(({ matrix, points }) =>
          points.map(({ row, step, standardError, gradientAlignment, learningRate, ...pair }): Cell[] => [
            ...[matrix, row, step],
            ...eigenvalueCells(pair),
            ...[standardError, gradientAlignment, learningRate, 2 / learningRate],
          ]),
        ),
      ];
    default:
      return shown satisfies never;
  }
}

/** Value, residual, converged. */
export const eigenvalueCells = ({ value, residual, converged }: Eigenvalue): Cell[] => [value, residual, converged];
