import { createOptimizer } from '../optimizers';
import { defineStudy } from './study';

const learningRate = 0.001;

/**
 * RMSProp and Adam without a mean of the gradient (β₁ = 0) differ in one thing: s starts at 0, and only Adam divides it by
 * 1 − β₂ᵗ (Kingma and Ba 2015, section 3). For a constant gradient RMSProp's rate is then ε/√(1 − β₂ᵗ)/|g| and Adam's ε/|g|.
 */
export const biasCorrection = defineStudy({
  name: 'biasCorrection',
  title: { en: 'What bias correction corrects', ko: '편향 보정이 바로잡는 것' },
  summary: {
    en: 'Feeds one constant gradient to RMSProp and to Adam with β₁ = 0 and reads the length of each step.',
    ko: '일정한 기울기를 RMSProp과 β₁ = 0인 Adam에 주고 단계마다 걸음의 길이를 읽습니다.',
  },
  parameters: {
    decay: {
      kind: 'number',
      label: { en: 'Decay of the mean square β₂', ko: '제곱 평균의 감쇠율 β₂' },
      default: 0.999,
      min: 0.5,
      max: 0.9999,
    },
    gradient: {
      kind: 'number',
      label: { en: 'Gradient g', ko: '기울기 g' },
      default: 1,
      min: 0.01,
      max: 100,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 2_000, min: 10, max: 20_000, log: true },
  },
  async run({ decay, gradient, steps }) {
    const lengths = (name: string, parameters: Record<string, number>) => {
      const optimizer = createOptimizer({
        ...{ name, learningRate, parameters, weightDecay: 0 },
        schedule: { kind: 'constant' },
      });
      const params = new Float64Array(1);
      const state = optimizer.init(params);
      return Float64Array.from({ length: steps }, () => {
        const before = params[0]!;
        void optimizer.step(Float64Array.of(gradient), state, params);
        return (before - params[0]!) / learningRate;
      });
    };
    const uncorrected = lengths('rmsprop', { alpha: decay });
    const corrected = lengths('adam', { b1: 0, b2: decay });
    const t = Float64Array.from({ length: steps }, (_, i) => i + 1);
    const theory = t.map((count) => 1 / Math.sqrt(1 - decay ** count));
    return {
      facts: {
        firstUncorrected: {
          label: { en: 'First step of RMSProp over ε', ko: 'RMSProp의 첫 걸음 / ε' },
          value: uncorrected[0]!,
          theory: { value: theory[0]!, formula: String.raw`1/\sqrt{1-\beta_2}` },
        },
        firstCorrected: {
          label: { en: 'First step of Adam over ε', ko: 'Adam의 첫 걸음 / ε' },
          value: corrected[0]!,
          theory: { value: 1, formula: '1' },
        },
        longSteps: {
          label: { en: 'Steps of RMSProp longer than 1.1 ε', ko: '1.1 ε보다 긴 RMSProp의 걸음 수' },
          value: uncorrected.filter((length) => length > 1.1).length,
        },
        lastUncorrected: {
          label: { en: 'Last step of RMSProp over ε', ko: 'RMSProp의 마지막 걸음 / ε' },
          value: uncorrected.at(-1)!,
          theory: { value: theory.at(-1)!, formula: String.raw`1/\sqrt{1-\beta_2^{\,t}}` },
        },
      },
      charts: {
        lengths: {
          label: { en: 'Length of each step', ko: '단계마다 걸음의 길이' },
          x: { label: { en: 'Step', ko: '단계' }, log: true },
          y: { label: { en: 'Length / ε', ko: '길이 / ε' }, log: true },
          lines: [
            { label: { en: 'RMSProp', ko: 'RMSProp' }, x: t, y: uncorrected },
            { label: { en: 'Adam, β₁ = 0', ko: 'Adam, β₁ = 0' }, x: t, y: corrected },
            { label: { en: '1/√(1 − β₂ᵗ)', ko: '1/√(1 − β₂ᵗ)' }, x: t, y: theory, style: 'dashed' },
          ],
        },
      },
    };
  },
});
