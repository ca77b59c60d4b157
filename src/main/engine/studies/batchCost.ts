import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { keptForBackward } from '../graph/activationMemory';
import { buildNetwork } from '../graph/build';
import type { Objective, Vector } from '../objectives/objective';
import { createRng } from '../random';
import { type GradientNoise, gradientSpread, minibatchNoise, minibatchVariance } from '../training/gradientNoise';
import { defineStudy, type StudyContext } from './study';

/** What a batch size costs on this machine: time per step and per epoch, memory, and the noise it leaves. */
export const batchCost = defineStudy({
  name: 'batchCost',
  title: { en: 'What a batch size costs', ko: '배치 크기의 비용' },
  summary: {
    en: 'Times gradients of a digit classifier on this machine over batch sizes from 1 to all examples, beside the memory a step keeps and the noise of its gradient.',
    ko: '숫자 분류 신경망의 기울기 계산 시간을 배치 크기 1부터 전체까지 이 컴퓨터에서 재고, 한 단계에 필요한 메모리와 기울기의 잡음을 함께 보입니다.',
  },
  parameters: {
    units: {
      kind: 'integer',
      label: { en: 'Hidden units', ko: '은닉 유닛 수' },
      default: 32,
      min: 1,
      max: 512,
      log: true,
    },
    milliseconds: {
      kind: 'integer',
      label: { en: 'Time spent on each size (ms)', ko: '크기마다 재는 시간 (ms)' },
      default: 60,
      min: 10,
      max: 2_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ units, milliseconds, seed }, { start, signal, progress }) {
    const model = {
      inputShape: [64],
      layers: [
        { type: 'dense' as const, units, activation: 'tanh' as const, bias: true },
        { type: 'dense' as const, units: 10, activation: 'identity' as const, bias: true },
      ],
      loss: 'softmaxCrossEntropy' as const,
    };
    const {
      objective: { train: objective },
      params,
    } = await start({
      objective: { kind: 'network', model, data: { source: { kind: 'builtin', name: 'digits' } } },
      optimizer: { name: 'sgd', learningRate: 0.1 },
      seed,
    });
    const n = objective.examples;
    const sizes: number[] = [];
    for (let m = 1; m < n; m *= 2) sizes.push(m);
    sizes.push(n);
    const { mean, variance } = await gradientSpread(objective, params, { signal });
    const m = Float64Array.from(sizes);
    const perStep = await timesPerGradient(objective, params, sizes, milliseconds, signal, progress);
    const rng = createRng(seed, 'minibatches');
    const noise: GradientNoise[] = [];
    for (const batchSize of sizes) {
      const options = { batchSize, draws: noiseDraws, replacement: true, rng, signal };
      noise.push(await minibatchNoise(objective, params, mean, options));
    }
    const error = Float64Array.from(noise, ({ standardError }) => standardError);
    const at256 = noise[sizes.indexOf(256)]!;
    const perEpoch = m.map((size, i) => perStep[i]! * (n / size));
    const megabytes = (keptForBackward(buildNetwork(model)) * params.BYTES_PER_ELEMENT) / 1e6;
    const memory = m.map((size) => size * megabytes);
    const theory = m.map((size) => Math.sqrt(minibatchVariance(variance, size, n, true)));
    const last = m.length - 1;
    const measured: Words = { en: 'Measured', ko: '측정' };
    const batchSize = { label: { en: 'Batch size m', ko: '배치 크기 m' }, log: true };
    return {
      facts: {
        stepOne: {
          label: { en: 'A step of one example', ko: '예제 하나의 한 단계' },
          value: 1e3 * perStep[0]!,
          unit: 'ms',
        },
        stepAll: {
          label: { en: `A step of all ${n}`, ko: `예제 ${n}개 전체의 한 단계` },
          value: 1e3 * perStep[last]!,
          unit: 'ms',
        },
        epochOne: {
          label: { en: 'An epoch in steps of one', ko: '하나씩 도는 한 에포크' },
          value: 1e3 * perEpoch[0]!,
          unit: 'ms',
        },
        epochAll: {
          label: { en: 'An epoch in one step', ko: '한 단계로 도는 한 에포크' },
          value: 1e3 * perEpoch[last]!,
          unit: 'ms',
        },
        speedup: {
          label: { en: 'Time per example, one at a time over all at once', ko: '예제당 시간의 비, 하나씩 대 한꺼번에' },
          value: perEpoch[0]! / perEpoch[last]!,
        },
        memoryOne: {
          label: { en: 'Kept for the backward pass, one example', ko: '역전파를 위해 보관, 예제 하나' },
          value: 1e3 * memory[0]!,
          unit: 'kB',
        },
        memoryAll: {
          label: { en: 'Kept for the backward pass, all at once', ko: '역전파를 위해 보관, 한꺼번에' },
          value: 1e3 * memory[last]!,
          unit: 'kB',
        },
        errorOne: {
          label: { en: 'Error of the gradient, one example', ko: '기울기의 오차, 예제 하나' },
          value: error[0]!,
        },
        error256: {
          label: { en: 'Error of the gradient, 256 examples', ko: '기울기의 오차, 예제 256개' },
          value: at256.standardError,
          standardError: at256.uncertainty,
          theory: { value: theory[0]! / 16, formula: String.raw`\sigma/\sqrt{256}` },
        },
      },
      charts: {
        time: {
          label: { en: 'Time of a step', ko: '한 단계의 시간' },
          x: batchSize,
          y: { label: { en: 'ms', ko: 'ms' }, log: true },
          lines: [
            { label: measured, x: m, y: perStep.map((s) => 1e3 * s) },
            {
              label: { en: 'In proportion to m', ko: 'm에 비례할 때' },
              x: m,
              y: m.map((size) => 1e3 * perStep[0]! * size),
              style: 'dashed',
            },
          ],
        },
        epoch: {
          label: { en: 'Time of an epoch', ko: '한 에포크의 시간' },
          x: batchSize,
          y: { label: { en: 'ms', ko: 'ms' }, log: true },
          lines: [{ label: measured, x: m, y: perEpoch.map((s) => 1e3 * s) }],
        },
        memory: {
          label: { en: 'Memory kept for the backward pass', ko: '역전파를 위해 보관하는 메모리' },
          x: batchSize,
          y: { label: { en: 'MB', ko: 'MB' }, log: true },
          lines: [{ label: { en: 'Counted on the graph', ko: '그래프에서 센 값' }, x: m, y: memory }],
        },
        noise: {
          label: { en: 'Noise of the gradient', ko: '기울기의 잡음' },
          x: batchSize,
          y: { label: { en: 'Root mean square ‖g_B − g‖', ko: '‖g_B − g‖의 제곱평균제곱근' }, log: true },
          lines: [
            {
              label: measured,
              x: m,
              y: error,
              standardError: Float64Array.from(noise, ({ uncertainty }) => uncertainty),
              style: 'points',
            },
            { label: { en: 'σ/√m', ko: 'σ/√m' }, x: m, y: theory, style: 'dashed' },
          ],
        },
      },
    };
  },
});

