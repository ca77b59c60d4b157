import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { gradientStep } from '../curvature/gradientStep';
import { digitsModel } from './digits';
import { defineStudy } from './study';

const digits: ExperimentInput = {
  name: 'digits',
  objective: {
    kind: 'network',
    model: digitsModel([16], 'tanh'),
    data: { source: { kind: 'builtin', name: 'digits' } },
  },
  optimizer: { name: 'sgd', learningRate: 0.5 },
  training: { stop: { steps: 150 } },
};
const step: Words = { en: 'Step', ko: '단계' };

/** −εgᵀg + ½ε²gᵀHg beside what the step really changed, at recorded rows of any run of plain gradient descent. */
export const stepPrediction = defineStudy({
  name: 'stepPrediction',
  title: { en: 'What a gradient step changes', ko: '경사하강 한 단계의 효과' },
  summary: {
    en: 'Trains with full-batch gradient descent and measures gᵀg, gᵀHg, the change the second-order series predicts and the actual one at every step.',
    ko: '전체 배치 경사하강법으로 학습하며 각 단계에서 gᵀg와 gᵀHg, 이차 급수가 예측한 손실 변화와 실제 변화를 잽니다.',
  },
  parameters: {
    experiments: {
      kind: 'experiments',
      label: { en: 'Experiment (the first)', ko: '실험 (첫 번째)' },
      default: [digits],
    },
    rateFactor: {
      kind: 'number',
      label: { en: 'Learning rate, times', ko: '학습률의 배수' },
      default: 1,
      min: 0.01,
      max: 40,
      log: true,
    },
  },
  async run({ experiments, rateFactor }, context) {
    const [given] = experiments;
    const { learningRate } = given!.optimizer;
    const run = await context.train({
      ...given!,
      // What the series speaks of: one plain step against the gradient of everything, each recorded.
      optimizer: { name: 'sgd', learningRate: learningRate * rateFactor },
      training: { ...given!.training, batchSize: 'full', recordEvery: 1 },
    });
    const { trajectory, metrics, objective } = run;
    const steps = trajectory.rows - 1;
    const rate = learningRate * rateFactor;
    const column = () => new Float64Array(steps);
    const [squared, curvature, predicted, actual] = [column(), column(), column(), column()];
    const turn = cooperate(context.signal);
    for (let t = 0; t < steps; t++) {
      const found = await gradientStep(objective.train, trajectory.read(t, 1), rate);
      squared[t] = found.squaredGradient;
      curvature[t] = found.curvature;
      predicted[t] = found.predicted;
      actual[t] = metrics.loss[t + 1]! - metrics.loss[t]!;
      context.progress(t + 1, steps);
      await turn();
    }
    const x = metrics.step.slice(0, steps);
    const worst = Math.max(...predicted.map((value, t) => Math.abs(value - actual[t]!)));
    const largest = Math.max(...actual.map(Math.abs));
    const normalized = curvature.map((value, t) => value / squared[t]!);
    const rises = (values: Float64Array) => values.reduce((count, value) => count + Number(value > 0), 0);
    const last = steps - 1;
    return {
      facts: {
        predictionError: {
          label: {
            en: 'Largest |predicted − actual|, of the largest change',
            ko: '|예측 − 실제|의 최댓값 (가장 큰 변화에 대한 비)',
          },
          value: worst / largest,
        },
        sharpnessFirst: {
          label: { en: 'gᵀHg/gᵀg at the first step', ko: '첫 단계의 gᵀHg/gᵀg' },
          value: normalized[0]!,
        },
        sharpnessLargest: {
          label: { en: 'Largest gᵀHg/gᵀg', ko: 'gᵀHg/gᵀg의 최댓값' },
          value: Math.max(...normalized),
        },
        gradientShrinks: {
          label: { en: '‖g‖ at the end, of its largest', ko: '마지막 ‖g‖ (최댓값에 대한 비)' },
          value: Math.sqrt(squared[last]! / Math.max(...squared)),
        },
        stepsUp: {
          label: { en: 'Share of steps that raise the loss', ko: '손실을 높인 단계의 비율' },
          value: rises(actual) / steps,
        },
        stepsUpPredicted: {
          label: { en: 'Share predicted to raise it', ko: '높일 것으로 예측된 비율' },
          value: rises(predicted) / steps,
        },
        finalLoss: { label: { en: 'Final loss', ko: '마지막 손실' }, value: metrics.loss[steps]! },
      },
      charts: {
        change: {
          label: { en: 'Change of the loss in a step', ko: '한 단계의 손실 변화' },
          x: { label: step },
          y: { label: { en: 'ΔL', ko: 'ΔL' } },
          lines: [
            { label: { en: 'Actual', ko: '실제' }, x, y: actual },
            { label: { en: 'Predicted', ko: '예측' }, x, y: predicted, style: 'dashed' },
          ],
        },
        terms: {
          label: { en: 'The two terms', ko: '두 항' },
          x: { label: step },
          y: { label: { en: 'Size', ko: '크기' }, log: true },
          lines: [
            { label: { en: 'ε gᵀg', ko: 'ε gᵀg' }, x, y: squared.map((value) => rate * value) },
            { label: { en: '½ε² gᵀHg', ko: '½ε² gᵀHg' }, x, y: curvature.map((value) => 0.5 * rate ** 2 * value) },
          ],
        },
        curvature: {
          label: { en: 'Gradient norm and curvature along it', ko: '기울기 노름과 그 방향의 곡률' },
          x: { label: step },
          y: { label: { en: 'Size', ko: '크기' }, log: true },
          lines: [
            { label: { en: '‖g‖', ko: '‖g‖' }, x, y: squared.map(Math.sqrt) },
            { label: { en: 'gᵀHg/gᵀg', ko: 'gᵀHg/gᵀg' }, x, y: normalized },
          ],
        },
      },
    };
  },
});
