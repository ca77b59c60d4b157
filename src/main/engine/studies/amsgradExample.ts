import type { StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { createOptimizer } from '../optimizers';
import { defineStudy } from './study';

const period = 3;
const learningRate = 0.002;

/**
 * The counterexample of Reddi, Kale and Kumar 2018 (theorem 1): on [−1, 1] the losses f_t(x) = Cx at every third step and
 * −x at the others. Their sum is least at −1, but with β₁ = 0 and a small β₂ Adam divides the rare large gradient by its
 * own size and walks to +1; AMSGrad does not forget how large it was. In a period far from the ends Adam moves by
 * −ε(C/√s₁ − 1/√s₂ − 1/√s₃), s_j the mean square in the steady state, AMSGrad by −ε(C − 2)/√s₁. The theorem's rate falls
 * as 1/√t and its Adam has no bias correction; here the rate is constant and both rules are PyTorch's.
 */
export const amsgradExample = defineStudy({
  name: 'amsgradExample',
  title: { en: 'Where Adam walks the wrong way', ko: 'Adam이 반대로 걷는 곳' },
  summary: {
    en: 'Gives Adam, AMSGrad and gradient descent one large gradient after every two small ones of the opposite sign, on the interval from −1 to 1, and follows where they go.',
    ko: '−1에서 1까지의 구간에서 부호가 반대인 작은 기울기 둘 뒤마다 큰 기울기 하나를 Adam, AMSGrad, 경사하강법에 주고 어디로 가는지 따라갑니다.',
  },
  parameters: {
    large: { kind: 'number', label: { en: 'Large gradient C', ko: '큰 기울기 C' }, default: 4, min: 2.1, max: 20 },
    b2: { kind: 'number', label: { en: 'β₂', ko: 'β₂' }, default: 0.0588, min: 0.01, max: 0.999 },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 6_000, min: 300, max: 60_000, log: true },
  },
  async run({ large, b2, steps }, { signal }) {
    const turn = cooperate(signal);
    const walk = async (name: string, parameters: Record<string, number>) => {
      const optimizer = createOptimizer({
        ...{ name, learningRate, parameters, weightDecay: 0 },
        schedule: { kind: 'constant' },
      });
      const params = new Float64Array(1);
      const state = optimizer.init(params);
      const x = new Float64Array(steps + 1);
      const regret = new Float64Array(steps + 1);
      let drift = 0;
      let free = 0;
      for (let t = 0; t < steps; t++) {
        await turn();
        const gradient = t % period === 0 ? large : -1;
        const before = params[0]!;
        // Against the best fixed point, −1.
        regret[t + 1] = regret[t]! + gradient * (before + 1);
        void optimizer.step(Float64Array.of(gradient), state, params);
        params[0] = Math.min(1, Math.max(-1, params[0]!));
        x[t + 1] = params[0]!;
        const isWhole = t % period === period - 1 && Math.abs(x[t + 1]!) < 0.9;
        // The first periods still remember that s began at 0.
        if (isWhole && t >= 10 * period) {
          drift += x[t + 1]! - x[t + 1 - period]!;
          free++;
        }
      }
      return {
        x,
        mean: regret.map((sum, t) => (t === 0 ? 0 : sum / t)),
        drift: free > 0 ? drift / free / learningRate : Number.NaN,
      };
    };
    const adam = await walk('adam', { b1: 0, b2 });
    const amsgrad = await walk('amsgrad', { b1: 0, b2 });
    const descent = await walk('sgd', {});
    /** Steady mean square, `latest` first. */
    const square = (latest: readonly number[]) =>
      ((1 - b2) * latest.reduce((sum, g, j) => sum + b2 ** j * g * g, 0)) / (1 - b2 ** period);
    const s = [square([large, 1, 1]), square([1, large, 1]), square([1, 1, large])] as const;
    const step = Float64Array.from({ length: steps + 1 }, (_, t) => t);
    const named: readonly (readonly [Words, typeof adam])[] = [
      [{ en: 'Adam', ko: 'Adam' }, adam],
      [{ en: 'AMSGrad', ko: 'AMSGrad' }, amsgrad],
      [{ en: 'Gradient descent', ko: '경사하강법' }, descent],
    ];
    const lines = (of: (walked: typeof adam) => Float64Array): StudyLine[] =>
      named.map(([label, walked]) => ({ label, x: step, y: of(walked) }));
    const stepAxis = { label: { en: 'Step', ko: '단계' } };
    return {
      facts: {
        adamEnd: { label: { en: 'Where Adam ends', ko: 'Adam이 끝나는 곳' }, value: adam.x.at(-1)! },
        amsgradEnd: { label: { en: 'Where AMSGrad ends', ko: 'AMSGrad가 끝나는 곳' }, value: amsgrad.x.at(-1)! },
        descentEnd: {
          label: { en: 'Where gradient descent ends', ko: '경사하강법이 끝나는 곳' },
          value: descent.x.at(-1)!,
        },
        adamDrift: {
          label: { en: 'Adam’s way in three steps over ε', ko: 'Adam이 세 단계에 가는 길 / ε' },
          value: adam.drift,
          theory: {
            value: -(large / Math.sqrt(s[0]) - 1 / Math.sqrt(s[1]) - 1 / Math.sqrt(s[2])),
            formula: String.raw`-\left(\tfrac{C}{\sqrt{s_1}} - \tfrac1{\sqrt{s_2}} - \tfrac1{\sqrt{s_3}}\right)`,
          },
        },
        amsgradDrift: {
          label: { en: 'AMSGrad’s way in three steps over ε', ko: 'AMSGrad가 세 단계에 가는 길 / ε' },
          value: amsgrad.drift,
          theory: { value: -(large - 2) / Math.sqrt(s[0]), formula: String.raw`-\tfrac{C-2}{\sqrt{s_1}}` },
        },
        adamRegret: { label: { en: 'Adam’s mean regret', ko: 'Adam의 평균 후회' }, value: adam.mean.at(-1)! },
        amsgradRegret: {
          label: { en: 'AMSGrad’s mean regret', ko: 'AMSGrad의 평균 후회' },
          value: amsgrad.mean.at(-1)!,
        },
      },
      charts: {
        paths: {
          label: { en: 'Where they are', ko: '있는 곳' },
          x: stepAxis,
          y: { label: { en: 'x', ko: 'x' } },
          lines: lines(({ x }) => x),
        },
        regret: {
          label: { en: 'Mean regret against x = −1', ko: 'x = −1에 대한 평균 후회' },
          x: stepAxis,
          y: { label: { en: 'Regret / t', ko: '후회 / t' } },
          lines: lines(({ mean }) => mean),
        },
      },
    };
  },
});
