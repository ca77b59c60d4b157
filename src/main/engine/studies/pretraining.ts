import type { ExperimentInput } from '../../../shared/model/experiment';
import type { ParameterLayout } from '../../../shared/model/run';
import type { StudyLine } from '../../../shared/model/study';
import type { Vector } from '../objectives/objective';
import { digitsModel } from './digits';
import { defineStudy } from './study';

/** Greedy supervised pretraining: one hidden layer more at each stage, on what the stages before have learned (section 8.7.4). */
export const pretraining = defineStudy({
  name: 'pretraining',
  title: { en: 'Layer by layer', ko: '한 층씩' },
  summary: {
    en: 'Trains a deep sigmoid network on handwritten digits from scratch, and in stages with one hidden layer more each, the learned layers kept; both take the same number of steps with the same optimizer.',
    ko: '깊은 시그모이드 신경망을 손글씨 숫자로 처음부터 학습하고, 또 배운 층을 두고 은닉층을 하나씩 늘려 가며 단계별로 학습합니다. 단계 수와 옵티마이저는 같습니다.',
  },
  parameters: {
    depth: { kind: 'integer', label: { en: 'Hidden layers', ko: '은닉층 수' }, default: 4, min: 1, max: 6 },
    steps: {
      kind: 'integer',
      label: { en: 'Steps per stage', ko: '층마다의 단계 수' },
      default: 200,
      min: 20,
      max: 1_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 999 },
  },
  async run({ depth, steps, seed }, context) {
    const recordEvery = Math.max(1, Math.floor(steps / 40));
    const experimentOf = (layers: number, count: number): ExperimentInput => ({
      objective: sigmoidDigits(layers),
      optimizer: { name: 'momentum', learningRate: 0.1 },
      training: { batchSize: 64, stop: { steps: count }, recordEvery },
      seed,
    });
    context.progress(0, depth + 1);
    const scratch = await context.train(experimentOf(depth, depth * steps));
    const staged: { x: number[]; y: number[] } = { x: [], y: [] };
    let before: { params: Vector; layout: ParameterLayout } | null = null;
    let accuracy = Number.NaN;
    for (let layers = 1; layers <= depth; layers++) {
      context.progress(layers, depth + 1);
      const experiment = experimentOf(layers, steps);
      const { objective, params } = await context.start(experiment);
      if (before) copyHidden(before, { params, layout: objective.train.layout }, layers - 1);
      const run = await context.train(experiment, params);
      before = { params: run.final, layout: run.objective.train.layout };
      staged.x.push(...run.metrics.step.map((step) => step + (layers - 1) * steps));
      staged.y.push(...run.metrics.loss);
      accuracy = run.metrics.validationAccuracy.at(-1)!;
    }
    const lines: StudyLine[] = [
      { label: { en: 'From scratch', ko: '처음부터' }, x: scratch.metrics.step, y: scratch.metrics.loss },
      {
        label: { en: 'Layer by layer', ko: '한 층씩' },
        x: Float64Array.from(staged.x),
        y: Float64Array.from(staged.y),
      },
    ];
    return {
      facts: {
        scratch: {
          label: { en: 'Final loss, from scratch', ko: '마지막 손실, 처음부터' },
          value: scratch.metrics.loss.at(-1)!,
        },
        staged: { label: { en: 'Final loss, layer by layer', ko: '마지막 손실, 한 층씩' }, value: staged.y.at(-1)! },
        scratchAccuracy: {
          label: { en: 'Validation accuracy, from scratch', ko: '검증 정확도, 처음부터' },
          value: scratch.metrics.validationAccuracy.at(-1)!,
        },
        stagedAccuracy: {
          label: { en: 'Validation accuracy, layer by layer', ko: '검증 정확도, 한 층씩' },
          value: accuracy,
        },
        guessing: { label: { en: 'Loss of guessing', ko: '찍을 때의 손실' }, value: Math.log(10) },
      },
      charts: {
        loss: {
          label: { en: 'Training loss', ko: '학습 손실' },
          x: { label: { en: 'Step, all stages', ko: '단계 (모두 합하여)' } },
          y: { label: { en: 'Loss', ko: '손실' }, log: true },
          lines,
        },
      },
    };
  },
});

const sigmoidDigits = (layers: number): ExperimentInput['objective'] => ({
  kind: 'network',
  model: digitsModel(Array<number>(layers).fill(20), 'sigmoid'),
  data: { source: { kind: 'builtin', name: 'digits' }, validationFraction: 0.5 },
});

/** The parameters of the first `count` layers, which both have in the same shapes. */
function copyHidden(
  from: { params: Vector; layout: ParameterLayout },
  to: { params: Vector; layout: ParameterLayout },
  count: number,
): void {
  for (const { name, offset, size } of to.layout) {
    if (Number(name.split('.')[1]) >= count) continue;
    const source = from.layout.find((block) => block.name === name)!;
    to.params.set(from.params.subarray(source.offset, source.offset + size), offset);
  }
}
