import type { Domain } from '../../../shared/model/experiment';
import type { StudyScene } from '../../../shared/model/study';
import { denseSpectrum } from '../curvature/dense';
import { linearRegression } from '../objectives/linearRegression';
import { createRng } from '../random';
import { type GradientMap, gradientSpread, minibatchNoise } from '../training/gradientNoise';
import { addScaled, dot, norm } from '../vectors';
import { ownPlane, surfaceOnPlane } from './scene';
import { defineStudy } from './study';

/** Steps drawn of each kind. */
const drawnSteps = 24;

/**
 * Relative errors of minibatch estimates of g and of H⁻¹g with the exact H: an error of g along the least eigenvector
 * beside a g along the largest comes out κ times as large (section 8.1.3 of Goodfellow et al. 2016).
 */
export const newtonNoise = defineStudy({
  name: 'newtonNoise',
  title: { en: 'Noise in Newton steps', ko: '뉴턴 스텝의 잡음' },
  summary: {
    en: 'Fits two weights to noisy data of condition number κ and measures, over batch sizes, the relative errors of the gradient g and of the Newton step H⁻¹g made from it with the exact Hessian.',
    ko: '조건수 κ인 잡음 섞인 데이터에 가중치 두 개를 맞추며, 기울기 g와 정확한 헤세 행렬로 만든 뉴턴 스텝 H⁻¹g의 상대 오차를 배치 크기마다 잽니다.',
  },
  parameters: {
    kappa: {
      kind: 'number',
      label: { en: 'Condition number κ', ko: '조건수 κ' },
      default: 100,
      min: 1,
      max: 10_000,
      log: true,
    },
    batchSize: {
      kind: 'integer',
      label: { en: 'Batch size drawn', ko: '그리는 배치 크기' },
      default: 64,
      min: 4,
      max: 1_024,
      log: true,
    },
    draws: {
      kind: 'integer',
      label: { en: 'Minibatches per size', ko: '크기마다 뽑는 미니배치 수' },
      default: 80,
      min: 20,
      max: 1_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ kappa, batchSize, draws, seed }, context) {
    const { signal, progress } = context;
    const optimum = [1, -0.5] as const;
    const objective = linearRegression({
      examples: 1_000,
      variances: [1, kappa],
      weights: optimum,
      noise: 1,
      seed,
    });
    const start = Float64Array.of(optimum[0] + 1, optimum[1] + 1);
    const hessian = await objective.hessian(start);
    const spectrum = await denseSpectrum(hessian, 1e-10, signal);
    const [low, high] = [spectrum.pair(0), spectrum.pair(1)];
    const inverse: GradientMap = (g, out) => {
      out.fill(0);
      for (const { value, vector } of [low, high]) addScaled(out, dot(vector, g) / value, vector);
    };
    const measuredKappa = high.value / low.value;
    const gradient = await gradientSpread(objective, start, { signal });
    const step = await gradientSpread(objective, start, { map: inverse, signal });
    const [gradientNorm, stepNorm] = [norm(gradient.mean), norm(step.mean)];

    const rng = createRng(seed, 'minibatches');
    const sizes = [4, 8, 16, 32, 64, 128, 256];
    const x = Float64Array.from(sizes);
    const ofGradient = new Float64Array(x.length);
    const ofStep = new Float64Array(x.length);
    for (const [i, size] of sizes.entries()) {
      progress(i, sizes.length);
      const options = { batchSize: size, draws, replacement: true, rng, signal };
      const plain = await minibatchNoise(objective, start, gradient.mean, options);
      const newton = await minibatchNoise(objective, start, step.mean, { ...options, map: inverse });
      ofGradient[i] = plain.standardError / gradientNorm;
      ofStep[i] = newton.standardError / stepNorm;
    }
    const theoryOfGradient = x.map((m) => Math.sqrt(gradient.variance / m) / gradientNorm);
    const theoryOfStep = x.map((m) => Math.sqrt(step.variance / m) / stepNorm);
    /** Geometric mean over the sizes: each ratio estimates the same number. */
    const ratio = (a: Float64Array, b: Float64Array) =>
      Math.exp(a.reduce((sum, value, i) => sum + Math.log(value / b[i]!), 0) / a.length);
    const amplification = ratio(ofStep, ofGradient);
    const neededByGradient = gradient.variance / (0.1 * gradientNorm) ** 2;
    const neededByStep = step.variance / (0.1 * stepNorm) ** 2;

    // The worst there is: g along the largest eigenvector, an error of a hundredth of it along the least.
    const worst = new Float64Array(2);
    inverse(
      Float64Array.from(low.vector, (v) => 0.01 * v),
      worst,
    );
    const unharmed = new Float64Array(2);
    inverse(Float64Array.from(high.vector), unharmed);
    return {
      facts: {
        worst: {
          label: { en: 'Worst amplification of a relative error by H⁻¹', ko: 'H⁻¹이 상대 오차를 키우는 최대 비율' },
          value: norm(worst) / norm(unharmed) / 0.01,
          theory: { value: measuredKappa, formula: String.raw`\kappa = \lambda_{\max}/\lambda_{\min}` },
        },
        amplification: {
          label: { en: 'Amplification of the minibatch noise', ko: '미니배치 잡음의 증폭 비율' },
          value: amplification,
          theory: {
            value: Math.sqrt(step.variance / gradient.variance) * (gradientNorm / stepNorm),
            formula: String.raw`\sqrt{\frac{\operatorname{tr} H^{-1}\Sigma H^{-1}}{\operatorname{tr}\Sigma}}\,\frac{\lVert g\rVert}{\lVert H^{-1}g\rVert}`,
          },
        },
        kappa: { label: { en: 'κ of the data drawn', ko: '뽑은 데이터의 κ' }, value: measuredKappa },
        neededByGradient: {
          label: { en: 'Examples for an error of 10 %, g', ko: '오차 10 %에 필요한 예제 수, g' },
          value: neededByGradient,
        },
        neededByStep: {
          label: { en: 'Examples for an error of 10 %, H⁻¹g', ko: '오차 10 %에 필요한 예제 수, H⁻¹g' },
          value: neededByStep,
        },
      },
      charts: {
        errors: {
          label: { en: 'Relative error over batch size', ko: '배치 크기에 따른 상대 오차' },
          x: { label: { en: 'Batch size m', ko: '배치 크기 m' }, log: true },
          y: { label: { en: 'Root mean square error / norm', ko: '제곱평균제곱근 오차 / 노름' }, log: true },
          lines: [
            { label: { en: 'Gradient g', ko: '기울기 g' }, x, y: ofGradient, style: 'points' },
            { label: { en: 'Newton step H⁻¹g', ko: '뉴턴 스텝 H⁻¹g' }, x, y: ofStep, style: 'points' },
            { label: { en: 'g, theory', ko: 'g, 이론' }, x, y: theoryOfGradient, style: 'dashed' },
            { label: { en: 'H⁻¹g, theory', ko: 'H⁻¹g, 이론' }, x, y: theoryOfStep, style: 'dashed' },
          ],
        },
      },
      scenes: { steps: await sceneOfSteps() },
    };

    async function sceneOfSteps(): Promise<StudyScene> {
      const own = objective.allocate();
      const rows = new Int32Array(batchSize);
      const newton: number[] = [];
      const descent: number[] = [];
      for (let k = 0; k < drawnSteps; k++) {
        for (let i = 0; i < batchSize; i++) rows[i] = rng.integer(objective.examples);
        await objective.gradient(start, own, rows, false);
        const direction = new Float64Array(2);
        inverse(Float64Array.from(own), direction);
        newton.push(...start, start[0]! - direction[0]!, start[1]! - direction[1]!);
        // The rate at which the steepest direction is minimized at once.
        descent.push(...start, start[0]! - own[0]! / high.value, start[1]! - own[1]! / high.value);
      }
      const [minimumX, minimumY] = [start[0]! - step.mean[0]!, start[1]! - step.mean[1]!];
      const all = [...newton, ...descent];
      const [xs, ys] = [0, 1].map((axis) => all.filter((_, i) => i % 2 === axis)) as [number[], number[]];
      const window = (values: readonly number[], centre: number) => {
        const half = 1.15 * Math.max(...values.map((value) => Math.abs(value - centre)));
        return [centre - half, centre + half] as const;
      };
      const range: Domain = [...window(xs, minimumX), ...window(ys, minimumY)];
      const surface = await surfaceOnPlane(objective, { basis: ownPlane, range }, 41, context);
      const pathOf = async (points: readonly number[]) => {
        const height: number[] = [];
        for (let i = 0; i < points.length; i += 2) {
          height.push(await objective.value(Float64Array.of(points[i]!, points[i + 1]!)));
        }
        return {
          x: Float64Array.from(points.filter((_, i) => i % 2 === 0)),
          y: Float64Array.from(points.filter((_, i) => i % 2 === 1)),
          height: Float64Array.from(height),
        };
      };
      return {
        label: {
          en: `Steps of ${drawnSteps} minibatches from one point`,
          ko: `한 점에서 미니배치 ${drawnSteps}개의 스텝`,
        },
        axes: [
          { en: 'w₁ (flat direction)', ko: 'w₁ (평평한 방향)' },
          { en: 'w₂ (steep direction)', ko: 'w₂ (가파른 방향)' },
        ],
        height: { en: 'Mean squared error', ko: '평균제곱오차' },
        heightScale: 'log',
        ...{ xs: surface.xs, ys: surface.ys, heights: surface.loss },
        paths: [
          { label: { en: 'Newton steps', ko: '뉴턴 스텝' }, ...(await pathOf(newton)) },
          { label: { en: 'Gradient steps', ko: '기울기 스텝' }, ...(await pathOf(descent)) },
        ],
        marks: [
          {
            kind: 'minimum',
            x: minimumX,
            y: minimumY,
            label: { en: 'Minimum of all examples', ko: '전체 예제의 극소점' },
          },
        ],
      };
    }
  },
});
