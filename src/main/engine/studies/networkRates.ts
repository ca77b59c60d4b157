import type { StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { createOptimizer, optimizers } from '../optimizers';
import { lossWords } from './scene';
import { defineStudy } from './study';

const learningRates = {
  adagrad: 0.01,
  rmsprop: 0.001,
  adadelta: 1,
  adam: 0.002,
  amsgrad: 0.002,
  nadam: 0.002,
} as const;
type RuleName = keyof typeof learningRates;
const ruleNames = Object.keys(learningRates) as RuleName[];
const quantiles = 101;
const pixels = 64;

/** The rates an adaptive rule gives to the weights of a real network. */
export const networkRates = defineStudy({
  name: 'networkRates',
  title: { en: 'The rates inside a network', ko: '신경망 안의 학습률' },
  summary: {
    en: 'Trains a network on handwritten digits by full batches and reads the rate of every parameter from the optimizer after the last step.',
    ko: '손글씨 숫자로 신경망을 전체 배치로 학습하고, 마지막 단계 뒤에 모든 매개변수의 학습률을 옵티마이저에서 읽습니다.',
  },
  parameters: {
    rule: {
      kind: 'choice',
      label: { en: 'Rule', ko: '규칙' },
      default: 'adam',
      choices: ruleNames,
      names: ruleNames.map((name): Words => {
        const { title } = optimizers.find((known) => known.name === name)!;
        return { en: title, ko: title };
      }),
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 100, min: 1, max: 1_000, log: true },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ rule, steps, seed }, context) {
    const learningRate = learningRates[rule as RuleName];
    const { objective, params } = await context.start({
      objective: {
        kind: 'network',
        model: {
          inputShape: [pixels],
          layers: [
            { type: 'dense', units: 32, activation: 'tanh' },
            { type: 'dense', units: 10 },
          ],
          loss: 'softmaxCrossEntropy',
        },
        data: { source: { kind: 'builtin', name: 'digits' }, standardize: false },
        // Pixels go up to 16: with larger weights the units would be saturated, and that would decide about the rates.
        weightInitializer: { name: 'glorotUniform', scale: 0.1 },
      },
      optimizer: { name: rule, learningRate },
      seed,
    });
    const { train } = objective;
    const optimizer = createOptimizer({
      ...{ name: rule, learningRate, parameters: {}, weightDecay: 0 },
      schedule: { kind: 'constant' },
    });
    const state = optimizer.init(params);
    const gradient = train.allocate();
    const never = new Uint8Array(params.length).fill(1);
    const loss = new Float64Array(steps + 1);
    const turn = cooperate(context.signal);
    for (let t = 0; t <= steps; t++) {
      await turn();
      context.progress(t, steps);
      loss[t] = await train.gradient(params, gradient);
      if (t === steps) break;
      gradient.forEach((g, i) => {
        if (g !== 0) never[i] = 0;
      });
      await optimizer.step(gradient, state, params);
    }
    const rates = optimizer.rates(state)!;
    const moved = rates.filter((_, i) => never[i] === 0).sort();
    const at = (sorted: Float64Array, share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
    // A weight of the first layer, [units, pixels], stands at unit·pixels + pixel.
    const first = train.layout[0]!.size;
    const descending = Array.from({ length: first }, (_, i) => i)
      .filter((i) => never[i] === 0)
      .sort((a, b) => rates[b]! - rates[a]!);
    const { x: images, examples } = objective.data!.train;
    const ink = new Float64Array(pixels);
    images.forEach((value, i) => {
      if (value !== 0) ink[i % pixels]! += 1 / examples;
    });
    const meanInk = (weights: readonly number[]) =>
      weights.reduce((sum, i) => sum + ink[i % pixels]!, 0) / weights.length;
    const x = Float64Array.from({ length: quantiles }, (_, i) => i / (quantiles - 1));
    const lines = train.layout.map(({ name, offset, size }): StudyLine => {
      const own = rates
        .subarray(offset, offset + size)
        .filter((_, i) => never[offset + i] === 0)
        .sort();
      return { label: { en: name, ko: name }, x, y: x.map((share) => at(own, share)) };
    });
    return {
      facts: {
        median: { label: { en: 'Median rate', ko: '학습률의 중앙값' }, value: at(moved, 0.5) },
        spread: {
          label: { en: '95th over 5th percentile of the rates', ko: '학습률의 95백분위수 / 5백분위수' },
          value: at(moved, 0.95) / at(moved, 0.05),
        },
        neverMoved: {
          label: { en: 'Parameters whose gradient was always 0', ko: '기울기가 늘 0이었던 매개변수 수' },
          value: never.reduce((sum, flag) => sum + flag, 0),
        },
        inkOfLargest: {
          label: {
            en: 'Share of examples with ink at the pixel, twentieth of the first layer with the largest rates',
            ko: '픽셀에 잉크가 있는 예제의 비율, 첫 층에서 학습률이 가장 큰 20분의 1',
          },
          value: meanInk(descending.slice(0, Math.ceil(descending.length / 20))),
        },
        ink: {
          label: {
            en: 'The same for all weights of the first layer that moved',
            ko: '같은 비율, 첫 층에서 움직인 모든 가중치',
          },
          value: meanInk(descending),
        },
        finalLoss: { label: { en: 'Loss at the end', ko: '마지막 손실' }, value: loss.at(-1)! },
      },
      charts: {
        rates: {
          label: { en: 'Rates of each block, sorted', ko: '블록별로 정렬한 학습률' },
          x: { label: { en: 'Share of the block’s parameters', ko: '블록의 매개변수 중 비율' } },
          y: { label: { en: 'Rate', ko: '학습률' }, log: true },
          lines,
        },
        loss: {
          label: { en: 'Training loss', ko: '학습 손실' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: lossWords, log: true },
          lines: [
            { label: { en: 'Loss', ko: '손실' }, x: Float64Array.from({ length: steps + 1 }, (_, t) => t), y: loss },
          ],
        },
      },
    };
  },
});
