import type { DataSource, generatedDatasetNames } from '../../../shared/model/experiment';
import { createRng, type Rng } from '../random';
import type { RawData } from './rawData';

type GeneratedSource = Extract<DataSource, { kind: 'generated' }>;
export type GeneratedName = (typeof generatedDatasetNames)[number];

/** One example before noise: its features and its class or value. */
type Point = { x: number[]; target: number };

interface Generator {
  classes: readonly string[];
  /** Example i of n. */
  point(i: number, n: number, rng: Rng): Point;
}

const blobs = 3;
const spiralTurns = 1.5;

/** Position of example i among those of its class, from 0 to 1, where the examples take the classes in turn. */
const share = (i: number, n: number, classes: number) => {
  const count = Math.ceil((n - (i % classes)) / classes);
  return count > 1 ? Math.floor(i / classes) / (count - 1) : 0;
};

const polar = (radius: number, angle: number) => [radius * Math.cos(angle), radius * Math.sin(angle)];

const generators: Readonly<Record<GeneratedName, Generator>> = {
  xor: {
    classes: ['same sign', 'opposite signs'],
    point(_, _n, rng) {
      const x = [2 * rng.uniform() - 1, 2 * rng.uniform() - 1];
      return { x, target: x[0]! * x[1]! < 0 ? 1 : 0 };
    },
  },
  blobs: {
    classes: ['blob 1', 'blob 2', 'blob 3'],
    point: (i) => ({ x: polar(1, Math.PI / 2 + (2 * Math.PI * (i % blobs)) / blobs), target: i % blobs }),
  },
  moons: {
    classes: ['upper', 'lower'],
    point(i, n) {
      const [cos, sin] = polar(1, Math.PI * share(i, n, 2)) as [number, number];
      return i % 2 === 0 ? { x: [cos, sin], target: 0 } : { x: [1 - cos, 0.5 - sin], target: 1 };
    },
  },
  circles: {
    classes: ['outer', 'inner'],
    point(i, _, rng) {
      return { x: polar(i % 2 === 0 ? 1 : 0.5, 2 * Math.PI * rng.uniform()), target: i % 2 };
    },
  },
  spirals: {
    classes: ['first arm', 'second arm'],
    point(i, n) {
      const t = share(i, n, 2);
      return { x: polar(t, 2 * Math.PI * spiralTurns * t + Math.PI * (i % 2)), target: i % 2 };
    },
  },
  sine: {
    classes: [],
    point(_, _n, rng) {
      const x = Math.PI * (2 * rng.uniform() - 1);
      return { x: [x], target: Math.sin(x) };
    },
  },
};

/** Class names and number of features of a generated dataset. */
export function describeGenerated(name: GeneratedName): { classes: number; features: number } {
  return { classes: generators[name].classes.length, features: name === 'sine' ? 1 : 2 };
}

/**
 * Seeded examples with Gaussian noise of standard deviation `noise`, added to the features, for `sine` to the target.
 *
 * xor: uniform in [−1, 1]², the class is whether the signs differ. blobs: three centres on the unit circle. moons: two
 * interleaving half circles. circles: radii 1 and 0.5. spirals: two arms of 1.5 turns, radius up to 1. sine:
 * y = sin x, x uniform in [−π, π].
 */
export function generate({ name, examples, noise, seed }: Omit<GeneratedSource, 'kind'>): RawData {
  const { classes, point } = generators[name];
  const rng = createRng(seed, `dataset/${name}`);
  const isRegression = classes.length === 0;
  const points = Array.from({ length: examples }, (_, i) => {
    const { x, target } = point(i, examples, rng);
    return isRegression
      ? { x, target: target + noise * rng.normal() }
      : { x: x.map((value) => value + noise * rng.normal()), target };
  });
  const { features } = describeGenerated(name);
  return {
    examples,
    inputShape: [features],
    x: Float64Array.from(points.flatMap(({ x }) => x)),
    target: isRegression
      ? { kind: 'number', values: Float64Array.from(points, ({ target }) => target), shape: [] }
      : { kind: 'class', labels: Int32Array.from(points, ({ target }) => target), classes },
  };
}
