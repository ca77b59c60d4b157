import type { Fact, StudyLine } from '../../../shared/model/study';
import { defineStudy } from './study';

/** Trainings of one network from different seeds: do they end at different heights? */
export const manyMinima = defineStudy({
  name: 'manyMinima',
  title: { en: 'Where different starts end', ko: '서로 다른 출발점의 끝' },
  summary: {
    en: 'Trains networks of several widths from several seeds on the same data to a small gradient and compares the losses they end at.',
    ko: '너비가 다른 여러 신경망을 여러 시드에서 같은 데이터로 기울기가 작아질 때까지 학습하고, 끝난 손실을 비교합니다.',
  },
  parameters: {
    widths: {
      kind: 'numbers',
      label: { en: 'Hidden units', ko: '은닉 유닛 수' },
      default: [2, 3, 5, 8, 16],
      min: 1,
      max: 64,
    },
    seeds: { kind: 'integer', label: { en: 'Seeds', ko: '시드 수' }, default: 8, min: 2, max: 40 },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 800, min: 10, max: 10_000, log: true },
  },
  async run({ widths, seeds, steps }, context) {
    const losses: Float64Array[] = [];
    for (const width of widths) {
      const ends = new Float64Array(seeds);
      for (let seed = 0; seed < seeds; seed++) {
        context.progress(losses.length * seeds + seed, widths.length * seeds);
        const { metrics } = await context.train({
          objective: {
            kind: 'network',
            model: {
              inputShape: [2],
              layers: [
                { type: 'dense', units: Math.round(width), activation: 'tanh' },
                { type: 'dense', units: 1 },
              ],
              loss: 'binaryCrossEntropy',
            },
            data: {
              source: { kind: 'generated', name: 'xor', examples: 120, noise: 0.05, seed: 0 },
              validationFraction: 0,
            },
            l2: 0.0001,
          },
          optimizer: { name: 'adam', learningRate: 0.05 },
          training: { stop: { steps }, recordEvery: steps },
          seed,
        });
        ends[seed] = metrics.loss.at(-1)!;
      }
      losses.push(ends.sort());
    }
    const x = Float64Array.from(widths.flatMap((width) => Array.from({ length: seeds }, () => width)));
    const y = Float64Array.from(losses.flatMap((ends) => [...ends]));
    const order = [...x.keys()].sort((a, b) => x[a]! - x[b]!);
    const cloud: StudyLine = {
      label: { en: 'One training', ko: '학습 하나' },
      x: Float64Array.from(order, (i) => x[i]!),
      y: Float64Array.from(order, (i) => y[i]!),
      style: 'points',
    };
    const spread = (ends: Float64Array): number => ends.at(-1)! - ends[0]!;
    const facts: Record<string, Fact> = {
      spreadNarrow: {
        label: { en: 'Highest minus lowest loss, first width', ko: '첫 너비의 최고 손실 − 최저 손실' },
        value: spread(losses[0]!),
      },
      spreadWide: {
        label: { en: 'Highest minus lowest loss, last width', ko: '마지막 너비의 최고 손실 − 최저 손실' },
        value: spread(losses.at(-1)!),
      },
      worstNarrow: {
        label: { en: 'Worst loss, first width', ko: '첫 너비의 가장 나쁜 손실' },
        value: losses[0]!.at(-1)!,
      },
      worstWide: {
        label: { en: 'Worst loss, last width', ko: '마지막 너비의 가장 나쁜 손실' },
        value: losses.at(-1)!.at(-1)!,
      },
    };
    return {
      facts,
      charts: {
        losses: {
          label: { en: 'Loss at the end of each training', ko: '각 학습의 마지막 손실' },
          x: { label: { en: 'Hidden units', ko: '은닉 유닛 수' }, log: true },
          y: { label: { en: 'Loss', ko: '손실' }, log: true },
          lines: [cloud],
        },
      },
    };
  },
});
