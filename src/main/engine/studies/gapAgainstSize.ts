import type { StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { standardErrorOfMean } from '../curvature/trace';
import { leastSquares } from '../objectives/leastSquares';
import { createRng } from '../random';
import { defineStudy } from './study';

const doublings = 5;

/**
 * Least squares on m examples with p Gaussian features and noise of variance σ². With squared errors (no ½) the minimizer
 * of the empirical risk has E J = σ²(1 − p/m) and E J* = σ²(1 + p/(m − p − 1)), the latter from the mean of an inverse Wishart
 * matrix (Hastie, Tibshirani and Friedman 2009, section 2.5; Breiman and Freedman 1983). At weights that do not depend on the
 * examples E J = J*, with the deviation σ²√(2/m) at the true ones.
 */
export const gapAgainstSize = defineStudy({
  name: 'gapAgainstSize',
  title: { en: 'The gap against the number of examples', ko: '예제 수에 따른 격차' },
  summary: {
    en: 'Solves least squares exactly on many samples of each size and compares the risk on the sample with the true one, which is known in closed form.',
    ko: '크기마다 여러 표본에서 최소제곱 문제를 정확히 풀고, 표본의 위험을 닫힌 식으로 알려진 참 위험과 비교합니다.',
  },
  parameters: {
    features: {
      kind: 'integer',
      label: { en: 'Weights p', ko: '가중치 수 p' },
      default: 10,
      min: 1,
      max: 30,
      log: true,
    },
    noise: { kind: 'number', label: { en: 'Noise σ', ko: '잡음 σ' }, default: 1, min: 0.1, max: 3 },
    repetitions: {
      kind: 'integer',
      label: { en: 'Samples of each size', ko: '크기마다의 표본 수' },
      default: 150,
      min: 20,
      max: 1_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ features: p, noise, repetitions, seed }, { signal, progress }) {
    const turn = cooperate(signal);
    const variance = noise ** 2;
    // From 2(p + 2) on the variance of the risk exists.
    const sizes = Array.from({ length: doublings }, (_, i) => 2 ** (i + 1) * (p + 2));
    const found = sizes.map(() => ({
      seen: new Float64Array(repetitions),
      risk: new Float64Array(repetitions),
      fixed: new Float64Array(repetitions),
    }));
    for (const [s, n] of sizes.entries()) {
      const { seen, risk, fixed } = found[s]!;
      const X = new Float64Array(n * p);
      const noiseOf = new Float64Array(n);
      for (let r = 0; r < repetitions; r++) {
        progress(s * repetitions + r, sizes.length * repetitions);
        await turn();
        const rng = createRng(seed, `gap/${n}/${r}`);
        for (let i = 0; i < X.length; i++) X[i] = rng.normal();
        // w* = 0 without loss of generality: the fitted weights are then the error itself.
        for (let i = 0; i < n; i++) noiseOf[i] = noise * rng.normal();
        const { theta, loss } = leastSquares(X, noiseOf);
        seen[r] = 2 * loss;
        risk[r] = variance + theta.reduce((sum, w) => sum + w * w, 0);
        fixed[r] = noiseOf.reduce((sum, e) => sum + e * e, 0) / n;
      }
    }
    const n = Float64Array.from(sizes);
    const estimate = (values: Float64Array) => ({
      value: values.reduce((sum, value) => sum + value, 0) / values.length,
      standardError: standardErrorOfMean(Array.from(values)),
    });
    const gaps = found.map(({ seen, risk }) => estimate(risk.map((value, r) => value - seen[r]!)));
    const seens = found.map(({ seen }) => estimate(seen));
    const risks = found.map(({ risk }) => estimate(risk));
    const spread = found.map(({ fixed }) => standardErrorOfMean(Array.from(fixed)) * Math.sqrt(repetitions));
    const theory = {
      seen: (size: number) => variance * (1 - p / size),
      risk: (size: number) => variance * (1 + p / (size - p - 1)),
      gap: (size: number) => variance * (p / size + p / (size - p - 1)),
      spread: (size: number) => variance * Math.sqrt(2 / size),
    };
    const measured = (label: Words, values: readonly { value: number; standardError: number }[]): StudyLine => ({
      label,
      x: n,
      y: Float64Array.from(values, ({ value }) => value),
      standardError: Float64Array.from(values, ({ standardError }) => standardError),
    });
    const predicted = (label: Words, at: (size: number) => number): StudyLine => ({
      label,
      x: n,
      y: n.map(at),
      style: 'dashed',
    });
    const [smallest, largest] = [sizes[0]!, sizes.at(-1)!];
    const unbiased = estimate(found[0]!.fixed.map((value) => variance - value));
    const sizeAxis = { label: { en: 'Examples m', ko: '예제 수 m' }, log: true };
    return {
      facts: {
        smallest: { label: { en: 'Smallest sample', ko: '가장 작은 표본' }, value: smallest },
        largest: { label: { en: 'Largest sample', ko: '가장 큰 표본' }, value: largest },
        empiricalRisk: {
          label: { en: 'Empirical risk, smallest sample', ko: '경험적 위험, 가장 작은 표본' },
          ...seens[0]!,
          theory: { value: theory.seen(smallest), formula: String.raw`\sigma^2\left(1 - \tfrac{p}{m}\right)` },
        },
        risk: {
          label: { en: 'Risk, smallest sample', ko: '위험, 가장 작은 표본' },
          ...risks[0]!,
          theory: { value: theory.risk(smallest), formula: String.raw`\sigma^2\left(1 + \tfrac{p}{m - p - 1}\right)` },
        },
        gapSmallest: {
          label: { en: 'Gap, smallest sample', ko: '격차, 가장 작은 표본' },
          ...gaps[0]!,
          theory: {
            value: theory.gap(smallest),
            formula: String.raw`\sigma^2\left(\tfrac{p}{m} + \tfrac{p}{m-p-1}\right)`,
          },
        },
        gapLargest: {
          label: { en: 'Gap, largest sample', ko: '격차, 가장 큰 표본' },
          ...gaps.at(-1)!,
          theory: {
            value: theory.gap(largest),
            formula: String.raw`\sigma^2\left(\tfrac{p}{m} + \tfrac{p}{m-p-1}\right)`,
          },
        },
        gapFixed: {
          label: { en: 'Gap at weights chosen without the examples', ko: '예제를 보지 않고 고른 가중치의 격차' },
          ...unbiased,
          theory: { value: 0, formula: String.raw`\mathbb E[J(w)] = J^*(w)` },
        },
        spreadSmallest: {
          label: { en: 'Deviation of the empirical risk there', ko: '그곳에서 경험적 위험의 표준편차' },
          value: spread[0]!,
          // Of a standard deviation of nearly normal values.
          standardError: spread[0]! / Math.sqrt(2 * (repetitions - 1)),
          theory: { value: theory.spread(smallest), formula: String.raw`\sigma^2\sqrt{2/m}` },
        },
      },
      charts: {
        risks: {
          label: { en: 'Both risks at the fitted weights', ko: '맞춘 가중치에서의 두 위험' },
          x: sizeAxis,
          y: { label: { en: 'Mean squared error', ko: '평균 제곱 오차' } },
          lines: [
            measured({ en: 'Empirical risk', ko: '경험적 위험' }, seens),
            measured({ en: 'Risk', ko: '위험' }, risks),
            predicted({ en: 'σ²(1 − p/m)', ko: 'σ²(1 − p/m)' }, theory.seen),
            predicted({ en: 'σ²(1 + p/(m − p − 1))', ko: 'σ²(1 + p/(m − p − 1))' }, theory.risk),
          ],
        },
        gap: {
          label: { en: 'Gap, and the noise of the empirical risk', ko: '격차와 경험적 위험의 흔들림' },
          x: sizeAxis,
          y: { label: { en: 'Mean squared error', ko: '평균 제곱 오차' }, log: true },
          lines: [
            measured({ en: 'Gap at the fitted weights', ko: '맞춘 가중치의 격차' }, gaps),
            {
              label: { en: 'Deviation at fixed weights', ko: '고정된 가중치의 표준편차' },
              x: n,
              y: Float64Array.from(spread),
            },
            predicted({ en: 'Theory of the gap', ko: '격차의 이론' }, theory.gap),
            predicted({ en: 'σ²√(2/m)', ko: 'σ²√(2/m)' }, theory.spread),
          ],
        },
      },
    };
  },
});
