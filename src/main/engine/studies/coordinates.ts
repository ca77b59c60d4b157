import type { OptimizerSpec } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { expressionObjective } from '../objectives/expression';
import { iterate } from './iterate';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

interface Method {
  name: string;
  label: Words;
  optimizer: Pick<OptimizerSpec, 'name' | 'learningRate'>;
  /** That touch each coordinate once. */
  steps: number;
}

/** The example of section 8.7.2: f = (x − y)² + α(x² + y²), both curvatures along the axes 2 + 2α. */
export const coordinates = defineStudy({
  name: 'coordinates',
  title: { en: 'One coordinate at a time', ko: '한 번에 한 좌표씩' },
  summary: {
    en: 'Minimizes (x − y)² + α(x² + y²) exactly along one coordinate after the other, and by gradient descent at its best rate, and measures the share of the distance that a sweep keeps.',
    ko: '(x − y)² + α(x² + y²)을 좌표를 번갈아 정확히 최소화하고, 가장 좋은 학습률의 경사하강법과 함께 한 바퀴마다 남는 거리의 비를 잽니다.',
  },
  parameters: {
    alpha: { kind: 'number', label: { en: 'α', ko: 'α' }, default: 0.1, min: 0.01, max: 10, log: true },
  },
  async run({ alpha }, context) {
    const expression = `(x - y)^2 + ${alpha}*(x^2 + y^2)`;
    const learningRate = 1 / (2 + 2 * alpha);
    const methods: readonly Method[] = [
      {
        name: 'coordinate',
        label: { en: 'Coordinate descent', ko: '좌표 하강법' },
        optimizer: { name: 'coordinateDescent', learningRate },
        steps: 2,
      },
      // Its best rate 2/(λmin + λmax) = 2/(2α + 4 + 2α) is the same number.
      {
        name: 'gradient',
        label: { en: 'Gradient descent', ko: '경사하강법' },
        optimizer: { name: 'sgd', learningRate },
        steps: 1,
      },
    ];
    const start = [4, 1] as const;
    const facts: Record<string, Fact> = {};
    const lines: StudyLine[] = [];
    const runs: StudyRun[] = [];
    for (const { name, label, optimizer, steps } of methods) {
      const distance: number[] = [];
      await iterate(expressionObjective(expression), optimizer, start, {
        steps: 4_000,
        until: ([x, y]) => distance.push(Math.hypot(x!, y!)) > 0 && distance.at(-1)! < 1e-12,
        signal: context.signal,
      });
      const sweeps = Float64Array.from({ length: Math.ceil(distance.length / steps) }, (_, k) => distance[k * steps]!);
      const kept = sweeps.at(-1)! / sweeps.at(-2)!;
      facts[name] = {
        label: { en: `Distance kept per sweep, ${label.en}`, ko: `한 바퀴마다 남는 거리의 비, ${label.ko}` },
        value: kept,
        theory: {
          value: (1 + alpha) ** -steps,
          formula: steps === 2 ? String.raw`\frac{1}{(1+\alpha)^2}` : String.raw`\frac{1}{1+\alpha}`,
        },
      };
      facts[`${name}Sweeps`] = {
        label: { en: `Sweeps to a millionth, ${label.en}`, ko: `백만분의 일까지의 바퀴 수, ${label.ko}` },
        value: sweeps.findIndex((d) => d <= 1e-6 * sweeps[0]!),
      };
      const shown = sweeps.slice(0, 80);
      lines.push({ label, x: shown.map((_, k) => k), y: shown });
      runs.push(
        await context.train({
          objective: { kind: 'expression', expression, domain: [-5, 5, -5, 5], start: [...start] },
          optimizer,
          training: { stop: { steps: 60 } },
        }),
      );
    }
    return {
      facts,
      charts: {
        distance: {
          label: { en: 'Distance to the minimum', ko: '최솟점까지의 거리' },
          x: { label: { en: 'Sweep (every coordinate once)', ko: '바퀴 (모든 좌표를 한 번씩)' } },
          y: { label: { en: '‖θ‖', ko: '‖θ‖' }, log: true },
          lines,
        },
      },
      scenes: {
        valley: await sceneOfRuns(
          runs,
          {
            label: { en: 'A valley along the diagonal', ko: '대각선으로 뻗은 골짜기' },
            names: methods.map(({ label }) => label),
            heightScale: 'linear',
          },
          context,
        ),
      },
    };
  },
});
