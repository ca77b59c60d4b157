import type { Domain, ExperimentInput } from '../../../shared/model/experiment';
import type { StudyScene } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { denseSpectrum } from '../curvature/dense';
import type { Objective, Vector } from '../objectives/objective';
import { createRng } from '../random';
import { type Batches, createBatches } from '../training/batches';
import { gradientSpread, minibatchVariance } from '../training/gradientNoise';
import { addScaled, dot, norm } from '../vectors';
import { ownPlane, surfaceOnPlane } from './scene';
import { defineStudy, type StudyRun } from './study';

const examples = 240;

/** Samples of one patient after the other: minibatches in the order of the file against shuffled ones. */
export const shuffling = defineStudy({
  name: 'shuffling',
  title: { en: 'File order against shuffled', ko: '파일 순서와 뒤섞기' },
  summary: {
    en: 'Trains a logistic regression on blood samples recorded patient by patient, in the order of the file and shuffled, and measures how the minibatch gradients vary and where the paths end.',
    ko: '환자별로 이어 기록된 혈액 검사로 로지스틱 회귀를 파일 순서와 뒤섞은 순서로 학습하고, 미니배치 기울기의 변동과 경로가 끝나는 곳을 잽니다.',
  },
  parameters: {
    batchSize: { kind: 'integer', label: { en: 'Batch size', ko: '배치 크기' }, default: 4, min: 1, max: 48 },
    within: {
      kind: 'number',
      label: { en: 'Spread of the samples of one patient', ko: '한 환자의 표본 퍼짐' },
      default: 0.1,
      min: 0,
      max: 3,
    },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate', ko: '학습률' },
      default: 0.5,
      min: 0.01,
      max: 2,
      log: true,
    },
    epochs: { kind: 'integer', label: { en: 'Epochs', ko: '에포크 수' }, default: 40, min: 4, max: 400, log: true },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ batchSize, within, learningRate, epochs, seed }, context) {
    const { signal } = context;
    const perEpoch = Math.ceil(examples / batchSize);
    const experimentOf = (order: 'file' | 'shuffled'): ExperimentInput => ({
      objective: {
        kind: 'network',
        model: { inputShape: [2], layers: [{ type: 'dense', units: 1, bias: false }], loss: 'binaryCrossEntropy' },
        data: {
          source: { kind: 'generated', name: 'patients', examples, noise: within, seed },
          validationFraction: 0,
        },
        weightInitializer: { name: 'zeros' },
      },
      optimizer: { name: 'sgd', learningRate },
      training: { batchSize, order, stop: { steps: epochs * perEpoch } },
      seed,
    });
    context.progress(0, 3);
    const file = await context.train(experimentOf('file'));
    context.progress(1, 3);
    const shuffled = await context.train(experimentOf('shuffled'));
    context.progress(2, 3);
    // The training may run in float32; what is measured at one θ is exact.
    const {
      objective: { train: objective },
    } = await context.start({ ...experimentOf('file'), executor: 'reference' });
    const optimum = await minimize(objective, file.final, signal);

    const spread = await gradientSpread(objective, optimum, { signal });
    const theory = minibatchVariance(spread.variance, batchSize, examples, true);
    const measured = (order: 'file' | 'shuffled', rounds: number) =>
      batchStatistics(
        objective,
        optimum,
        createBatches({ batchSize, order }, examples, createRng(seed, 'batches')),
        rounds * perEpoch,
        signal,
      );
    const inFile = await measured('file', 1);
    const inShuffled = await measured('shuffled', 20);
    const ends = { file: endsOfEpochs(file, optimum, perEpoch), shuffled: endsOfEpochs(shuffled, optimum, perEpoch) };
    const ratio = inFile.variance / theory;
    const laterRows = Int32Array.from({ length: examples / 2 }, (_, i) => examples / 2 + i);
    const lossOfLater = (params: Float64Array) => objective.value(params, laterRows);
    const atEnd = optimum.slice();
    addScaled(atEnd, 1, ends.file.mean);
    const favour = (await lossOfLater(atEnd)) - (await lossOfLater(optimum));
    const fileWords: Words = { en: 'Order of the file', ko: '파일 순서' };
    const shuffledWords: Words = { en: 'Shuffled', ko: '뒤섞은 순서' };
    const epoch = Float64Array.from({ length: epochs + 1 }, (_, i) => i);
    return {
      facts: {
        varianceFile: {
          label: {
            en: 'Variance of minibatch gradients over σ²/m, order of the file',
            ko: '미니배치 기울기 분산 ÷ (σ²/m), 파일 순서',
          },
          value: ratio,
        },
        varianceShuffled: {
          label: {
            en: 'Variance of minibatch gradients over σ²/m, shuffled',
            ko: '미니배치 기울기 분산 ÷ (σ²/m), 뒤섞은 순서',
          },
          value: inShuffled.variance / theory,
          standardError: inShuffled.uncertainty / theory,
          theory: {
            value: minibatchVariance(spread.variance, batchSize, examples, false) / theory,
            formula: String.raw`\frac{n-m}{n-1}`,
          },
        },
        worth: {
          label: {
            en: 'Independent examples a minibatch in the order of the file is worth',
            ko: '파일 순서의 미니배치와 맞먹는 독립 예제 수',
          },
          value: batchSize / ratio,
        },
        correlationFile: {
          label: {
            en: 'Correlation of successive gradients, order of the file',
            ko: '이어지는 기울기의 상관, 파일 순서',
          },
          value: inFile.correlation,
        },
        correlationShuffled: {
          label: { en: 'Correlation of successive gradients, shuffled', ko: '이어지는 기울기의 상관, 뒤섞은 순서' },
          value: inShuffled.correlation,
        },
        biasFile: {
          label: {
            en: 'Distance from the minimum of the mean end of an epoch, order of the file',
            ko: '에포크 끝 평균점과 극소점의 거리, 파일 순서',
          },
          value: ends.file.bias,
        },
        biasShuffled: {
          label: {
            en: 'Distance from the minimum of the mean end of an epoch, shuffled',
            ko: '에포크 끝 평균점과 극소점의 거리, 뒤섞은 순서',
          },
          value: ends.shuffled.bias,
          standardError: ends.shuffled.uncertainty,
        },
        favour: {
          label: {
            en: 'Loss of the second half of the file at that end less that at the minimum, order of the file',
            ko: '그 끝에서 파일 뒤쪽 절반의 손실 − 극소점에서의 손실, 파일 순서',
          },
          value: favour,
        },
      },
      charts: {
        distance: {
          label: { en: 'Distance from the minimum at the end of each epoch', ko: '에포크 끝마다 극소점까지의 거리' },
          x: { label: { en: 'Epoch', ko: '에포크' } },
          y: { label: { en: '‖θ − θ*‖', ko: '‖θ − θ*‖' }, log: true },
          lines: [
            { label: fileWords, x: epoch, y: ends.file.distance },
            { label: shuffledWords, x: epoch, y: ends.shuffled.distance },
          ],
        },
      },
      scenes: {
        lap: await sceneOf({ en: 'The last epoch', ko: '마지막 에포크' }, (epochs - 1) * perEpoch, epochs * perEpoch, [
          { kind: 'notCritical', words: fileWords, end: ends.file.mean },
          { kind: 'notCritical', words: shuffledWords, end: ends.shuffled.mean },
        ]),
        approach: await sceneOf({ en: 'The first two epochs', ko: '처음 두 에포크' }, 0, 2 * perEpoch, []),
      },
    };

    async function sceneOf(label: Words, first: number, last: number, marked: readonly Marked[]): Promise<StudyScene> {
      const paths = [file, shuffled].map((run) => pathOf(run, first, last + 1));
      const [cx, cy] = [optimum[0]!, optimum[1]!];
      const half = (axis: 'x' | 'y', centre: number) =>
        1.15 * Math.max(...paths.flatMap((path) => Array.from(path[axis], (value) => Math.abs(value - centre))));
      const [hx, hy] = [half('x', cx), half('y', cy)];
      const range: Domain = [cx - hx, cx + hx, cy - hy, cy + hy];
      const surface = await surfaceOnPlane(objective, { basis: ownPlane, range }, 41, context);
      const axisWords = (i: number): Words => ({ en: `w${'₁₂'[i]}`, ko: `w${'₁₂'[i]}` });
      return {
        label,
        axes: [axisWords(0), axisWords(1)],
        height: { en: 'Loss', ko: '손실' },
        heightScale: 'auto',
        ...{ xs: surface.xs, ys: surface.ys, heights: surface.loss },
        paths: [
          { label: fileWords, ...paths[0]! },
          { label: shuffledWords, ...paths[1]! },
        ],
        marks: [
          { kind: 'minimum', x: cx, y: cy, label: { en: 'Minimum of all examples', ko: '전체 예제의 극소점' } },
          ...marked.map(({ kind, words, end }) => ({
            kind,
            x: cx + end[0]!,
            y: cy + end[1]!,
            label: { en: `Mean end of an epoch: ${words.en}`, ko: `에포크 끝의 평균: ${words.ko}` },
          })),
        ],
      };
    }
  },
});

