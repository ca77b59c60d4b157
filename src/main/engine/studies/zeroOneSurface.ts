import { lossSchema } from '../../../shared/model/experiment';
import type { StudyScene } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { describeBasis } from '../planes/basis';
import { createRng } from '../random';
import { createProjector } from '../trajectory/project';
import { classifier, lowestAt } from './classifier';
import { lossWords, sceneOnPlane, surfaceOnPlane } from './scene';
import { defineStudy, type StudyContext, type StudyObjective } from './study';

/** Half the side of the window of weights, and where both descents start. */
const reach = 12;
const startAt = [-6, 9] as const;
/** Distance to which a step is looked for, and the number of points where one is. */
const displacement = 1e-6;
const probes = 200;

/**
 * A linear classifier of the plane, z₁ − z₀ = wᵀx: all of its 0–1 error, log-likelihood and hinge loss as functions of
 * the two weights. With two classes and the margin m = ±wᵀx the log-likelihood loss is ln(1 + e⁻ᵐ) and torch's multi-class
 * hinge ½·max(0, 1 − m), so that ln(1 + e⁻ᵐ)/ln 2 and max(0, 1 − m) both bound the 0–1 error from above.
 */
export const zeroOneSurface = defineStudy({
  name: 'zeroOneSurface',
  title: { en: 'The 0–1 loss and its surrogates', ko: '0–1 손실과 대리 손실' },
  summary: {
    en: 'Computes the 0–1 error, the log-likelihood loss and the hinge loss of a linear classifier over its two weights, looks for a gradient at 200 random points of each, and descends the two that have one.',
    ko: '선형 분류기의 두 가중치 위에서 0–1 오류, 로그 가능도 손실, 힌지 손실을 계산하고, 무작위 점 200곳에서 기울기가 있는지 살핀 뒤, 기울기가 있는 둘을 내려갑니다.',
  },
  parameters: {
    examples: { kind: 'integer', label: { en: 'Examples', ko: '예제 수' }, default: 40, min: 4, max: 1_000, log: true },
    noise: { kind: 'number', label: { en: 'Noise of the data', ko: '데이터의 잡음' }, default: 0.3, min: 0, max: 2 },
    mislabelled: {
      kind: 'number',
      label: { en: 'Share of random labels', ko: '무작위 레이블의 비율' },
      default: 0,
      min: 0,
      max: 1,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 400, min: 10, max: 5_000, log: true },
    grid: {
      kind: 'integer',
      label: { en: 'Grid points per side', ko: '한 변의 격자점 수' },
      default: 51,
      min: 11,
      max: 121,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ examples, noise, mislabelled, steps, grid, seed }, context) {
    const objectiveOf = (loss: 'softmaxCrossEntropy' | 'multiClassHinge') =>
      classifier({
        ...{ data: 'moons', examples, noise, dataSeed: seed, loss, hidden: [], bias: false },
        labels: mislabelled > 0 ? { kind: 'random', fraction: mislabelled, seed } : undefined,
      });
    const likelihood = await context.load(objectiveOf('softmaxCrossEntropy'), 'reference');
    const hinge = await context.load(objectiveOf('multiClassHinge'), 'reference');
    const basis = describeBasis({
      origin: new Float64Array(4),
      d1: Float64Array.of(-0.5, 0, 0.5, 0),
      d2: Float64Array.of(0, -0.5, 0, 0.5),
      center: [0, 0],
      labels: ['w₁', 'w₂'],
      explainedVarianceRatio: null,
    });
    const range = [-reach, reach, -reach, reach] as const;
    const window = { basis, range: [...range] as [number, number, number, number] };
    const logSurface = await surfaceOnPlane(likelihood.train, window, grid, context);
    const hingeSurface = await surfaceOnPlane(hinge.train, window, grid, context);
    const errors = logSurface.accuracy!.map((share) => 1 - share);
    const hinges = hingeSurface.loss.map((loss) => 2 * loss);
    const least = (values: Float64Array) =>
      values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);

    const start = Float64Array.of(-startAt[0] / 2, -startAt[1] / 2, startAt[0] / 2, startAt[1] / 2);
    const descend = (loss: 'softmaxCrossEntropy' | 'multiClassHinge', learningRate: number) =>
      context.train(
        {
          objective: objectiveOf(loss),
          optimizer: { name: 'sgd', learningRate },
          training: { stop: { steps } },
          executor: 'reference',
        },
        start,
      );
    const runs = [await descend('softmaxCrossEntropy', 0.5), await descend('multiClassHinge', 0.5)] as const;
    const projector = createProjector(basis);
    const paths = runs.map(({ trajectory }) => projector.project(trajectory.read(0, trajectory.rows), trajectory.rows));
    const errorOf = runs.map(({ metrics }) => metrics.accuracy.map((share) => 1 - share));
    const found = await gradientsFound(likelihood, basis, seed, context);
    const refusal = lossSchema.safeParse('zeroOneError');

    const names: readonly Words[] = [
      { en: 'Descent of the log-likelihood loss', ko: '로그 가능도 손실의 경사하강' },
      { en: 'Descent of the hinge loss', ko: '힌지 손실의 경사하강' },
    ];
    const scene = (
      label: Words,
      height: Words,
      heights: Float64Array,
      which: readonly (0 | 1)[],
      on: readonly Float64Array[],
    ): StudyScene =>
      sceneOnPlane({ basis, paths: which.map((i) => paths[i]!) }, logSurface, {
        ...{ label, height, heights, heightScale: 'linear', names: which.map((i) => names[i]!), pathHeights: on },
      });
    const { step } = runs[0].metrics;
    const margins = Float64Array.from({ length: 121 }, (_, i) => (i - 60) / 20);
    return {
      facts: {
        distinctErrors: {
          label: { en: 'Different heights of the 0–1 surface', ko: '0–1 곡면의 서로 다른 높이 수' },
          value: new Set(errors).size,
        },
        largestNumber: { label: { en: 'At most: examples + 1', ko: '최대: 예제 수 + 1' }, value: examples + 1 },
        zeroOneGradient: {
          label: { en: 'Points where the 0–1 error changes nearby', ko: '가까이에서 0–1 오류가 변하는 점의 비율' },
          value: found.error,
          theory: { value: 0, formula: String.raw`\|\nabla L\|` },
        },
        likelihoodGradient: {
          label: {
            en: 'Points where the log-likelihood loss changes nearby',
            ko: '가까이에서 로그 가능도 손실이 변하는 점의 비율',
          },
          value: found.loss,
        },
        refused: {
          label: { en: 'The 0–1 error is refused as a training loss', ko: '0–1 오류는 학습 손실로 거절됨' },
          value: Number(!refusal.success),
        },
        likelihoodExcess: {
          label: {
            en: 'Least of log-likelihood loss/ln 2 − 0–1 error',
            ko: '로그 가능도 손실/ln 2 − 0–1 오류의 최솟값',
          },
          value: least(errors.map((error, i) => logSurface.loss[i]! / Math.LN2 - error)),
        },
        hingeExcess: {
          label: { en: 'Least of hinge loss − 0–1 error', ko: '힌지 손실 − 0–1 오류의 최솟값' },
          value: least(errors.map((error, i) => hinges[i]! - error)),
        },
        lowestError: {
          label: { en: 'Lowest 0–1 error of the window', ko: '창에서 가장 낮은 0–1 오류' },
          value: errors[lowestAt(errors)]!,
        },
        startError: { label: { en: '0–1 error at the start', ko: '출발점의 0–1 오류' }, value: errorOf[0]![0]! },
        errorOfLikelihood: {
          label: { en: '0–1 error where the log-likelihood loss ends', ko: '로그 가능도 손실이 끝난 곳의 0–1 오류' },
          value: errorOf[0]!.at(-1)!,
        },
        errorOfHinge: {
          label: { en: '0–1 error where the hinge loss ends', ko: '힌지 손실이 끝난 곳의 0–1 오류' },
          value: errorOf[1]!.at(-1)!,
        },
      },
      charts: {
        byMargin: {
          label: { en: 'Loss of one example by its margin', ko: '마진에 따른 한 예제의 손실' },
          x: { label: { en: 'Margin m', ko: '마진 m' } },
          y: { label: lossWords },
          lines: [
            { label: { en: '0–1', ko: '0–1' }, x: margins, y: margins.map((m) => Number(m <= 0)) },
            {
              label: { en: 'Log-likelihood, ln(1 + e⁻ᵐ)/ln 2', ko: '로그 가능도, ln(1 + e⁻ᵐ)/ln 2' },
              x: margins,
              y: margins.map((m) => Math.log1p(Math.exp(-m)) / Math.LN2),
            },
            {
              label: { en: 'Hinge, max(0, 1 − m)', ko: '힌지, max(0, 1 − m)' },
              x: margins,
              y: margins.map((m) => Math.max(0, 1 - m)),
            },
          ],
        },
        error: {
          label: { en: '0–1 error while the surrogates descend', ko: '대리 손실이 내려가는 동안의 0–1 오류' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: '0–1 error', ko: '0–1 오류' } },
          lines: runs.map(({ metrics }, i) => ({ label: names[i]!, x: metrics.step, y: errorOf[i]! })),
        },
        surrogate: {
          label: { en: 'The surrogates themselves', ko: '대리 손실' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: lossWords, log: true },
          lines: [
            { label: names[0]!, x: step, y: runs[0].metrics.loss },
            { label: names[1]!, x: runs[1].metrics.step, y: runs[1].metrics.loss.map((loss) => 2 * loss) },
          ],
        },
      },
      scenes: {
        zeroOne: scene(
          { en: '0–1 error', ko: '0–1 오류' },
          { en: '0–1 error', ko: '0–1 오류' },
          errors,
          [0, 1],
          errorOf,
        ),
        likelihood: scene(
          { en: 'Log-likelihood loss', ko: '로그 가능도 손실' },
          lossWords,
          logSurface.loss,
          [0],
          [runs[0].metrics.loss],
        ),
        hinge: scene(
          { en: 'Hinge loss', ko: '힌지 손실' },
          lossWords,
          hinges,
          [1],
          [runs[1].metrics.loss.map((loss) => 2 * loss)],
        ),
      },
      tables: {
        refusal: {
          label: { en: 'Asked to train on the 0–1 error', ko: '0–1 오류로 학습하라고 하면' },
          columns: [
            { en: 'Loss', ko: '손실' },
            { en: 'Answer', ko: '대답' },
          ],
          rows: [
            [
              { en: 'zeroOneError', ko: 'zeroOneError' },
              {
                en: refusal.success ? 'accepted' : refusal.error.issues[0]!.message,
                ko: refusal.success
                  ? '받아들임'
                  : '0–1 오류는 성능 척도(1 − 정확도)이지 학습할 손실이 아닙니다. 기울기가 있는 곳마다 0이기 때문입니다. softmaxCrossEntropy나 multiClassHinge를 쓰세요.',
              },
            ],
          ],
        },
      },
    };
  },
});

/** Shares of random points of the window at which error and loss differ from their values a displacement away, along an axis. */
async function gradientsFound(
  { train }: StudyObjective,
  basis: { d1: Float64Array; d2: Float64Array },
  seed: number,
  { signal }: StudyContext,
): Promise<{ error: number; loss: number }> {
  const rng = createRng(seed, 'zeroOneSurface/probes');
  const turn = cooperate(signal);
  const params = train.allocate();
  const at = async (a: number, b: number) => {
    params.set(basis.d1.map((v, i) => a * v + b * basis.d2[i]!));
    return train.measure(params);
  };
  const found = { error: 0, loss: 0 };
  for (let probe = 0; probe < probes; probe++) {
    await turn();
    const [a, b] = [reach * (2 * rng.uniform() - 1), reach * (2 * rng.uniform() - 1)];
    const here = await at(a, b);
    const near = [await at(a + displacement, b), await at(a, b + displacement)];
    if (near.some(({ accuracy }) => accuracy !== here.accuracy)) found.error += 1 / probes;
    if (near.some(({ loss }) => loss !== here.loss)) found.loss += 1 / probes;
  }
  return found;
}
