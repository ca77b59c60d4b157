import type { OptimizerSpec } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { functionObjective } from '../objectives/functions';
import { iterate } from './iterate';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

/** Distance from the minimum (1, 1) that counts as arrived. */
const near = 1e-8;

interface Method {
  name: string;
  label: Words;
  optimizer: Pick<OptimizerSpec, 'name' | 'learningRate'> & Partial<OptimizerSpec>;
}

const methods: readonly Method[] = [
  {
    name: 'gradientDescent',
    label: { en: 'Gradient descent', ko: '경사하강법' },
    optimizer: { name: 'sgd', learningRate: 0.001 },
  },
  {
    name: 'fletcherReeves',
    label: { en: 'Conjugate gradients (FR)', ko: '켤레 기울기법 (FR)' },
    optimizer: { name: 'conjugateGradient', learningRate: 1, parameters: { polakRibiere: false } },
  },
  {
    name: 'polakRibiere',
    label: { en: 'Conjugate gradients (PR)', ko: '켤레 기울기법 (PR)' },
    optimizer: { name: 'conjugateGradient', learningRate: 1 },
  },
  { name: 'lbfgs', label: { en: 'L-BFGS', ko: 'L-BFGS' }, optimizer: { name: 'lbfgs', learningRate: 1 } },
  { name: 'bfgs', label: { en: 'BFGS', ko: 'BFGS' }, optimizer: { name: 'bfgs', learningRate: 1 } },
  { name: 'newton', label: { en: 'Newton', ko: '뉴턴법' }, optimizer: { name: 'newton', learningRate: 1 } },
];

/** The curved valley of Rosenbrock: linear, superlinear and quadratic convergence side by side. */
export const valley = defineStudy({
  name: 'valley',
  title: { en: 'Down a curved valley', ko: '굽은 골짜기를 따라' },
  summary: {
    en: 'Minimizes Rosenbrock’s function in float64 and measures steps, evaluations and how fast the distance to the minimum shrinks near the end.',
    ko: '로젠브록 함수를 float64로 최소화하며 단계 수와 평가 횟수, 그리고 끝에서 최솟점까지의 거리가 줄어드는 빠르기를 잽니다.',
  },
  parameters: {
    startX: { kind: 'number', label: { en: 'Start x', ko: '출발점 x' }, default: -1.2, min: -1.9, max: 1.9 },
    startY: { kind: 'number', label: { en: 'Start y', ko: '출발점 y' }, default: 1, min: -0.9, max: 2.9 },
  },
  async run({ startX, startY }, context) {
    const { signal } = context;
    const objective = functionObjective('rosenbrock');
    const facts: Record<string, Fact> = {};
    const lines: StudyLine[] = [];
    const runs: StudyRun[] = [];
    const rows: (number | Words)[][] = [];
    for (const [i, { name, label, optimizer }] of methods.entries()) {
      context.progress(i, methods.length);
      const distance: number[] = [];
      const { evaluations } = await iterate(objective, optimizer, [startX, startY], {
        steps: 80_000,
        until: ([x, y]) => distance.push(Math.hypot(x! - 1, y! - 1)) > 0 && distance.at(-1)! <= near,
        signal,
      });
      const last = distance.length - 1;
      const hasArrived = distance[last]! <= near;
      const steps = hasArrived ? last : Number.POSITIVE_INFINITY;
      const evaluated = hasArrived ? evaluations[last]! : Number.POSITIVE_INFINITY;
      const ratio = distance[last]! / (distance[last - 1] ?? Number.NaN);
      facts[name] = { label: { en: `Steps, ${label.en}`, ko: `단계 수, ${label.ko}` }, value: steps };
      facts[`${name}Evaluations`] = {
        label: { en: `Evaluations, ${label.en}`, ko: `평가 횟수, ${label.ko}` },
        value: evaluated,
      };
      facts[`${name}Ratio`] = {
        label: {
          en: `Distance kept by the last step, ${label.en}`,
          ko: `마지막 단계에서 남는 거리의 비, ${label.ko}`,
        },
        value: ratio,
        ...(name === 'gradientDescent' && {
          theory: { value: 1 - optimizer.learningRate * slowest, formula: String.raw`1-\epsilon\lambda_{\min}` },
        }),
      };
      rows.push([label, steps, evaluated, ratio]);
      lines.push({
        label,
        x: Float64Array.from(distance, (_, t) => t + 1),
        y: Float64Array.from(distance, (d) => (d > 0 ? d : Number.NaN)),
      });
      if (name === 'newton') {
        facts.newtonOrder = {
          label: {
            en: 'Correct digits after the last step, of those before, Newton',
            ko: '마지막 단계 뒤의 맞는 자릿수 (그 전에 대한 비), 뉴턴법',
          },
          value: Math.log(distance[last]!) / Math.log(distance[last - 1] ?? Number.NaN),
        };
      }
      runs.push(
        await context.train({
          objective: { kind: 'function', name: 'rosenbrock', start: [startX, startY] },
          optimizer,
          training: { stop: { steps: 400, gradientNorm: 1e-4 } },
        }),
      );
    }
    return {
      facts,
      charts: {
        distance: {
          label: { en: 'Distance to the minimum', ko: '최솟점까지의 거리' },
          x: { label: { en: 'Step + 1', ko: '단계 + 1' }, log: true },
          y: { label: { en: '‖θ − θ*‖', ko: '‖θ − θ*‖' }, log: true },
          lines,
        },
      },
      scenes: {
        valley: await sceneOfRuns(
          runs,
          {
            label: { en: 'Rosenbrock’s valley', ko: '로젠브록의 골짜기' },
            names: methods.map(({ label }) => label),
            heightScale: 'log',
          },
          context,
        ),
      },
      tables: {
        methods: {
          label: { en: 'Until the distance is 1e-8', ko: '거리가 1e-8이 될 때까지' },
          columns: [
            { en: 'Method', ko: '방법' },
            { en: 'Steps', ko: '단계 수' },
            { en: 'Evaluations', ko: '평가 횟수' },
            { en: 'Last factor', ko: '마지막 비' },
          ],
          rows,
        },
      },
    };
  },
});

/** λmin of [[802, −400], [−400, 200]], the Hessian at (1, 1). */
const slowest = 501 - Math.hypot(301, 400);
