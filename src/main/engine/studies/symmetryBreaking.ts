import type { ExperimentInput } from '../../../shared/model/experiment';
import type { Fact } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { layerSignals } from '../executors/reference/signals';
import { createRng } from '../random';
import { distinctUnits, unitSpread } from '../symmetries/distinctUnits';
import { hiddenUnits } from '../symmetries/permutation';
import { digitsModel } from './digits';
import { networkOf } from './network';
import { defineStudy, type StudyRun } from './study';

const step: Words = { en: 'Step', ko: '단계' };
const kinds = ['zeros', 'constant', 'nudged', 'glorot'] as const;
const names: Record<(typeof kinds)[number], Words> = {
  zeros: { en: 'zeros', ko: '0' },
  constant: { en: 'constant', ko: '상수' },
  nudged: { en: 'constant and a nudge', ko: '상수와 약간의 잡음' },
  glorot: { en: 'Glorot', ko: 'Glorot' },
};

/** Hidden units that start alike stay alike; a nudge tells them apart (section 8.4). */
export const symmetryBreaking = defineStudy({
  name: 'symmetryBreaking',
  title: { en: 'Breaking the symmetry of units', ko: '유닛 사이 대칭 깨기' },
  summary: {
    en: 'Trains one network on digits from zeros, from a constant, from a constant with a little noise and from Glorot weights, and counts the hidden units that differ.',
    ko: '한 신경망을 0, 상수, 잡음을 조금 더한 상수, Glorot 가중치에서 각각 학습하고 서로 다른 은닉 유닛을 셉니다.',
  },
  parameters: {
    constant: {
      kind: 'number',
      label: { en: 'The constant', ko: '상수' },
      default: 0.05,
      min: 0.001,
      max: 0.5,
      log: true,
    },
    nudge: {
      kind: 'number',
      label: { en: 'Standard deviation of the nudge', ko: '잡음의 표준편차' },
      default: 0.0001,
      min: 0.000_001,
      max: 0.1,
      log: true,
    },
    units: { kind: 'integer', label: { en: 'Hidden units', ko: '은닉 유닛 수' }, default: 12, min: 2, max: 48 },
    learningRate: {
      kind: 'number',
      label: { en: 'Learning rate', ko: '학습률' },
      default: 0.5,
      min: 0.01,
      max: 2,
      log: true,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 300, min: 10, max: 2_000, log: true },
  },
  async run({ constant, nudge, units, learningRate, steps }, context) {
    const experimentOf = (kind: (typeof kinds)[number]): ExperimentInput => ({
      objective: {
        kind: 'network',
        model: digitsModel([units], 'tanh'),
        data: { source: { kind: 'builtin', name: 'digits' } },
        weightInitializer:
          kind === 'glorot'
            ? { name: 'glorotUniform' }
            : kind === 'zeros'
              ? { name: 'zeros' }
              : { name: 'constant', scale: constant },
      },
      optimizer: { name: 'sgd', learningRate },
      training: { stop: { steps }, recordEvery: Math.max(1, Math.floor(steps / 60)) },
      // Of its kernels we know that equal units stay equal to the last bit.
      executor: 'wasm',
    });
    const runs: StudyRun[] = [];
    const facts: Record<string, Fact> = {};
    const spreads: Float64Array[] = [];
    for (const kind of kinds) {
      context.progress(runs.length, kinds.length);
      const experiment = experimentOf(kind);
      const { objective, params } = await context.start(experiment);
      const theta = Float64Array.from(params);
      const network = networkOf(objective);
      if (kind === 'nudged') {
        const rng = createRng(0, 'symmetryBreaking');
        for (const { role, offset, size } of network.layout) {
          if (role === 'weight') for (let i = 0; i < size; i++) theta[offset + i]! += nudge * rng.normal();
        }
      }
      const [signal] = await layerSignals(network, objective.data!.train, theta);
      const run = await context.train(experiment, theta);
      runs.push(run);
      const [hidden] = hiddenUnits(network.model, network.layout);
      const { trajectory, metrics } = run;
      spreads.push(
        Float64Array.from({ length: trajectory.rows }, (_, row) => unitSpread(trajectory.read(row, 1), hidden!)),
      );
      const named = ({ en, ko }: Words): Words => ({ en: `${en}, ${names[kind].en}`, ko: `${ko}, ${names[kind].ko}` });
      facts[`${kind}Distinct`] = {
        label: named({ en: 'Different hidden units at the end', ko: '마지막에 서로 다른 은닉 유닛' }),
        value: distinctUnits(trajectory.read(trajectory.rows - 1, 1), hidden!),
      };
      facts[`${kind}FirstGradient`] = {
        label: named({ en: '‖∂L/∂W‖ of the first layer at the start', ko: '출발점에서 첫 층의 ‖∂L/∂W‖' }),
        value: signal!.weights!.gradientNorm,
      };
      facts[`${kind}Loss`] = {
        label: named({ en: 'Final loss', ko: '마지막 손실' }),
        value: metrics.loss.at(-1)!,
        // With weights of zero only the last layer's biases learn, and they can do no better than the class frequencies.
        ...(kind === 'zeros' && {
          theory: { value: entropy(objective.data!.train.y), formula: '-\\sum_k p_k \\ln p_k' },
        }),
      };
      facts[`${kind}Accuracy`] = {
        label: named({ en: 'Training accuracy', ko: '학습 정확도' }),
        value: metrics.accuracy.at(-1)!,
      };
    }
    const drawn = (values: Float64Array) => values.map((value) => (value === 0 ? Number.NaN : value));
    return {
      facts,
      charts: {
        spread: {
          label: { en: 'How far the units differ', ko: '유닛들이 서로 다른 정도' },
          x: { label: step },
          y: { label: { en: 'Distance from their mean', ko: '평균에서의 거리' }, log: true },
          // At 0 a logarithm has no place: units that are alike have no line.
          lines: kinds.map((kind, i) => ({ label: names[kind], x: runs[i]!.metrics.step, y: drawn(spreads[i]!) })),
        },
        loss: {
          label: { en: 'Training loss', ko: '학습 손실' },
          x: { label: step },
          y: { label: { en: 'Loss', ko: '손실' } },
          lines: kinds.map((kind, i) => ({ label: names[kind], x: runs[i]!.metrics.step, y: runs[i]!.metrics.loss })),
        },
      },
    };
  },
});

/** Of the frequencies of class indices. */
function entropy(labels: Float32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / labels.length) * Math.log(count / labels.length),
    0,
  );
}
