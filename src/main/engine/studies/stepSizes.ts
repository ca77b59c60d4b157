import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { createRng } from '../random';
import { defineStudy } from './study';

const repeats = 400;
const rules = ['constant', 'decaying', 'tooFast'] as const;
const names: Record<(typeof rules)[number], Words> = {
  constant: { en: 'Constant rate', ko: '고정 학습률' },
  decaying: { en: 'ε₀/(1 + k/τ)', ko: 'ε₀/(1 + k/τ)' },
  tooFast: { en: 'ε₀/(1 + k/τ)²', ko: 'ε₀/(1 + k/τ)²' },
};

/**
 * Stochastic gradient descent on ½θ² with gradients θ + σξ, ξ ~ N(0, 1): which rates converge. Robbins and Monro 1951:
 * Σε_k = ∞ and Σε_k² < ∞. With a constant rate E[θ²] settles at εσ²/(2 − ε); whatever the rule,
 * E[θ²] ← (1 − ε)²E[θ²] + ε²σ² exactly, which is the theory drawn.
 */
export const stepSizes = defineStudy({
  name: 'stepSizes',
  title: { en: 'Which learning rates converge', ko: '어떤 학습률이 수렴하는가' },
  summary: {
    en: 'Runs stochastic gradient descent on a noisy quadratic 400 times under three rules for the learning rate and measures the mean squared distance to the minimum.',
    ko: '잡음이 있는 이차 함수에서 세 가지 학습률 규칙으로 확률적 경사하강법을 400번 실행하고 최솟점까지의 평균 제곱 거리를 잽니다.',
  },
  parameters: {
    rate: {
      kind: 'number',
      label: { en: 'First learning rate ε₀', ko: '첫 학습률 ε₀' },
      default: 0.2,
      min: 0.01,
      max: 1,
      log: true,
    },
    noise: { kind: 'number', label: { en: 'Noise σ', ko: '잡음 σ' }, default: 1, min: 0, max: 5 },
    tau: {
      kind: 'number',
      label: { en: 'Time constant τ', ko: '시간 상수 τ' },
      default: 10,
      min: 1,
      max: 1_000,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 2_000, min: 10, max: 20_000, log: true },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ rate, noise, tau, steps, seed }, context) {
    const start = 5;
    const rateAt = (rule: (typeof rules)[number], k: number): number => {
      if (rule === 'constant') return rate;
      return rate / (1 + k / tau) ** (rule === 'decaying' ? 1 : 2);
    };
    const shown = Array.from({ length: 200 }, (_, i) => Math.round(steps ** (i / 199))).filter(
      (k, i, all) => k !== all[i - 1],
    );
    const x = Float64Array.from(shown);
    const lines: StudyLine[] = [];
    const facts: Record<string, Fact> = {};
    for (const [i, rule] of rules.entries()) {
      context.progress(i, rules.length);
      const rng = createRng(seed, `step sizes/${rule}`);
      const theta = new Float64Array(repeats).fill(start);
      const y = new Float64Array(shown.length);
      const error = new Float64Array(shown.length);
      const theory = new Float64Array(shown.length);
      let expected = start ** 2;
      let at = 0;
      for (let k = 0; k < steps; k++) {
        const epsilon = rateAt(rule, k);
        for (let r = 0; r < repeats; r++) theta[r]! -= epsilon * (theta[r]! + noise * rng.normal());
        expected = (1 - epsilon) ** 2 * expected + epsilon ** 2 * noise ** 2;
        if (k + 1 === shown[at]) {
          [y[at], error[at]] = meanSquare(theta);
          theory[at++] = expected;
        }
      }
      lines.push(
        { label: names[rule], x, y, standardError: error },
        {
          label: { en: `${names[rule].en}, expected`, ko: `${names[rule].ko}, 기댓값` },
          x,
          y: theory,
          style: 'dashed',
        },
      );
      facts[rule] = {
        label: {
          en: `Mean squared distance at the end, ${names[rule].en}`,
          ko: `마지막 평균 제곱 거리, ${names[rule].ko}`,
        },
        value: y.at(-1)!,
        standardError: error.at(-1)!,
        theory: { value: expected },
      };
    }
    facts.floor = {
      label: { en: 'Floor of the constant rate', ko: '고정 학습률의 바닥' },
      value: facts.constant!.value,
      standardError: facts.constant!.standardError!,
      theory: { value: (rate * noise ** 2) / (2 - rate), formula: String.raw`\frac{\epsilon\sigma^2}{2-\epsilon}` },
    };
    return {
      facts,
      charts: {
        distance: {
          label: { en: 'Mean squared distance', ko: '평균 제곱 거리' },
          x: { label: { en: 'Step k', ko: '단계 k' }, log: true },
          y: { label: { en: 'E[θ²]', ko: 'E[θ²]' }, log: true },
          lines,
        },
      },
    };
  },
});

/** The mean of θ² and its standard error. */
function meanSquare(theta: Float64Array): [number, number] {
  const squares = theta.map((value) => value * value);
  const mean = squares.reduce((sum, value) => sum + value, 0) / repeats;
  const variance = squares.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (repeats - 1);
  return [mean, Math.sqrt(variance / repeats)];
}
