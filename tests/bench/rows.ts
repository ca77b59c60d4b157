import type { BenchRow, ComparisonRow } from './harness';
import { type Activation, convolutionalNet, denseNet } from './problem';
import { eigenvalues, gradient, hvp, lanczosSteps } from './work/curvature';
import { adaptive, allCriticalPoints, turning } from './work/landscape';
import { recording } from './work/recording';
import { surface, surfaceOfPoints } from './work/surface';
import { training } from './work/training';

const both: readonly Activation[] = ['relu', 'tanh'];
const tiny = (activation: Activation) => denseNet([2, 16, 16, 2], activation);
const medium = (activation: Activation) => denseNet([784, 128, 64, 10], activation);

const tinyTraining = (activation: Activation): ComparisonRow => ({
  kind: 'comparison',
  name: `training ${tiny(activation).name}, batch 128`,
  unit: 'steps/s',
  target: { atLeast: 6 },
  prepare: training(tiny(activation), { batch: 128, steps: 8_000, peerSteps: 3_000 }),
});

const mediumTraining = (activation: Activation): ComparisonRow => ({
  kind: 'comparison',
  name: `training ${medium(activation).name}, batch 512`,
  unit: 'steps/s',
  target: { atLeast: 1.5 },
  prepare: training(medium(activation), { batch: 512, steps: 600, peerSteps: 600 }),
});

const convolutionalTraining = (activation: Activation): ComparisonRow => ({
  kind: 'comparison',
  name: `training ${convolutionalNet(activation).name}, conv 8 – pool – conv 16 – pool – dense 10, batch 128`,
  unit: 'steps/s',
  target: { atLeast: 1 },
  prepare: training(convolutionalNet(activation), { batch: 128, steps: 50, peerSteps: 50 }),
});

const mediumSurface = (activation: Activation): ComparisonRow => ({
  kind: 'comparison',
  name: `surface 51×51 ${medium(activation).name}, 2,000 examples, torch point by point`,
  unit: 's',
  target: { atLeast: 9 },
  prepare: surface(medium(activation), 2_000, 51, { job: 'points', stride: 6, trialStride: 25 }),
  note: 'torch computes 9 of the 51 rows of the grid; its time is scaled to all',
});

const mediumTrick = (activation: Activation): ComparisonRow => ({
  kind: 'comparison',
  name: `surface 51×51 ${medium(activation).name}, 2,000 examples, torch with the plane trick`,
  unit: 's',
  target: { atLeast: 1.2 },
  prepare: surface(medium(activation), 2_000, 51, {
    job: 'trick',
    trialStride: 10,
    settings: [1, 4].flatMap((batch) => [250, 500, 2_000].map((chunk) => ({ batch, chunk }))),
  }),
});

const landscapes = (activation: Activation): ComparisonRow => ({
  kind: 'comparison',
  name: `surface 51×51 ${medium(activation).name}, 2,000 examples, loss-landscapes`,
  unit: 's',
  prepare: surface(medium(activation), 2_000, 51, { job: 'landscapes', side: 21 }),
  note: 'loss-landscapes computes 21×21 points on a plane of its own; its time is scaled to 51×51',
});

const tinySurface = (activation: Activation): ComparisonRow => ({
  kind: 'comparison',
  name: `surface 101×101 ${tiny(activation).name}, 1,000 examples, torch point by point`,
  unit: 's',
  target: { atLeast: 4 },
  prepare: surface(tiny(activation), 1_000, 101, { job: 'points', stride: 4, trialStride: 25 }),
  note: 'torch computes 26 of the 101 rows of the grid; its time is scaled to all',
});

const tinyTrick = (activation: Activation): ComparisonRow => ({
  kind: 'comparison',
  name: `surface 101×101 ${tiny(activation).name}, 1,000 examples, torch with the plane trick`,
  unit: 's',
  prepare: surface(tiny(activation), 1_000, 101, {
    job: 'trick',
    trialStride: 10,
    settings: [4, 16, 101].flatMap((batch) => [250, 1_000].map((chunk) => ({ batch, chunk }))),
  }),
});

const product = (activation: Activation): BenchRow[] => {
  const net = medium(activation);
  const examples = 2_000;
  return [
    {
      kind: 'comparison',
      name: `exact Hessian product alone, ${net.name}, 2,000 examples`,
      unit: 'ms',
      target: { atLeast: 1.8 },
      prepare: hvp(net, examples, 10, { alone: true }),
    },
    {
      kind: 'gradients',
      name: `exact Hessian product alone, in gradients, ${net.name}, 2,000 examples`,
      target: { atMost: 1.7 },
      prepare: hvp(net, examples, 10, { alone: true }),
      gradient: gradient(net, examples, 10),
    },
    {
      kind: 'gradients',
      name: `exact Hessian product in Lanczos, in gradients, ${net.name}, 2,000 examples`,
      target: { atMost: 1.7 },
      prepare: hvp(net, examples, 10, { alone: false }),
      gradient: gradient(net, examples, 10),
    },
  ];
};

