import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Fact } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

const start: [number, number] = [2, 1];
/** Along y; along x it is 1. */
const curvature = 5;
const curvatures = [1, curvature];
const step: Words = { en: 'Step', ko: '단계' };
const kinds = ['exact', 'noise', 'noiseDecay', 'bias', 'biasDecay', 'round', 'stochasticRound'] as const;
type Kind = (typeof kinds)[number];
const names: Record<Kind, Words> = {
  exact: { en: 'exact', ko: '정확한 기울기' },
  noise: { en: 'noise', ko: '잡음' },
  noiseDecay: { en: 'noise, rate decays', ko: '잡음, 학습률 감소' },
  bias: { en: 'bias', ko: '편향' },
  biasDecay: { en: 'bias, rate decays', ko: '편향, 학습률 감소' },
  round: { en: 'rounded to nearest', ko: '가장 가까운 값으로 반올림' },
  stochasticRound: { en: 'rounded stochastically', ko: '확률적 반올림' },
};

/** Where descent on ½(x² + 5y²) ends with one kind of inexact gradient after the other (section 8.2.6). */
export const noiseFloor = defineStudy({
  name: 'noiseFloor',
  title: { en: 'Where inexact gradients end', ko: '부정확한 기울기가 도착하는 곳' },
  summary: {
    en: 'Descends on f = ½(x² + 5y²) with the exact gradient, with noise, with a bias and with rounding, and compares where each ends with what theory says.',
    ko: 'f = ½(x² + 5y²)에서 정확한 기울기, 잡음, 편향, 반올림으로 각각 내려가고 끝나는 곳을 이론과 비교합니다.',
  },
  parameters: {
    deviation: {
      kind: 'number',
      label: { en: 'Noise σ of each component', ko: '성분마다 잡음 σ' },
      default: 0.5,
      min: 0.01,
      max: 3,
      log: true,
    },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate', ko: '학습률' },
      default: 0.1,
      min: 0.02,
      max: 0.35,
      log: true,
    },
    offset: {
      kind: 'number',
      label: { en: 'Bias b of each component', ko: '성분마다 편향 b' },
      default: 0.4,
      min: -2,
      max: 2,
    },
    spacing: {
      kind: 'number',
      label: { en: 'Rounded to multiples of', ko: '반올림 간격' },
      default: 0.5,
      min: 0.01,
      max: 1.9,
      log: true,
    },
    steps: {
      kind: 'integer',
      label: { en: 'Steps', ko: '단계 수' },
      default: 3_000,
      min: 2_000,
      max: 20_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ deviation, learningRate, offset, spacing, steps, seed }, context) {
    const decay = { schedule: { kind: 'step', every: Math.ceil(steps / 8), gamma: 0.5 } } as const;
    const bias = { inexact: { kind: 'bias', offset } } as const;
    const noise = { inexact: { kind: 'noise', deviation } } as const;
    const settings: Record<Kind, Partial<ExperimentInput['optimizer']>> = {
      exact: {},
      noise: { ...noise, averaging: { kind: 'uniform', start: Math.floor(steps / 4) } },
      noiseDecay: { ...noise, ...decay },
      bias,
      biasDecay: { ...bias, ...decay },
      round: { inexact: { kind: 'round', step: spacing } },
      stochasticRound: { inexact: { kind: 'round', step: spacing, stochastic: true } },
    };
    const runs: StudyRun[] = [];
    for (const kind of kinds) {
      context.progress(runs.length, kinds.length);
      const experiment: ExperimentInput = {
        objective: {
          kind: 'expression',
          expression: `(x^2 + ${curvature}*y^2)/2`,
          domain: [-2.5, 2.5, -2, 2],
          start,
        },
        optimizer: { name: 'sgd', learningRate, ...settings[kind] },
        training: { stop: { steps } },
        seed,
      };
      runs.push(await context.train(experiment));
    }
    const of = (kind: Kind) => runs[kinds.indexOf(kind)]!;
    const tail = (kind: Kind, from: number) => of(kind).metrics.loss.subarray(Math.floor(from * steps) + 1);
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const last = (kind: Kind): [number, number] => {
      const { trajectory } = of(kind);
      const row = trajectory.read(trajectory.rows - 1, 1);
      return [row[0]!, row[1]!];
    };
    /** E f of each coordinate where x ← (1 − ελ)x − εσz has settled. */
    const settled = curvatures.map((l) => (learningRate * deviation ** 2) / (2 * (2 - learningRate * l)));
    const floor = tail('noise', 0.25);
    // ½λx² has the variance 2m², and its autocorrelation is (1 − ελ)²ᵗ.
    const variance = settled.reduce((sum, m, i) => {
      const a = (1 - learningRate * curvatures[i]!) ** 2;
      return sum + (2 * m * m * (1 + a)) / (1 - a) / floor.length;
    }, 0);
    const largestGradient = (kind: Kind) => Math.max(...last(kind).map((value, i) => Math.abs(curvatures[i]! * value)));
    const biasEnd = Math.hypot(offset, offset / curvature);
    const named = (what: Words, kind: Kind): Words => ({
      en: `${what.en}, ${names[kind].en}`,
      ko: `${what.ko}, ${names[kind].ko}`,
    });
    const distance: Words = { en: 'Distance from the minimum at the end', ko: '마지막 점에서 최솟점까지의 거리' };
    const average = of('noise').average!;
    const facts: Record<string, Fact> = {
      exactDistance: { label: named(distance, 'exact'), value: Math.hypot(...last('exact')) },
      noiseFloor: {
        label: { en: 'Mean loss of the last three quarters, noise', ko: '마지막 3/4의 평균 손실, 잡음' },
        value: mean(floor),
        standardError: Math.sqrt(variance),
        theory: {
          value: settled.reduce((a, b) => a + b),
          formula: '\\sum_i \\frac{\\epsilon\\sigma^2}{2(2-\\epsilon\\lambda_i)}',
        },
      },
      noiseDecayFloor: {
        label: {
          en: 'Mean loss of the last eighth, noise, rate decays',
          ko: '마지막 1/8의 평균 손실, 잡음, 학습률 감소',
        },
        value: mean(tail('noiseDecay', 7 / 8)),
      },
      averageLoss: {
        label: { en: 'Loss of the mean of the iterates, noise', ko: '반복점 평균의 손실, 잡음' },
        value: curvatures.reduce((sum, l, i) => sum + (l * average[i]! ** 2) / 2, 0),
      },
      biasDistance: {
        label: named(distance, 'bias'),
        value: Math.hypot(...last('bias')),
        theory: { value: biasEnd, formula: '\\sqrt{\\textstyle\\sum_i (b/\\lambda_i)^2}' },
      },
      biasDecayDistance: {
        label: named(distance, 'biasDecay'),
        value: Math.hypot(...last('biasDecay')),
        theory: { value: biasEnd, formula: '\\sqrt{\\textstyle\\sum_i (b/\\lambda_i)^2}' },
      },
      roundGradient: {
        label: named({ en: 'Largest |∂f| at the end', ko: '마지막 점의 가장 큰 |∂f|' }, 'round'),
        value: largestGradient('round'),
      },
      halfSpacing: {
        label: { en: 'Half the spacing of the rounding', ko: '반올림 간격의 절반' },
        value: spacing / 2,
      },
      roundDistance: { label: named(distance, 'round'), value: Math.hypot(...last('round')) },
      roundLoss: {
        label: { en: 'Loss at the end, rounded to nearest', ko: '마지막 손실, 가장 가까운 값으로 반올림' },
        value: of('round').metrics.loss.at(-1)!,
      },
      stochasticRoundLoss: {
        label: {
          en: 'Mean loss of the last three quarters, rounded stochastically',
          ko: '마지막 3/4의 평균 손실, 확률적 반올림',
        },
        value: mean(tail('stochasticRound', 0.25)),
      },
    };
    // The exact descent reaches 1e-275: down there it would flatten everything else.
    const drawn = (values: Float64Array) => values.map((value) => (value > 1e-9 ? value : Number.NaN));
    return {
      facts,
      charts: {
        loss: {
          label: { en: 'Loss', ko: '손실' },
          x: { label: step },
          y: { label: { en: 'f', ko: 'f' }, log: true },
          lines: [
            ...kinds.map((kind, i) => ({
              label: names[kind],
              x: runs[i]!.metrics.step,
              y: drawn(runs[i]!.metrics.loss),
            })),
            {
              label: { en: 'Theory, noise', ko: '이론, 잡음' },
              x: Float64Array.of(0, steps),
              y: new Float64Array(2).fill(facts.noiseFloor!.theory!.value),
              style: 'dashed',
            },
          ],
        },
      },
      scenes: {
        paths: await sceneOfRuns(
          ['exact', 'noise', 'bias', 'round'].map((kind) => of(kind as Kind)),
          {
            label: { en: 'Where they end', ko: '도착하는 곳' },
            names: [names.exact, names.noise, names.bias, names.round],
          },
          context,
        ),
      },
    };
  },
});
