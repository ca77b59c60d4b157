import type { StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { errorRate } from './classifier';
import { defineStudy } from './study';

const classes = 10;

/** A network that learns labels by heart: the more of them are random, the less it knows of fresh examples (Zhang et al. 2017). */
export const memorization = defineStudy({
  name: 'memorization',
  title: { en: 'Learning labels by heart', ko: '레이블 외우기' },
  summary: {
    en: 'Gives a share of the training digits a random label, trains until every training example is right, and measures the error on digits that were held back with their true labels.',
    ko: '학습 숫자 중 일부에 무작위 레이블을 붙이고, 모든 학습 예제를 맞힐 때까지 학습한 뒤, 남겨 둔 숫자에서 참 레이블로 오류율을 잽니다.',
  },
  parameters: {
    shares: {
      kind: 'numbers',
      label: { en: 'Shares of random labels', ko: '무작위 레이블의 비율' },
      default: [0, 0.25, 0.5, 0.75, 1],
      min: 0,
      max: 1,
    },
    units: {
      kind: 'integer',
      label: { en: 'Hidden units', ko: '은닉 유닛 수' },
      default: 64,
      min: 1,
      max: 256,
      log: true,
    },
    steps: {
      kind: 'integer',
      label: { en: 'Most steps', ko: '최대 단계 수' },
      default: 300,
      min: 10,
      max: 2_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ shares: given, units, steps, seed }, context) {
    const shares = [...given].sort((a, b) => a - b);
    const results: { wrong: number; trainingError: number; fresh: ReturnType<typeof errorRate>; step: number }[] = [];
    for (const [i, share] of shares.entries()) {
      context.progress(i, shares.length);
      const { metrics, objective } = await context.train({
        objective: {
          kind: 'network',
          model: {
            inputShape: [64],
            layers: [
              { type: 'dense', units, activation: 'relu' },
              { type: 'dense', units: classes },
            ],
            loss: 'softmaxCrossEntropy',
          },
          data: {
            source: { kind: 'builtin', name: 'digits' },
            validationFraction: 0.9,
            labels: share > 0 ? { kind: 'random', fraction: share, seed } : undefined,
          },
          weightInitializer: { name: 'heUniform' },
        },
        optimizer: { name: 'adam', learningRate: 0.01 },
        training: { stop: { steps }, recordEvery: 5 },
        seed,
      });
      const { train, validation, relabelled } = objective.data!;
      const right = metrics.accuracy.indexOf(1);
      const at = right < 0 ? metrics.step.length - 1 : right;
      results.push({
        wrong: relabelled.length / train.examples,
        trainingError: 1 - metrics.accuracy[at]!,
        fresh: errorRate(metrics.validationAccuracy[at]!, validation.examples),
        step: right < 0 ? Number.NaN : metrics.step[at]!,
      });
    }
    const x = Float64Array.from(shares);
    const line = (label: Words, value: (result: (typeof results)[number]) => number): StudyLine => ({
      label,
      x,
      y: Float64Array.from(results, value),
    });
    const [first, last] = [results[0]!, results.at(-1)!];
    const chance = 1 - 1 / classes;
    return {
      facts: {
        worstTrainingError: {
          label: { en: 'Largest training error at the end', ko: '마지막 학습 오류율 중 가장 큰 것' },
          value: Math.max(...results.map(({ trainingError }) => trainingError)),
        },
        freshErrorFirst: {
          label: { en: 'Error on held-back digits, smallest share', ko: '남겨 둔 숫자의 오류율, 가장 작은 비율' },
          ...first.fresh,
        },
        freshErrorLast: {
          label: { en: 'Error on held-back digits, largest share', ko: '남겨 둔 숫자의 오류율, 가장 큰 비율' },
          ...last.fresh,
          ...(shares.at(-1) === 1 && { theory: { value: chance, formula: String.raw`1 - \tfrac1{10}` } }),
        },
        wrongLast: {
          label: {
            en: 'Share of labels that became wrong, largest share',
            ko: '틀리게 된 레이블의 비율, 가장 큰 비율',
          },
          value: last.wrong,
          theory: { value: shares.at(-1)! * chance, formula: String.raw`s\left(1 - \tfrac1{10}\right)` },
        },
        stepsFirst: {
          label: { en: 'Steps to fit, smallest share', ko: '맞히기까지의 단계, 가장 작은 비율' },
          value: first.step,
        },
        stepsLast: {
          label: { en: 'Steps to fit, largest share', ko: '맞히기까지의 단계, 가장 큰 비율' },
          value: last.step,
        },
      },
      charts: {
        errors: {
          label: { en: 'Errors once training is over', ko: '학습을 마친 뒤의 오류율' },
          x: { label: { en: 'Share of random labels', ko: '무작위 레이블의 비율' } },
          y: { label: { en: 'Share wrong', ko: '틀린 비율' } },
          lines: [
            line(
              { en: 'Training examples, their labels', ko: '학습 예제, 붙은 레이블' },
              ({ trainingError }) => trainingError,
            ),
            {
              ...line(
                { en: 'Held-back examples, true labels', ko: '남겨 둔 예제, 참 레이블' },
                ({ fresh }) => fresh.value,
              ),
              standardError: Float64Array.from(results, ({ fresh }) => fresh.standardError),
            },
            { label: { en: 'Chance', ko: '찍기' }, x, y: x.map(() => chance), style: 'dashed' },
          ],
        },
        steps: {
          label: { en: 'Steps until every training example is right', ko: '모든 학습 예제를 맞히기까지의 단계' },
          x: { label: { en: 'Share of random labels', ko: '무작위 레이블의 비율' } },
          y: { label: { en: 'Steps', ko: '단계' } },
          lines: [line({ en: 'Steps', ko: '단계' }, ({ step }) => step)],
        },
      },
    };
  },
});
