import type { Experiment } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { expressionObjective } from '../objectives/expression';
import { iterate } from './iterate';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

interface Method {
  name: string;
  label: Words;
  optimizer: Pick<Experiment['optimizer'], 'name' | 'learningRate' | 'parameters'>;
  rate: number;
  formula: string;
}

/** Each with its best constant settings on a quadratic of condition number κ with λmin = 1. */
function methods(kappa: number): Method[] {
  const root = Math.sqrt(kappa);
  const long = Math.sqrt(3 * kappa + 1);
  return [
    {
      name: 'sgd',
      label: { en: 'Gradient descent', ko: '경사하강법' },
      optimizer: { name: 'sgd', learningRate: 2 / (1 + kappa), parameters: {} },
      rate: (kappa - 1) / (kappa + 1),
      formula: String.raw`\frac{\kappa-1}{\kappa+1}`,
    },
    {
      name: 'momentum',
      label: { en: 'Momentum', ko: '모멘텀' },
      // Polyak 1964.
      optimizer: {
        name: 'momentum',
        learningRate: (2 / (1 + root)) ** 2,
        parameters: { momentum: ((root - 1) / (root + 1)) ** 2 },
      },
      rate: (root - 1) / (root + 1),
      formula: String.raw`\frac{\sqrt\kappa-1}{\sqrt\kappa+1}`,
    },
    {
      name: 'nesterov',
      label: { en: 'Nesterov', ko: '네스테로프' },
      // Lessard, Recht and Packard 2016, table 1: the best of all Nesterov settings on quadratics.
      optimizer: {
        name: 'nesterov',
        learningRate: 4 / (3 * kappa + 1),
        parameters: { momentum: (long - 2) / (long + 2) },
      },
      rate: 1 - 2 / long,
      formula: String.raw`1 - \frac{2}{\sqrt{3\kappa+1}}`,
    },
  ];
}

/** Descent, momentum and Nesterov on one ravine, each at its best (figure 8.5). */
export const momentumRates = defineStudy({
  name: 'momentumRates',
  title: { en: 'Momentum on a ravine', ko: '협곡 위의 모멘텀' },
  summary: {
    en: 'Runs gradient descent, momentum and Nesterov’s momentum on ½(x² + κy²), each with its best settings, and measures the factor by which they shrink the distance.',
    ko: '½(x² + κy²)에서 경사하강법, 모멘텀, 네스테로프 모멘텀을 각각 가장 좋은 설정으로 실행하고 거리가 줄어드는 비를 잽니다.',
  },
  parameters: {
    kappa: {
      kind: 'number',
      label: { en: 'Condition number κ', ko: '조건수 κ' },
      default: 50,
      min: 4,
      max: 1_000,
      log: true,
    },
    steps: {
      kind: 'integer',
      label: { en: 'Steps drawn', ko: '그릴 단계 수' },
      default: 60,
      min: 5,
      max: 1_000,
      log: true,
    },
  },
  async run({ kappa, steps }, context) {
    const expression = `(x^2 + ${kappa}*y^2)/2`;
    const used = methods(kappa);
    const facts: Record<string, Fact> = {};
    const runs: StudyRun[] = [];
    const lines: StudyLine[] = [];
    for (const method of used) {
      const distance = await distances(expression, method, context.signal);
      facts[method.name] = {
        label: {
          en: `Distance kept per step, ${method.label.en}`,
          ko: `한 단계마다 남는 거리의 비, ${method.label.ko}`,
        },
        value: contraction(distance),
        theory: { value: method.rate, formula: method.formula },
      };
      lines.push({
        label: method.label,
        x: distance.slice(0, steps + 1).map((_, t) => t),
        y: distance.slice(0, steps + 1),
      });
      runs.push(
        await context.train({
          objective: { kind: 'expression', expression, domain: [-12, 12, -3, 3], start: [10, 2] },
          optimizer: method.optimizer,
          training: { stop: { steps } },
        }),
      );
    }
    const scene = await sceneOfRuns(
      runs,
      { label: { en: 'The ravine', ko: '협곡' }, names: used.map(({ label }) => label), heightScale: 'log' },
      context,
    );
    return {
      facts,
      charts: {
        distance: {
          label: { en: 'Distance to the minimum', ko: '최솟점까지의 거리' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: '‖θ‖', ko: '‖θ‖' }, log: true },
          lines,
        },
      },
      scenes: { ravine: scene },
    };
  },
});

/** ‖θ_t‖ in float64 until it is rounding. */
async function distances(expression: string, { optimizer }: Method, signal: AbortSignal): Promise<Float64Array> {
  const found: number[] = [];
  await iterate(expressionObjective(expression), optimizer, [10, 2], {
    steps: 20_000,
    until: ([x, y]) => found.push(Math.hypot(x!, y!)) > 0 && found.at(-1)! <= 1e-100,
    signal,
  });
  return Float64Array.from(found);
}

/** Of the later half: at a double eigenvalue the distance also carries a factor t, which the mean sees little of. */
function contraction(distance: Float64Array): number {
  const last = distance.length - 1;
  const half = Math.floor(last / 2);
  return (distance[last]! / distance[half]!) ** (1 / (last - half));
}
