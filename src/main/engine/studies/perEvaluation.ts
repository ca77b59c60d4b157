import type { Experiment, ExperimentInput } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { defineStudy, type StudyRun } from './study';

interface Method {
  name: string;
  label: Words;
  /** The best of these is shown. */
  rates: readonly number[];
  parameters?: Experiment['optimizer']['parameters'];
}

const methods: readonly Method[] = [
  { name: 'sgd', label: { en: 'Gradient descent', ko: '경사하강법' }, rates: [0.03, 0.1, 0.3, 1] },
  { name: 'adam', label: { en: 'Adam', ko: 'Adam' }, rates: [0.003, 0.01, 0.03, 0.1] },
  { name: 'conjugateGradient', label: { en: 'Conjugate gradients', ko: '켤레 기울기법' }, rates: [1] },
  { name: 'lbfgs', label: { en: 'L-BFGS', ko: 'L-BFGS' }, rates: [1] },
  { name: 'bfgs', label: { en: 'BFGS', ko: 'BFGS' }, rates: [1] },
  {
    name: 'saddleFreeNewton',
    label: { en: 'Saddle-free Newton', ko: '안장점 회피 뉴턴법' },
    rates: [1],
    parameters: { damping: 0.1 },
  },
  { name: 'gaussNewton', label: { en: 'Levenberg–Marquardt', ko: '레벤버그–마쿼트법' }, rates: [1] },
];

/** A fair account of second-order methods on a network: what a step achieves, and what it costs. */
export const perEvaluation = defineStudy({
  name: 'perEvaluation',
  title: { en: 'Loss per step, loss per evaluation', ko: '단계당 손실, 평가당 손실' },
  summary: {
    en: 'Fits a sine with a small network by seven methods, each with the same number of evaluations (values, gradients and Hessian products); the rates of descent and Adam are the best of four.',
    ko: '작은 신경망으로 사인 함수를 일곱 가지 방법으로 맞추되 평가 횟수(손실, 기울기, 헤세 행렬 곱)를 같게 합니다. 경사하강법과 Adam은 네 학습률 중 가장 좋은 것을 씁니다.',
  },
  parameters: {
    evaluations: {
      kind: 'integer',
      label: { en: 'Evaluations', ko: '평가 횟수' },
      default: 600,
      min: 50,
      max: 5_000,
      log: true,
    },
    units: { kind: 'integer', label: { en: 'Hidden units', ko: '은닉 유닛 수' }, default: 8, min: 2, max: 32 },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 999 },
  },
  async run({ evaluations, units, seed }, context) {
    const facts: Record<string, Fact> = {};
    const perStep: StudyLine[] = [];
    const perEvaluation: StudyLine[] = [];
    const total = methods.reduce((sum, { rates }) => sum + rates.length, 0);
    let done = 0;
    for (const { name, label, rates, parameters = {} } of methods) {
      let best: StudyRun | null = null;
      for (const learningRate of rates) {
        context.progress(done++, total);
        const run = await context.train(experimentOf({ name, learningRate, parameters }, { evaluations, units, seed }));
        if (!best || lastLoss(run) < lastLoss(best)) best = run;
      }
      const { metrics, outcome } = best!;
      facts[name] = {
        label: { en: `Final loss, ${label.en}`, ko: `마지막 손실, ${label.ko}` },
        value: lastLoss(best!),
      };
      facts[`${name}Steps`] = { label: { en: `Steps, ${label.en}`, ko: `단계 수, ${label.ko}` }, value: outcome.step };
      const afterTen = metrics.step.findIndex((step) => step >= 10);
      facts[`${name}Ten`] = {
        label: { en: `Loss after 10 steps, ${label.en}`, ko: `10단계 뒤의 손실, ${label.ko}` },
        value: afterTen < 0 ? lastLoss(best!) : metrics.loss[afterTen]!,
      };
      perStep.push({ label, x: metrics.step.map((step) => step + 1), y: metrics.loss });
      perEvaluation.push({ label, x: metrics.evaluations.map((count) => count + 1), y: metrics.loss });
    }
    const loss = { label: { en: 'Training loss', ko: '학습 손실' }, log: true };
    return {
      facts,
      charts: {
        perStep: {
          label: { en: 'Loss per step', ko: '단계당 손실' },
          x: { label: { en: 'Step + 1', ko: '단계 + 1' }, log: true },
          y: loss,
          lines: perStep,
        },
        perEvaluation: {
          label: { en: 'Loss per evaluation', ko: '평가당 손실' },
          x: { label: { en: 'Evaluations + 1', ko: '평가 횟수 + 1' }, log: true },
          y: loss,
          lines: perEvaluation,
        },
      },
    };
  },
});

const lastLoss = ({ metrics, outcome }: StudyRun): number =>
  outcome.kind === 'diverged' ? Number.POSITIVE_INFINITY : metrics.loss.at(-1)!;

const experimentOf = (
  optimizer: Pick<Experiment['optimizer'], 'name' | 'learningRate' | 'parameters'>,
  { evaluations, units, seed }: { evaluations: number; units: number; seed: number },
): ExperimentInput => ({
  objective: {
    kind: 'network',
    model: {
      inputShape: [1],
      layers: [
        { type: 'dense', units, activation: 'tanh' },
        { type: 'dense', units: 1 },
      ],
      loss: 'meanSquaredError',
    },
    data: { source: { kind: 'generated', name: 'sine', examples: 100, noise: 0 }, validationFraction: 0 },
  },
  optimizer,
  training: { stop: { steps: evaluations, evaluations } },
  seed,
});
