import type { ExperimentInput } from '../../../shared/model/experiment';
import { modelSchema } from '../../../shared/model/experiment';
import type { Words } from '../../../shared/model/words';
import { layerSignals } from '../executors/reference/signals';
import { stateGradients } from '../executors/reference/stateGradients';
import { buildNetwork } from '../graph/build';
import { initialize } from '../initializers/initialize';
import { createRng } from '../random';
import { type MatrixKind, squareMatrix } from '../recurrence/squareMatrix';
import { networkOf } from './network';
import { defineStudy } from './study';

const units = 16;
const measured = Int32Array.from({ length: 200 }, (_, i) => i);

/** ‖∂ℓ/∂hₜ‖ step by step through a recurrent network whose recurrent weights have a chosen spectral radius. */
export const timeGradients = defineStudy({
  name: 'timeGradients',
  title: { en: 'The gradient through time', ko: '시간을 거스르는 기울기' },
  summary: {
    en: 'A recurrent network reads a digit in pieces; the norm of the gradient at each of its states is measured before and after training, beside a feedforward network as deep.',
    ko: '순환 신경망이 숫자를 조각으로 읽습니다. 학습 전후에 각 상태의 기울기 노름을 재고, 깊이가 같은 순방향 신경망과 비교합니다.',
  },
  parameters: {
    start: {
      kind: 'choice',
      label: { en: 'Recurrent weights', ko: '순환 가중치' },
      default: 'orthogonal',
      choices: ['orthogonal', 'gaussian'],
      names: [
        { en: 'Orthogonal', ko: '직교' },
        { en: 'Gaussian', ko: '가우스' },
      ],
    },
    radius: {
      kind: 'number',
      label: { en: 'Spectral radius ρ', ko: '스펙트럼 반지름 ρ' },
      default: 0.8,
      min: 0.2,
      max: 2,
    },
    length: {
      kind: 'choice',
      label: { en: 'Time steps × pixels each', ko: '시간 단계 수 × 단계마다 화소 수' },
      default: '32x2',
      choices: ['8x8', '16x4', '32x2', '64x1'],
    },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate', ko: '학습률' },
      default: 0.1,
      min: 0.001,
      max: 1,
      log: true,
    },
    trainSteps: {
      kind: 'integer',
      label: { en: 'Training steps', ko: '학습 단계 수' },
      default: 150,
      min: 1,
      max: 1_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ start, radius, length, learningRate, trainSteps, seed }, context) {
    const [steps, pixels] = length.split('x').map(Number) as [number, number];
    const experiment: ExperimentInput = {
      objective: {
        kind: 'network',
        model: {
          inputShape: [steps, pixels],
          layers: [
            { type: 'recurrent', units },
            { type: 'dense', units: 10 },
          ],
          loss: 'softmaxCrossEntropy',
        },
        data: { source: { kind: 'builtin', name: 'digits' } },
      },
      optimizer: { name: 'sgd', learningRate, clip: { kind: 'norm', threshold: 1 } },
      training: { batchSize: 64, stop: { steps: trainSteps }, recordEvery: Math.max(1, Math.floor(trainSteps / 30)) },
      seed,
    };
    const { objective, params } = await context.start(experiment);
    const recurrent = objective.train.layout.find(({ name }) => name === 'layers.0.weight_hh_l0')!;
    const rng = createRng(seed, 'timeGradients');
    params.set(squareMatrix(start as MatrixKind, units, radius, rng), recurrent.offset);
    const theta = Float64Array.from(params);
    const network = networkOf(objective);
    const data = objective.data!.train;
    const before = stateGradients(network, data, theta, 0, measured);
    context.progress(1, 3);
    const run = await context.train(experiment, Float64Array.from(theta));
    context.progress(2, 3);
    const after = stateGradients(network, data, run.final, 0, measured);

    // As many tanh layers as steps, each of its own weights of the same gain.
    const deep = buildNetwork(
      modelSchema.parse({
        inputShape: [steps * pixels],
        layers: [
          ...Array.from({ length: Math.min(steps, 62) }, () => ({ type: 'dense', units, activation: 'tanh' })),
          { type: 'dense', units: 10 },
        ],
        loss: 'softmaxCrossEntropy',
      }),
    );
    const deepTheta = new Float64Array(deep.layout.reduce((sum, { size }) => sum + size, 0));
    const zeros = { name: 'zeros' } as const;
    const weights = { name: 'orthogonal', scale: radius } as const;
    initialize(deep.layout, { weights, biases: zeros }, createRng(seed, 'timeGradients/deep'), deepTheta);
    const signals = layerSignals(deep, data, deepTheta, measured);
    const ofLayers = signals
      .slice(0, -1)
      .map(({ gradient }) => Math.hypot(gradient!.mean, gradient!.std) * Math.sqrt(units));

    const x = Float64Array.from({ length: steps }, (_, t) => t + 1);
    const last = steps - 1;
    const perStep = (values: Float64Array) => (values[0]! / values[last]!) ** (1 / last);
    const { metrics } = run;
    const accuracy = metrics.accuracy.at(-1)!;
    const bound: Words = { en: 'ρᵏ of the last', ko: '마지막 값의 ρᵏ배' };
    return {
      facts: {
        perStep: {
          label: { en: 'Factor per step back, before training', ko: '한 단계 거슬러 갈 때의 배율, 학습 전' },
          value: perStep(before.gradients),
        },
        remains: {
          label: { en: '‖∂ℓ/∂h₁‖ of ‖∂ℓ/∂h_T‖, before training', ko: '‖∂ℓ/∂h_T‖에 대한 ‖∂ℓ/∂h₁‖의 비, 학습 전' },
          value: before.gradients[0]! / before.gradients[last]!,
        },
        remainsAfter: {
          label: { en: '‖∂ℓ/∂h₁‖ of ‖∂ℓ/∂h_T‖, after training', ko: '‖∂ℓ/∂h_T‖에 대한 ‖∂ℓ/∂h₁‖의 비, 학습 후' },
          value: after.gradients[0]! / after.gradients[last]!,
        },
        feedforwardRemains: {
          label: { en: 'First of last layer, feedforward', ko: '마지막 층에 대한 첫 층의 비, 순방향' },
          value: ofLayers[0]! / ofLayers.at(-1)!,
        },
        accuracy: { label: { en: 'Training accuracy', ko: '학습 정확도' }, value: accuracy },
        loss: { label: { en: 'Final loss', ko: '마지막 손실' }, value: metrics.loss.at(-1)! },
      },
      charts: {
        gradients: {
          label: { en: 'Gradient at each state', ko: '각 상태의 기울기' },
          x: { label: { en: 'Time step (or layer)', ko: '시간 단계 (또는 층)' } },
          y: { label: { en: '‖∂ℓ/∂hₜ‖', ko: '‖∂ℓ/∂hₜ‖' }, log: true },
          lines: [
            { label: { en: 'Before training', ko: '학습 전' }, x, y: before.gradients },
            { label: { en: 'After training', ko: '학습 후' }, x, y: after.gradients },
            {
              label: { en: 'Feedforward, different weights', ko: '순방향, 서로 다른 가중치' },
              x: x.slice(0, ofLayers.length),
              y: Float64Array.from(ofLayers),
            },
            {
              label: bound,
              x,
              y: x.map((t) => before.gradients[last]! * radius ** (steps - t)),
              style: 'dashed',
            },
          ],
        },
        states: {
          label: { en: 'Norm of the state', ko: '상태의 노름' },
          x: { label: { en: 'Time step', ko: '시간 단계' } },
          y: { label: { en: '‖hₜ‖', ko: '‖hₜ‖' } },
          lines: [
            { label: { en: 'Before training', ko: '학습 전' }, x, y: before.states },
            { label: { en: 'After training', ko: '학습 후' }, x, y: after.states },
          ],
        },
        loss: {
          label: { en: 'Training loss', ko: '학습 손실' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: 'Loss', ko: '손실' } },
          lines: [{ label: { en: 'Loss', ko: '손실' }, x: metrics.step, y: metrics.loss }],
        },
      },
    };
  },
});
