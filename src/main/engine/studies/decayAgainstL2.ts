import { cooperate } from '../cooperate';
import { standardErrorOfMean } from '../curvature/trace';
import { createOptimizer } from '../optimizers';
import { createRng } from '../random';
import { defineStudy } from './study';

const learningRate = 0.002;
const perGroup = 300;

/**
 * Adam with the L2 term's gradient λθ against AdamW, which shrinks θ by ελ beside the step (Loshchilov and Hutter 2019). The
 * loss has no slope, its gradients are pure noise, so that decay alone moves the mean. AdamW keeps (1 − ελ)ᵀ of every
 * weight; in Adam the term is divided by √s ≈ σ with the rest, which leaves about e^(−ελT/σ).
 */
export const decayAgainstL2 = defineStudy({
  name: 'decayAgainstL2',
  title: { en: 'Weight decay against the L2 term', ko: '가중치 감쇠와 L2 항' },
  summary: {
    en: 'Lets 600 weights, half of them with a small and half with a large gradient noise, decay under Adam with an L2 term and under AdamW.',
    ko: '가중치 600개를, 절반은 작은 기울기 잡음, 절반은 큰 기울기 잡음과 함께, L2 항이 있는 Adam과 AdamW에서 줄어들게 합니다.',
  },
  parameters: {
    lambda: { kind: 'number', label: { en: 'Decay λ', ko: '감쇠 λ' }, default: 0.1, min: 0.01, max: 0.3, log: true },
    small: {
      kind: 'number',
      label: { en: 'Small noise σ₁', ko: '작은 잡음 σ₁' },
      default: 0.5,
      min: 0.2,
      max: 2,
      log: true,
    },
    large: {
      kind: 'number',
      label: { en: 'Large noise σ₂', ko: '큰 잡음 σ₂' },
      default: 5,
      min: 0.2,
      max: 50,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 3_000, min: 100, max: 20_000, log: true },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ lambda, small, large, steps, seed }, { signal, progress }) {
    const turn = cooperate(signal);
    const rules = [
      { name: 'adam', weightDecay: lambda, parameters: {} },
      { name: 'adamw', weightDecay: 0, parameters: { decay: lambda } },
    ].map((spec) => {
      const optimizer = createOptimizer({ ...spec, learningRate, schedule: { kind: 'constant' } });
      const params = new Float64Array(2 * perGroup).fill(1);
      return {
        optimizer,
        params,
        state: optimizer.init(params),
        means: [new Float64Array(steps + 1), new Float64Array(steps + 1)] as const,
      };
    });
    const rng = createRng(seed, 'decayAgainstL2');
    const noise = new Float64Array(2 * perGroup);
    const halves = (params: Float64Array) => [params.subarray(0, perGroup), params.subarray(perGroup)] as const;
    for (let t = 0; t <= steps; t++) {
      await turn();
      if (t % 100 === 0) progress(t, steps);
      for (const { params, means } of rules) {
        for (const [k, half] of halves(params).entries())
          means[k]![t] = half.reduce((sum, value) => sum + value, 0) / perGroup;
      }
      if (t === steps) break;
      for (let i = 0; i < noise.length; i++) noise[i] = (i < perGroup ? small : large) * rng.normal();
      for (const { optimizer, params, state } of rules) await optimizer.step(noise.slice(), state, params);
    }
    const [l2, decoupled] = rules as [(typeof rules)[number], (typeof rules)[number]];
    const kept = ({ params }: (typeof rules)[number], k: 0 | 1) => {
      const values = Array.from(halves(params)[k]);
      return {
        value: values.reduce((sum, value) => sum + value, 0) / perGroup,
        standardError: standardErrorOfMean(values),
      };
    };
    const decayed = (1 - learningRate * lambda) ** steps;
    const t = Float64Array.from({ length: steps + 1 }, (_, i) => i);
    const exact = { value: decayed, formula: String.raw`(1-\epsilon\lambda)^T` };
    const divided = (sigma: number) => ({
      value: Math.exp((-learningRate * lambda * steps) / sigma),
      formula: String.raw`\approx e^{-\epsilon\lambda T/\sigma}`,
    });
    return {
      facts: {
        decoupledSmall: {
          label: { en: 'AdamW keeps, small noise', ko: 'AdamW가 남긴 비, 작은 잡음' },
          ...kept(decoupled, 0),
          theory: exact,
        },
        decoupledLarge: {
          label: { en: 'AdamW keeps, large noise', ko: 'AdamW가 남긴 비, 큰 잡음' },
          ...kept(decoupled, 1),
          theory: exact,
        },
        l2Small: {
          label: { en: 'Adam with L2 keeps, small noise', ko: 'L2 항의 Adam이 남긴 비, 작은 잡음' },
          ...kept(l2, 0),
          theory: divided(small),
        },
        l2Large: {
          label: { en: 'Adam with L2 keeps, large noise', ko: 'L2 항의 Adam이 남긴 비, 큰 잡음' },
          ...kept(l2, 1),
          theory: divided(large),
        },
      },
      charts: {
        weights: {
          label: { en: 'Mean of the weights', ko: '가중치의 평균' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: 'Mean weight', ko: '평균 가중치' } },
          lines: [
            { label: { en: 'Adam with L2, small noise', ko: 'L2 항의 Adam, 작은 잡음' }, x: t, y: l2.means[0] },
            { label: { en: 'Adam with L2, large noise', ko: 'L2 항의 Adam, 큰 잡음' }, x: t, y: l2.means[1] },
            { label: { en: 'AdamW, small noise', ko: 'AdamW, 작은 잡음' }, x: t, y: decoupled.means[0] },
            { label: { en: 'AdamW, large noise', ko: 'AdamW, 큰 잡음' }, x: t, y: decoupled.means[1] },
            {
              label: { en: '(1 − ελ)ᵗ', ko: '(1 − ελ)ᵗ' },
              x: t,
              y: t.map((i) => (1 - learningRate * lambda) ** i),
              style: 'dashed',
            },
          ],
        },
      },
    };
  },
});
