import type { ExperimentInput } from '../../../shared/model/experiment';

type NetworkInput = Extract<ExperimentInput['objective'], { kind: 'network' }>;

/** The small network on handwritten digits that several studies train. */
export const digitsModel: NetworkInput['model'] = {
  inputShape: [64],
  layers: [
    { type: 'dense', units: 16, activation: 'tanh' },
    { type: 'dense', units: 10 },
  ],
  loss: 'softmaxCrossEntropy',
};
