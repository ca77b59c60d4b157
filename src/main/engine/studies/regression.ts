import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Words } from '../../../shared/model/words';
import { leastSquares } from '../objectives/leastSquares';
import { createRng } from '../random';
import { sceneOfRuns } from './scene';
import { defineStudy } from './study';

const slope = 1.5;
const intercept = -0.5;
const noise = 0.3;

/** A line fitted to points: the answer of a formula, and descent on its way there. */
export const regression = defineStudy({
  name: 'regression',
  title: { en: 'A formula against descent', ko: '공식과 경사하강법' },
  summary: {
    en: 'Fits y = wx + b by QR and by gradient descent on the same loss surface and measures the distance between the two answers over time.',
    ko: 'y = wx + b를 QR 분해로 한 번에, 그리고 같은 손실 곡면 위의 경사하강법으로 맞추고, 두 답 사이의 거리를 시간에 따라 잽니다.',
  },
  parameters: {
    center: {
      kind: 'number',
      label: { en: 'Mean of the inputs', ko: '입력의 평균' },
      default: 2,
      min: 0,
      max: 8,
    },
    examples: { kind: 'integer', label: { en: 'Examples', ko: '예제 수' }, default: 50, min: 5, max: 5_000, log: true },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 150, min: 10, max: 5_000, log: true },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ center, examples: n, steps, seed }, context) {
    const rng = createRng(seed, 'regression');
    const X = new Float64Array(2 * n);
    const y = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const x = center + rng.normal();
      X.set([x, 1], 2 * i);
      y[i] = slope * x + intercept + noise * rng.normal();
    }
    const solved = leastSquares(X, y);
    const mean = (f: (x: number, y: number) => number) =>
      y.reduce((sum, target, i) => sum + f(X[2 * i]!, target), 0) / n;
    const xx = mean((x) => x * x);
    const x1 = mean((x) => x);
    // ½·mean((wx + b − y)²), written out: as a function of (w, b) = (x, y) it is a quadratic.
    const expression =
      `(${xx}*x^2 + 2*${x1}*x*y + y^2)/2 - (${mean((x, target) => x * target)})*x` +
      ` - (${mean((_, target) => target)})*y + ${mean((_, target) => target * target) / 2}`;
    const { conditionNumber: kappa } = solved;
    const [w, b] = solved.theta as unknown as [number, number];
    const trace = 1 + xx;
    // λmin + λmax is the trace.
    const learningRate = 2 / trace;
    const experiment: ExperimentInput = {
      objective: { kind: 'expression', expression, domain: [w - 3, w + 3, b - 3, b + 3], start: [w + 2, b + 2] },
      optimizer: { name: 'sgd', learningRate },
      training: { stop: { steps } },
    };
    const name: Words = { en: 'Gradient descent', ko: '경사하강법' };
    const run = await context.train(experiment);
    const { rows } = run.trajectory;
    const theta = run.trajectory.read(0, rows);
    const distance = Float64Array.from({ length: rows }, (_, t) =>
      Math.hypot(theta[2 * t]! - w, theta[2 * t + 1]! - b),
    );
    const rate = (kappa - 1) / (kappa + 1);
    const scene = await sceneOfRuns(
      [run],
      { label: { en: 'Loss of slope and intercept', ko: '기울기와 절편의 손실' }, names: [name], heightScale: 'log' },
      context,
    );
    return {
      facts: {
        qrGradient: {
          label: { en: 'Gradient norm at the answer of QR', ko: 'QR 해에서의 기울기 노름' },
          value: solved.gradientNorm,
        },
        conditionNumber: { label: { en: 'Condition number of the Hessian', ko: '헤세 행렬의 조건수' }, value: kappa },
        startDistance: { label: { en: 'Distance at the start', ko: '출발점의 거리' }, value: distance[0]! },
        distance: {
          label: { en: 'Distance after the last step', ko: '마지막 단계 뒤의 거리' },
          value: distance.at(-1)!,
        },
        bound: {
          label: { en: 'The bound of theory on it', ko: '이론이 주는 상한' },
          value: distance[0]! * rate ** (rows - 1),
        },
        excessLoss: {
          label: { en: 'Loss above that of QR', ko: 'QR보다 높은 손실' },
          value: run.metrics.loss.at(-1)! - solved.loss,
        },
      },
      charts: {
        distance: {
          label: { en: 'Distance to the answer of QR', ko: 'QR 해까지의 거리' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: '‖θ − θ*‖', ko: '‖θ − θ*‖' }, log: true },
          lines: [
            { label: { en: 'Measured', ko: '측정' }, x: run.metrics.step, y: distance },
            {
              label: { en: 'Bound', ko: '상한' },
              x: run.metrics.step,
              y: run.metrics.step.map((t) => distance[0]! * rate ** t),
              style: 'dashed',
            },
          ],
        },
      },
      scenes: {
        surface: {
          ...scene,
          axes: [
            { en: 'Slope w', ko: '기울기 w' },
            { en: 'Intercept b', ko: '절편 b' },
          ],
          marks: [{ label: { en: 'QR', ko: 'QR' }, kind: 'minimum', x: w, y: b }],
        },
      },
    };
  },
});
