import { inexactGradientSchema, optimizerSchema } from '../../../shared/model/experiment';
import type { StudyScene } from '../../../shared/model/study';
import { cooperate } from '../cooperate';
import { standardErrorOfMean } from '../curvature/trace';
import { diagonalQuadratic } from '../objectives/quadratic';
import { createRng } from '../random';
import { createAverage } from '../training/averaging';
import { createInexactGradient } from '../training/inexactGradient';
import { descend, norm } from '../vectors';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

const curvatures = Float64Array.of(1, 10);
/** Standard deviation of each component of the gradient's noise. */
const deviation = 1;
/** Steps from the minimum on before the mean begins: by then the iterates have their stationary spread. */
const warmUp = 500;
const repetitions = 100;

/** E‖θ‖² of the last iterate, from E θᵢ² = εσ²/(λᵢ(2 − ελᵢ)). */
const spread = (rate: number): number =>
  curvatures.reduce((sum, lambda) => sum + (rate * deviation ** 2) / (lambda * (2 - rate * lambda)), 0);

/** E‖θ̄‖² of the mean of T iterates, an AR(1) process with the factor a = 1 − ελ in each coordinate. */
const spreadOfMean = (rate: number, count: number): number =>
  curvatures.reduce((sum, lambda) => {
    const a = 1 - rate * lambda;
    const one = (rate * deviation ** 2) / (lambda * (2 - rate * lambda));
    return sum + (one / count) * ((1 + a) / (1 - a) - (2 * a * (1 - a ** count)) / (count * (1 - a) ** 2));
  }, 0);

/** Polyak averaging: noise keeps the iterates at a distance that does not shrink, their mean closes in (section 8.7.3). */
export const polyak = defineStudy({
  name: 'polyak',
  title: { en: 'The mean of the iterates', ko: '반복점의 평균' },
  summary: {
    en: 'Runs stochastic gradient descent with noise of deviation 1 at a constant rate on ½(x² + 10y²) a hundred times and measures the mean squared distance of the last iterate and of the mean of the iterates.',
    ko: '½(x² + 10y²)에서 표준편차 1의 잡음이 있는 확률적 경사하강법을 고정 학습률로 백 번 실행하고, 마지막 반복점과 반복점 평균의 평균 제곱 거리를 잽니다.',
  },
  parameters: {
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate ε', ko: '학습률 ε' },
      default: 0.1,
      min: 0.02,
      max: 0.19,
      log: true,
    },
    steps: {
      kind: 'integer',
      label: { en: 'Iterates in the mean', ko: '평균에 드는 반복점 수' },
      default: 1_000,
      min: 50,
      max: 10_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 999 },
  },
  async run({ learningRate, steps, seed }, context) {
    const objective = diagonalQuadratic(curvatures);
    const turn = cooperate(context.signal);
    const sums = { last: new Float64Array(steps), mean: new Float64Array(steps) };
    const ends = { last: new Float64Array(repetitions), mean: new Float64Array(repetitions) };
    const gradient = objective.allocate();
    for (let k = 0; k < repetitions; k++) {
      context.progress(k, repetitions);
      await turn();
      const { distort } = createInexactGradient(
        inexactGradientSchema.parse({ kind: 'noise', deviation }),
        0,
        createRng(seed * repetitions + k, 'polyak'),
      );
      const average = createAverage({ kind: 'uniform', start: 0 }, curvatures.length);
      const params = objective.allocate();
      for (let t = -warmUp; t < steps; t++) {
        if (t >= 0) {
          average.add(params, t);
          sums.last[t]! += norm(params) ** 2 / repetitions;
          sums.mean[t]! += norm(average.params) ** 2 / repetitions;
        }
        if (t === steps - 1) break;
        objective.gradient(params, gradient);
        distort!(gradient);
        descend(params, learningRate, gradient);
      }
      ends.last[k] = norm(params) ** 2;
      ends.mean[k] = norm(average.params) ** 2;
    }
    const x = Float64Array.from({ length: steps }, (_, t) => t + 1);
    const run = await context.train({
      objective: { kind: 'expression', expression: '(x^2 + 10*y^2)/2', domain: [-3, 3, -1.5, 1.5], start: [2.5, 1] },
      optimizer: optimizerSchema.parse({
        name: 'sgd',
        learningRate,
        inexact: { kind: 'noise', deviation },
        averaging: { kind: 'uniform' },
      }),
      training: { stop: { steps: 300 } },
      seed,
    });
    const label = { en: 'Iterates', ko: '반복점' };
    const scene = await sceneOfRuns(
      [run],
      { label: { en: 'One run and its mean', ko: '한 번의 실행과 그 평균' }, names: [label], heightScale: 'linear' },
      context,
    );
    const meanSquare = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      facts: {
        last: {
          label: {
            en: `Mean squared distance of the last iterate, ${repetitions} runs`,
            ko: `마지막 반복점의 평균 제곱 거리 (${repetitions}회)`,
          },
          value: meanSquare(ends.last),
          standardError: standardErrorOfMean([...ends.last]),
          theory: {
            value: spread(learningRate),
            formula: String.raw`\sum_i \frac{\epsilon\sigma^2}{\lambda_i(2-\epsilon\lambda_i)}`,
          },
        },
        mean: {
          label: {
            en: `Mean squared distance of the mean, ${repetitions} runs`,
            ko: `평균점의 평균 제곱 거리 (${repetitions}회)`,
          },
          value: meanSquare(ends.mean),
          standardError: standardErrorOfMean([...ends.mean]),
          theory: {
            value: spreadOfMean(learningRate, steps),
            formula: String.raw`\approx \frac{1}{T}\sum_i \frac{\sigma^2}{\lambda_i^2}`,
          },
        },
        ratio: {
          label: { en: 'The first over the second', ko: '앞의 것을 뒤의 것으로 나눈 값' },
          value: meanSquare(ends.last) / meanSquare(ends.mean),
        },
      },
      charts: {
        distance: {
          label: { en: 'Mean squared distance to the minimum', ko: '최솟점까지의 평균 제곱 거리' },
          x: { label: { en: 'Iterates T', ko: '반복점 수 T' }, log: true },
          y: { label: { en: 'E‖θ‖²', ko: 'E‖θ‖²' }, log: true },
          lines: [
            { label: { en: 'Last iterate', ko: '마지막 반복점' }, x, y: sums.last },
            { label: { en: 'Mean of the iterates', ko: '반복점의 평균' }, x, y: sums.mean },
            {
              label: { en: 'Theory', ko: '이론' },
              x,
              y: x.map((count) => spreadOfMean(learningRate, count)),
              style: 'dashed',
            },
          ],
        },
      },
      scenes: { bowl: { ...scene, paths: [...scene.paths, pathOfMean(run)] } },
    };
  },
});

/** The mean of the recorded iterates as a path, at its true loss. */
function pathOfMean({ trajectory }: Pick<StudyRun, 'trajectory'>): StudyScene['paths'][number] {
  const average = createAverage({ kind: 'uniform', start: 0 }, 2);
  const objective = diagonalQuadratic(curvatures);
  const column = () => new Float64Array(trajectory.rows);
  const path = { label: { en: 'Mean', ko: '평균' }, x: column(), y: column(), height: column() };
  for (let t = 0; t < trajectory.rows; t++) {
    average.add(trajectory.read(t, 1), t);
    path.x[t] = average.params[0]!;
    path.y[t] = average.params[1]!;
    path.height[t] = objective.value(average.params) as number;
  }
  return path;
}
