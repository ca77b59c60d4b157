import type { StudyChart } from '../../../shared/model/study';
import { lineFit } from '../lineFit';
import { createRng } from '../random';
import { gradientSpread, minibatchNoise, minibatchVariance } from '../training/gradientNoise';
import { digitsModel } from './digits';
import { defineStudy } from './study';

/** The error of minibatch gradients over batch sizes against σ/√m, at one θ of a real network. */
export const gradientNoise = defineStudy({
  name: 'gradientNoise',
  title: { en: 'How exact a minibatch gradient is', ko: '미니배치 기울기의 정확도' },
  summary: {
    en: 'Draws minibatches of many sizes at one point of a digit classifier, measures how far their gradients lie from that of all examples, and fits the slope.',
    ko: '숫자 분류 신경망의 한 점에서 여러 크기의 미니배치를 뽑아 전체 기울기와의 거리를 재고, 로그 눈금에서 기울기를 맞춥니다.',
  },
  parameters: {
    largest: {
      kind: 'integer',
      label: { en: 'Largest batch', ko: '가장 큰 배치' },
      default: 256,
      min: 4,
      max: 1_024,
      log: true,
    },
    draws: {
      kind: 'integer',
      label: { en: 'Minibatches per size', ko: '크기마다 뽑는 미니배치 수' },
      default: 100,
      min: 10,
      max: 1_000,
      log: true,
    },
    replacement: { kind: 'boolean', label: { en: 'Draw with replacement', ko: '복원 추출' }, default: true },
    trained: {
      kind: 'integer',
      label: { en: 'Training steps before', ko: '먼저 학습하는 단계 수' },
      default: 20,
      min: 1,
      max: 2_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ largest, draws, replacement, trained, seed }, { train, signal, progress }) {
    const {
      objective: { train: objective },
      final,
    } = await train({
      objective: {
        kind: 'network',
        model: digitsModel([16], 'tanh'),
        data: { source: { kind: 'builtin', name: 'digits' } },
      },
      optimizer: { name: 'sgd', learningRate: 0.1 },
      training: { batchSize: 64, stop: { steps: trained }, recordEvery: trained },
      seed,
    });
    const sizes: number[] = [];
    for (let m = 1; m < largest; m *= 2) sizes.push(m);
    sizes.push(largest);
    const { mean, variance } = await gradientSpread(objective, final, { signal });
    const rng = createRng(seed, 'minibatches');
    const x = Float64Array.from(sizes);
    const y = new Float64Array(x.length);
    const standardError = new Float64Array(x.length);
    for (const [i, batchSize] of sizes.entries()) {
      progress(i, sizes.length);
      const noise = await minibatchNoise(objective, final, mean, { batchSize, draws, replacement, rng, signal });
      y[i] = noise.standardError;
      standardError[i] = noise.uncertainty;
    }
    const theory = x.map((m) => Math.sqrt(minibatchVariance(variance, m, objective.examples, replacement)));
    const logs = x.map(Math.log);
    const relative = standardError.map((error, i) => error / y[i]!);
    const fit = lineFit(logs, y.map(Math.log), relative);
    const theoryFit = lineFit(logs, theory.map(Math.log), relative);
    const last = x.length - 1;
    const noise: StudyChart = {
      label: { en: 'Error of the minibatch gradient', ko: '미니배치 기울기의 오차' },
      x: { label: { en: 'Batch size m', ko: '배치 크기 m' }, log: true },
      y: { label: { en: 'Root mean square ‖g_B − g‖', ko: '‖g_B − g‖의 제곱평균제곱근' }, log: true },
      lines: [
        { label: { en: 'Measured', ko: '측정' }, x, y, standardError, style: 'points' },
        {
          label: replacement
            ? { en: 'σ/√m', ko: 'σ/√m' }
            : { en: 'σ/√m · √((n − m)/(n − 1))', ko: 'σ/√m · √((n − m)/(n − 1))' },
          x,
          y: theory,
          style: 'dashed',
        },
      ],
    };
    return {
      facts: {
        slope: {
          label: { en: 'Slope of log error over log m, fitted', ko: '로그 오차의 기울기(로그 m에 대한 적합)' },
          value: fit.slope,
          standardError: fit.slopeError,
          theory: { value: theoryFit.slope, ...(replacement && { formula: String.raw`-\tfrac12` }) },
        },
        sigma: {
          label: { en: 'Error of a single example, from the fit', ko: '예제 하나의 오차(적합에서)' },
          value: Math.exp(fit.intercept),
          theory: {
            value: Math.exp(theoryFit.intercept),
            formula: String.raw`\sigma = \sqrt{\tfrac1n \sum_i \lVert g_i - \bar g \rVert^2}`,
          },
        },
        gain: {
          label: {
            en: `Error of 1 example over that of ${largest}`,
            ko: `예제 ${largest}개에 대한 예제 1개의 오차 비`,
          },
          value: y[0]! / y[last]!,
          standardError: (y[0]! / y[last]!) * Math.hypot(standardError[0]! / y[0]!, standardError[last]! / y[last]!),
          theory: { value: theory[0]! / theory[last]!, ...(replacement && { formula: String.raw`\sqrt{m}` }) },
        },
        gradientNorm: {
          label: { en: 'Norm of the gradient of all examples', ko: '전체 기울기의 노름' },
          value: Math.hypot(...mean),
        },
      },
      charts: { noise },
    };
  },
});
