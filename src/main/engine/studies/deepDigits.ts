import type { ExperimentInput } from '../../../shared/model/experiment';

type Objective = ExperimentInput['objective'];
type Layers = Extract<Objective, { kind: 'network' }>['model']['layers'];

/** Handwritten digits and a network of `depth` hidden layers of 20 units, relu after batch normalization where it is on. */
export function deepDigits(depth: number, isNormalized: boolean): Objective {
  const hidden: Layers = isNormalized
    ? [
        { type: 'dense', units: 20, bias: false },
        { type: 'batchNorm', activation: 'relu' },
      ]
    : [{ type: 'dense', units: 20, activation: 'relu' }];
  return {
    kind: 'network',
    model: {
      inputShape: [64],
      layers: [...Array.from({ length: depth }, () => hidden).flat(), { type: 'dense', units: 10 }],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'builtin', name: 'digits' }, validationFraction: 0.5 },
  };
}
