import type { StudyLine, StudyScene } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { planeOfRuns, type SurfaceOfPlane, surfaceOnPlane } from './scene';
import { defineStudy } from './study';

const step: Words = { en: 'Step', ko: '단계' };
const training: Words = { en: 'Training set', ko: '학습 집합' };
const fresh: Words = { en: 'Fresh sample', ko: '새 표본' };

/** The surface that is descended against the one that is meant: the mean over a large fresh sample of the same generator. */
export const empiricalRisk = defineStudy({
  name: 'empiricalRisk',
  title: { en: 'Empirical risk and risk', ko: '경험적 위험과 위험' },
  summary: {
    en: 'Trains a network on few noisy examples, follows its loss on them and on a large fresh sample of the same generator, and draws both surfaces over one plane.',
    ko: '잡음 섞인 적은 예제로 신경망을 학습하면서 그 예제의 손실과 같은 생성기에서 뽑은 큰 새 표본의 손실을 따라가고, 두 곡면을 한 평면 위에 그립니다.',
  },
  parameters: {
    examples: {
      kind: 'integer',
      label: { en: 'Training examples', ko: '학습 예제 수' },
      default: 40,
      min: 10,
      max: 1_000,
      log: true,
    },
    wrong: {
      kind: 'number',
      label: { en: 'Share of random labels', ko: '무작위 레이블의 비율' },
      default: 0,
      min: 0,
      max: 1,
    },
    units: {
      kind: 'integer',
      label: { en: 'Hidden units per layer', ko: '은닉층의 유닛 수' },
      default: 32,
      min: 1,
      max: 128,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 600, min: 10, max: 5_000, log: true },
    sample: {
      kind: 'integer',
      label: { en: 'Fresh examples', ko: '새 표본의 크기' },
      default: 2_000,
      min: 200,
      max: 20_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ examples, wrong, units, steps, sample, seed }, context) {
    const run = await context.train({
      objective: {
        kind: 'network',
        model: {
          inputShape: [2],
          layers: [
            { type: 'dense', units, activation: 'tanh' },
            { type: 'dense', units, activation: 'tanh' },
            { type: 'dense', units: 2 },
          ],
          loss: 'softmaxCrossEntropy',
        },
        data: {
          source: { kind: 'generated', name: 'circles', examples, noise: 0.2, seed, freshValidation: sample },
          ...(wrong > 0 && { labels: { kind: 'random', fraction: wrong, seed } }),
        },
      },
      optimizer: { name: 'adam', learningRate: 0.01 },
      training: { stop: { steps }, recordEvery: Math.max(1, Math.round(steps / 150)) },
      seed,
    });
    const { metrics, final, objective } = run;
    const risk = objective.validation!;
    const [onTraining, onFresh] = [await objective.train.measure(final), await risk.measure(final)];
    const lowest = metrics.validationLoss.reduce(
      (best, loss, row) => (loss < metrics.validationLoss[best]! ? row : best),
      0,
    );

    const plane = await planeOfRuns([run], context);
    context.progress(1, 3);
    const surfaces = [await surfaceOnPlane(objective.train, plane, 41, context)];
    context.progress(2, 3);
    surfaces.push(await surfaceOnPlane(risk, plane, 41, context));
    const [x, y] = plane.basis.labels;
    const path = plane.paths[0]!;
    const sceneOf = (surface: SurfaceOfPlane, label: Words, heights: Float64Array): StudyScene => ({
      label,
      axes: [
        { en: x, ko: x },
        { en: y, ko: y },
      ],
      height: { en: 'Loss', ko: '손실' },
      heightScale: 'log',
      ...{ xs: surface.xs, ys: surface.ys, heights: surface.loss },
      paths: [{ label: { en: 'Path of the training', ko: '학습 경로' }, height: heights, ...path }],
      marks: surfaces.map((other, i) => ({
        kind: 'notCritical' as const,
        ...lowestPoint(other),
        label:
          i === 0
            ? { en: 'Lowest on the training set', ko: '학습 집합에서 가장 낮은 곳' }
            : { en: 'Lowest on the fresh sample', ko: '새 표본에서 가장 낮은 곳' },
      })),
    });
    const line = (label: Words, values: Float64Array): StudyLine => ({ label, x: metrics.step, y: values });
    const bothErrors = (pick: 'accuracy' | 'validationAccuracy') => metrics[pick].map((right) => 1 - right);
    return {
      facts: {
        trainingLoss: { label: { en: 'Loss on the training set', ko: '학습 집합의 손실' }, value: onTraining.loss },
        risk: {
          label: { en: `Loss on ${sample} fresh examples`, ko: `새 예제 ${sample}개의 손실` },
          value: onFresh.loss,
          standardError: onFresh.standardError,
        },
        gap: {
          label: { en: 'Gap', ko: '격차' },
          value: onFresh.loss - onTraining.loss,
          standardError: onFresh.standardError,
        },
        trainingError: {
          label: { en: 'Share wrong in the training set', ko: '학습 집합의 오분류율' },
          value: 1 - onTraining.accuracy,
        },
        freshError: {
          label: { en: 'Share wrong in the fresh sample', ko: '새 표본의 오분류율' },
          value: 1 - onFresh.accuracy,
          standardError: Math.sqrt((onFresh.accuracy * (1 - onFresh.accuracy)) / sample),
        },
        lowestRisk: {
          label: { en: 'Lowest loss on the fresh sample along the path', ko: '경로에서 새 표본의 가장 낮은 손실' },
          value: metrics.validationLoss[lowest]!,
        },
        lowestStep: { label: { en: 'Step of it', ko: '그때의 단계' }, value: metrics.step[lowest]! },
      },
      charts: {
        loss: {
          label: { en: 'Loss', ko: '손실' },
          x: { label: step },
          y: { label: { en: 'Cross-entropy', ko: '교차 엔트로피' }, log: true },
          lines: [line(training, metrics.loss), line(fresh, metrics.validationLoss)],
        },
        error: {
          label: { en: 'Share wrong', ko: '오분류율' },
          x: { label: step },
          y: { label: { en: '0–1 error', ko: '0–1 오차' } },
          lines: [line(training, bothErrors('accuracy')), line(fresh, bothErrors('validationAccuracy'))],
        },
      },
      scenes: {
        training: sceneOf(surfaces[0]!, training, metrics.loss),
        fresh: sceneOf(surfaces[1]!, fresh, metrics.validationLoss),
      },
    };
  },
});

function lowestPoint({ xs, ys, loss }: SurfaceOfPlane): { x: number; y: number } {
  let best = 0;
  for (let i = 1; i < loss.length; i++) if (loss[i]! < loss[best]! || Number.isNaN(loss[best]!)) best = i;
  return { x: xs[best % xs.length]!, y: ys[Math.floor(best / xs.length)]! };
}
