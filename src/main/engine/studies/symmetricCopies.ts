import type { ActivationName } from '../../../shared/model/experiment';
import { createPlane } from '../planes';
import { createRng } from '../random';
import { logCopies, symmetricCopy } from '../symmetries/copies';
import { matchUpToSymmetry } from '../symmetries/equivalence';
import type { TrajectoryRows } from '../trajectory/rows';
import { norm } from '../vectors';
import { surfaceOnPlane } from './scene';
import { defineStudy } from './study';

/** One solution written down in other ways: the same function at other points of parameter space. */
export const symmetricCopies = defineStudy({
  name: 'symmetricCopies',
  title: { en: 'Copies of one solution', ko: '한 해의 복사본' },
  summary: {
    en: 'Trains a network, makes copies of it by its symmetries (order, sign and scale of hidden units) and measures that they are the same function, how far apart they lie and what lies between.',
    ko: '신경망을 학습한 뒤 은닉 유닛의 순서, 부호, 크기를 바꾸는 대칭으로 복사본을 만들고, 같은 함수임과 서로 떨어진 거리, 그 사이의 손실을 잽니다.',
  },
  parameters: {
    activation: {
      kind: 'choice',
      label: { en: 'Activation', ko: '활성화 함수' },
      default: 'tanh',
      choices: ['tanh', 'relu'],
    },
    hidden: { kind: 'integer', label: { en: 'Hidden units', ko: '은닉 유닛 수' }, default: 6, min: 2, max: 32 },
    scale: {
      kind: 'number',
      label: { en: 'Largest factor of a rescaled unit (relu)', ko: '유닛에 곱하는 가장 큰 배수 (relu)' },
      default: 3,
      min: 1,
      max: 100,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ activation, hidden, scale, seed }, context) {
    const { objective, final } = await context.train({
      objective: {
        kind: 'network',
        model: {
          inputShape: [4],
          layers: [
            { type: 'dense', units: hidden, activation: activation as ActivationName },
            { type: 'dense', units: 3 },
          ],
          loss: 'softmaxCrossEntropy',
        },
        data: { source: { kind: 'builtin', name: 'iris' } },
      },
      optimizer: { name: 'adam', learningRate: 0.05 },
      training: { stop: { steps: 250 }, recordEvery: 250 },
      // In float64 the same function has the same loss to fifteen digits.
      executor: 'reference',
      seed,
    });
    const { train, spec } = objective;
    if (spec.kind !== 'network') throw new Error('a network was trained');
    const { model } = spec;
    const { layout } = train;
    const rng = createRng(seed, 'symmetric copies');
    const original = Float64Array.from(final);
    const copies = [0, 1].map(() => symmetricCopy(model, layout, original, { scale, rng }));
    const thetas = [original, ...copies.map(({ params }) => params)];
    const losses: number[] = [];
    for (const theta of thetas) losses.push(await train.value(theta));
    const midpoint = original.map((value, i) => (value + copies[0]!.params[i]!) / 2);
    const between = await train.value(midpoint);
    const distance = norm(original.map((value, i) => value - copies[0]!.params[i]!));
    const matched = matchUpToSymmetry(model, layout, copies[0]!.params, original);

    const trajectory = rowsOf(thetas);
    const plane = await createPlane(
      {
        kind: 'points',
        points: [0, 1, 2].map((row) => ({ run: 0, row })),
        axes: 'orthonormal',
        seed: 0,
      },
      { layout, trajectories: [trajectory] },
      { signal: context.signal },
    );
    const surface = await surfaceOnPlane(train, plane, 41, context);
    const [path] = plane.paths;
    const names = [
      { en: 'The solution', ko: '해' },
      { en: 'Copy 1', ko: '복사본 1' },
      { en: 'Copy 2', ko: '복사본 2' },
    ];
    const digits = (value: number) => value / Math.abs(losses[0]!);
    return {
      facts: {
        loss: { label: { en: 'Loss of the solution', ko: '해의 손실' }, value: losses[0]! },
        lossDifference: {
          label: { en: 'Largest relative difference of a copy’s loss', ko: '복사본 손실의 가장 큰 상대 차이' },
          value: Math.max(...losses.map((loss) => Math.abs(digits(loss - losses[0]!)))),
        },
        distance: { label: { en: 'Distance of the first copy', ko: '첫 복사본까지의 거리' }, value: distance },
        norm: { label: { en: '‖θ‖ of the solution', ko: '해의 ‖θ‖' }, value: norm(original) },
        midpoint: { label: { en: 'Loss halfway to the first copy', ko: '첫 복사본까지 중간의 손실' }, value: between },
        matched: {
          label: { en: 'Largest difference once units are matched', ko: '유닛을 맞춘 뒤의 가장 큰 차이' },
          value: matched.distance,
        },
        logCopies: {
          label: {
            en: 'log₁₀ of the number of copies by order and sign',
            ko: '순서와 부호로 만드는 복사본 수의 log₁₀',
          },
          value: logCopies(model, layout),
        },
      },
      scenes: {
        copies: {
          label: { en: 'The plane through a solution and two copies', ko: '해와 두 복사본을 지나는 평면' },
          axes: [
            { en: 'toward copy 1', ko: '복사본 1 쪽' },
            { en: 'toward copy 2', ko: '복사본 2 쪽' },
          ],
          height: { en: 'Loss', ko: '손실' },
          heightScale: 'log',
          ...{ xs: surface.xs, ys: surface.ys, heights: surface.loss, paths: [] },
          marks: names.map((label, i) => ({ label, kind: 'minimum' as const, x: path!.x[i]!, y: path!.y[i]! })),
        },
      },
    };
  },
});

function rowsOf(thetas: readonly Float64Array[]): TrajectoryRows {
  const dimension = thetas[0]!.length;
  const all = Float32Array.from(thetas.flatMap((theta) => [...theta]));
  return {
    rows: thetas.length,
    dimension,
    read: (first, count) => all.subarray(first * dimension, (first + count) * dimension),
  };
}
