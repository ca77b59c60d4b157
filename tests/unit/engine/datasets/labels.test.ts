import { describe, expect, test } from 'vitest';
import { generate, generateFresh } from '../../../../src/main/engine/datasets/generate';
import { prepareData, type RawData } from '../../../../src/main/engine/datasets/prepareData';
import { dataSchema, generatedDatasetNames } from '../../../../src/shared/model/experiment';

const source = (name: string, changes: object = {}) => {
  const spec = dataSchema.parse({ source: { kind: 'generated', name, ...changes } });
  if (spec.source.kind !== 'generated') throw new Error('not generated');
  return spec.source;
};
const blobs = generate(source('blobs', { examples: 3_000, noise: 0.3 }));
const prepare = (raw: RawData, changes: object = {}, fresh: RawData | null = null) =>
  prepareData(raw, dataSchema.parse({ source: { kind: 'builtin', name: 'iris' }, ...changes }), fresh);

describe('labels that are not the true ones', () => {
  const clean = prepare(blobs);

  test('random: the share of changed labels is (1 − 1/K)·fraction within 5 standard errors; x and validation stay', () => {
    const noisy = prepare(blobs, { labels: { kind: 'random', fraction: 0.4 } });
    const n = noisy.train.examples;
    const chosen = Math.round(0.4 * n);
    const changed = [...noisy.train.y.keys()].filter((i) => noisy.train.y[i] !== clean.train.y[i]);
    expect([...noisy.relabelled]).toEqual(changed);
    expect(Math.abs(changed.length - (chosen * 2) / 3)).toBeLessThan(5 * Math.sqrt((chosen * 2) / 9));
    expect(noisy.train.x).toEqual(clean.train.x);
    expect(noisy.validation).toEqual(clean.validation);
    expect(noisy.fingerprint).not.toBe(clean.fingerprint);
    expect(new Set(noisy.train.y)).toEqual(new Set([0, 1, 2]));
  });

  test('shuffled: as many of each class, no more right than by chance', () => {
    const shuffled = prepare(blobs, { labels: { kind: 'shuffled', seed: 2 } });
    expect([...shuffled.train.y].sort()).toEqual([...clean.train.y].sort());
    const n = shuffled.train.examples;
    expect(Math.abs(shuffled.relabelled.length - (2 * n) / 3)).toBeLessThan(5 * Math.sqrt((2 * n) / 9));
  });

  test('shuffled targets of several values stay together', () => {
    const raw: RawData = {
      examples: 6,
      inputShape: [1],
      x: Float64Array.of(0, 1, 2, 3, 4, 5),
      target: { kind: 'number', values: Float64Array.from({ length: 12 }, (_, i) => i), shape: [2] },
    };
    const { train } = prepare(raw, { validationFraction: 0, labels: { kind: 'shuffled' } });
    for (let i = 0; i < 6; i++) expect(train.y[2 * i + 1]).toBe(train.y[2 * i]! + 1);
    expect(() => prepare(raw, { labels: { kind: 'random', fraction: 1 } })).toThrow('need classes');
  });

  test('the same seed gives the same labels, another seed others', () => {
    const labels = (seed: number) => prepare(blobs, { labels: { kind: 'random', fraction: 0.5, seed } }).train.y;
    expect(labels(1)).toEqual(labels(1));
    expect(labels(1)).not.toEqual(labels(2));
  });
});

describe('a fresh sample', () => {
  test.each(generatedDatasetNames.map((name) => [name]))('%s: other examples of the same distribution', (name) => {
    const from = source(name, { examples: 2_000, noise: 0.2 });
    const [old, fresh] = [generate(from), generateFresh(from, 2_000)];
    expect(fresh.x).not.toEqual(old.x);
    expect(generateFresh(from, 2_000)).toEqual(fresh);
    const features = old.inputShape[0]!;
    for (let j = 0; j < features; j++) {
      const column = ({ x, examples }: RawData) => Array.from({ length: examples }, (_, i) => x[i * features + j]!);
      const moments = (values: number[]) => {
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        return { mean, std: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) };
      };
      const [a, b] = [moments(column(old)), moments(column(fresh))];
      expect(Math.abs(a.mean - b.mean)).toBeLessThan(5 * a.std * Math.sqrt(2 / 2_000));
      expect(Math.abs(a.std / b.std - 1)).toBeLessThan(5 * Math.sqrt(1 / 2_000));
    }
  });

  test('is the validation part, scaled by the mean and deviation of the training part', () => {
    const from = source('moons', { examples: 100 });
    const raw = generate(from);
    const fresh = generateFresh(from, 5_000);
    const data = prepare(raw, { validationFraction: 0.5 }, fresh);
    expect([data.train.examples, data.validation.examples]).toEqual([100, 5_000]);
    const { mean, std } = data.standardization!;
    const whole = prepare(raw, { validationFraction: 0 }).standardization!;
    expect([mean, std]).toEqual([whole.mean, whole.std]);
    for (const i of [0, 4_999]) {
      expect(data.validation.x[2 * i]).toBeCloseTo((fresh.x[2 * i]! - mean[0]!) / std[0]!, 5);
    }
  });
});
