import { modelSchema } from '../../../shared/model/experiment';
import { cooperate } from '../cooperate';
import { exampleMargins } from '../executors/reference/margins';
import { buildNetwork } from '../graph/build';
import { norm } from '../vectors';
import { classifier, errorRate } from './classifier';
import { lossWords } from './scene';
import { defineStudy } from './study';

const freshExamples = 4_000;
/** Rows whose margins are computed, evenly spaced in ln(1 + step). */
const lookedAt = 60;

/** What a surrogate goes on doing after the 0–1 error has nothing left to say (section 8.1.2). */
export const marginGrowth = defineStudy({
  name: 'marginGrowth',
  title: { en: 'After the training error is zero', ko: '학습 오류가 0이 된 뒤' },
  summary: {
    en: 'Trains a network by full-batch descent with momentum far beyond the step at which every training example is right and follows the margins, in float64.',
    ko: '모든 학습 예제를 맞힌 뒤에도 전체 배치 경사하강법(모멘텀)을 한참 이어 가며 마진을 float64로 따라갑니다.',
  },
  parameters: {
    loss: {
      kind: 'choice',
      label: { en: 'Loss', ko: '손실' },
      default: 'softmaxCrossEntropy',
      choices: ['softmaxCrossEntropy', 'multiClassHinge'],
      names: [
        { en: 'Log-likelihood', ko: '로그 가능도' },
        { en: 'Hinge', ko: '힌지' },
      ],
    },
    examples: {
      kind: 'integer',
      label: { en: 'Training examples', ko: '학습 예제 수' },
      default: 100,
      min: 10,
      max: 1_000,
      log: true,
    },
    noise: { kind: 'number', label: { en: 'Noise of the data', ko: '데이터의 잡음' }, default: 0.15, min: 0, max: 0.5 },
    units: {
      kind: 'integer',
      label: { en: 'Hidden units', ko: '은닉 유닛 수' },
      default: 16,
      min: 1,
      max: 64,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 8_000, min: 100, max: 30_000, log: true },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ loss, examples, noise, units, steps, seed }, context) {
    const objective = classifier({
      ...{ data: 'moons', examples, noise, dataSeed: seed, fresh: freshExamples, hidden: [units] },
      loss: loss as 'softmaxCrossEntropy' | 'multiClassHinge',
    });
    const run = await context.train({
      objective,
      optimizer: { name: 'momentum', learningRate: 0.1 },
      training: { stop: { steps }, recordEvery: Math.max(1, Math.floor(steps / 800)) },
      seed,
    });
    const { step, loss: losses, accuracy, validationAccuracy, gradientNorm } = run.metrics;
    const last = step.length - 1;
    const separated = accuracy.indexOf(1);
    const rows = [...new Set(logarithmicRows(step, lookedAt).concat(separated < 0 ? [] : [separated]))].sort(
      (a, b) => a - b,
    );
    const network = buildNetwork(modelSchema.parse(objective.model));
    const turn = cooperate(context.signal);
    const looked = new Map<number, { least: number; mean: number; norm: number }>();
    for (const [i, row] of rows.entries()) {
      context.progress(i, rows.length);
      await turn();
      const theta = run.trajectory.read(row, 1);
      const margins = exampleMargins(network, run.objective.data!.train, theta);
      looked.set(row, {
        least: margins.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY),
        mean: margins.reduce((sum, value) => sum + value, 0) / margins.length,
        norm: norm(theta),
      });
    }
    const x = Float64Array.from(rows, (row) => step[row]! + 1);
    const values = rows.map((row) => looked.get(row)!);
    const then = looked.get(separated);
    const end = looked.get(last)!;
    const atSeparation = (column: Float64Array) => (separated < 0 ? Number.NaN : column[separated]!);
    const stepAxis = { label: { en: 'Step + 1', ko: '단계 + 1' }, log: true };
    return {
      facts: {
        separatedAt: {
          label: { en: 'Step at which every training example is right', ko: '모든 학습 예제를 맞힌 단계' },
          value: atSeparation(step),
        },
        errorEnd: { label: { en: 'Training error at the end', ko: '마지막 학습 오류율' }, value: 1 - accuracy[last]! },
        leastThen: {
          label: { en: 'Smallest margin at that step', ko: '그 단계의 가장 작은 마진' },
          value: then?.least ?? Number.NaN,
        },
        leastEnd: { label: { en: 'Smallest margin at the end', ko: '마지막 가장 작은 마진' }, value: end.least },
        meanThen: {
          label: { en: 'Mean margin at that step', ko: '그 단계의 평균 마진' },
          value: then?.mean ?? Number.NaN,
        },
        meanEnd: { label: { en: 'Mean margin at the end', ko: '마지막 평균 마진' }, value: end.mean },
        normGrowth: {
          label: { en: '‖θ‖ at the end over ‖θ‖ at that step', ko: '그 단계에 대한 마지막 ‖θ‖의 비' },
          value: end.norm / (then?.norm ?? Number.NaN),
        },
        lossThen: { label: { en: 'Loss at that step', ko: '그 단계의 손실' }, value: atSeparation(losses) },
        lossEnd: { label: { en: 'Loss at the end', ko: '마지막 손실' }, value: losses[last]! },
        gradientEnd: {
          label: { en: 'Gradient norm at the end', ko: '마지막 기울기 노름' },
          value: gradientNorm[last]!,
        },
        freshThen: {
          label: { en: 'Error on fresh examples at that step', ko: '그 단계의 새 예제 오류율' },
          ...errorRate(atSeparation(validationAccuracy), freshExamples),
        },
        freshEnd: {
          label: { en: 'Error on fresh examples at the end', ko: '마지막 새 예제 오류율' },
          ...errorRate(validationAccuracy[last]!, freshExamples),
        },
      },
      charts: {
        margins: {
          label: { en: 'Margins of the training examples', ko: '학습 예제의 마진' },
          x: stepAxis,
          y: { label: { en: 'Margin', ko: '마진' } },
          lines: [
            { label: { en: 'Smallest', ko: '가장 작은 것' }, x, y: Float64Array.from(values, ({ least }) => least) },
            { label: { en: 'Mean', ko: '평균' }, x, y: Float64Array.from(values, ({ mean }) => mean) },
          ],
        },
        errors: {
          label: { en: 'Errors', ko: '오류율' },
          x: stepAxis,
          y: { label: { en: 'Share wrong', ko: '틀린 비율' } },
          lines: [
            {
              label: { en: 'Training examples', ko: '학습 예제' },
              x: step.map((t) => t + 1),
              y: accuracy.map((share) => 1 - share),
            },
            {
              label: { en: 'Fresh examples', ko: '새 예제' },
              x: step.map((t) => t + 1),
              y: validationAccuracy.map((share) => 1 - share),
            },
          ],
        },
        loss: {
          label: { en: 'Training loss', ko: '학습 손실' },
          x: stepAxis,
          y: { label: lossWords, log: losses.every((value) => value > 0) },
          lines: [{ label: { en: 'Loss', ko: '손실' }, x: step.map((t) => t + 1), y: losses }],
        },
      },
    };
  },
});

/** Rows whose ln(1 + step) are evenly spaced, first and last among them. */
function logarithmicRows(step: Float64Array, count: number): number[] {
  const last = step.length - 1;
  const top = Math.log1p(step[last]!);
  return Array.from({ length: count }, (_, i) => {
    const target = Math.expm1((top * i) / (count - 1));
    const row = step.findIndex((t) => t >= target);
    return row < 0 ? last : row;
  });
}
