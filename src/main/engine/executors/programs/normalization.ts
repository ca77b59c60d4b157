import type { NormalizedSets } from '../../graph/ir';
import type { Expressions } from './expressions';
import { type ProgramValue, rowCount } from './graphBuilder';

interface Rule {
  readonly sets: NormalizedSets;
  readonly epsilon: number;
}

/** The normalizing ops; shared expressions such as x̂ are written once. */
export interface Normalization {
  /** x̂ */
  value(x: ProgramValue, rule: Rule): ProgramValue;
  /** J t */
  jacobian(x: ProgramValue, t: ProgramValue, rule: Rule): ProgramValue;
  /** R{J} dy along rx */
  curvature(x: ProgramValue, rx: ProgramValue, dy: ProgramValue, rule: Rule): ProgramValue;
  standardize(
    x: ProgramValue,
    mean: ProgramValue | null,
    variance: ProgramValue,
    options: { readonly inner: number; readonly epsilon: number },
  ): ProgramValue;
  batchMean(x: ProgramValue, channels: number, inner: number): ProgramValue;
  /** Unbiased. */
  batchVariance(x: ProgramValue, channels: number, inner: number): ProgramValue;
}

export function createNormalization(e: Expressions): Normalization {
  const { builder } = e;
  const sizeOf = ({ shape }: ProgramValue) => (shape.slice(1) as number[]).reduce((a, b) => a * b, 1);

  /** x with the values of a set along the axes that are reduced. */
  const laidOut = (x: ProgramValue, sets: NormalizedSets): ProgramValue => {
    switch (sets.over) {
      case 'batch':
        return builder.reshape(x, [rowCount, sets.channels, sets.inner]);
      case 'example':
        return builder.reshape(x, [rowCount, sizeOf(x) / sets.length, sets.length]);
      default:
        return sets satisfies never;
    }
  };
  const mean = (x: ProgramValue, { over }: NormalizedSets) => e.meanKeeping(x, over === 'batch' ? [0, 2] : [2]);
  const inverseRoot = (variance: ProgramValue, epsilon: number) =>
    e.f('Reciprocal', e.f('Sqrt', e.add(variance, epsilon)));

  /** x̂ and 1/√(variance + ε), laid out. */
  const normalized = (x: ProgramValue, { sets, epsilon }: Rule) => {
    const values = laidOut(x, sets);
    const centred = e.sub(values, mean(values, sets));
    const inverse = inverseRoot(mean(e.mul(centred, centred), sets), epsilon);
    return { hat: e.mul(centred, inverse), inverse };
  };
  const jacobian = (x: ProgramValue, t: ProgramValue, rule: Rule): ProgramValue => {
    const { hat, inverse } = normalized(x, rule);
    const values = laidOut(t, rule.sets);
    const along = mean(e.mul(hat, values), rule.sets);
    return e.mul(e.sub(e.sub(values, mean(values, rule.sets)), e.mul(hat, along)), inverse);
  };
  const channelsOf = (x: ProgramValue, channels: number, inner: number) =>
    builder.reshape(x, [rowCount, channels, inner]);

  return {
    value: (x, rule) => normalized(x, rule).hat,
    jacobian,
    curvature(x, rx, dy, rule) {
      const { sets } = rule;
      const { hat, inverse } = normalized(x, rule);
      const gradient = laidOut(dy, sets);
      const rHat = jacobian(x, rx, rule);
      const stretch = e.mul(mean(e.mul(hat, laidOut(rx, sets)), sets), jacobian(x, dy, rule));
      const along = e.mul(rHat, mean(e.mul(hat, gradient), sets));
      const turned = e.mul(hat, mean(e.mul(rHat, gradient), sets));
      return e.mul(e.add(e.add(stretch, along), turned), e.f('Neg', inverse));
    },
    standardize(x, given, variance, { inner, epsilon }) {
      const channels = variance.shape[0] as number;
      const perChannel = (vector: ProgramValue) => builder.reshape(vector, [channels, 1]);
      const values = channelsOf(x, channels, inner);
      const centred = given === null ? values : e.sub(values, perChannel(given));
      return e.mul(centred, perChannel(inverseRoot(variance, epsilon)));
    },
    batchMean: (x, channels, inner) => e.meanKeeping(channelsOf(x, channels, inner), [0, 2]),
    batchVariance(x, channels, inner) {
      const values = channelsOf(x, channels, inner);
      const centred = e.sub(values, e.meanKeeping(values, [0, 2]));
      const biased = e.meanKeeping(e.mul(centred, centred), [0, 2]);
      const size = e.toFloats(builder.node('Size', [values], { shape: [], type: 'int64' }));
      const count = e.mul(size, 1 / channels);
      return e.mul(biased, e.mul(count, e.f('Reciprocal', e.sub(count, 1))));
    },
  };
}
