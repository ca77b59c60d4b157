import { createHash } from 'node:crypto';
import { badInput, sayError } from '../../../shared/errors';
import type { DataSpec } from '../../../shared/model/experiment';
import type { ExampleSet } from '../executors/executor';
import { createRng } from '../random';
import type { RawData } from './rawData';
import { relabel } from './relabel';

export type { RawData } from './rawData';

/** Examples split, scaled and in float32, ready for any executor. */
export interface PreparedData {
  readonly train: ExampleSet;
  /** 0 examples where nothing is held back. */
  readonly validation: ExampleSet;
  /** Values per example of x: the product of `inputShape`. */
  readonly features: number;
  readonly inputShape: readonly number[];
  /** Empty for numeric targets. */
  readonly classes: readonly string[];
  readonly targetKind: 'class' | 'number';
  /** Per-example shape of y: [] for a class index or one number, [k] for k. */
  readonly targetShape: readonly number[];
  /** (x − mean)/std was applied per feature; null where `standardize` is off. */
  readonly standardization: { readonly mean: Float64Array; readonly std: Float64Array } | null;
  /**
   * The examples of each part as indices of the raw data, ascending: each part keeps the order of the file. Those of the
   * training part are named once, however many copies of it there are.
   */
  readonly trainRows: Int32Array;
  /** Of the fresh sample, where the validation part is one. */
  readonly validationRows: Int32Array;
  /** Training examples whose target `labels` has changed, ascending, as indices of `train` (of its first copy). */
  readonly relabelled: Int32Array;
  /** SHA-256 (hex) of shapes, x and y of both parts, as the executors see them. */
  readonly fingerprint: string;
}

/**
 * Splits by a seeded permutation (round(n·fraction) examples are held back, at least one stays for training) and
 * standardizes every feature with the mean and population standard deviation of the training part only; a feature that
 * is constant there is only centred. Targets are left as they are, but for those of the training part that `labels`
 * changes. Copies are made last, of the training part only.
 *
 * @param fresh takes the place of what would be held back; scaled as the training part is
 * @throws UserError (badInput) for no examples, for numbers that float32 cannot hold and for too many copies
 */
export function prepareData(raw: RawData, spec: Omit<DataSpec, 'source'>, fresh: RawData | null = null): PreparedData {
  if (raw.examples === 0) throw sayError('badInput', 'noExamples', {});
  const features = raw.inputShape.reduce((a, b) => a * b, 1);
  const { copies = 1 } = spec;
  const { trainRows, validationRows: held } = split(raw.examples, fresh ? 0 : spec.validationFraction, spec.splitSeed);
  checkCopies(copies, trainRows.length, features);
  const validationRows = fresh ? Int32Array.from({ length: fresh.examples }, (_, i) => i) : held;
  const standardization = spec.standardize ? fitStandardization(raw.x, trainRows, features) : null;
  const part = (from: RawData, rows: Int32Array): ExampleSet => ({
    x: takeFeatures(from.x, rows, features, standardization),
    y: takeTargets(from, rows),
    examples: rows.length,
  });
  const once = part(raw, trainRows);
  const relabelled = spec.labels ? relabel(once, raw, spec.labels) : new Int32Array(0);
  const train = copied(once, copies);
  const validation = part(fresh ?? raw, validationRows);
  return {
    train,
    validation,
    features,
    inputShape: raw.inputShape,
    classes: raw.target.kind === 'class' ? raw.target.classes : [],
    targetKind: raw.target.kind,
    targetShape: raw.target.kind === 'class' ? [] : raw.target.shape,
    standardization,
    trainRows,
    validationRows,
    relabelled,
    fingerprint: fingerprint(raw.inputShape, [train, validation]),
  };
}

function split(examples: number, fraction: number, seed: number) {
  const order = createRng(seed, 'split').shuffle(Int32Array.from({ length: examples }, (_, i) => i));
  const held = Math.min(Math.round(examples * fraction), examples - 1);
  return { validationRows: order.slice(0, held).sort(), trainRows: order.slice(held).sort() };
}

/** Training values of all copies together: 1 GB in float32. */
const largestCopies = 250_000_000;

function checkCopies(copies: number, examples: number, features: number): void {
  if (copies === 1 || examples * copies * features <= largestCopies) return;
  throw badInput(
    `${copies} copies of ${examples} examples with ${features} values each are too many.`,
    `Use at most ${Math.max(1, Math.floor(largestCopies / (examples * features)))}.`,
    ['objective', 'data', 'copies'],
  );
}

function copied({ x, y, examples }: ExampleSet, copies: number): ExampleSet {
  if (copies === 1) return { x, y, examples };
  const repeat = (values: Float32Array): Float32Array => {
    const out = new Float32Array(values.length * copies);
    for (let copy = 0; copy < copies; copy++) out.set(values, copy * values.length);
    return out;
  };
  return { x: repeat(x), y: repeat(y), examples: examples * copies };
}

function fitStandardization(x: RawData['x'], rows: Int32Array, features: number) {
  const mean = new Float64Array(features);
  const std = new Float64Array(features);
  for (const row of rows) for (let j = 0; j < features; j++) mean[j]! += x[row * features + j]! / rows.length;
  for (const row of rows) {
    for (let j = 0; j < features; j++) std[j]! += (x[row * features + j]! - mean[j]!) ** 2 / rows.length;
  }
  for (let j = 0; j < features; j++) {
    const deviation = Math.sqrt(std[j]!);
    /** A constant feature has a deviation of rounding errors, not of 0. */
    std[j] = deviation > 1e-12 * Math.abs(mean[j]!) ? deviation : 1;
  }
  return { mean, std };
}

function takeFeatures(
  x: RawData['x'],
  rows: Int32Array,
  features: number,
  standardization: PreparedData['standardization'],
): Float32Array {
  const out = new Float32Array(rows.length * features);
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < features; j++) {
      const value = x[rows[i]! * features + j]!;
      out[i * features + j] = standardization ? (value - standardization.mean[j]!) / standardization.std[j]! : value;
      if (!Number.isFinite(out[i * features + j])) throw tooLarge(value, `feature ${j + 1} of example ${rows[i]! + 1}`);
    }
  }
  return out;
}

function takeTargets({ target }: RawData, rows: Int32Array): Float32Array {
  if (target.kind === 'class') return Float32Array.from(rows, (row) => target.labels[row]!);
  const size = target.shape.reduce((a, b) => a * b, 1);
  const out = new Float32Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < size; k++) {
      const value = target.values[rows[i]! * size + k]!;
      out[i * size + k] = value;
      if (!Number.isFinite(out[i * size + k])) throw tooLarge(value, `the target of example ${rows[i]! + 1}`);
    }
  }
  return out;
}

const tooLarge = (value: number, where: string) =>
  badInput(`${value} (${where}) is beyond single precision.`, 'Scale the data to magnitudes below 1e38.');

function fingerprint(inputShape: readonly number[], parts: readonly ExampleSet[]): string {
  const hash = createHash('sha256').update(JSON.stringify([inputShape, parts.map(({ examples }) => examples)]));
  for (const { x, y } of parts) {
    for (const { buffer, byteOffset, byteLength } of [x, y])
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
