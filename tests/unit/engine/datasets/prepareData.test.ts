import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtinFiles, parseBuiltin } from '../../../../src/main/engine/datasets/builtin';
import { datasets } from '../../../../src/main/engine/datasets/catalog';
import { generate } from '../../../../src/main/engine/datasets/generate';
import { prepareData, type RawData } from '../../../../src/main/engine/datasets/prepareData';
import {
  builtinDatasetNames,
  dataSchema,
  dataSourceSchema,
  generatedDatasetNames,
} from '../../../../src/shared/model/experiment';

const fileOf = (name: keyof typeof builtinFiles) => readFileSync(`resources/datasets/${builtinFiles[name]}`);
const iris = () => parseBuiltin('iris', fileOf('iris'));
const spec = (changes: object = {}) => dataSchema.parse({ source: { kind: 'builtin', name: 'iris' }, ...changes });
const generated = (name: string, changes: object = {}) => {
  const source = dataSourceSchema.parse({ kind: 'generated', name, ...changes });
  if (source.kind !== 'generated') throw new Error('not generated');
  return generate(source);
};
const labelsOf = ({ target }: RawData) => (target.kind === 'class' ? target.labels : new Int32Array());

test.each(builtinDatasetNames.map((name) => [name]))('%s has the size its catalog entry says', (name) => {
  const raw = parseBuiltin(name, fileOf(name));
  const info = datasets.find((entry) => entry.name === name)!;
  expect(raw.examples).toBe(info.examples);
  expect(raw.inputShape).toEqual([info.features]);
  expect(raw.x).toHaveLength(info.examples * info.features);
  expect(new Set(labelsOf(raw)).size).toBe(info.classes);
  expect(raw.target).toMatchObject({ kind: 'class' });
});

test('known rows of the built-in files', () => {
  const raw = iris();
  expect([...raw.x.slice(0, 4)]).toEqual([5.1, 3.5, 1.4, 0.2]);
  expect(raw.target).toMatchObject({ classes: ['setosa', 'versicolor', 'virginica'] });
  const digits = parseBuiltin('digits', fileOf('digits'));
  expect([...digits.x.slice(0, 8)]).toEqual([0, 0, 5, 13, 9, 1, 0, 0]);
  expect([...labelsOf(digits).slice(0, 4)]).toEqual([0, 1, 2, 3]);
  expect(Math.max(...digits.x)).toBe(16);
});

test('a damaged built-in file is an error of the installation', () => {
  expect(() => parseBuiltin('iris', fileOf('iris').subarray(0, 1_000))).toThrow('iris.csv is damaged');
  expect(() => parseBuiltin('digits', fileOf('digits').subarray(0, 1_000))).toThrow('digits.csv.gz is damaged');
});

test('the split is a partition of the seed, each part in file order', () => {
  const data = prepareData(iris(), spec({ validationFraction: 0.2, splitSeed: 3 }));
  expect([data.train.examples, data.validation.examples]).toEqual([120, 30]);
  const rows = [...data.trainRows, ...data.validationRows];
  expect(rows.sort((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, i) => i));
  expect([...data.trainRows]).toEqual([...data.trainRows].sort((a, b) => a - b));
  expect(data.trainRows).toEqual(prepareData(iris(), spec({ splitSeed: 3 })).trainRows);
  expect(data.trainRows).not.toEqual(prepareData(iris(), spec({ splitSeed: 4 })).trainRows);
  const labels = labelsOf(iris());
  expect([...data.train.y]).toEqual([...data.trainRows].map((row) => labels[row]));
});

