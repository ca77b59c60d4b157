import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { standardErrorOfMean } from '../curvature/trace';
import { exampleMargins } from '../executors/reference/margins';
import { buildNetwork } from '../graph/build';
import type { Rows } from '../objectives/objective';
import { digitsModel } from './digits';
import { defineStudy } from './study';

const orders: readonly { name: string; label: Words }[] = [
  { name: 'random', label: { en: 'Random order', ko: '무작위 순서' } },
  { name: 'easyFirst', label: { en: 'Easy first', ko: '쉬운 것부터' } },
  { name: 'hardFirst', label: { en: 'Hard first', ko: '어려운 것부터' } },
];

/** Easy examples first, ranked by the margins under a model trained before (Bengio et al. 2009; section 8.7.6). */
export const curriculum = defineStudy({
  name: 'curriculum',
  title: { en: 'Easy examples first', ko: '쉬운 예제부터' },
  summary: {
    en: 'Ranks handwritten digits, some with random labels, by their margin under a model trained for a short while, and trains with all examples from the start, with the easy ones first and with the hard ones first, from several seeds.',
    ko: '일부에 무작위 라벨을 단 손글씨 숫자를 잠깐 학습한 모형의 마진으로 줄 세우고, 처음부터 모두, 쉬운 것부터, 어려운 것부터의 세 가지로 여러 시드에서 학습합니다.',
  },
  parameters: {
    noise: {
      kind: 'number',
      label: { en: 'Share of random labels', ko: '무작위 라벨의 비율' },
      default: 0.4,
      min: 0,
      max: 0.7,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 400, min: 50, max: 2_000, log: true },
    seeds: { kind: 'integer', label: { en: 'Seeds', ko: '시드의 수' }, default: 4, min: 2, max: 12 },
  },
  async run({ noise, steps, seeds }, context) {
    const experimentOf = (seed: number, count: number): ExperimentInput & { objective: { kind: 'network' } } => ({
      objective: {
        kind: 'network',
        model: digitsModel([32], 'relu'),
        data: {
          source: { kind: 'builtin', name: 'digits' },
          validationFraction: 0.6,
          ...(noise > 0 && { labels: { kind: 'random' as const, fraction: noise } }),
        },
      },
      optimizer: { name: 'momentum', learningRate: 0.05 },
      training: { batchSize: 16, stop: { steps: count }, recordEvery: Math.max(1, Math.floor(count / 20)) },
      seed,
    });
    const total = 1 + orders.length * seeds;
    context.progress(0, total);
    // The same data for all; another start and other batches than any of the trainings.
    const teacher = await context.train(experimentOf(teacherSeed, 100));
    const { data, spec } = teacher.objective;
    if (spec.kind !== 'network') throw new Error('A curriculum is of examples.');
    const margins = await exampleMargins(buildNetwork(spec.model), data!.train, teacher.final);
    const easyFirst: Rows = Int32Array.from({ length: margins.length }, (_, i) => i).sort(
      (a, b) => margins[b]! - margins[a]! || a - b,
    );
    const rankings: Record<string, Rows | null> = { random: null, easyFirst, hardFirst: easyFirst.slice().reverse() };
    const relabelled = new Set(data!.relabelled);
    const hardest = easyFirst.slice(Math.ceil(0.75 * easyFirst.length));
    const facts: Record<string, Fact> = {
      hardWrong: {
        label: { en: 'Share of wrong labels, the hardest quarter', ko: '틀린 라벨의 비율, 가장 어려운 4분의 1' },
        value: hardest.filter((i) => relabelled.has(i)).length / hardest.length,
      },
      allWrong: {
        label: { en: 'Share of wrong labels, all', ko: '틀린 라벨의 비율, 전체' },
        value: relabelled.size / easyFirst.length,
      },
    };
    const lines: StudyLine[] = [];
    let done = 1;
    for (const { name, label } of orders) {
      const ranking = rankings[name]!;
      const curves: Float64Array[] = [];
      let step = new Float64Array();
      for (let seed = 0; seed < seeds; seed++) {
        context.progress(done++, total);
        const experiment = experimentOf(seed, steps);
        const { metrics } = await context.train(
          ranking
            ? { ...experiment, training: { ...experiment.training, curriculum: { share: 0.2, steps } } }
            : experiment,
          undefined,
          ranking ?? undefined,
        );
        curves.push(metrics.validationAccuracy);
        step = Float64Array.from(metrics.step);
      }
      const at = (row: number) => curves.map((curve) => curve[row]!);
      const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const ends = at(step.length - 1);
      facts[name] = {
        label: {
          en: `Validation accuracy, ${label.en}, mean of ${seeds} seeds`,
          ko: `검증 정확도, ${label.ko}, 시드 ${seeds}개의 평균`,
        },
        value: mean(ends),
        standardError: standardErrorOfMean(ends),
      };
      const means = step.map((_, row) => mean(at(row)));
      const best = at(means.indexOf(Math.max(...means)));
      facts[`${name}Best`] = {
        label: {
          en: `Highest on the way, ${label.en}, mean of ${seeds} seeds`,
          ko: `도중의 최고값, ${label.ko}, 시드 ${seeds}개의 평균`,
        },
        value: mean(best),
        standardError: standardErrorOfMean(best),
      };
      lines.push({
        label,
        x: step,
        y: means,
        standardError: step.map((_, row) => standardErrorOfMean(at(row))),
      });
    }
    return {
      facts,
      charts: {
        accuracy: {
          label: { en: 'Validation accuracy', ko: '검증 정확도' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: 'Accuracy', ko: '정확도' } },
          lines,
        },
      },
    };
  },
});

const teacherSeed = 1_000;
