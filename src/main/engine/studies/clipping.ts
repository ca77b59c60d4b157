import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Fact } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

const step: Words = { en: 'Step', ko: '단계' };
const kinds = ['none', 'norm', 'value'] as const;
const names: Record<(typeof kinds)[number], Words> = {
  none: { en: 'Without clipping', ko: '자르지 않음' },
  norm: { en: 'Clipped by norm', ko: '노름으로 자름' },
  value: { en: 'Clipped by value', ko: '값으로 자름' },
};

/** Eight rows of a handwritten digit, read one after the other. */
const recurrentNetwork: ExperimentInput['objective'] = {
  kind: 'network',
  model: {
    inputShape: [8, 8],
    layers: [
      { type: 'recurrent', units: 24 },
      { type: 'dense', units: 10 },
    ],
    loss: 'softmaxCrossEntropy',
  },
  data: { source: { kind: 'builtin', name: 'digits' } },
};

/** The same descent with the gradient as it is, clipped by norm and clipped by value (figure 8.3). */
export const clipping = defineStudy({
  name: 'clipping',
  title: { en: 'A cliff, with and without clipping', ko: '절벽, 자르기 전과 후' },
  summary: {
    en: 'Runs the same descent three times, with the gradient as it is, clipped by its norm and clipped value by value, and measures the longest step.',
    ko: '같은 경사하강을 기울기 그대로, 노름으로 잘라서, 값마다 잘라서 세 번 실행하고 가장 긴 걸음을 잽니다.',
  },
  parameters: {
    problem: {
      kind: 'choice',
      label: { en: 'Problem', ko: '문제' },
      default: 'recurrentUnit',
      choices: ['recurrentUnit', 'cliff', 'network'],
      names: [
        { en: 'One recurrent unit', ko: '순환 유닛 하나' },
        { en: 'A cliff', ko: '절벽' },
        { en: 'A recurrent network on digits', ko: '숫자를 읽는 순환 신경망' },
      ],
    },
    threshold: {
      kind: 'number',
      label: { en: 'Threshold', ko: '문턱값' },
      default: 0.1,
      min: 0.01,
      max: 10,
      log: true,
    },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate', ko: '학습률' },
      default: 0.5,
      min: 0.01,
      max: 5,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 400, min: 5, max: 1_000, log: true },
  },
  async run({ problem, threshold, learningRate, steps }, context) {
    const isNetwork = problem === 'network';
    const experimentOf = (kind: (typeof kinds)[number]): ExperimentInput => ({
      objective: isNetwork ? recurrentNetwork : { kind: 'function', name: problem },
      optimizer: { name: 'sgd', learningRate, ...(kind !== 'none' && { clip: { kind, threshold } }) },
      training: { batchSize: isNetwork ? 64 : 'full', stop: { steps } },
    });
    const runs: StudyRun[] = [];
    for (const kind of kinds) {
      context.progress(runs.length, kinds.length);
      runs.push(await context.train(experimentOf(kind)));
    }
    const facts: Record<string, Fact> = {};
    for (const [i, kind] of kinds.entries()) {
      const { metrics, outcome } = runs[i]!;
      const named = ({ en, ko }: Words): Words => ({ en: `${en}, ${names[kind].en}`, ko: `${ko}, ${names[kind].ko}` });
      const known = (column: Float64Array) => column.filter(Number.isFinite);
      facts[`${kind}LongestStep`] = {
        label: named({ en: 'Longest step', ko: '가장 긴 걸음' }),
        value: Math.max(...known(metrics.updateNorm)),
      };
      facts[`${kind}LargestGradient`] = {
        label: named({ en: 'Largest gradient norm', ko: '가장 큰 기울기 노름' }),
        value: Math.max(...known(metrics.gradientNorm)),
      };
      facts[`${kind}FinalLoss`] = {
        label: named({ en: 'Final loss', ko: '마지막 손실' }),
        value: metrics.loss.at(-1)!,
      };
      facts[`${kind}Diverged`] = {
        label: named({ en: 'Diverged', ko: '발산함' }),
        value: Number(outcome.kind === 'diverged'),
      };
    }
    const columns = (pick: (run: StudyRun) => Float64Array) =>
      runs.map((run, i) => ({ label: names[kinds[i]!], x: run.metrics.step, y: pick(run) }));
    return {
      facts,
      charts: {
        loss: {
          label: { en: 'Loss', ko: '손실' },
          x: { label: step },
          y: { label: { en: 'Loss', ko: '손실' }, log: true },
          lines: columns(({ metrics }) => metrics.loss),
        },
        steps: {
          label: { en: 'Length of the step', ko: '걸음의 길이' },
          x: { label: step },
          y: { label: { en: '‖Δθ‖', ko: '‖Δθ‖' }, log: true },
          lines: columns(({ metrics }) => metrics.updateNorm),
        },
        gradient: {
          label: { en: 'Gradient norm before clipping', ko: '자르기 전 기울기 노름' },
          x: { label: step },
          y: { label: { en: '‖g‖', ko: '‖g‖' }, log: true },
          lines: columns(({ metrics }) => metrics.gradientNorm),
        },
      },
      scenes: {
        cliff: await sceneOfRuns(
          runs,
          {
            label: { en: 'The landscape', ko: '손실 지형' },
            names: kinds.map((kind) => names[kind]),
            grid: isNetwork ? 21 : 81,
            heightScale: isNetwork ? 'auto' : 'linear',
          },
          context,
        ),
      },
    };
  },
});