test('standardization is fitted on the training part alone', () => {
  const raw = iris();
  const data = prepareData(raw, spec({ validationFraction: 0.5, splitSeed: 1 }));
  for (let j = 0; j < 4; j++) {
    const column = Array.from({ length: data.train.examples }, (_, i) => data.train.x[4 * i + j]!);
    const mean = column.reduce((a, b) => a + b) / column.length;
    expect(mean).toBeAllclose(0, { atol: 1e-6 });
    expect(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length).toBeAllclose(1, { rtol: 1e-5 });
    const { mean: means, std } = data.standardization!;
    const rawValue = raw.x[4 * data.validationRows[7]! + j]!;
    expect(data.validation.x[4 * 7 + j]).toBeAllclose((rawValue - means[j]!) / std[j]!, { rtol: 1e-6 });
  }
});

test('a constant feature is only centred', () => {
  const raw: RawData = {
    examples: 3,
    inputShape: [2],
    x: Float64Array.of(0.1, 1, 0.1, 2, 0.1, 3),
    target: { kind: 'number', values: Float64Array.of(1, 2, 3), shape: [] },
  };
  const data = prepareData(raw, spec({ validationFraction: 0 }));
  expect(data.standardization!.std[0]).toBe(1);
  expect([0, 2, 4].map((i) => data.train.x[i]!)).toBeAllclose([0, 0, 0], { atol: 1e-15 });
  expect([1, 3, 5].map((i) => data.train.x[i]!)).toBeAllclose([-1.224744871, 0, 1.224744871], { rtol: 1e-6 });
});

test('without standardization and validation the values are the file’s', () => {
  const data = prepareData(iris(), spec({ validationFraction: 0, standardize: false }));
  expect(data.validation.examples).toBe(0);
  expect(data.validation.x).toHaveLength(0);
  expect(data.standardization).toBeNull();
  expect(data.train.x).toEqual(Float32Array.from(iris().x));
});

test('at least one example is left for training', () => {
  const four = generated('xor', { examples: 4 });
  expect(prepareData(four, spec({ validationFraction: 0.9 })).train.examples).toBe(1);
});

test('the fingerprint tells data, split and scaling apart', () => {
  const of = (changes: object) => prepareData(iris(), spec(changes)).fingerprint;
  expect(of({})).toMatch(/^[0-9a-f]{64}$/);
  expect(of({})).toBe(of({}));
  const all = [of({}), of({ splitSeed: 1 }), of({ validationFraction: 0.3 }), of({ standardize: false })];
  expect(new Set(all).size).toBe(4);
});

test('numbers float32 cannot hold are refused', () => {
  const raw = { ...iris(), x: iris().x.map((v, i) => (i === 9 ? 1e39 : v)) };
  expect(() => prepareData(raw, spec({ standardize: false }))).toThrow('1e+39 (feature 2 of example 3)');
});

