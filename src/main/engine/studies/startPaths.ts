import type { ActivationName, ExperimentInput } from '../../../shared/model/experiment';
import type { Fact } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { digitsModel } from './digits';
import { sceneOfRuns } from './scene';
import { startSchemes } from './startSchemes';
import { defineStudy, type StudyRun } from './study';

const step: Words = { en: 'Step', ko: '단계' };

/** The same training from every way to draw the weights (section 8.4). */
export const startPaths = defineStudy({
  name: 'startPaths',
  title: { en: 'The path from each start', ko: '출발점마다 다른 경로' },
  summary: {
    en: 'Trains one deep network on digits by the same rule from seven initializations and draws losses and paths.',
    ko: '깊은 신경망 하나를 일곱 가지 초기화에서 같은 규칙으로 학습하고 손실과 경로를 그립니다.',
  },
  parameters: {
    activation: {
      kind: 'choice',
      label: { en: 'Activation', ko: '활성화 함수' },
      default: 'relu',
      choices: ['relu', 'tanh'],
      names: [
        { en: 'ReLU', ko: 'ReLU' },
        { en: 'tanh', ko: 'tanh' },
      ],
    },
    layers: { kind: 'integer', label: { en: 'Hidden layers', ko: '은닉층 수' }, default: 5, min: 1, max: 8 },
    units: { kind: 'integer', label: { en: 'Units in each', ko: '층마다 유닛 수' }, default: 24, min: 8, max: 48 },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate', ko: '학습률' },
      default: 0.1,
      min: 0.001,
      max: 1,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 200, min: 10, max: 1_000, log: true },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ activation, layers, units, learningRate, steps, seed }, context) {
    const runs: StudyRun[] = [];
    const facts: Record<string, Fact> = {};
    for (const { key, label, weights } of startSchemes) {
      context.progress(runs.length, startSchemes.length + 1);
      const experiment: ExperimentInput = {
        objective: {
          kind: 'network',
          model: digitsModel(Array<number>(layers).fill(units), activation as ActivationName),
          data: { source: { kind: 'builtin', name: 'digits' } },
          weightInitializer: weights,
        },
        optimizer: { name: 'sgd', learningRate },
        training: { batchSize: 64, stop: { steps }, recordEvery: Math.max(1, Math.floor(steps / 40)) },
        seed,
      };
      const run = await context.train(experiment);
      runs.push(run);
      const named = ({ en, ko }: Words): Words => ({ en: `${en}, ${label.en}`, ko: `${ko}, ${label.ko}` });
      facts[`${key}Loss`] = { label: named({ en: 'Final loss', ko: '마지막 손실' }), value: run.metrics.loss.at(-1)! };
      facts[`${key}Accuracy`] = {
        label: named({ en: 'Training accuracy', ko: '학습 정확도' }),
        value: run.metrics.accuracy.at(-1)!,
      };
      facts[`${key}First`] = {
        label: named({ en: 'Loss at the start', ko: '출발점의 손실' }),
        value: run.metrics.loss[0]!,
      };
    }
    return {
      facts,
      charts: {
        loss: {
          label: { en: 'Training loss', ko: '학습 손실' },
          x: { label: step },
          y: { label: { en: 'Loss', ko: '손실' }, log: true },
          lines: runs.map(({ metrics }, i) => ({ label: startSchemes[i]!.label, x: metrics.step, y: metrics.loss })),
        },
        gradientNorm: {
          label: { en: 'Gradient norm', ko: '기울기 노름' },
          x: { label: step },
          y: { label: { en: '‖∇L‖', ko: '‖∇L‖' }, log: true },
          lines: runs.map(({ metrics }, i) => ({
            label: startSchemes[i]!.label,
            x: metrics.step,
            y: metrics.gradientNorm,
          })),
        },
      },
      scenes: {
        // From N(0, 1) the path lies so far out that the others would shrink to a point.
        paths: await sceneOfRuns(
          runs.filter((_, i) => startSchemes[i]!.key !== 'large'),
          {
            label: { en: 'The paths but for the one from N(0, 1)', ko: '경로 (N(0, 1)에서 출발한 것 제외)' },
            names: startSchemes.filter(({ key }) => key !== 'large').map(({ label }) => label),
            grid: 25,
            heightScale: 'log',
          },
          context,
        ),
      },
    };
  },
});
