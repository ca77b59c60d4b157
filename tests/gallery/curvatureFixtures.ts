import type { CurvatureComparison, CurvatureResult, Density, SharpnessPoint } from '../../src/shared/model/curvature';
import type { CurvatureMatrix, SpectrumEigenvalue } from '../../src/shared/model/landscape';

/** Results as the engine gives them, made up here, so that the gallery needs no engine. */

const shared: Omit<CurvatureResult, 'matrix'> = {
  ...{ runId: 'gallery', row: 600, step: 600, parameters: 109_386, samples: 2_000, seed: 0 },
  subset: { kind: 'batches', batches: 8, batchSize: 250, seed: 0 },
  ...{ products: 90, seconds: 0.8, executor: 'onnx (CPU, 2 threads)', executorSelection: null },
};
const matrices: CurvatureMatrix[] = ['hessian', 'gaussNewton', 'empiricalFisher'];
const strength: Record<CurvatureMatrix, number> = { hessian: 1, gaussNewton: 0.93, empiricalFisher: 0.55 };

/** Nine classes stand out of a bulk that falls off exponentially; the Hessian's reaches below zero. */
const outliers = [3.38, 3.13, 2.99, 2.88, 2.61, 1.74, 1.21, 0.86, 0.47];

function eigenvalue(value: number, k: number): SpectrumEigenvalue {
  return {
    value,
    residual: 3e-5 * Math.abs(value) + 1e-6,
    converged: k !== 5,
    standardError: 0.02 * Math.abs(value) + 0.004,
    gradientAlignment: 0.31 / (k + 1) ** 2,
    participationRatio: 900 / (k + 1),
  };
}

function spectrum(matrix: CurvatureMatrix) {
  const lowest = matrix === 'hessian' ? [-0.134, -0.118] : [1e-9, 2e-9];
  return {
    ...shared,
    matrix,
    kind: matrix === 'hessian' ? ('saddle' as const) : ('degenerate' as const),
    index: matrix === 'hessian' ? 2 : null,
    gradientNorm: 2.4e-7,
    tolerances: { gradient: 1e-6, eigenvalue: 3e-4 },
    loss: 0.156,
    gradientSquared: 5.8e-14,
    gradientHessianGradient: 1.1e-13 * strength[matrix],
    eigenvalues: outliers.slice(0, 6).map((value, k) => eigenvalue(value * strength[matrix], k)),
    bottom: lowest.map((value, k) => eigenvalue(value, k)),
    around: null,
    method: 'lanczos' as const,
    all: null,
    conditionNumber: matrix === 'hessian' ? null : 251.3,
    conditionNumberInterval: matrix === 'hessian' ? null : ([249.8, 252.9] as [number, number]),
    conditionNumberStandardError: matrix === 'hessian' ? null : 6.2,
    iterations: 79,
  };
}

function density(matrix: CurvatureMatrix): Density {
  const { parameters } = shared;
  const scale = strength[matrix];
  const [low, high] = [matrix === 'hessian' ? -0.134 : 0, outliers[0]! * scale];
  const sigma = 0.01 * (high - low);
  const count = 460;
  const from = low - 5 * sigma;
  const xs = Float64Array.from({ length: count }, (_, i) => from + ((high - low + 10 * sigma) * i) / (count - 1));
  const kernel = (x: number, at: number, width = sigma) =>
    Math.exp(-(((x - at) / width) ** 2) / 2) / (width * Math.sqrt(2 * Math.PI));
  const values = xs.map((x) => {
    const peaks = outliers.reduce((sum, at) => sum + kernel(x, at * scale) / parameters, 0);
    const decay = 0.02 * kernel(x, 0.04 * scale, 3 * sigma) + 2e-3 * kernel(x, 0.12 * scale, 6 * sigma);
    const tail = decay / (1 + Math.exp(-x / (0.5 * sigma)));
    const below = matrix === 'hessian' ? 4e-4 * kernel(x, -0.05, 1.4 * sigma) : 0;
    return 0.977 * kernel(x, 0) + tail + below + peaks;
  });
  const moment = (value: number) => ({ value, standardError: 0.03 * value, samplingStandardError: 0.02 * value });
  return {
    ...{ ...shared, matrix, method: 'slq', starts: 8, steps: 80, sigma, range: [low, high], xs, density: values },
    standardError: values.map((value, i) => value * (0.08 + 0.45 * Math.abs(Math.sin(i / 17)) * Math.min(1, i / 90))),
    mass: 1,
    moments: [moment(3.1e-4 * scale), moment(4.6e-4 * scale ** 2)],
    nodes: new Float64Array(0),
    weights: new Float64Array(0),
  };
}

