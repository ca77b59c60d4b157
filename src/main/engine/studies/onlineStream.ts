import type { StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { standardErrorOfMean } from '../curvature/trace';
import { linearRegression } from '../objectives/linearRegression';
import { createRng } from '../random';
import { addScaled, dot, norm, scale } from '../vectors';
import { defineStudy } from './study';

const batchSize = 4;

/**
 * Stochastic descent on a linear regression whose generalization error is known: the gradient of a minibatch that has not
 * been seen is an unbiased estimate of ∇J, that of one seen before is not (Goodfellow et al. 2016, section 8.1.3).
 */
export const onlineStream = defineStudy({
  name: 'onlineStream',
  title: { en: 'A stream against passes over the same examples', ko: '스트림과 같은 예제의 반복' },
  summary: {
    en: 'Follows stochastic gradient descent over fresh examples and over repeated passes, and compares each minibatch gradient and loss with those of the generalization error, which is known exactly.',
    ko: '새 예제만 쓰는 경우와 같은 예제를 되풀이하는 경우의 확률적 경사하강법을 따라가며, 미니배치 기울기와 손실을 정확히 알려진 일반화 오차의 것과 비교합니다.',
  },
  parameters: {
    examples: {
      kind: 'integer',
      label: { en: 'Examples in a pass', ko: '한 번에 도는 예제 수' },
      default: 40,
      min: 8,
      max: 200,
      log: true,
    },
    features: { kind: 'integer', label: { en: 'Weights', ko: '가중치 수' }, default: 20, min: 1, max: 60, log: true },
    passes: { kind: 'integer', label: { en: 'Passes', ko: '반복 횟수' }, default: 10, min: 2, max: 40, log: true },
    noise: {
      kind: 'number',
      label: { en: 'Noise of the targets', ko: '목푯값의 잡음' },
      default: 1,
      min: 0.05,
      max: 4,
    },
    repetitions: {
      kind: 'integer',
      label: { en: 'Streams', ko: '스트림 수' },
      default: 100,
      min: 10,
      max: 400,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ examples, features, passes, noise, repetitions, seed }, { signal, progress }) {
    const turn = cooperate(signal);
    const steps = Math.floor(examples / batchSize);
    // Stable for the second moment of normal features, ε < 2/(λ(m + d + 1)/m) with λ = 2 and margin.
    const learningRate = (0.35 * batchSize) / (batchSize + features + 1);
    const kinds = ['stream', 'passes'] as const;
    /** [kind][pass][repetition] */
    const table = () => kinds.map(() => Array.from({ length: passes }, () => new Array<number>(repetitions).fill(0)));
    const along = table();
    const truth = table();
    const gap = table();
    const error = table();
    for (let repetition = 0; repetition < repetitions; repetition++) {
      progress(repetition, repetitions);
      const rng = createRng(seed, `stream/${repetition}`);
      const weights = Float64Array.from({ length: features }, () => rng.normal());
      scale(weights, 1 / norm(weights));
      const objective = linearRegression({
        examples: steps * batchSize * passes,
        variances: new Array<number>(features).fill(1),
        weights: Array.from(weights),
        noise,
        seed: rng.integer(2 ** 31),
      });
      for (const [k, kind] of kinds.entries()) {
        const params = objective.allocate();
        const gradient = new Float64Array(features);
        const exact = new Float64Array(features);
        const rows = new Int32Array(batchSize);
        for (let t = 0; t < steps * passes; t++) {
          await turn();
          const pass = Math.floor(t / steps);
          const first = (kind === 'stream' ? t : t % steps) * batchSize;
          for (let i = 0; i < batchSize; i++) rows[i] = first + i;
          const loss = await objective.gradient(params, gradient, rows);
          for (let j = 0; j < features; j++) exact[j] = 2 * (params[j]! - weights[j]!);
          const squared = dot(exact, exact);
          const generalization = squared / 4 + noise ** 2;
          along[k]![pass]![repetition]! += dot(gradient, exact) / steps;
          truth[k]![pass]![repetition]! += squared / steps;
          gap[k]![pass]![repetition]! += (loss - generalization) / steps;
          error[k]![pass]![repetition]! += generalization / steps;
          addScaled(params as Float64Array, -learningRate, gradient);
        }
      }
    }
    const pass = Float64Array.from({ length: passes }, (_, i) => i + 1);
    const shares = kinds.map((_, k) => along[k]!.map((values, p) => ratioOfMeans(values, truth[k]![p]!)));
    const gaps = kinds.map((_, k) => gap[k]!.map(estimate));
    const errors = kinds.map((_, k) => error[k]!.map(estimate));
    const [stream, repeated] = [0, 1];
    const last = passes - 1;
    const names: readonly Words[] = [
      { en: 'Fresh examples', ko: '새 예제' },
      { en: 'Passes over the same examples', ko: '같은 예제의 반복' },
    ];
    const linesOf = (estimates: readonly (readonly Estimate[])[]): StudyLine[] =>
      estimates.map((values, k) => ({
        label: names[k]!,
        x: pass,
        y: Float64Array.from(values, ({ value }) => value),
        standardError: Float64Array.from(values, ({ standardError }) => standardError),
      }));
    const level = (value: number, label: Words): StudyLine => ({
      label,
      x: pass,
      y: new Float64Array(passes).fill(value),
      style: 'dashed',
    });
    const passAxis = { label: { en: 'Pass', ko: '반복' } };
    const unbiased = { value: 1, formula: String.raw`\mathbb E[\hat g] = \nabla_\theta J` };
    return {
      facts: {
        firstPass: {
          label: {
            en: 'Share of ∇J in the minibatch gradient, first pass',
            ko: '미니배치 기울기에 담긴 ∇J의 비, 첫 반복',
          },
          ...shares[repeated]![0]!,
          theory: unbiased,
        },
        lastPass: {
          label: {
            en: 'Share of ∇J in the minibatch gradient, last pass',
            ko: '미니배치 기울기에 담긴 ∇J의 비, 마지막 반복',
          },
          ...shares[repeated]![last]!,
        },
        lastOfStream: {
          label: { en: 'Share of ∇J, as many fresh examples', ko: '∇J의 비, 같은 수의 새 예제' },
          ...shares[stream]![last]!,
          theory: unbiased,
        },
        gapFirst: {
          label: {
            en: 'Minibatch loss less generalization error, first pass',
            ko: '미니배치 손실 − 일반화 오차, 첫 반복',
          },
          ...gaps[repeated]![0]!,
          theory: { value: 0 },
        },
        gapLast: {
          label: {
            en: 'Minibatch loss less generalization error, last pass',
            ko: '미니배치 손실 − 일반화 오차, 마지막 반복',
          },
          ...gaps[repeated]![last]!,
        },
        errorPasses: {
          label: { en: 'Generalization error, last pass', ko: '일반화 오차, 마지막 반복' },
          ...errors[repeated]![last]!,
        },
        errorStream: {
          label: { en: 'Generalization error, as many fresh examples', ko: '일반화 오차, 같은 수의 새 예제' },
          ...errors[stream]![last]!,
        },
      },
      charts: {
        share: {
          label: { en: 'Share of ∇J in the minibatch gradient', ko: '미니배치 기울기에 담긴 ∇J의 비' },
          x: passAxis,
          y: { label: { en: 'Σ ĝ·∇J / Σ ‖∇J‖²', ko: 'Σ ĝ·∇J / Σ ‖∇J‖²' } },
          lines: [...linesOf(shares), level(1, { en: 'Unbiased', ko: '비편향' })],
        },
        gap: {
          label: { en: 'Minibatch loss less generalization error', ko: '미니배치 손실 − 일반화 오차' },
          x: passAxis,
          y: { label: { en: 'Loss before the step − J', ko: '스텝 전 손실 − J' } },
          lines: [...linesOf(gaps), level(0, { en: 'Unbiased', ko: '비편향' })],
        },
        error: {
          label: { en: 'Generalization error', ko: '일반화 오차' },
          x: passAxis,
          y: { label: { en: 'J', ko: 'J' } },
          lines: [...linesOf(errors), level(noise ** 2, { en: 'Bayes error', ko: '베이즈 오차' })],
        },
      },
    };
  },
});

interface Estimate {
  value: number;
  standardError: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const estimate = (values: readonly number[]): Estimate => ({
  value: mean(values),
  standardError: standardErrorOfMean(values),
});

/** Σa/Σb over repetitions; its error by linearization: that of the mean of a − ratio·b, over the mean of b. */
function ratioOfMeans(a: readonly number[], b: readonly number[]): Estimate {
  const value = mean(a) / mean(b);
  const residuals = a.map((entry, i) => entry - value * b[i]!);
  return { value, standardError: standardErrorOfMean(residuals) / mean(b) };
}
