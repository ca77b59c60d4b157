import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { defineStudy } from './study';

const dampings = [0.001, 0.01, 0.1, 0.3, 1, 10, 100];
const methods: readonly { name: string; label: Words }[] = [
  { name: 'newton', label: { en: 'Newton', ko: '뉴턴법' } },
  { name: 'saddleFreeNewton', label: { en: 'Saddle-free Newton', ko: '안장점 회피 뉴턴법' } },
];

/** What is added to the Hessian of a network before it is inverted, and what becomes of the step (section 8.6.1). */
export const damping = defineStudy({
  name: 'damping',
  title: { en: 'How much damping', ko: '감쇠는 얼마나' },
  summary: {
    en: 'Trains a small network by Newton’s method and saddle-free Newton with seven dampings λ, and by Levenberg–Marquardt, which sets its own.',
    ko: '작은 신경망을 뉴턴법과 안장점 회피 뉴턴법으로 일곱 가지 감쇠 λ마다 학습하고, 감쇠를 스스로 정하는 레벤버그–마쿼트법과 견줍니다.',
  },
  parameters: {
    units: { kind: 'integer', label: { en: 'Hidden units', ko: '은닉 유닛 수' }, default: 6, min: 2, max: 12 },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 15, min: 2, max: 40 },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 999 },
  },
  async run({ units, steps, seed }, context) {
    const total = methods.length * dampings.length + 1;
    let done = 0;
    const trained = async (name: string, parameters: Record<string, number>) => {
      context.progress(done++, total);
      const { metrics } = await context.train(experimentOf(name, parameters, { units, steps, seed }));
      return { first: metrics.loss[0]!, last: metrics.loss.at(-1)! };
    };
    const facts: Record<string, Fact> = {};
    const lines: StudyLine[] = [];
    for (const { name, label } of methods) {
      const losses: number[] = [];
      for (const value of dampings) {
        const { first, last } = await trained(name, { damping: value });
        losses.push(last);
        facts.before ??= { label: { en: 'Loss before', ko: '처음 손실' }, value: first };
      }
      const best = losses.indexOf(Math.min(...losses));
      facts[`${name}Undamped`] = {
        label: { en: `Final loss at λ = 0.001, ${label.en}`, ko: `λ = 0.001일 때 마지막 손실, ${label.ko}` },
        value: losses[0]!,
      };
      facts[`${name}Best`] = {
        label: { en: `Lowest final loss, ${label.en}`, ko: `가장 낮은 마지막 손실, ${label.ko}` },
        value: losses[best]!,
      };
      facts[`${name}Damping`] = {
        label: { en: `Best damping λ, ${label.en}`, ko: `가장 좋은 감쇠 λ, ${label.ko}` },
        value: dampings[best]!,
      };
      facts[`${name}Overdamped`] = {
        label: { en: `Final loss at λ = 100, ${label.en}`, ko: `λ = 100일 때 마지막 손실, ${label.ko}` },
        value: losses.at(-1)!,
      };
      lines.push({ label, x: Float64Array.from(dampings), y: Float64Array.from(losses) });
    }
    const adaptive = (await trained('gaussNewton', {})).last;
    facts.gaussNewton = {
      label: { en: 'Final loss, Levenberg–Marquardt', ko: '마지막 손실, 레벤버그–마쿼트법' },
      value: adaptive,
    };
    lines.push({
      label: { en: 'Levenberg–Marquardt (its own)', ko: '레벤버그–마쿼트법 (스스로 정함)' },
      x: Float64Array.of(dampings[0]!, dampings.at(-1)!),
      y: Float64Array.of(adaptive, adaptive),
      style: 'dashed',
    });
    return {
      facts,
      charts: {
        loss: {
          label: { en: 'Final loss', ko: '마지막 손실' },
          x: { label: { en: 'Damping λ', ko: '감쇠 λ' }, log: true },
          y: { label: { en: 'Loss', ko: '손실' }, log: true },
          lines,
        },
      },
    };
  },
});

const experimentOf = (
  name: string,
  parameters: Record<string, number>,
  { units, steps, seed }: { units: number; steps: number; seed: number },
): ExperimentInput => ({
  objective: {
    kind: 'network',
    model: {
      inputShape: [2],
      layers: [
        { type: 'dense', units, activation: 'tanh' },
        { type: 'dense', units: 2 },
      ],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'generated', name: 'moons', examples: 100, noise: 0.15 }, validationFraction: 0 },
  },
  optimizer: { name, learningRate: 1, parameters },
  training: { stop: { steps } },
  seed,
});
