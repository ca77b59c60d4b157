import type { DataSource, ExperimentInput, LabelsSpec, LossName } from '../../../shared/model/experiment';

type NetworkInput = Extract<ExperimentInput['objective'], { kind: 'network' }>;

export interface ClassifierOptions {
  /** Of two classes in the plane. */
  data: Extract<DataSource, { kind: 'generated' }>['name'];
  examples: number;
  noise: number;
  dataSeed: number;
  /** Examples of a fresh sample as validation part; none where left out. */
  fresh?: number;
  /** Hidden units of each of the layers, with tanh; none for a linear classifier. */
  hidden: readonly number[];
  loss?: LossName;
  /** false: the last layer has no bias. */
  bias?: boolean;
  labels?: LabelsSpec | undefined;
  l2?: number;
}

/** A network with two outputs that tells two classes of generated points apart. Features are not scaled. */
export const classifier = ({
  data,
  examples,
  noise,
  dataSeed,
  fresh,
  hidden,
  loss = 'softmaxCrossEntropy',
  bias = true,
  labels,
  l2 = 0,
}: ClassifierOptions): NetworkInput => ({
  kind: 'network',
  model: {
    inputShape: [2],
    layers: [
      ...hidden.map((units) => ({ type: 'dense' as const, units, activation: 'tanh' as const })),
      { type: 'dense', units: 2, bias },
    ],
    loss,
  },
  data: {
    source: { kind: 'generated', name: data, examples, noise, seed: dataSeed, freshValidation: fresh },
    validationFraction: 0,
    standardize: false,
    labels,
  },
  l2,
});

/** Share of wrong answers with its standard error √(p(1 − p)/n). */
export function errorRate(accuracy: number, examples: number): { value: number; standardError: number } {
  const value = 1 - accuracy;
  return { value, standardError: Math.sqrt((value * accuracy) / examples) };
}

/** Index of the first smallest number; NaN is passed over. */
export function lowestAt(values: ArrayLike<number>): number {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! < values[at]! || Number.isNaN(values[at]!)) at = i;
  return at;
}
