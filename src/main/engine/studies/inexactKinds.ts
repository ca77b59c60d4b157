import type { ExperimentInput, InexactGradientSpec } from '../../../shared/model/experiment';
import type { Fact } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import type { Vector } from '../objectives/objective';
import { createRng } from '../random';
import { gradientError } from '../training/gradientError';
import { gradientSpread, minibatchVariance } from '../training/gradientNoise';
import { norm } from '../vectors';
import { digitsModel } from './digits';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyContext, type StudyObjective, type StudyRun } from './study';

const step: Words = { en: 'Step', ko: '단계' };
/** For bias and spread of each kind. */
const draws = 100;

/** √E‖ĝ − g‖² of a sample without replacement, of ‖g‖, from the spread of the examples' own gradients. */
async function sampleTheory(
  { train }: StudyObjective,
  params: Vector,
  examples: number,
  { signal }: StudyContext,
): Promise<NonNullable<Fact['theory']>> {
  const { mean, variance } = await gradientSpread(train, params, { signal });
  return {
    value: Math.sqrt(minibatchVariance(variance, examples, train.examples, false)) / norm(mean),
    formula: '\\frac{\\sigma}{\\|g\\|}\\sqrt{\\frac1m\\cdot\\frac{n-m}{n-1}}',
  };
}

