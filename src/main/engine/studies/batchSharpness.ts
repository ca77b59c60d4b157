import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Words } from '../../../shared/model/words';
import { measureSpectrum } from '../curvature/spectrum';
import { standardErrorOfMean } from '../curvature/trace';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

const most = 4;

/**
 * λmax of the Hessian of the whole training loss where trainings with different batch sizes end. At one rate, small
 * batches are driven out of sharp valleys by their noise (Keskar et al. 2017; Jastrzębski et al. 2018).
 */
export const batchSharpness = defineStudy({
  name: 'batchSharpness',
  title: { en: 'Where batch sizes end', ko: '배치 크기에 따라 끝나는 곳' },
  summary: {
    en: 'Trains one regression network with several batch sizes from the same starts, cools the rate down to nothing, and measures the sharpness λmax and the losses where each ends.',
    ko: '같은 출발점에서 여러 배치 크기로 회귀 신경망을 학습하고 학습률을 0 가까이 낮춘 뒤, 끝난 곳의 날카로움 λmax와 손실을 잽니다.',
  },
  parameters: {
    batchSizes: {
      kind: 'numbers',
      label: { en: 'Batch sizes', ko: '배치 크기' },
      default: [2, 4, 16, 40],
      min: 1,
      max: 40,
    },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate', ko: '학습률' },
      default: 0.1,
      min: 0.005,
      max: 0.15,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 4_000, min: 100, max: 20_000, log: true },
    seeds: { kind: 'integer', label: { en: 'Starts', ko: '출발점 수' }, default: 4, min: 2, max: 20 },
  },
  async run({ batchSizes, learningRate, steps, seeds }, context) {
    const sizes = [...new Set(batchSizes.map(Math.round))].sort((a, b) => a - b);
    const experimentOf = (batchSize: number, seed: number): ExperimentInput => ({
      objective: {
        kind: 'network',
        model: {
          inputShape: [1],
          layers: [
            { type: 'dense', units: 32, activation: 'tanh' },
            { type: 'dense', units: 1 },
          ],
          loss: 'meanSquaredError',
        },
        data: {
          source: { kind: 'generated', name: 'sine', examples: 400, noise: 0.3, seed: 1 },
          validationFraction: 0.9,
        },
      },
      optimizer: { name: 'sgd', learningRate, schedule: { kind: 'cosine', steps } },
      training: { batchSize, stop: { steps }, recordEvery: Math.ceil(steps / 60) },
      seed,
    });
    const drawn: StudyRun[] = [];
    const ends: { batchSize: number; sharpness: number[]; loss: number[]; validation: number[] }[] = [];
    for (const batchSize of sizes) {
      const end = { batchSize, sharpness: [] as number[], loss: [] as number[], validation: [] as number[] };
      for (let seed = 1; seed <= seeds; seed++) {
        context.progress(ends.length * seeds + seed - 1, sizes.length * seeds);
        const run = await context.train(experimentOf(batchSize, seed));
        if (seed === 1) drawn.push(run);
        const { signal } = context;
        const spectrum = await measureSpectrum(run.objective.train, run.final, { top: 1, bottom: 0, signal });
        end.sharpness.push(spectrum.eigenvalues[0]!.value);
        end.loss.push(run.metrics.loss.at(-1)!);
        end.validation.push(run.metrics.validationLoss.at(-1)!);
      }
      ends.push(end);
    }
    const x = Float64Array.from(sizes);
    const means = (pick: (end: (typeof ends)[number]) => number[]) => Float64Array.from(ends, (end) => mean(pick(end)));
    const errors = (pick: (end: (typeof ends)[number]) => number[]) =>
      Float64Array.from(ends, (end) => standardErrorOfMean(pick(end)));
    const sharpness = means((end) => end.sharpness);
    const sharpnessError = errors((end) => end.sharpness);
    const [first, last] = [0, sizes.length - 1];
    const wordsOf = (size: number): Words => ({ en: `batch ${size}`, ko: `배치 ${size}` });
    const batchSizeAxis = { label: { en: 'Batch size', ko: '배치 크기' }, log: true };
    const sharpnessOf = (i: number, label: Words) => ({
      label,
      value: sharpness[i]!,
      standardError: sharpnessError[i]!,
    });
    const lossOf = (i: number, label: Words) => ({
      label,
      value: mean(ends[i]!.loss),
      standardError: standardErrorOfMean(ends[i]!.loss),
    });
    return {
      facts: {
        sharpnessSmall: sharpnessOf(first, {
          en: `λmax, ${wordsOf(sizes[first]!).en}`,
          ko: `λmax, ${wordsOf(sizes[first]!).ko}`,
        }),
        sharpnessLarge: sharpnessOf(last, {
          en: `λmax, ${wordsOf(sizes[last]!).en}`,
          ko: `λmax, ${wordsOf(sizes[last]!).ko}`,
        }),
        lossSmall: lossOf(first, {
          en: `Training loss, ${wordsOf(sizes[first]!).en}`,
          ko: `학습 손실, ${wordsOf(sizes[first]!).ko}`,
        }),
        lossLarge: lossOf(last, {
          en: `Training loss, ${wordsOf(sizes[last]!).en}`,
          ko: `학습 손실, ${wordsOf(sizes[last]!).ko}`,
        }),
        edge: {
          label: {
            en: 'Sharpness beyond which full-batch descent is unstable',
            ko: '전체 배치 경사하강법이 불안정해지는 날카로움',
          },
          value: 2 / learningRate,
        },
      },
      charts: {
        sharpness: {
          label: { en: 'Sharpness in the end', ko: '끝난 곳의 날카로움' },
          x: batchSizeAxis,
          y: { label: { en: 'λmax', ko: 'λmax' } },
          lines: [
            {
              label: { en: `Mean of ${seeds} starts`, ko: `출발점 ${seeds}개의 평균` },
              x,
              y: sharpness,
              standardError: sharpnessError,
            },
          ],
        },
        loss: {
          label: { en: 'Losses in the end', ko: '마지막 손실' },
          x: batchSizeAxis,
          y: { label: { en: 'Mean squared error', ko: '평균제곱오차' } },
          lines: [
            {
              label: { en: 'Training', ko: '학습' },
              x,
              y: means((end) => end.loss),
              standardError: errors((end) => end.loss),
            },
            {
              label: { en: 'Validation', ko: '검증' },
              x,
              y: means((end) => end.validation),
              standardError: errors((end) => end.validation),
            },
          ],
        },
      },
      scenes: {
        paths: await sceneOfRuns(
          drawn.slice(0, most),
          {
            label: { en: 'Paths from one start', ko: '한 출발점에서 나온 경로' },
            names: sizes.slice(0, most).map(wordsOf),
            heightScale: 'log',
          },
          context,
        ),
      },
    };
  },
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
