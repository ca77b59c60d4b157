import { selectionText } from '../../../shared/math/executorText';
import { formatNumber } from '../../../shared/math/numbers';
import {
  type Density,
  type DensityMoment,
  gaussNewtonAsFisher,
  type Layers,
  type PathSharpness,
  type Trace,
} from '../../../shared/model/curvature';
import type { LossName } from '../../../shared/model/experiment';
import type { CurvatureMatrix, Spectrum, SpectrumEigenvalue } from '../../../shared/model/landscape';
import { table } from './output';

/** Curvature in lines for people. */

/** What was measured of one matrix. */
export interface Measured {
  spectrum: Spectrum;
  trace?: Trace;
  layers?: Layers;
  density?: Density;
  alongPath?: PathSharpness;
}

const percent = (share: number) => `${formatNumber(100 * share, 3)} %`;
/** value ± standard error, where there is one. */
const plusMinus = (value: number, error: number | null) =>
  error === null ? formatNumber(value, 6) : `${formatNumber(value, 6)} ± ${formatNumber(error, 2)}`;
const whether = (converged: boolean) => (converged ? 'converged' : 'not converged');

export const matrixNames: Record<CurvatureMatrix, string> = {
  hessian: 'Hessian',
  gaussNewton: 'Gauss–Newton matrix',
  empiricalFisher: 'empirical Fisher matrix',
};

/** What the Gauss–Newton matrix is to the Fisher information, by the loss. */
const asFisher = {
  equal: 'For this loss the Gauss–Newton matrix is the Fisher information.',
  proportional: 'For this loss the Gauss–Newton matrix is the Fisher information up to the noise variance.',
  different: 'For this loss the Gauss–Newton matrix is no Fisher information.',
};

/** The numbers of several matrices, one column each. */
export function besideLines(measured: readonly Measured[], loss: LossName | null): string[] {
  const spectra = measured.map(({ spectrum }) => spectrum);
  const [first] = spectra as [Spectrum];
  const line = (name: string, of: (one: Measured) => string) => [name, ...measured.map(of)];
  const rows = [
    ...first.eigenvalues.map((_, i) =>
      line(`λ${i + 1}`, ({ spectrum }) => formatNumber(spectrum.eigenvalues[i]?.value ?? Number.NaN, 7)),
    ),
    ...first.bottom
      .map((_, i) =>
        line(i === 0 ? 'λmin' : `λmin+${i}`, ({ spectrum }) =>
          formatNumber(spectrum.bottom[i]?.value ?? Number.NaN, 7),
        ),
      )
      .toReversed(),
    line('condition number', ({ spectrum }) => formatNumber(spectrum.conditionNumber ?? Number.NaN)),
    ...(measured.every(({ trace }) => trace)
      ? [line('trace', ({ trace }) => plusMinus(trace!.value, trace!.standardError))]
      : []),
  ];
  return [
    ...table(['side by side', ...spectra.map(({ matrix }) => matrixNames[matrix])], rows),
    ...(loss && spectra.some(({ matrix }) => matrix === 'gaussNewton') ? [asFisher[gaussNewtonAsFisher(loss)]] : []),
  ];
}

export function spectrumLines(spectrum: Spectrum): string[] {
  const { parameters, samples, loss, gradientNorm, gradientHessianGradient, kind, index, step, executor } = spectrum;
  const { conditionNumber, conditionNumberInterval, conditionNumberStandardError, around, all } = spectrum;
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
    `  loss ${formatNumber(loss, 7)}, ‖g‖ ${formatNumber(gradientNorm)}, gᵀ${spectrum.matrix === 'hessian' ? 'H' : 'A'}g ${formatNumber(gradientHessianGradient)}`,
    `  ${parameters} parameters, ${samples} examples (${executor})`,
    ...(spectrum.executorSelection ? [`  ${selectionText(spectrum.executorSelection)}`] : []),
    ...table(header, [...spectrum.eigenvalues, ...spectrum.bottom].map(row)),
    ...(around ? [`nearest to ${formatNumber(around.shift)}`, ...table(header, around.eigenvalues.map(row))] : []),
    ...(conditionNumber !== null && conditionNumberInterval
      ? [
          `condition number ${plusMinus(conditionNumber, conditionNumberStandardError)} (${conditionNumberInterval.map((end) => formatNumber(end)).join(' to ')})`,
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
