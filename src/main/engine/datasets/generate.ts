import type { DataSource, generatedDatasetNames } from '../../../shared/model/experiment';
import { createRng, type Rng } from '../random';
import type { RawData } from './rawData';

type GeneratedSource = Extract<DataSource, { kind: 'generated' }>;
export type GeneratedName = (typeof generatedDatasetNames)[number];

interface Generator {
  classes: readonly string[];
  /**
   * x[o], x[o + 1] ← the features of example i of n before noise; returns its class or value. `kept` is remembered from
   * one example to the next.
   */
  put(x: Float64Array, o: number, i: number, n: number, rng: Rng, kept: number[]): number;
}

const blobs = 3;
/** Of one patient after the other, over and over. */
const samplesOfPatients = [5, 3, 4];
const patientSpread = 0.6;
const spiralTurns = 1.5;

/** Position of example i among those of its class, from 0 to 1, where the examples take the classes in turn. */
const share = (i: number, n: number, classes: number) => {
  const count = Math.ceil((n - (i % classes)) / classes);
  return count > 1 ? Math.floor(i / classes) / (count - 1) : 0;
};

function putPolar(x: Float64Array, o: number, radius: number, angle: number): void {
  x[o] = radius * Math.cos(angle);
  x[o + 1] = radius * Math.sin(angle);
}

const generators: Readonly<Record<GeneratedName, Generator>> = {
  xor: {
    classes: ['same sign', 'opposite signs'],
    put(x, o, _i, _n, rng) {
      x[o] = 2 * rng.uniform() - 1;
      x[o + 1] = 2 * rng.uniform() - 1;
      return x[o]! * x[o + 1]! < 0 ? 1 : 0;
    },
  },
  blobs: {
    classes: ['blob 1', 'blob 2', 'blob 3'],
    put(x, o, i) {
      putPolar(x, o, 1, Math.PI / 2 + (2 * Math.PI * (i % blobs)) / blobs);
      return i % blobs;
    },
  },
  moons: {
    classes: ['upper', 'lower'],
    put(x, o, i, n) {
      putPolar(x, o, 1, Math.PI * share(i, n, 2));
      if (i % 2 === 1) {
        x[o] = 1 - x[o]!;
        x[o + 1] = 0.5 - x[o + 1]!;
      }
      return i % 2;
    },
  },
  circles: {
    classes: ['outer', 'inner'],
    put(x, o, i, _n, rng) {
      putPolar(x, o, i % 2 === 0 ? 1 : 0.5, 2 * Math.PI * rng.uniform());
      return i % 2;
    },
  },
  spirals: {
    classes: ['first arm', 'second arm'],
    put(x, o, i, n) {
      const t = share(i, n, 2);
      putPolar(x, o, t, 2 * Math.PI * spiralTurns * t + Math.PI * (i % 2));
      return i % 2;
    },
  },
  sine: {
    classes: [],
    put(x, o, _i, _n, rng) {
      x[o] = Math.PI * (2 * rng.uniform() - 1);
      return Math.sin(x[o]!);
    },
  },
  patients: {
    classes: ['healthy', 'ill'],
    put(x, o, i, _n, rng, kept) {
      const { patient, isFirst } = patientOf(i);
      const label = patient % 2;
      if (isFirst) {
        const side = label === 1 ? 0.5 : -0.5;
        kept[0] = side + patientSpread * rng.normal();
        kept[1] = side + patientSpread * rng.normal();
      }
      x[o] = kept[0]!;
      x[o + 1] = kept[1]!;
      return label;
    },
  },
};

/** Whose sample example i is. */
function patientOf(i: number): { patient: number; isFirst: boolean } {
  const round = samplesOfPatients.reduce((sum, samples) => sum + samples, 0);
  let patient = Math.floor(i / round) * samplesOfPatients.length;
  let first = i - (i % round);
  for (const samples of samplesOfPatients) {
    if (i < first + samples) break;
    first += samples;
    patient++;
  }
  return { patient, isFirst: i === first };
}

/** Class names and number of features of a generated dataset. */
export function describeGenerated(name: GeneratedName): { classes: number; features: number } {
  return { classes: generators[name].classes.length, features: name === 'sine' ? 1 : 2 };
}

/**
 * Seeded examples with Gaussian noise of standard deviation `noise`, added to the features, for `sine` to the target.
 *
 * xor: uniform in [−1, 1]², the class is whether the signs differ. blobs: three centres on the unit circle. moons: two
 * interleaving half circles. circles: radii 1 and 0.5. spirals: two arms of 1.5 turns, radius up to 1. sine:
 * y = sin x, x uniform in [−π, π]. patients: two values of a blood test, patient by patient with five, three, four
 * samples in a row (Goodfellow et al. 2016, section 8.1.3); patients differ among themselves by normal deviates of 0.6
 * about ∓0.5 (healthy, ill, in turn), samples of one patient only by the noise.
 */
export function generate(source: Omit<GeneratedSource, 'kind'>): RawData {
  return draw(source, source.examples, `dataset/${source.name}`);
}

/**
 * Other examples from the same generator and seed, independent of those of `generate`: what a model that learned those has
 * not seen. The places on moons and spirals are spaced evenly as there; only the noise differs.
 */
export const generateFresh = (source: Omit<GeneratedSource, 'kind'>, examples: number): RawData =>
  draw(source, examples, `dataset/${source.name}/fresh`);

function draw({ name, noise, seed }: Omit<GeneratedSource, 'kind'>, examples: number, stream: string): RawData {
  const { classes, put } = generators[name];
  const { features } = describeGenerated(name);
  const rng = createRng(seed, stream);
  const isRegression = classes.length === 0;
  const x = new Float64Array(examples * features);
  const targets = new Float64Array(examples);
  const kept: number[] = [];
  for (let i = 0; i < examples; i++) {
    targets[i] = put(x, i * features, i, examples, rng, kept);
    if (isRegression) targets[i]! += noise * rng.normal();
    else for (let j = 0; j < features; j++) x[i * features + j]! += noise * rng.normal();
  }
  return {
    examples,
    inputShape: [features],
    x,
    target: isRegression
      ? { kind: 'number', values: targets, shape: [] }
      : { kind: 'class', labels: Int32Array.from(targets), classes },
  };
}
