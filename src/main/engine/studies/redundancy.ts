import type { ExperimentInput } from '../../../shared/model/experiment';
import type { StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { norm } from '../vectors';
import { defineStudy, type StudyRun } from './study';

/** Data that are copies of a few examples: the full gradient costs as many times more and is the same. */
export const redundancy = defineStudy({
  name: 'redundancy',
  title: { en: 'A dataset of copies', ko: '사본으로 이루어진 데이터' },
  summary: {
    en: 'Repeats a small dataset, compares the full gradient with that of one copy, and trains with all examples per step and with minibatches for the same number of examples read.',
    ko: '작은 데이터를 여러 번 되풀이해 전체 기울기를 사본 하나의 기울기와 비교하고, 같은 수의 예제를 읽는 동안 전체 배치와 미니배치로 학습합니다.',
  },
  parameters: {
    copies: { kind: 'integer', label: { en: 'Copies', ko: '사본 수' }, default: 20, min: 1, max: 200, log: true },
    batchSize: {
      kind: 'integer',
      label: { en: 'Minibatch', ko: '미니배치 크기' },
      default: 20,
      min: 1,
      max: 100,
      log: true,
    },
    epochs: { kind: 'integer', label: { en: 'Epochs', ko: '에포크 수' }, default: 10, min: 1, max: 50 },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ copies, batchSize, epochs, seed }, context) {
    const distinct = 100;
    const examples = distinct * copies;
    const objectiveOf = (times: number): ExperimentInput['objective'] => ({
      kind: 'network',
      model: {
        inputShape: [2],
        layers: [
          { type: 'dense', units: 16, activation: 'tanh' },
          { type: 'dense', units: 2 },
        ],
        loss: 'softmaxCrossEntropy',
      },
      data: {
        source: { kind: 'generated', name: 'moons', examples: distinct, noise: 0.15, seed },
        validationFraction: 0,
        ...(times > 1 && { copies: times }),
      },
    });
    const experimentOf = (batch: number | 'full', steps: number): ExperimentInput => ({
      objective: objectiveOf(copies),
      optimizer: { name: 'sgd', learningRate: 0.5 },
      training: { batchSize: batch, stop: { steps }, recordEvery: Math.max(1, Math.ceil(steps / 300)) },
      seed,
    });

    const { objective: whole, params } = await context.start(experimentOf('full', 1));
    const once = await context.load(objectiveOf(1));
    const own = once.train.allocate();
    own.set(params);
    const [gradient, ofOne] = [whole.train.allocate(), once.train.allocate()];
    await whole.train.gradient(params, gradient);
    await once.train.gradient(own, ofOne);
    const size = norm(ofOne);
    const difference = norm(gradient.map((value, i) => value - ofOne[i]!));

    context.progress(0, 2);
    const full = await context.train(experimentOf('full', epochs));
    context.progress(1, 2);
    const mini = await context.train(experimentOf(batchSize, epochs * Math.ceil(examples / batchSize)));
    const lineOf = ({ metrics }: StudyRun, label: Words): StudyLine => ({
      label,
      x: metrics.epoch.map((epoch) => epoch * examples),
      y: metrics.loss,
    });
    const fullWords: Words = { en: 'All examples per step', ko: '단계마다 모든 예제' };
    const miniWords: Words = { en: `Minibatches of ${batchSize}`, ko: `크기 ${batchSize}의 미니배치` };
    return {
      facts: {
        difference: {
          label: {
            en: 'Gradient of all copies less that of one, relative',
            ko: '모든 사본과 사본 하나의 기울기 상대 차이',
          },
          value: difference / size,
          theory: { value: 0 },
        },
        cost: {
          label: { en: 'Examples read for it, times those of one copy', ko: '읽은 예제 수의 비(사본 하나 기준)' },
          value: whole.train.examples / once.train.examples,
          theory: { value: copies },
        },
        lossFull: {
          label: { en: 'Loss in the end, all examples per step', ko: '마지막 손실, 전체 배치' },
          value: full.metrics.loss.at(-1)!,
        },
        lossMini: {
          label: { en: 'Loss in the end, minibatches', ko: '마지막 손실, 미니배치' },
          value: mini.metrics.loss.at(-1)!,
        },
        stepsFull: {
          label: { en: 'Steps, all examples per step', ko: '단계 수, 전체 배치' },
          value: full.outcome.step,
        },
        stepsMini: { label: { en: 'Steps, minibatches', ko: '단계 수, 미니배치' }, value: mini.outcome.step },
      },
      charts: {
        loss: {
          label: { en: 'Loss over the examples read', ko: '읽은 예제 수에 따른 손실' },
          x: { label: { en: 'Examples read', ko: '읽은 예제 수' } },
          y: { label: { en: 'Training loss', ko: '학습 손실' }, log: true },
          lines: [lineOf(full, fullWords), lineOf(mini, miniWords)],
        },
      },
    };
  },
});
