import { buildNetwork } from '../../src/main/engine/graph/build';
import { layerShapes } from '../../src/main/engine/models/shapes';
import { createRng, type Rng } from '../../src/main/engine/random';
import { activationNames, lossNames, type ModelSpec, modelSchema } from '../../src/shared/model/experiment';
import { type Case, randomTargets } from './networks';

const smooth = activationNames.filter((name) => !['relu', 'leakyRelu', 'elu'].includes(name));
/** Without kinks in the second derivative. */
const smoothLosses = lossNames.filter((name) => name !== 'multiClassHinge' && name !== 'huber');

/**
 * A random model that fits together, of any of the layers, with examples and parameters that float32 holds exactly. The
 * same seed gives the same case.
 */
export function randomArchitecture(seed: number): Case {
  const rng = createRng(seed, 'architecture');
  const model = randomModel(rng);
  const examples = 3 + rng.integer(4);
  const outputs = layerShapes(model).at(-1)![0]!;
  const network = buildNetwork(model);
  const params = new Float64Array(network.layout.reduce((sum, block) => sum + block.size, 0));
  for (const { offset, size, shape, role } of network.layout) {
    const fanIn = role === 'weight' ? Math.max(1, size / shape[0]!) : 4;
    const center = role === 'scale' ? 1 : 0;
    for (let i = offset; i < offset + size; i++) params[i] = Math.fround(center + rng.normal() / Math.sqrt(fanIn));
  }
  const [first] = model.layers;
  const inputs = model.inputShape.reduce((a, b) => a * b, 1);
  const draw = first?.type === 'embedding' ? () => rng.integer(first.vocabulary) : () => rng.normal();
  return {
    name: `${seed}: ${model.layers.map((layer) => layer.type).join(', ')}, ${model.loss}`,
    network,
    data: {
      x: Float32Array.from({ length: examples * inputs }, draw),
      y: randomTargets(rng, model.loss, outputs, examples),
      examples,
    },
    params,
  };
}

function randomModel(rng: Rng): ModelSpec {
  const pick = <T>(values: readonly T[]): T => values[rng.integer(values.length)]!;
  const size = (largest: number) => 1 + rng.integer(largest);
  const activation = () => pick(smooth);
  const layers: unknown[] = [];
  const inputShape = pick([
    () => [size(5)],
    () => [size(3), 2 + size(5), 2 + size(5)],
    () => [size(4), size(3)],
    () => [size(4)],
  ])();
  const add = (...more: unknown[]): void => {
    layers.push(...more);
  };
  const shape = (): readonly number[] => shapeAfter(inputShape, layers);

  if (inputShape.length === 1 && rng.integer(3) === 0) add({ type: 'embedding', vocabulary: size(6), units: size(3) });
  for (let more = size(4); more > 0; more--) {
    const [, b, c] = shape();
    const common = [
      () => add({ type: 'activation', activation: activation() }),
      () => add({ type: 'layerNorm' }),
      () => add({ type: 'batchNorm', activation: activation() }),
      () => add({ type: 'residualAdd', from: firstOfShape(inputShape, layers), activation: activation() }),
      () => add({ type: 'dropout' }),
    ];
    if (c !== undefined) {
      const window = () => [size(Math.min(3, b!)), size(Math.min(3, c))];
      const convolution = () =>
        pick([
          { kernelSize: window(), stride: [size(2), size(2)] },
          { kernelSize: size(4), padding: 'same' },
        ]);
      pick([
        ...common,
        () => add({ type: 'conv2d', filters: size(3), activation: activation(), ...convolution() }),
        () => add({ type: 'conv2d', filters: size(3), bias: false, ...convolution() }),
        () => add({ type: 'depthwiseConv2d', multiplier: size(2), activation: activation(), ...convolution() }),
        () => add({ type: pick(['maxPool2d', 'averagePool2d']), poolSize: window(), stride: size(2) }),
        () => add({ type: 'globalAveragePool' }),
      ])();
    } else if (b !== undefined) {
      pick([
        ...common,
        () => add({ type: 'layerNorm', dimensions: 1 }),
        () => add({ type: 'recurrent', units: size(3), returnSequences: rng.integer(2) === 0 }),
        () => add({ type: 'recurrent', units: size(3), returnSequences: true }),
      ])();
    } else {
      pick([
        ...common,
        () => add({ type: 'dense', units: size(5), activation: activation() }),
        () => add({ type: 'linearChain', units: size(3), depth: size(3) }),
      ])();
    }
  }
  if (shape().length > 1) add({ type: 'flatten' });
  add({ type: 'dense', units: 2 + rng.integer(2) });
  return modelSchema.parse({ inputShape, layers, loss: pick(smoothLosses) });
}

/** What the layers so far give; the loss may not fit yet. */
function shapeAfter(inputShape: readonly number[], layers: readonly unknown[]): readonly number[] {
  if (layers.length === 0) return inputShape;
  const closed = [...layers, { type: 'flatten' }];
  const model = modelSchema.parse({ inputShape, layers: closed, loss: 'meanSquaredError' });
  return layerShapes(model).at(-2)!;
}

/** The first output of the shape the next layer reads (skips are then long); −1, the input, where there is no layer. */
function firstOfShape(inputShape: readonly number[], layers: readonly unknown[]): number {
  const wanted = String(shapeAfter(inputShape, layers));
  for (let i = 0; i < layers.length; i++) {
    if (String(shapeAfter(inputShape, layers.slice(0, i + 1))) === wanted) return i;
  }
  return -1;
}
