import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { deepDigits } from './deepDigits';
import { defineStudy } from './study';

const rates = Float64Array.from({ length: 11 }, (_, i) => 2 ** (i - 5));
const networks: readonly { name: string; label: Words; isNormalized: boolean }[] = [
  { name: 'plain', label: { en: 'Without batch normalization', ko: '배치 정규화 없이' }, isNormalized: false },
  { name: 'normalized', label: { en: 'With batch normalization', ko: '배치 정규화' }, isNormalized: true },
];

/** Which learning rates still train a deep network with and without batch normalization (section 8.7.1). */
export const batchNormRates = defineStudy({
  name: 'batchNormRates',
  title: { en: 'Batch normalization and the learning rate', ko: '배치 정규화와 학습률' },
  summary: {
    en: 'Trains a deep network on handwritten digits at eleven learning rates, with and without batch normalization, from the same weights, and reads off the largest rate that still trains.',
    ko: '깊은 신경망을 손글씨 숫자로 열한 가지 학습률에서, 배치 정규화가 있을 때와 없을 때, 같은 가중치에서 학습하고 아직 학습되는 가장 큰 학습률을 읽습니다.',
  },
  parameters: {
    depth: { kind: 'integer', label: { en: 'Hidden layers', ko: '은닉층 수' }, default: 4, min: 1, max: 8 },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 150, min: 10, max: 600, log: true },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 999 },
  },
  async run({ depth, steps, seed }, context) {
    const facts: Record<string, Fact> = {};
    const lines: StudyLine[] = [];
    let done = 0;
    for (const { name, label, isNormalized } of networks) {
      const losses: number[] = [];
      for (const learningRate of rates) {
        context.progress(done++, rates.length * networks.length);
        const experiment: ExperimentInput = {
          objective: deepDigits(depth, isNormalized),
          optimizer: { name: 'sgd', learningRate },
          training: { batchSize: 64, stop: { steps }, recordEvery: steps },
          seed,
        };
        const { metrics, outcome } = await context.train(experiment);
        losses.push(outcome.kind === 'diverged' ? Number.POSITIVE_INFINITY : metrics.loss.at(-1)!);
      }
      const best = losses.indexOf(Math.min(...losses));
      const largest = losses.findLastIndex((loss) => loss < trained);
      facts[`${name}Largest`] = {
        label: { en: `Largest rate that trains, ${label.en}`, ko: `학습되는 가장 큰 학습률, ${label.ko}` },
        value: rates[largest] ?? Number.NaN,
      };
      facts[`${name}Loss`] = {
        label: { en: `Lowest final loss, ${label.en}`, ko: `가장 낮은 마지막 손실, ${label.ko}` },
        value: losses[best]!,
      };
      facts[`${name}Working`] = {
        label: {
          en: `Rates that train, of ${rates.length}, ${label.en}`,
          ko: `학습되는 학습률의 수 (${rates.length}개 중), ${label.ko}`,
        },
        value: losses.filter((loss) => loss < trained).length,
      };
      lines.push({
        label,
        x: rates,
        y: Float64Array.from(losses, (loss) => (Number.isFinite(loss) ? loss : Number.NaN)),
      });
    }
    return {
      facts,
      charts: {
        loss: {
          label: { en: 'Loss after the training', ko: '학습 뒤의 손실' },
          x: { label: { en: 'Learning rate ε', ko: '학습률 ε' }, log: true },
          y: { label: { en: 'Loss', ko: '손실' }, log: true },
          lines: [
            ...lines,
            {
              label: { en: 'Counts as trained', ko: '학습된 것으로 보는 선' },
              x: Float64Array.of(rates[0]!, rates.at(-1)!),
              y: Float64Array.of(trained, trained),
              style: 'dashed',
            },
          ],
        },
      },
    };
  },
});

/** Half of ln 10, the loss of ten classes guessed. */
const trained = Math.log(10) / 2;