interface Marked {
  kind: 'notCritical';
  words: Words;
  /** θ − θ* */
  end: Float64Array;
}

function pathOf({ trajectory, metrics }: StudyRun, first: number, end: number) {
  const rows = Math.min(end, trajectory.rows) - first;
  const theta = trajectory.read(first, rows);
  const column = (axis: number) => Float64Array.from({ length: rows }, (_, t) => theta[2 * t + axis]!);
  return { x: column(0), y: column(1), height: metrics.loss.slice(first, first + rows) };
}

/** Newton's method from a point near the minimum of a convex loss of two parameters. */
async function minimize(objective: Objective, from: Vector, signal: AbortSignal): Promise<Float64Array> {
  const params = Float64Array.from(from);
  const gradient = new Float64Array(2);
  let loss = await objective.gradient(params, gradient);
  for (let iteration = 0; iteration < 50 && norm(gradient) > 1e-12; iteration++) {
    const spectrum = await denseSpectrum(await objective.hessian(params), 1e-10, signal);
    const step = new Float64Array(2);
    for (const { value, vector } of [spectrum.pair(0), spectrum.pair(1)]) {
      addScaled(step, -dot(vector, gradient) / value, vector);
    }
    // Halved until it descends; at the floor of rounding it no longer can.
    let moved = false;
    for (let share = 1; share > 1e-6 && !moved; share /= 2) {
      const trial = params.slice();
      addScaled(trial, share, step);
      const value = await objective.value(trial);
      if (value <= loss) {
        params.set(trial);
        moved = true;
      }
    }
    if (!moved) break;
    loss = await objective.gradient(params, gradient);
  }
  return params;
}

