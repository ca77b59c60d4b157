import { selectionText } from '../../../shared/math/executorText';
import { formatNumber } from '../../../shared/math/numbers';
import type { Density, DensityMoment, Layers, PathSharpness, Trace } from '../../../shared/model/curvature';
import type { Spectrum, SpectrumEigenvalue } from '../../../shared/model/landscape';
import { table } from './output';

/** Curvature in lines for people. */

const percent = (share: number) => `${formatNumber(100 * share, 3)} %`;
/** value ± standard error, where there is one. */
const plusMinus = (value: number, error: number | null) =>
  error === null ? formatNumber(value, 6) : `${formatNumber(value, 6)} ± ${formatNumber(error, 2)}`;
const whether = (converged: boolean) => (converged ? 'converged' : 'not converged');

export function spectrumLines(spectrum: Spectrum): string[] {
  const { parameters, samples, loss, gradientNorm, gradientHessianGradient, kind, index, step, executor } = spectrum;
  const { conditionNumber, conditionNumberInterval, around, all } = spectrum;
  const sampled = spectrum.subset.kind !== 'full';
  const row = ({ value, residual, converged, standardError, gradientAlignment }: SpectrumEigenvalue) => [
    formatNumber(value, 7),
    formatNumber(residual, 3),
    ...(sampled ? [standardError === null ? '–' : formatNumber(standardError, 2)] : []),
    percent(gradientAlignment),
    whether(converged),
  ];
  const name = {
    minimum: 'minimum',
    saddle: `saddle of index ${index ?? '?'}`,
    maximum: 'maximum',
    degenerate: 'degenerate (flat directions)',
    notCritical: `not a critical point: ‖g‖ = ${formatNumber(gradientNorm)}`,
  }[kind];
  const header = ['eigenvalue', 'residual', ...(sampled ? ['standard error'] : []), 'of gradient', ''];
  return [
    spectrum.matrix === 'hessian' ? `step ${step}: ${name}` : `step ${step}`,
    `  loss ${formatNumber(loss, 7)}, ‖g‖ ${formatNumber(gradientNorm)}, gᵀHg ${formatNumber(gradientHessianGradient)}`,
    `  ${parameters} parameters, ${samples} examples (${executor})`,
    ...(spectrum.executorSelection ? [`  ${selectionText(spectrum.executorSelection)}`] : []),
    ...table(header, [...spectrum.eigenvalues, ...spectrum.bottom].map(row)),
    ...(around ? [`nearest to ${formatNumber(around.shift)}`, ...table(header, around.eigenvalues.map(row))] : []),
    ...(conditionNumber !== null && conditionNumberInterval
      ? [
          `condition number ${formatNumber(conditionNumber)} (${conditionNumberInterval.map((end) => formatNumber(end)).join(' to ')})`,
        ]
      : []),
    ...(all
      ? [
          `all ${all.values.length} eigenvalues known within ${formatNumber(all.errorBound, 2)}: ${all.values.filter((value) => value < 0).length} below zero`,
        ]
      : []),
  ];
}

export function traceLines({ value, standardError, interval, confidence, method, products }: Trace): string[] {
  const how = method === 'exact' ? 'summed exactly' : method;
  return [
    `trace ${plusMinus(value, standardError)} (${how}, ${products} products)`,
    `  ${percent(confidence)} interval ${interval.map((end) => formatNumber(end, 6)).join(' to ')}`,
  ];
}

export function densityLines(density: Density): string[] {
  const { method, starts, steps, sigma, range, mass, moments, products } = density;
  const how = method === 'exact' ? 'all eigenvalues' : `${starts} starts of ${steps} Lanczos steps`;
  const moment = ({ value, standardError, samplingStandardError }: DensityMoment) =>
    plusMinus(
      value,
      samplingStandardError === null ? standardError : Math.hypot(standardError ?? 0, samplingStandardError),
    );
  return [
    `density from ${range.map((end) => formatNumber(end, 6)).join(' to ')} (${how}, ${products} products)`,
    `  mass ${formatNumber(mass, 6)}, kernel ${formatNumber(sigma, 3)}`,
    `  mean ${moment(moments[0])}, mean square ${moment(moments[1])}`,
  ];
}

export function layersLines({ layers, eigenvectors, confidence }: Layers): string[] {
  return [
    ...table(
      ['layer', 'parameters', 'largest eigenvalue', 'trace', `${percent(confidence)} interval`, 'of gradient'],
      layers.map(({ name, parameters, eigenvalues, trace, gradientShare }) => [
        name,
        parameters,
        eigenvalues.map(({ value }) => formatNumber(value, 6)).join(', '),
        plusMinus(trace.value, trace.standardError),
        trace.interval.map((end) => formatNumber(end, 4)).join(' to '),
        percent(gradientShare),
      ]),
    ),
    ...table(
      ['eigenvector of', ...layers.map(({ name }) => name), 'lives on', 'of gradient'],
      eigenvectors.map(({ value, participation, participationRatio, gradientAlignment }) => [
        formatNumber(value, 6),
        ...participation.map(percent),
        `${formatNumber(participationRatio, 3)} parameters`,
        percent(gradientAlignment),
      ]),
    ),
  ];
}

export function pathLines({ points, products, seconds }: PathSharpness): string[] {
  const sampled = points.some(({ standardError }) => standardError !== null);
  return [
    `sharpness along the path (${products} products, ${formatNumber(seconds, 3)} s)`,
    ...table(
      ['step', 'λmax', 'residual', ...(sampled ? ['standard error'] : []), '2/learning rate', ''],
      points.map(({ step, value, residual, standardError, learningRate, converged }) => [
        step,
        formatNumber(value, 6),
        formatNumber(residual, 3),
        ...(sampled ? [standardError === null ? '–' : formatNumber(standardError, 2)] : []),
        formatNumber(2 / learningRate, 4),
        whether(converged),
      ]),
    ),
  ];
}
