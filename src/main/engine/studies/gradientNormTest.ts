import type { ActivationName, ExperimentInput } from '../../../shared/model/experiment';
import { digitsModel } from './digits';
import { defineStudy } from './study';

/** Recorded rows that are averaged for the smooth curve. */
const window = 20;

const dense = (units: number, activation: ActivationName = 'identity') => ({
  type: 'dense' as const,
  units,
  activation,
});

function networkFor(data: string, activation: ActivationName): ExperimentInput['objective'] {
  if (data === 'digits') {
    return {
      kind: 'network',
      model: digitsModel([32], activation),
      data: { source: { kind: 'builtin', name: 'digits' } },
    };
  }
  return {
    kind: 'network',
    model: {
      inputShape: [2],
      layers: [dense(16, activation), dense(16, activation), dense(1)],
      loss: 'binaryCrossEntropy',
    },
    data: { source: { kind: 'generated', name: 'circles', examples: 500, noise: 0.1, seed: 0 } },
  };
}

/** ‖g‖ along a real training: the test whether a local minimum is what holds it up (figure 8.1). */
export const gradientNormTest = defineStudy({
  name: 'gradientNormTest',
  title: { en: 'Does the gradient vanish?', ko: '기울기는 사라지는가' },
  summary: {
    en: 'Trains a network by minibatches and records the gradient norm of every step beside the validation error.',
    ko: '신경망을 미니배치로 학습하며 단계마다 기울기 노름을 검증 오류와 함께 기록합니다.',
  },
  parameters: {
    data: {
      kind: 'choice',
      label: { en: 'Data', ko: '데이터' },
      default: 'circles',
      choices: ['circles', 'digits'],
      names: [
        { en: 'Two circles', ko: '두 원' },
        { en: 'Handwritten digits', ko: '손글씨 숫자' },
      ],
    },
    batchSize: {
      kind: 'integer',
      label: { en: 'Batch size', ko: '배치 크기' },
      default: 100,
      min: 1,
      max: 1_000,
      log: true,
    },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate', ko: '학습률' },
      default: 0.05,
      min: 0.001,
      max: 2,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 600, min: 100, max: 5_000, log: true },
    activation: {
      kind: 'choice',
      label: { en: 'Activation', ko: '활성화 함수' },
      default: 'tanh',
      choices: ['relu', 'tanh', 'sigmoid'],
    },
  },
  async run({ data, batchSize, learningRate, steps, activation }, context) {
    const run = await context.train({
      objective: networkFor(data, activation as ActivationName),
      optimizer: { name: 'sgd', learningRate },
      training: { batchSize, stop: { steps } },
    });
    const { step, gradientNorm, validationAccuracy, loss } = run.metrics;
    // The last row ends the training without a step.
    const norms = gradientNorm.subarray(0, gradientNorm.length - 1);
    const x = step.subarray(0, norms.length);
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const smooth = norms.map((_, i) => mean(norms.subarray(Math.max(0, i - window + 1), i + 1)));
    const error = validationAccuracy.map((share) => 1 - share);
    const tenth = Math.ceil(norms.length / 10);
    return {
      facts: {
        firstNorm: {
          label: { en: 'Mean gradient norm, first tenth', ko: '처음 10분의 1의 평균 기울기 노름' },
          value: mean(norms.subarray(0, tenth)),
        },
        lastNorm: {
          label: { en: 'Mean gradient norm, last tenth', ko: '마지막 10분의 1의 평균 기울기 노름' },
          value: mean(norms.subarray(norms.length - tenth)),
        },
        firstError: {
          label: { en: 'Validation error at the start', ko: '처음 검증 오류' },
          value: error[0]!,
        },
        lastError: { label: { en: 'Validation error at the end', ko: '마지막 검증 오류' }, value: error.at(-1)! },
        lastLoss: { label: { en: 'Training loss at the end', ko: '마지막 학습 손실' }, value: loss.at(-1)! },
      },
      charts: {
        norm: {
          label: { en: 'Gradient norm of each step', ko: '단계마다의 기울기 노름' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: '‖g‖', ko: '‖g‖' } },
          lines: [
            { label: { en: 'Minibatch', ko: '미니배치' }, x, y: norms, style: 'points' },
            { label: { en: 'Mean of the last twenty', ko: '최근 20개의 평균' }, x, y: smooth },
          ],
        },
        error: {
          label: { en: 'Validation error', ko: '검증 오류' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: 'Error', ko: '오류율' } },
          lines: [{ label: { en: 'Validation error', ko: '검증 오류' }, x: step, y: error }],
        },
      },
    };
  },
});