function layers(matrix: CurvatureMatrix) {
  const names = ['layers.0', 'layers.1', 'layers.4', 'layers.5', 'layers.8', 'encoder.attention.out'];
  const sizes = [100_352, 128, 8_192, 64, 640, 10];
  return {
    ...shared,
    matrix,
    confidence: 0.95,
    layers: names.map((name, l) => {
      const value = strength[matrix] * (12 / (l + 1) - (matrix === 'hessian' && l === 5 ? 2.6 : 0));
      return {
        name,
        parameters: sizes[l]!,
        eigenvalues: [{ value: 2.4 / (l + 1), residual: 2e-5, converged: l !== 3 }],
        trace: { value, standardError: 0.9, interval: [value - 1.8, value + 1.8] as [number, number] },
        gradientShare: [0.52, 0.0001, 0.31, 0.02, 0.14, 0.0099][l]!,
      };
    }),
    eigenvectors: outliers.slice(0, 3).map((value, k) => ({
      ...{ value: value * strength[matrix], residual: 3e-5, converged: true, gradientAlignment: 0.2 / (k + 1) ** 3 },
      participation: [0.5, 0.02, 0.3 - 0.1 * k, 0.03, 0.1 + 0.1 * k, 0.05],
      participationRatio: 812 / (k + 1),
    })),
  };
}

/** Progressive sharpening up to 2/η = 10, then hovering about it. */
function path(matrix: CurvatureMatrix) {
  const points = Array.from({ length: 81 }, (_, i): SharpnessPoint => {
    const rise = 10 / (1 + Math.exp(-(i - 26) / 7));
    const hover = i > 40 ? 0.45 * Math.sin(1.9 * i) * Math.min(1, (i - 40) / 6) : 0;
    return {
      ...{ row: i, step: 250 * i, residual: 4e-5, converged: true, gradientAlignment: 0.2, products: 12 },
      value: strength[matrix] * (rise + hover),
      standardError: matrix === 'hessian' ? 0.25 + 0.02 * rise : null,
      learningRate: i === 80 ? Number.NaN : 0.2,
    };
  });
  return { ...shared, matrix, every: 1, points };
}

const trace = (matrix: CurvatureMatrix) => ({
  ...shared,
  matrix,
  value: 33.9 * strength[matrix],
  standardError: 1.7,
  probeStandardError: 1.1,
  samplingStandardError: 1.3,
  confidence: 0.95,
  interval: [33.9 * strength[matrix] - 3.6, 33.9 * strength[matrix] + 3.6] as [number, number],
  method: 'hutch++' as const,
});

export const curvatureFixtures = {
  spectrum: { measurement: 'spectrum', results: matrices.map(spectrum) },
  spectrumAlone: { measurement: 'spectrum', results: [spectrum('hessian')] },
  density: { measurement: 'density', results: matrices.slice(0, 2).map(density) },
  densityAlone: { measurement: 'density', results: [density('hessian')] },
  trace: { measurement: 'trace', results: matrices.map(trace) },
  layers: { measurement: 'layers', results: matrices.map(layers) },
  path: { measurement: 'alongPath', results: matrices.slice(0, 2).map(path) },
} as const satisfies Record<string, CurvatureComparison>;
export type CurvatureFixture = keyof typeof curvatureFixtures;
