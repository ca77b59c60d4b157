import type { Words } from '../../../shared/model/words';
import { classifier, errorRate, lowestAt } from './classifier';
import { lossWords, planeOfRuns, sceneOnPlane, surfaceOnPlane } from './scene';
import { defineStudy } from './study';

const freshExamples = 2_000;

/** The surrogate J that is minimized and the measure P that is meant, along one run and on one plane (section 8.1). */
export const lossAndMeasure = defineStudy({
  name: 'lossAndMeasure',
  title: { en: 'What is minimized and what is meant', ko: '최소화하는 것과 바라는 것' },
  summary: {
    en: 'Trains a classifier on few examples and follows the training loss J beside P, its error on 2,000 fresh examples; then draws both over the plane of the path.',
    ko: '적은 예제로 분류기를 학습하며 학습 손실 J와, 새 예제 2,000개에서 잰 오류율 P를 나란히 따라갑니다. 그다음 경로의 평면 위에 두 곡면을 그립니다.',
  },
  parameters: {
    examples: {
      kind: 'integer',
      label: { en: 'Training examples', ko: '학습 예제 수' },
      default: 60,
      min: 10,
      max: 2_000,
      log: true,
    },
    noise: { kind: 'number', label: { en: 'Noise of the data', ko: '데이터의 잡음' }, default: 0.35, min: 0, max: 1 },
    units: {
      kind: 'integer',
      label: { en: 'Hidden units', ko: '은닉 유닛 수' },
      default: 24,
      min: 1,
      max: 64,
      log: true,
    },
    l2: { kind: 'number', label: { en: 'L2 term λ', ko: 'L2 항 λ' }, default: 0, min: 0, max: 0.1 },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 500, min: 10, max: 5_000, log: true },
    grid: {
      kind: 'integer',
      label: { en: 'Grid points per side', ko: '한 변의 격자점 수' },
      default: 31,
      min: 5,
      max: 101,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ examples, noise, units, l2, steps, grid, seed }, context) {
    const run = await context.train({
      objective: classifier({
        ...{ data: 'moons', examples, noise, dataSeed: seed, fresh: freshExamples },
        ...{ hidden: [units, units], l2 },
      }),
      optimizer: { name: 'adam', learningRate: 0.01 },
      training: { stop: { steps } },
      seed,
    });
    const { step, loss, validationLoss, accuracy, validationAccuracy, gradientNorm } = run.metrics;
    const error = validationAccuracy.map((share) => 1 - share);
    const best = lowestAt(error);
    const last = loss.length - 1;
    const moves = { fell: 0, unchanged: 0, rose: 0 };
    for (let i = 1; i <= last; i++) {
      if (!(loss[i]! < loss[i - 1]!)) continue;
      moves.fell++;
      if (error[i] === error[i - 1]) moves.unchanged++;
      else if (error[i]! > error[i - 1]!) moves.rose++;
    }
    const plane = await planeOfRuns([run], context);
    const surrogate = await surfaceOnPlane(run.objective.train, plane, grid, context);
    const measure = await surfaceOnPlane(run.objective.validation!, plane, grid, context);
    const errors = measure.accuracy!.map((share) => 1 - share);
    const lowestLoss = lowestAt(surrogate.loss);
    const lowestError = lowestAt(errors);
    const name: Words = { en: 'Adam', ko: 'Adam' };
    const scene = (label: Words, height: Words, heights: Float64Array, path: Float64Array) =>
      sceneOnPlane(plane, surrogate, {
        ...{ label, height, heights, heightScale: 'linear', names: [name], pathHeights: [path] },
      });
    const stepAxis = { label: { en: 'Step', ko: '단계' } };
    return {
      facts: {
        finalLoss: { label: { en: 'J at the end', ko: '마지막 J' }, value: loss[last]! },
        lossAtBest: { label: { en: 'J where P is best', ko: 'P가 가장 좋을 때의 J' }, value: loss[best]! },
        bestStep: { label: { en: 'Step where P is best', ko: 'P가 가장 좋은 단계' }, value: step[best]! },
        bestError: {
          label: { en: 'Lowest error on fresh examples', ko: '새 예제에서 가장 낮은 오류율' },
          ...errorRate(validationAccuracy[best]!, freshExamples),
        },
        finalError: {
          label: { en: 'Error on fresh examples at the end', ko: '마지막 새 예제 오류율' },
          ...errorRate(validationAccuracy[last]!, freshExamples),
        },
        finalTrainingError: {
          label: { en: 'Error on the training examples at the end', ko: '마지막 학습 예제 오류율' },
          value: 1 - accuracy[last]!,
        },
        gradientAtBest: {
          label: { en: 'Gradient norm of J where P is best', ko: 'P가 가장 좋을 때 J의 기울기 노름' },
          value: gradientNorm[best]!,
        },
        gradientAtEnd: {
          label: { en: 'Gradient norm of J at the end', ko: '마지막 J의 기울기 노름' },
          value: gradientNorm[last]!,
        },
        fallingSteps: { label: { en: 'Steps that lower J', ko: 'J를 낮춘 단계 수' }, value: moves.fell },
        unchangedShare: {
          label: { en: 'Of these: P exactly as before', ko: '그중 P가 그대로인 비율' },
          value: moves.unchanged / moves.fell,
        },
        contraryShare: {
          label: { en: 'Of these: P worse than before', ko: '그중 P가 나빠진 비율' },
          value: moves.rose / moves.fell,
        },
        errorAtLowestLoss: {
          label: { en: 'P where J is lowest on the plane', ko: '평면에서 J가 가장 낮은 곳의 P' },
          value: errors[lowestLoss]!,
        },
        lowestErrorOnPlane: {
          label: { en: 'Lowest P on the plane', ko: '평면에서 가장 낮은 P' },
          value: errors[lowestError]!,
        },
        lossAtLowestError: {
          label: { en: 'J where P is lowest on the plane', ko: '평면에서 P가 가장 낮은 곳의 J' },
          value: surrogate.loss[lowestError]!,
        },
        lowestLossOnPlane: {
          label: { en: 'Lowest J on the plane', ko: '평면에서 가장 낮은 J' },
          value: surrogate.loss[lowestLoss]!,
        },
      },
      charts: {
        loss: {
          label: { en: 'Loss', ko: '손실' },
          x: stepAxis,
          y: { label: lossWords },
          lines: [
            { label: { en: 'J, training examples', ko: 'J, 학습 예제' }, x: step, y: loss },
            { label: { en: 'Fresh examples', ko: '새 예제' }, x: step, y: validationLoss },
          ],
        },
        measure: {
          label: { en: 'Error', ko: '오류율' },
          x: stepAxis,
          y: { label: { en: 'Share wrong', ko: '틀린 비율' } },
          lines: [
            { label: { en: 'Training examples', ko: '학습 예제' }, x: step, y: accuracy.map((share) => 1 - share) },
            { label: { en: 'P, fresh examples', ko: 'P, 새 예제' }, x: step, y: error },
          ],
        },
      },
      scenes: {
        surrogate: scene({ en: 'The surrogate J', ko: '대리 목적 함수 J' }, lossWords, surrogate.loss, loss),
        measure: scene(
          { en: 'The measure P', ko: '성능 척도 P' },
          { en: 'Error on fresh examples', ko: '새 예제 오류율' },
          errors,
          error,
        ),
      },
    };
  },
});
