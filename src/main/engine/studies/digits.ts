import type { ActivationName, ExperimentInput } from '../../../shared/model/experiment';

type NetworkInput = Extract<ExperimentInput['objective'], { kind: 'network' }>;

/** A dense network for handwritten digits with hidden layers of so many units. */
export const digitsModel = (hidden: readonly number[], activation: ActivationName): NetworkInput['model'] => ({
  inputShape: [64],
  layers: [...hidden.map((units) => ({ type: 'dense' as const, units, activation })), { type: 'dense', units: 10 }],
  loss: 'softmaxCrossEntropy',
});