test('image inputs keep their shape', () => {
  const raw: RawData = {
    examples: 2,
    inputShape: [1, 2, 2],
    x: Float32Array.from({ length: 8 }, (_, i) => i),
    target: { kind: 'class', labels: Int32Array.of(0, 1), classes: ['a', 'b'] },
  };
  const data = prepareData(raw, spec({ validationFraction: 0, standardize: false }));
  expect(data).toMatchObject({ inputShape: [1, 2, 2], features: 4, targetKind: 'class', targetShape: [] });
  expect([...data.train.x]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test.each(generatedDatasetNames.map((name) => [name]))('%s: seeded, balanced, of its catalog size', (name) => {
  const raw = generated(name, { examples: 301 });
  const info = datasets.find((entry) => entry.name === name)!;
  expect(raw.examples).toBe(301);
  expect(raw.x).toHaveLength(301 * info.features);
  expect(raw.x.every(Number.isFinite)).toBe(true);
  expect(raw).toEqual(generated(name, { examples: 301 }));
  expect(raw.x).not.toEqual(generated(name, { examples: 301, seed: 1 }).x);
  const counts = new Array<number>(info.classes).fill(0);
  for (const label of labelsOf(raw)) counts[label]! += 1;
  for (const count of counts) expect(count).toBeAllclose(301 / info.classes, { atol: 45 });
});

test('generated shapes are what their names say', () => {
  const without = (name: string) => generated(name, { examples: 200, noise: 0 });
  const points = (raw: RawData) =>
    Array.from({ length: raw.examples }, (_, i) => [raw.x[2 * i]!, raw.x[2 * i + 1]!, labelsOf(raw)[i]!] as const);
  for (const [x, y, label] of points(without('xor'))) expect(label).toBe(x * y < 0 ? 1 : 0);
  for (const [x, y, label] of points(without('circles'))) {
    expect(Math.hypot(x, y)).toBeAllclose(label === 0 ? 1 : 0.5, { rtol: 1e-12 });
  }
  for (const [x, y, label] of points(without('moons'))) {
    expect(label === 0 ? Math.hypot(x, y) : Math.hypot(x - 1, y - 0.5)).toBeAllclose(1, { rtol: 1e-12 });
  }
  const arms = points(without('spirals'));
  expect(Math.max(...arms.map(([x, y]) => Math.hypot(x, y)))).toBeAllclose(1, { rtol: 1e-12 });
  const [first, second] = [arms[100]!, arms[101]!];
  expect([first[0] + second[0], first[1] + second[1]]).toBeAllclose([0, 0], { atol: 1e-12 });
  const sine = without('sine');
  expect(sine.target.kind === 'number' && sine.target.values).toBeAllclose(sine.x.map(Math.sin), { atol: 1e-15 });
  const noisy = generated('sine', { examples: 4_000, noise: 0.5 });
  const errors = noisy.target.kind === 'number' ? noisy.target.values.map((y, i) => y - Math.sin(noisy.x[i]!)) : [];
  const variance = [...errors].reduce((sum, e) => sum + e * e, 0) / 4_000;
  expect(variance).toBeAllclose(0.25, { atol: 5 * 0.25 * Math.sqrt(2 / 4_000) });
});

test('patients: five, three and four samples in a row, healthy and ill in turn', () => {
  const raw = generated('patients', { examples: 36, noise: 0 });
  const runs: { label: number; length: number }[] = [];
  for (let i = 0; i < 36; i++) {
    const isNew = i === 0 || raw.x[2 * i] !== raw.x[2 * i - 2];
    if (isNew) runs.push({ label: labelsOf(raw)[i]!, length: 0 });
    runs.at(-1)!.length += 1;
    expect(labelsOf(raw)[i]).toBe(runs.at(-1)!.label);
  }
  expect(runs.map(({ length }) => length)).toEqual([5, 3, 4, 5, 3, 4, 5, 3, 4]);
  expect(runs.map(({ label }) => label)).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0]);
});

test('copies repeat the training part and nothing else', () => {
  const once = prepareData(iris(), spec());
  const thrice = prepareData(iris(), spec({ copies: 3 }));
  expect(thrice.train.examples).toBe(3 * once.train.examples);
  expect([...thrice.train.x]).toEqual([...once.train.x, ...once.train.x, ...once.train.x]);
  expect([...thrice.train.y]).toEqual([...once.train.y, ...once.train.y, ...once.train.y]);
  expect(thrice.validation).toEqual(once.validation);
  expect(thrice.standardization).toEqual(once.standardization);
  expect(thrice.fingerprint).not.toBe(once.fingerprint);
  expect(prepareData(iris(), spec({ copies: 1 })).fingerprint).toBe(once.fingerprint);
});

test('more copies than memory should hold are refused with how many fit', () => {
  const raw: RawData = {
    examples: 1_000_000,
    inputShape: [2],
    x: new Float32Array(2_000_000),
    target: { kind: 'class', labels: new Int32Array(1_000_000), classes: ['a', 'b'] },
  };
  expect(() => prepareData(raw, spec({ validationFraction: 0, standardize: false, copies: 1_000 }))).toThrow(
    '1000 copies of 1000000 examples with 2 values each are too many.',
  );
});
