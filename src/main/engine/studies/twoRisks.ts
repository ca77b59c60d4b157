import type { Words } from '../../../shared/model/words';
import { classifier, errorRate, lowestAt } from './classifier';
import { lossWords, planeOfRuns, sceneOnPlane, surfaceOnPlane } from './scene';
import { defineStudy } from './study';

const freshExamples = 4_000;

/** The empirical risk and the risk on one plane: what training sees, and what a large fresh sample shows (8.1.1). */
export const twoRisks = defineStudy({
  name: 'twoRisks',
  title: { en: 'The empirical risk and the risk', ko: '경험적 위험과 위험' },
  summary: {
    en: 'Trains a classifier and draws, over the plane of its path, the loss on the training examples and that on 4,000 fresh ones of the same generator, and the gap between them.',
    ko: '분류기를 학습하고, 경로의 평면 위에 학습 예제의 손실과 같은 생성기에서 새로 뽑은 예제 4,000개의 손실, 그리고 둘의 차이를 그립니다.',
  },
  parameters: {
    examples: {
      kind: 'integer',
      label: { en: 'Training examples', ko: '학습 예제 수' },
      default: 30,
      min: 10,
      max: 3_000,
      log: true,
    },
    noise: { kind: 'number', label: { en: 'Noise of the data', ko: '데이터의 잡음' }, default: 0.35, min: 0, max: 1 },
    units: {
      kind: 'integer',
      label: { en: 'Hidden units', ko: '은닉 유닛 수' },
      default: 16,
      min: 1,
      max: 64,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 400, min: 10, max: 3_000, log: true },
    grid: {
      kind: 'integer',
      label: { en: 'Grid points per side', ko: '한 변의 격자점 수' },
      default: 31,
      min: 5,
      max: 101,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ examples, noise, units, steps, grid, seed }, context) {
    const run = await context.train({
      objective: classifier({
        ...{ data: 'moons', examples, noise, dataSeed: seed, fresh: freshExamples },
        hidden: [units, units],
      }),
      optimizer: { name: 'adam', learningRate: 0.01 },
      training: { stop: { steps } },
      seed,
    });
    const { train, validation } = run.objective;
    const start = train.allocate();
    start.set(run.trajectory.read(0, 1));
    const before = { train: await train.measure(start), fresh: await validation!.measure(start) };
    const after = { train: await train.measure(run.final), fresh: await validation!.measure(run.final) };
    const plane = await planeOfRuns([run], context);
    const seen = await surfaceOnPlane(train, plane, grid, context);
    const fresh = await surfaceOnPlane(validation!, plane, grid, context);
    const gaps = fresh.loss.map((risk, i) => risk - seen.loss[i]!);
    const [lowestSeen, lowestFresh] = [lowestAt(seen.loss), lowestAt(fresh.loss)];
    const { step, loss, validationLoss } = run.metrics;
    const best = lowestAt(validationLoss);
    const name: Words = { en: 'Adam', ko: 'Adam' };
    const scene = (label: Words, height: Words, heights: Float64Array, path: Float64Array) =>
      sceneOnPlane(plane, seen, {
        ...{ label, height, heights, heightScale: 'linear', names: [name], pathHeights: [path] },
      });
    const gapAlong = validationLoss.map((risk, i) => risk - loss[i]!);
    return {
      facts: {
        trainingRisk: { label: { en: 'Empirical risk at the end', ko: '마지막 경험적 위험' }, value: after.train.loss },
        risk: {
          label: { en: 'Risk at the end, 4,000 fresh examples', ko: '마지막 위험, 새 예제 4,000개' },
          value: after.fresh.loss,
          standardError: after.fresh.standardError,
        },
        gap: {
          label: { en: 'Gap at the end', ko: '마지막 격차' },
          value: after.fresh.loss - after.train.loss,
          standardError: Math.hypot(after.fresh.standardError, after.train.standardError),
        },
        startGap: {
          label: { en: 'Gap before training', ko: '학습 전 격차' },
          value: before.fresh.loss - before.train.loss,
          standardError: Math.hypot(before.fresh.standardError, before.train.standardError),
          theory: { value: 0, formula: String.raw`\mathbb E\big[\hat R(\theta_0)\big] = R(\theta_0)` },
        },
        bestRisk: {
          label: { en: 'Lowest risk along the path', ko: '경로에서 가장 낮은 위험' },
          value: validationLoss[best]!,
        },
        bestStep: { label: { en: 'Step of the lowest risk', ko: '위험이 가장 낮은 단계' }, value: step[best]! },
        trainingError: {
          label: { en: 'Error on the training examples', ko: '학습 예제 오류율' },
          value: 1 - after.train.accuracy,
        },
        freshError: {
          label: { en: 'Error on fresh examples', ko: '새 예제 오류율' },
          ...errorRate(after.fresh.accuracy, freshExamples),
        },
        minimaDistance: {
          label: { en: 'Distance of the two lowest points of the plane', ko: '평면에서 두 최저점 사이의 거리' },
          value: Math.hypot(
            seen.xs[lowestSeen % grid]! - seen.xs[lowestFresh % grid]!,
            seen.ys[Math.floor(lowestSeen / grid)]! - seen.ys[Math.floor(lowestFresh / grid)]!,
          ),
        },
        riskAtLowest: {
          label: { en: 'Risk where the empirical risk is lowest', ko: '경험적 위험이 가장 낮은 곳의 위험' },
          value: fresh.loss[lowestSeen]!,
        },
        lowestRisk: {
          label: { en: 'Lowest risk on the plane', ko: '평면에서 가장 낮은 위험' },
          value: fresh.loss[lowestFresh]!,
        },
      },
      charts: {
        risks: {
          label: { en: 'The two risks along the path', ko: '경로를 따라 본 두 위험' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: lossWords },
          lines: [
            { label: { en: 'Empirical risk', ko: '경험적 위험' }, x: step, y: loss },
            { label: { en: 'Risk (fresh sample)', ko: '위험 (새 표본)' }, x: step, y: validationLoss },
            { label: { en: 'Gap', ko: '격차' }, x: step, y: gapAlong, style: 'dashed' },
          ],
        },
      },
      scenes: {
        training: scene({ en: 'Empirical risk', ko: '경험적 위험' }, lossWords, seen.loss, loss),
        fresh: scene({ en: 'Risk (fresh sample)', ko: '위험 (새 표본)' }, lossWords, fresh.loss, validationLoss),
        gap: scene(
          { en: 'Gap', ko: '격차' },
          { en: 'Risk − empirical risk', ko: '위험 − 경험적 위험' },
          gaps,
          gapAlong,
        ),
      },
    };
  },
});
