import type { Words } from '../../../shared/model/words';
import { sceneOfRuns } from './scene';
import { defineStudy } from './study';

/**
 * Gradient descent on ½(x² + κy²): the best constant rate is ε = 2/(λmin + λmax), and with it the distance to the
 * minimum shrinks by (κ − 1)/(κ + 1) per step (Nesterov 2004, theorem 2.1.15).
 */
export const conditioning = defineStudy({
  name: 'conditioning',
  title: { en: 'The price of ill-conditioning', ko: '나쁜 조건의 대가' },
  summary: {
    en: 'Descends the quadratic ½(x² + κy²) at its best constant rate and measures how much of the distance each step keeps.',
    ko: '이차 함수 ½(x² + κy²)을 가장 좋은 고정 학습률로 내려가며, 한 단계마다 남는 거리의 비를 잽니다.',
  },
  parameters: {
    kappa: {
      kind: 'number',
      label: { en: 'Condition number κ', ko: '조건수 κ' },
      default: 25,
      min: 1.5,
      max: 1_000,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 60, min: 2, max: 2_000, log: true },
  },
  async run({ kappa, steps }, context) {
    const name: Words = { en: 'Gradient descent', ko: '경사하강법' };
    const run = await context.train({
      objective: {
        kind: 'expression',
        expression: `(x^2 + ${kappa}*y^2)/2`,
        domain: [-1.2 * kappa, 1.2 * kappa, -1.6, 1.6],
        // The worst start: both components shrink alike.
        start: [kappa, 1],
      },
      optimizer: { name: 'sgd', learningRate: 2 / (1 + kappa) },
      training: { stop: { steps } },
    });
    const { rows } = run.trajectory;
    const theta = run.trajectory.read(0, rows);
    const distance = Float64Array.from({ length: rows }, (_, t) => Math.hypot(theta[2 * t]!, theta[2 * t + 1]!));
    const rate = (kappa - 1) / (kappa + 1);
    return {
      facts: {
        contraction: {
          label: { en: 'Distance kept per step', ko: '한 단계마다 남는 거리의 비' },
          value: (distance.at(-1)! / distance[0]!) ** (1 / (rows - 1)),
          theory: { value: rate, formula: String.raw`\frac{\kappa - 1}{\kappa + 1}` },
        },
      },
      charts: {
        distance: {
          label: { en: 'Distance to the minimum', ko: '최솟점까지의 거리' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: '‖θ − θ*‖', ko: '‖θ − θ*‖' }, log: true },
          lines: [
            { label: { en: 'Measured', ko: '측정' }, x: run.metrics.step, y: distance },
            {
              label: { en: 'Theory', ko: '이론' },
              x: run.metrics.step,
              y: run.metrics.step.map((t) => distance[0]! * rate ** t),
              style: 'dashed',
            },
          ],
        },
      },
      scenes: {
        ravine: await sceneOfRuns(
          [run],
          { label: { en: 'The ravine', ko: '협곡' }, names: [name], heightScale: 'linear' },
          context,
        ),
      },
    };
  },
});
