import type { Words } from '../../../shared/model/words';
import { refineCriticalPoint } from '../critical/refine';
import { functionObjective } from '../objectives/functions';
import { sceneOfRuns } from './scene';
import { defineStudy } from './study';

/** Descent on one side of a mountain, the minimum on the other (Goodfellow et al. 2016, figure 8.4). */
export const wrongSide = defineStudy({
  name: 'wrongSide',
  title: { en: 'The wrong side of the mountain', ko: '산의 반대편' },
  summary: {
    en: 'Descends a function without local minima or saddle points in the way, from a chosen start, and measures how far from the minimum it ends.',
    ko: '길을 막는 지역 최솟점도 안장점도 없는 함수를 고른 출발점에서 내려가, 최솟점에서 얼마나 먼 곳에서 끝나는지 잽니다.',
  },
  parameters: {
    start: { kind: 'number', label: { en: 'Start x', ko: '출발점 x' }, default: -0.6, min: -4, max: 5 },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 400, min: 10, max: 20_000, log: true },
  },
  async run({ start, steps }, context) {
    const name: Words = { en: 'Gradient descent', ko: '경사하강법' };
    const run = await context.train({
      objective: { kind: 'function', name: 'mountain', start: [start, 2.5] },
      optimizer: { name: 'sgd', learningRate: 0.1 },
      training: { stop: { steps } },
    });
    const { point: minimum } = await refineCriticalPoint(functionObjective('mountain'), [3, 0]);
    const { rows } = run.trajectory;
    const theta = run.trajectory.read(0, rows);
    const distance = Float64Array.from({ length: rows }, (_, t) =>
      Math.hypot(theta[2 * t]! - minimum.x, theta[2 * t + 1]! - minimum.y),
    );
    const { step, loss, gradientNorm } = run.metrics;
    const scene = await sceneOfRuns(
      [run],
      { label: { en: 'The mountain', ko: '산' }, names: [name], grid: 81, heightScale: 'linear' },
      context,
    );
    return {
      facts: {
        distance: {
          label: { en: 'Distance to the minimum at the end', ko: '끝에서 최솟점까지의 거리' },
          value: distance.at(-1)!,
        },
        startDistance: {
          label: { en: 'Distance to the minimum at the start', ko: '출발점에서 최솟점까지의 거리' },
          value: distance[0]!,
        },
        loss: { label: { en: 'Value at the end', ko: '마지막 함숫값' }, value: loss.at(-1)! },
        minimum: { label: { en: 'Value at the minimum', ko: '최솟값' }, value: minimum.value },
        gradientNorm: { label: { en: '‖∇f‖ at the end', ko: '마지막 ‖∇f‖' }, value: gradientNorm.at(-2)! },
      },
      charts: {
        distance: {
          label: { en: 'Distance to the minimum', ko: '최솟점까지의 거리' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: 'Distance', ko: '거리' } },
          lines: [{ label: name, x: step, y: distance }],
        },
        value: {
          label: { en: 'Value along the path', ko: '경로의 함숫값' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: 'f', ko: 'f' } },
          lines: [{ label: name, x: step, y: loss }],
        },
      },
      scenes: {
        mountain: {
          ...scene,
          marks: [{ label: { en: 'Minimum', ko: '최솟점' }, kind: 'minimum', x: minimum.x, y: minimum.y }],
        },
      },
    };
  },
});
