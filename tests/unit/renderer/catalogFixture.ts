import type { Catalog } from '../../../src/shared/model/catalog';
import { experimentSchema } from '../../../src/shared/model/experiment';

/** A small catalog in the shape of the engine's. */
export const catalogFixture: Catalog = {
  functions: [
    {
      name: 'himmelblau',
      title: 'Himmelblau',
      expression: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2',
      domain: [-6, 6, -6, 6],
      start: [1, 5.5],
      learningRate: 0.002,
      note: 'Four minima.',
    },
    {
      name: 'booth',
      title: 'Booth',
      expression: '(x + 2*y - 7)^2 + (2*x + y - 5)^2',
      domain: [-10, 10, -10, 10],
      start: [-8, -4],
      learningRate: 0.02,
      note: 'A quadratic.',
    },
  ],
  studies: [],
  datasets: [
    {
      name: 'digits',
      kind: 'builtin',
      title: 'Digits',
      examples: 1_797,
      features: 64,
      classes: 10,
      source: '',
      licence: '',
    },
    { name: 'iris', kind: 'builtin', title: 'Iris', examples: 150, features: 4, classes: 3, source: '', licence: '' },
    { name: 'sine', kind: 'generated', title: 'Sine', examples: 400, features: 1, classes: 0, source: '', licence: '' },
  ],
  optimizers: [
    { name: 'sgd', title: 'SGD', rule: '', source: '', defaultLearningRate: 1e-3, parameters: [], isSearch: false },
    {
      name: 'momentum',
      title: 'Momentum',
      rule: '',
      source: '',
      defaultLearningRate: 1e-3,
      isSearch: false,
      parameters: [
        { name: 'momentum', kind: 'number', default: 0.9, min: 0, max: 1, maxExclusive: true, description: '' },
      ],
    },
    {
      name: 'adam',
      title: 'Adam',
      rule: '',
      source: '',
      defaultLearningRate: 1e-3,
      isSearch: false,
      parameters: [
        { name: 'b1', kind: 'number', default: 0.9, min: 0, max: 1, maxExclusive: true, description: '' },
        { name: 'eps', kind: 'number', default: 1e-8, min: 0, description: '' },
      ],
    },
  ],
  activations: ['tanh'],
  losses: ['softmaxCrossEntropy'],
  initializers: ['zeros'],
  experiments: [
    {
      name: 'clipped',
      title: 'Clipped',
      experiment: experimentSchema.parse({
        name: 'Clipped',
        objective: { kind: 'function', name: 'booth', start: [2, 3] },
        optimizer: {
          name: 'momentum',
          learningRate: 0.05,
          parameters: { momentum: 0.8 },
          schedule: { kind: 'cosine', steps: 50, floor: 0.001 },
          clip: { kind: 'norm', threshold: 0.5 },
        },
        training: { stop: { steps: 77, gradientNorm: 1e-6 } },
      }),
    },
  ],
};
