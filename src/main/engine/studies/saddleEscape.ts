import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

const firstOrder: readonly { name: string; label: Words; learningRate: number }[] = [
  { name: 'sgd', label: { en: 'Gradient descent', ko: '경사하강법' }, learningRate: 0.05 },
  { name: 'momentum', label: { en: 'Momentum', ko: '모멘텀' }, learningRate: 0.05 },
  { name: 'rmsprop', label: { en: 'RMSProp', ko: 'RMSProp' }, learningRate: 0.05 },
  { name: 'adam', label: { en: 'Adam', ko: 'Adam' }, learningRate: 0.05 },
];
const secondOrder: readonly { name: string; label: Words; learningRate: number }[] = [
  { name: 'newton', label: { en: 'Newton', ko: '뉴턴법' }, learningRate: 1 },
  { name: 'saddleFreeNewton', label: { en: 'Saddle-free Newton', ko: '안장점 회피 뉴턴법' }, learningRate: 1 },
];
const mostSteps = 2_000;
/** |y| at which the saddle is left. */
const away = 1;

const experimentOf = (
  { name, learningRate }: { name: string; learningRate: number },
  distance: number,
  steps: number,
): ExperimentInput => ({
  objective: {
    kind: 'expression',
    // A saddle at the origin between the minima (0, ±2), along y: curvature 5 across, −1 along.
    expression: '5*x^2/2 - y^2/2 + y^4/16',
    domain: [-2, 2, -3, 3],
    start: [1.2, distance],
  },
  optimizer: { name, learningRate },
  training: { stop: { steps } },
});

/** How long a saddle point holds an optimizer that comes in almost on the ridge of its stable side. */
export const saddleEscape = defineStudy({
  name: 'saddleEscape',
  title: { en: 'Leaving a saddle point', ko: '안장점에서 벗어나기' },
  summary: {
    en: 'Starts optimizers a tiny distance off the line that leads into a saddle point and counts the steps until they have left it.',
    ko: '안장점으로 들어가는 선에서 아주 조금 벗어난 곳에서 옵티마이저들을 출발시켜, 안장점을 벗어날 때까지의 단계 수를 셉니다.',
  },
  parameters: {
    distance: {
      kind: 'number',
      label: { en: 'Distance from the ridge', ko: '능선에서의 거리' },
      default: 1e-4,
      min: 1e-8,
      max: 0.5,
      log: true,
    },
    methods: {
      kind: 'choice',
      label: { en: 'Optimizers', ko: '옵티마이저' },
      default: 'firstOrder',
      choices: ['firstOrder', 'secondOrder'],
      names: [
        { en: 'Of first order', ko: '일차' },
        { en: 'Of second order', ko: '이차' },
      ],
    },
  },
  async run({ distance, methods }, context) {
    const used = methods === 'firstOrder' ? firstOrder : secondOrder;
    const facts: Record<string, Fact> = {};
    const runs: StudyRun[] = [];
    const lines: StudyLine[] = [];
    for (const [i, method] of used.entries()) {
      context.progress(i, used.length);
      const run = await context.train(experimentOf(method, distance, methods === 'firstOrder' ? mostSteps : 60));
      const theta = run.trajectory.read(0, run.trajectory.rows);
      const height = Float64Array.from({ length: run.trajectory.rows }, (_, t) => Math.abs(theta[2 * t + 1]!));
      const left = height.findIndex((y) => y >= away);
      const shown = left < 0 ? height.length : Math.min(height.length, Math.ceil(1.5 * left) + 20);
      lines.push({ label: method.label, x: run.metrics.step.slice(0, shown), y: height.slice(0, shown) });
      facts[method.name] = {
        label: { en: `Steps until |y| ≥ 1, ${method.label.en}`, ko: `|y| ≥ 1까지의 단계 수, ${method.label.ko}` },
        value: left < 0 ? Number.POSITIVE_INFINITY : left,
        ...(method.name === 'sgd' && {
          theory: {
            // Far from the minima y grows by 1 + ε|λ| per step, and by less near y = 1.
            value: Math.log(away / distance) / Math.log(1 + method.learningRate),
            formula: String.raw`\frac{\ln(1/\delta)}{\ln(1+\epsilon|\lambda|)}`,
          },
        }),
      };
      facts[`${method.name}End`] = {
        label: { en: `Loss at the end, ${method.label.en}`, ko: `마지막 손실, ${method.label.ko}` },
        value: run.metrics.loss.at(-1)!,
      };
      runs.push(run);
    }
    return {
      facts,
      charts: {
        distance: {
          label: { en: 'Distance from the ridge', ko: '능선에서의 거리' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: '|y|', ko: '|y|' }, log: true },
          lines,
        },
      },
      scenes: {
        saddle: {
          ...(await sceneOfRuns(
            runs,
            {
              label: { en: 'A saddle between two minima', ko: '두 최솟점 사이의 안장점' },
              names: used.map(({ label }) => label),
              heightScale: 'linear',
            },
            context,
          )),
          marks: [{ label: { en: 'Saddle point', ko: '안장점' }, kind: 'saddle' as const, x: 0, y: 0 }],
        },
      },
    };
  },
});