/** How the gradients of successive minibatches vary about that of all examples, at one θ. */
async function batchStatistics(
  objective: Objective,
  params: Vector,
  batches: Batches | null,
  count: number,
  signal: AbortSignal,
): Promise<{ variance: number; uncertainty: number; correlation: number }> {
  const turn = cooperate(signal);
  const mean = new Float64Array(objective.dimension);
  await objective.gradient(params, mean);
  const squares: number[] = [];
  let weight = 0;
  let products = 0;
  let previous: Float64Array | null = null;
  for (let i = 0; i < count; i++) {
    await turn();
    const error = new Float64Array(objective.dimension);
    await objective.gradient(params, error, batches?.next());
    addScaled(error, -1, mean);
    squares.push(dot(error, error));
    if (previous) {
      products += dot(previous, error);
      weight++;
    }
    previous = error;
  }
  const variance = squares.reduce((sum, value) => sum + value, 0) / count;
  const spread = squares.reduce((sum, value) => sum + (value - variance) ** 2, 0) / Math.max(1, count - 1);
  return {
    variance,
    uncertainty: Math.sqrt(spread / count),
    correlation: variance > 0 && weight > 0 ? products / weight / variance : 0,
  };
}

/** θ − θ* at the end of each epoch; its mean over the second half of the epochs, once the start is forgotten. */
function endsOfEpochs({ trajectory }: StudyRun, optimum: Float64Array, perEpoch: number) {
  const theta = trajectory.read(0, trajectory.rows);
  const epochs = Math.floor((trajectory.rows - 1) / perEpoch);
  const offsets = Array.from({ length: epochs + 1 }, (_, e) =>
    Float64Array.from(optimum, (value, j) => theta[2 * e * perEpoch + j]! - value),
  );
  const later = offsets.slice(Math.ceil(epochs / 2));
  const mean = new Float64Array(optimum.length);
  for (const offset of later) addScaled(mean, 1 / later.length, offset);
  const squares = later.reduce(
    (sum, offset) => sum + offset.reduce((inner, value, j) => inner + (value - mean[j]!) ** 2, 0),
    0,
  );
  return {
    mean,
    distance: Float64Array.from(offsets, norm),
    bias: norm(mean),
    uncertainty: Math.sqrt(squares / (later.length - 1) / later.length),
  };
}