/** One network trained with every kind of inexact gradient: what the error is, and where training ends. */
export const inexactKinds = defineStudy({
  name: 'inexactKinds',
  title: { en: 'Inexact gradients of a network', ko: '신경망의 부정확한 기울기' },
  summary: {
    en: 'Measures bias and spread of several gradient estimates at the start of a network on digits, trains with each and compares the exact loss and gradient where they end.',
    ko: '숫자를 배우는 신경망의 출발점에서 여러 기울기 추정의 편향과 퍼짐을 재고, 각각으로 학습해 도착점의 정확한 손실과 기울기를 비교합니다.',
  },
  parameters: {
    noise: {
      kind: 'number',
      label: { en: 'Noise, of ‖g‖', ko: '잡음 (‖g‖에 대한 비)' },
      default: 1,
      min: 0.01,
      max: 10,
      log: true,
    },
    examples: {
      kind: 'integer',
      label: { en: 'Examples in the sample', ko: '표본의 예제 수' },
      default: 32,
      min: 1,
      max: 1_000,
      log: true,
    },
    bits: { kind: 'integer', label: { en: 'Bits', ko: '비트 수' }, default: 2, min: 1, max: 12 },
    keep: {
      kind: 'number',
      label: { en: 'Share of components kept', ko: '남기는 성분의 비율' },
      default: 0.05,
      min: 0.001,
      max: 1,
      log: true,
    },
    offset: {
      kind: 'number',
      label: { en: 'Bias of each component', ko: '성분마다 편향' },
      default: 0.003,
      min: 0.0001,
      max: 0.1,
      log: true,
    },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate', ko: '학습률' },
      default: 0.3,
      min: 0.01,
      max: 2,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 200, min: 10, max: 1_000, log: true },
  },
  async run({ noise, examples, bits, keep, offset, learningRate, steps }, context) {
    const kinds: { key: string; label: Words; inexact?: InexactGradientSpec }[] = [
      { key: 'exact', label: { en: 'Exact', ko: '정확함' } },
      {
        key: 'noise',
        label: { en: 'Noise', ko: '잡음' },
        inexact: { kind: 'noise', deviation: noise, relative: true },
      },
      { key: 'sample', label: { en: 'Sample', ko: '표본' }, inexact: { kind: 'sample', examples } },
      {
        key: 'quantize',
        label: { en: 'Quantized', ko: '양자화' },
        inexact: { kind: 'quantize', bits, stochastic: false },
      },
      {
        key: 'stochastic',
        label: { en: 'Quantized stochastically', ko: '확률적 양자화' },
        inexact: { kind: 'quantize', bits, stochastic: true },
      },
      { key: 'truncate', label: { en: 'Truncated', ko: '절단' }, inexact: { kind: 'truncate', keep } },
      { key: 'bias', label: { en: 'Biased', ko: '편향됨' }, inexact: { kind: 'bias', factor: 1, offset } },
    ];
    const experimentOf = (inexact?: InexactGradientSpec): ExperimentInput => ({
      objective: {
        kind: 'network',
        model: digitsModel([12], 'tanh'),
        data: { source: { kind: 'builtin', name: 'digits' } },
      },
      optimizer: { name: 'sgd', learningRate, ...(inexact && { inexact }) },
      training: { stop: { steps }, recordEvery: Math.max(1, Math.floor(steps / 50)) },
    });
    const runs: StudyRun[] = [];
    const facts: Record<string, Fact> = {};
    const rows: (number | Words)[][] = [];
    for (const { key, label, inexact } of kinds) {
      context.progress(runs.length, kinds.length + 1);
      const experiment = experimentOf(inexact);
      const { objective, params } = await context.start(experiment);
      const error = inexact
        ? await gradientError(objective.train, params, inexact, {
            draws,
            rng: createRng(0, `inexactKinds/${key}`),
            signal: context.signal,
          })
        : { bias: 0, resolution: 0, deviation: 0 };
      const run = await context.train(experiment);
      runs.push(run);
      const { train } = run.objective;
      const gradient = train.allocate();
      const loss = await train.gradient(run.final, gradient);
      const ends = runs.map(({ trajectory }) => Float64Array.from(trajectory.read(trajectory.rows - 1, 1)));
      const first = Float64Array.from(run.trajectory.read(0, 1));
      const between = (a: Float64Array, b: Float64Array) => norm(a.map((value, i) => value - b[i]!));
      const distance = between(ends.at(-1)!, ends[0]!) / between(ends[0]!, first);
      const named = ({ en, ko }: Words): Words => ({ en: `${en}, ${label.en}`, ko: `${ko}, ${label.ko}` });
      facts[`${key}Loss`] = { label: named({ en: 'Exact loss at the end', ko: '마지막의 정확한 손실' }), value: loss };
      facts[`${key}Gradient`] = {
        label: named({ en: 'Exact ‖g‖ at the end', ko: '마지막의 정확한 ‖g‖' }),
        value: norm(gradient),
      };
      facts[`${key}Distance`] = {
        label: named({
          en: 'Distance from the exact end, of its way',
          ko: '정확한 도착점과의 거리 (그 이동 거리에 대한 비)',
        }),
        value: distance,
      };
      if (inexact) {
        facts[`${key}Bias`] = {
          label: named({ en: 'Bias at the start, of ‖g‖', ko: '출발점의 편향 (‖g‖에 대한 비)' }),
          value: error.bias,
          standardError: error.resolution,
        };
        facts[`${key}Deviation`] = {
          label: named({ en: 'Spread at the start, of ‖g‖', ko: '출발점의 퍼짐 (‖g‖에 대한 비)' }),
          value: error.deviation,
          ...(key === 'noise' && { theory: { value: noise, formula: '\\sigma' } }),
          ...(key === 'sample' && { theory: await sampleTheory(objective, params, examples, context) }),
        };
      }
      // What rounding in float32 leaves of no spread is none.
      rows.push([label, error.bias, error.deviation < 1e-6 ? 0 : error.deviation, loss]);
    }
    return {
      facts,
      charts: {
        loss: {
          label: { en: 'Exact training loss', ko: '정확한 학습 손실' },
          x: { label: step },
          y: { label: { en: 'Loss', ko: '손실' }, log: true },
          lines: runs.map(({ metrics }, i) => ({ label: kinds[i]!.label, x: metrics.step, y: metrics.loss })),
        },
      },
      scenes: {
        paths: await sceneOfRuns(
          runs,
          { label: { en: 'The paths', ko: '경로' }, names: kinds.map(({ label }) => label), grid: 25 },
          context,
        ),
      },
      tables: {
        kinds: {
          label: { en: 'The error of the gradient, and where training ends', ko: '기울기의 오차와 학습이 끝나는 곳' },
          columns: [
            { en: 'Gradient', ko: '기울기' },
            { en: 'Bias/‖g‖', ko: '편향/‖g‖' },
            { en: 'Spread/‖g‖', ko: '퍼짐/‖g‖' },
            { en: 'Final loss', ko: '마지막 손실' },
          ],
          rows,
        },
      },
    };
  },
});
