import type { ExperimentInput } from '../../../shared/model/experiment';
import { sharpnessAlongPath } from '../curvature/alongPath';
import { defineStudy } from './study';

const spirals: ExperimentInput = {
  name: 'spirals',
  objective: {
    kind: 'network',
    model: {
      inputShape: [2],
      layers: [
        { type: 'dense', units: 24, activation: 'tanh' },
        { type: 'dense', units: 24, activation: 'tanh' },
        { type: 'dense', units: 1 },
      ],
      loss: 'meanSquaredError',
    },
    data: { source: { kind: 'generated', name: 'spirals', examples: 60, noise: 0 }, validationFraction: 0 },
  },
  optimizer: { name: 'sgd', learningRate: 0.1 },
};

/**
 * Full-batch gradient descent sharpens until λmax reaches 2/ε, where a quadratic would diverge, and stays there while the
 * loss goes on falling, no longer at every step (Cohen et al. 2021).
 */
export const edgeOfStability = defineStudy({
  name: 'edgeOfStability',
  title: { en: 'The edge of stability', ko: '안정성의 가장자리' },
  summary: {
    en: 'Trains a tanh network on two spirals by plain full-batch gradient descent and measures the largest eigenvalue of the Hessian along the way.',
    ko: 'tanh 신경망을 두 나선으로, 전체 배치 경사하강법만으로 학습하며 헤세 행렬의 가장 큰 고유값을 경로를 따라 잽니다.',
  },
  parameters: {
    experiments: {
      kind: 'experiments',
      label: { en: 'Objective of (the first)', ko: '목적 함수를 가져올 실험 (첫 번째)' },
      default: [spirals],
    },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate ε', ko: '학습률 ε' },
      default: 0.1,
      min: 0.03,
      max: 0.3,
      log: true,
    },
    steps: {
      kind: 'integer',
      label: { en: 'Steps', ko: '단계 수' },
      default: 12_000,
      min: 500,
      max: 60_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 999 },
  },
  async run({ experiments, learningRate, steps, seed }, context) {
    const rowsWanted = 60;
    const { trajectory, metrics, objective } = await context.train({
      ...experiments[0]!,
      optimizer: { name: 'sgd', learningRate },
      training: { stop: { steps } },
      seed,
    });
    const every = Math.max(1, Math.floor((trajectory.rows - 1) / rowsWanted));
    const chosen: number[] = [];
    for (let row = 0; row < trajectory.rows; row += every) chosen.push(row);
    const sharpness: number[] = [];
    const path = chosen.map((row) => Float64Array.from(trajectory.read(row, 1)));
    for await (const { value } of sharpnessAlongPath(objective.train, path, { signal: context.signal })) {
      sharpness.push(value);
      context.progress(sharpness.length, path.length);
    }
    const edge = 2 / learningRate;
    const lastQuarter = sharpness.slice(Math.floor(0.75 * sharpness.length));
    const losses = metrics.loss.slice(Math.floor(0.75 * metrics.loss.length));
    const rises = losses.reduce((count, loss, t) => count + Number(t > 0 && loss > losses[t - 1]!), 0);
    const x = Float64Array.from(chosen, (row) => metrics.step[row]!);
    const shown = Math.max(1, Math.floor(metrics.loss.length / 2_000));
    const kept = metrics.step.filter((_, row) => row % shown === 0);
    return {
      facts: {
        first: { label: { en: 'λmax at the start', ko: '처음의 λmax' }, value: sharpness[0]! },
        last: {
          label: { en: 'λmax, mean of the last quarter', ko: '마지막 4분의 1에서 λmax의 평균' },
          value: lastQuarter.reduce((sum, value) => sum + value, 0) / lastQuarter.length,
          theory: { value: edge, formula: String.raw`\frac{2}{\epsilon}` },
        },
        rises: {
          label: {
            en: 'Share of steps in the last quarter that raise the loss',
            ko: '마지막 4분의 1에서 손실을 높인 단계의 비율',
          },
          value: rises / Math.max(1, losses.length - 1),
        },
        lossFirst: { label: { en: 'Loss at the start', ko: '처음 손실' }, value: metrics.loss[0]! },
        lossLast: { label: { en: 'Loss at the end', ko: '마지막 손실' }, value: metrics.loss.at(-1)! },
      },
      charts: {
        sharpness: {
          label: { en: 'Sharpness', ko: '날카로움' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: 'λmax', ko: 'λmax' } },
          lines: [
            { label: { en: 'Measured', ko: '측정' }, x, y: Float64Array.from(sharpness) },
            { label: { en: '2/ε', ko: '2/ε' }, x, y: x.map(() => edge), style: 'dashed' },
          ],
        },
        loss: {
          label: { en: 'Training loss', ko: '학습 손실' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: 'Loss', ko: '손실' }, log: true },
          lines: [
            {
              label: { en: 'Loss', ko: '손실' },
              x: kept,
              y: metrics.loss.filter((_, row) => row % shown === 0),
            },
          ],
        },
      },
    };
  },
});