const spectra: BenchRow[] = [
  ...both.map(
    (activation): BenchRow => ({
      kind: 'comparison',
      name: `top 5 and bottom 1 eigenvalues, ${medium(activation).name}, 2,000 examples`,
      unit: 's',
      target: { atLeast: 3 },
      repetitions: 5,
      prepare: eigenvalues(medium(activation), 2_000, 'clusters', 100, 60),
    }),
  ),
  {
    kind: 'comparison',
    name: 'top 5 and bottom 1 eigenvalues, 64-32-10 tanh, digits',
    unit: 's',
    target: { atLeast: 3 },
    repetitions: 5,
    prepare: eigenvalues(denseNet([64, 32, 10], 'tanh'), 1_797, 'digits', 500, 60),
  },
];

/** Doublings. Below 1: parts that do not grow; above: what leaves the cache, and the reorthogonalization of Lanczos. */
const linear = { between: [0.8, 1.15] } as const;
const scalingRows: BenchRow[] = [
  {
    kind: 'scaling',
    name: `gradient by examples, ${medium('relu').name}`,
    of: 'examples',
    sizes: [1_000, 2_000, 4_000],
    target: linear,
    prepare: (context, examples) => gradient(medium('relu'), examples, 10)(context),
  },
  {
    kind: 'scaling',
    name: `Hessian product by examples, ${medium('relu').name}`,
    of: 'examples',
    sizes: [1_000, 2_000, 4_000],
    target: linear,
    prepare: (context, examples) => hvp(medium('relu'), examples, 10, { alone: false })(context),
  },
  {
    kind: 'scaling',
    name: `surface by examples, 26×26, ${medium('relu').name}`,
    of: 'examples',
    sizes: [1_000, 2_000, 4_000],
    target: linear,
    prepare: (context, examples) => surface(medium('relu'), examples, 26, { job: 'points' })(context),
  },
  {
    kind: 'scaling',
    name: `surface by grid points, ${medium('relu').name}, 2,000 examples`,
    of: 'points',
    sizes: [26 ** 2, 37 ** 2, 52 ** 2],
    target: linear,
    prepare: surfaceOfPoints(medium('relu'), 2_000),
    note: 'the three products of the plane trick are made once whatever the grid: a little below 1 is expected',
  },
  {
    kind: 'scaling',
    name: `Lanczos by steps, ${medium('relu').name}, 2,000 examples`,
    of: 'steps',
    sizes: [20, 40, 80],
    target: linear,
    prepare: lanczosSteps(medium('relu'), 2_000),
    note: 'full reorthogonalization grows with the square of the steps, beside a product that does not',
  },
];

const landscapeRows: BenchRow[] = [
  {
    kind: 'own',
    name: `turning a plane, 48×48 surfaces, ${tiny('tanh').name}, 400 examples`,
    unit: 'surfaces/s',
    target: { atLeast: 10 },
    prepare: turning(tiny('tanh'), 400, 48),
  },
  {
    kind: 'own',
    name: `points an adaptive surface computes, 101×101 ${medium('relu').name}, 500 examples, error within 1 %`,
    unit: '%',
    target: { atMost: 40 },
    prepare: adaptive(medium('relu'), 500, 101),
  },
  {
    kind: 'own',
    name: 'all critical points of styblinskiTang',
    unit: 's',
    target: { atMost: 0.2 },
    prepare: allCriticalPoints,
  },
];

/** The peer's part of a memory row is that of the row it repeats. */
const memoryOf = (row: ComparisonRow): BenchRow => ({
  kind: 'memory',
  name: `peak memory, ${row.name}`,
  repetitions: 3,
  prepare: row.prepare,
});

/** The rows by what they show; nets named by their sizes and activation. */
export const rows: BenchRow[] = [
  ...both.map(tinyTraining),
  ...both.map(mediumTraining),
  ...both.map(convolutionalTraining),
  ...both.map(mediumSurface),
  ...both.map(mediumTrick),
  ...both.map(landscapes),
  ...both.map(tinySurface),
  ...both.map(tinyTrick),
  ...both.flatMap(product),
  ...spectra,
  ...landscapeRows,
  ...scalingRows,
  memoryOf(tinyTraining('relu')),
  memoryOf(mediumTraining('relu')),
  memoryOf(mediumSurface('relu')),
  memoryOf(mediumTrick('relu')),
  {
    kind: 'memory',
    name: 'peak memory, recording 1,000 steps of 1,000,000 parameters, then its PCA',
    target: { atMost: 400 },
    repetitions: 1,
    prepare: recording(1_000),
  },
];