/** Minibatches whose errors are measured, for each size. */
const noiseDraws = 30;
/** Rounds over all sizes; the first warms up and is not counted. */
const rounds = 4;

/**
 * Seconds of a gradient of the first m examples for each size m: the shortest of the repetitions, since what other work on
 * the machine adds belongs to none of them.
 */
async function timesPerGradient(
  objective: Objective,
  params: Vector,
  sizes: readonly number[],
  milliseconds: number,
  signal: AbortSignal,
  progress: StudyContext['progress'],
): Promise<Float64Array> {
  const turn = cooperate(signal);
  const gradient = objective.allocate();
  const seconds = new Float64Array(sizes.length).fill(Number.POSITIVE_INFINITY);
  const together = sizes.map(() => 1);
  for (let round = 0; round < rounds; round++) {
    for (const [i, size] of sizes.entries()) {
      progress(round * sizes.length + i, rounds * sizes.length);
      const rows = Int32Array.from({ length: size }, (_, row) => row);
      const until = performance.now() + milliseconds / rounds;
      let measured = false;
      while (performance.now() < until || !measured) {
        await turn();
        const begin = performance.now();
        for (let k = 0; k < together[i]!; k++) await objective.gradient(params, gradient, rows, false);
        const taken = performance.now() - begin;
        // As many at a time as make the clock's resolution nothing next to them.
        if (taken < 1) together[i]! *= 2;
        else {
          measured = true;
          if (round > 0) seconds[i] = Math.min(seconds[i]!, taken / together[i]! / 1e3);
        }
      }
    }
  }
  return seconds;
}
