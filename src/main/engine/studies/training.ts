import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

const step: Words = { en: 'Step', ko: '단계' };

/** Any experiments, side by side: what a lesson needs where its claim is about how trainings go. */
export const training = defineStudy({
  name: 'training',
  title: { en: 'Trainings side by side', ko: '여러 학습의 비교' },
  summary: {
    en: 'Trains each experiment to its end and draws losses, gradient norms and, for one objective, the paths on one plane.',
    ko: '각 실험을 끝까지 학습하고 손실과 기울기 노름을 그립니다. 목적 함수가 같으면 경로를 한 평면에 함께 그립니다.',
  },
  parameters: {
    experiments: {
      kind: 'experiments',
      label: { en: 'Experiments', ko: '실험' },
      default: [
        {
          name: 'gradient descent',
          objective: { kind: 'function', name: 'himmelblau' },
          optimizer: { name: 'sgd', learningRate: 0.002 },
          training: { stop: { steps: 300 } },
        },
      ],
    },
    grid: {
      kind: 'integer',
      label: { en: 'Grid points per side', ko: '한 변의 격자점 수' },
      default: 61,
      min: 2,
      max: 201,
    },
  },
  async run({ experiments, grid }, context) {
    const runs: StudyRun[] = [];
    for (const experiment of experiments) {
      context.progress(runs.length, experiments.length);
      runs.push(await context.train(experiment));
    }
    const names = experiments.map(({ name }): Words => ({ en: name, ko: name }));
    const ofOneObjective = new Set(experiments.map(({ objective }) => shapeOf(objective))).size === 1;
    return {
      facts: Object.assign({}, ...runs.map((run, i) => factsOf(run, i, names[i]!))),
      charts: {
        loss: {
          label: { en: 'Training loss', ko: '학습 손실' },
          x: { label: step },
          y: { label: { en: 'Loss', ko: '손실' }, log: runs.every(({ metrics }) => metrics.loss.every((l) => l > 0)) },
          lines: runs.map(({ metrics }, i): StudyLine => ({ label: names[i]!, x: metrics.step, y: metrics.loss })),
        },
        gradientNorm: {
          label: { en: 'Gradient norm', ko: '기울기 노름' },
          x: { label: step },
          y: { label: { en: '‖∇L‖', ko: '‖∇L‖' }, log: true },
          lines: runs.map(
            ({ metrics }, i): StudyLine => ({ label: names[i]!, x: metrics.step, y: metrics.gradientNorm }),
          ),
        },
      },
      scenes: ofOneObjective
        ? { paths: await sceneOfRuns(runs, { label: { en: 'Paths', ko: '경로' }, names, grid }, context) }
        : {},
    };
  },
});

/** Starts differ between runs of one objective. */
const shapeOf = (objective: StudyRun['experiment']['objective']): string =>
  JSON.stringify({ ...objective, start: undefined });

/** `loss1`, `steps1`, `diverged1`, … of the first experiment. */
function factsOf({ metrics, outcome }: StudyRun, i: number, name: Words): Record<string, Fact> {
  const fact = (value: number, what: Words): Fact => ({
    value,
    label: { en: `${what.en}, ${name.en}`, ko: `${what.ko}, ${name.ko}` },
  });
  const last = (column: Float64Array) => column.at(-1) ?? Number.NaN;
  const facts: Record<string, Fact> = {
    [`loss${i + 1}`]: fact(last(metrics.loss), { en: 'Final loss', ko: '마지막 손실' }),
    [`steps${i + 1}`]: fact(outcome.step, { en: 'Steps', ko: '단계 수' }),
    [`diverged${i + 1}`]: fact(Number(outcome.kind === 'diverged'), { en: 'Diverged', ko: '발산함' }),
  };
  if (Number.isFinite(last(metrics.accuracy))) {
    facts[`accuracy${i + 1}`] = fact(last(metrics.accuracy), { en: 'Training accuracy', ko: '학습 정확도' });
  }
  if (Number.isFinite(last(metrics.validationLoss))) {
    facts[`validationLoss${i + 1}`] = fact(last(metrics.validationLoss), { en: 'Validation loss', ko: '검증 손실' });
  }
  return facts;
}
