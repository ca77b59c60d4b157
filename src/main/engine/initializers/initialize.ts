import { badInput } from '../../../shared/errors';
import type { BiasInitializerSpec, InitializerSpec, LayerInitializerSpec } from '../../../shared/model/experiment';
import type { ParameterBlock, ParameterLayout } from '../../../shared/model/run';
import type { Vector } from '../objectives/objective';
import type { Rng } from '../random';
import { orthogonal } from './orthogonal';

export interface Initializers {
  weights: InitializerSpec;
  biases: BiasInitializerSpec;
  /** Where a layer has its own. */
  layers?: readonly LayerInitializerSpec[] | undefined;
  /** What `marginal` gives the biases of the last layer; needed where it is asked for. */
  marginal?: Float64Array | undefined;
}

/**
 * Fills `out` block by block in the order of the layout. `scale` and its default:
 *
 * | name | values | scale |
 * |---|---|---|
 * | zeros | 0 | – |
 * | constant | scale | 0 (Keras) |
 * | normal | N(0, scale²) | 0.05 (Keras) |
 * | uniform | U(−scale, scale) | 0.05 (Keras) |
 * | glorotUniform | U(−a, a), a = scale·√(6/(fanIn + fanOut)) | 1 (torch.nn.init.xavier_uniform_) |
 * | glorotNormal | N(0, s²), s = scale·√(2/(fanIn + fanOut)) | 1 (xavier_normal_) |
 * | heUniform | U(−a, a), a = scale·√(6/fanIn) | 1 (kaiming_uniform_, fan_in, relu) |
 * | heNormal | N(0, s²), s = scale·√(2/fanIn) | 1 (kaiming_normal_, fan_in, relu) |
 * | orthogonal | scale·Q, QᵀQ or QQᵀ = 1, uniform over such Q | 1 (orthogonal_) |
 * | sparse | N(0, scale²) for `connections` (15) random inputs of each unit, else 0 | 1 (Martens 2010) |
 * | identity | scale where unit and input have one number (for a convolution in the middle of the filter), else 0 | 1 (eye_, dirac_) |
 * | marginal | for the last layer's biases `marginal`, else 0 | – |
 *
 * As in PyTorch fanIn is the product of a weight's dimensions after the first and fanOut is the first times the
 * receptive field (the dimensions after the second). A vector has no fans. Scales of normalizations start at 1.
 *
 * @throws UserError badInput for an initializer of biases that needs a matrix, and for a layer without such parameters
 */
export function initialize(layout: ParameterLayout, initializers: Initializers, rng: Rng, out: Vector): void {
  const { weights, biases, layers = [], marginal } = initializers;
  checkLayers(layout, layers);
  const last = Math.max(...layout.map(layerOf));
  for (const block of layout) {
    const values = out.subarray(block.offset, block.offset + block.size);
    const own = layers.findLast(({ layer }) => layer === layerOf(block));
    if (block.role === 'scale') values.fill(1);
    else if (block.role !== 'bias') fill(values, block, own?.weights ?? weights, rng);
    else {
      const spec = own?.biases ?? biases;
      if (spec.name !== 'marginal') fill(values, block, { ...spec, name: spec.name }, rng);
      else if (layerOf(block) === last && marginal) values.set(marginal);
      else values.fill(0);
    }
  }
}

/** The number in `layers.NUMBER.weight`. */
const layerOf = ({ name }: ParameterBlock): number => Number(name.split('.')[1]);

function checkLayers(layout: ParameterLayout, layers: readonly LayerInitializerSpec[]): void {
  layers.forEach(({ layer, weights, biases }, i) => {
    for (const [role, spec] of [
      ['weight', weights],
      ['bias', biases],
    ] as const) {
      if (!spec || layout.some((block) => layerOf(block) === layer && block.role === role)) continue;
      const known = [...new Set(layout.filter((block) => block.role === role).map(layerOf))];
      throw badInput(
        `Layer ${layer} has no ${role === 'bias' ? 'biases' : 'weights'} to initialize.`,
        `Layers are counted from 0; those with some: ${known.join(', ') || 'none'}.`,
        ['objective', 'layerInitializers', i, 'layer'],
      );
    }
  });
}

function fill(out: Vector, block: ParameterBlock, { name, scale, connections = 15 }: InitializerSpec, rng: Rng): void {
  switch (name) {
    case 'zeros':
      out.fill(0);
      return;
    case 'constant':
      out.fill(scale ?? 0);
      return;
    case 'normal':
      fillNormal(out, scale ?? 0.05, rng);
      return;
    case 'uniform':
      fillUniform(out, scale ?? 0.05, rng);
      return;
    case 'glorotUniform': {
      const { fanIn, fanOut } = fans(block, name);
      fillUniform(out, (scale ?? 1) * Math.sqrt(6 / (fanIn + fanOut)), rng);
      return;
    }
    case 'glorotNormal': {
      const { fanIn, fanOut } = fans(block, name);
      fillNormal(out, (scale ?? 1) * Math.sqrt(2 / (fanIn + fanOut)), rng);
      return;
    }
    case 'heUniform':
      fillUniform(out, (scale ?? 1) * Math.sqrt(6 / fans(block, name).fanIn), rng);
      return;
    case 'heNormal':
      fillNormal(out, (scale ?? 1) * Math.sqrt(2 / fans(block, name).fanIn), rng);
      return;
    case 'orthogonal': {
      const { fanIn } = fans(block, name);
      orthogonal(block.size / fanIn, fanIn, scale ?? 1, rng, out);
      return;
    }
    case 'sparse': {
      const { fanIn } = fans(block, name);
      fillSparse(out, fanIn, Math.min(connections, fanIn), scale ?? 1, rng);
      return;
    }
    case 'identity': {
      const { fanIn } = fans(block, name);
      fillIdentity(out, block, fanIn, scale ?? 1);
      return;
    }
    default:
      name satisfies never;
  }
}

function fillNormal(out: Vector, standardDeviation: number, rng: Rng): void {
  for (let i = 0; i < out.length; i++) out[i] = standardDeviation * rng.normal();
}

function fillUniform(out: Vector, halfWidth: number, rng: Rng): void {
  for (let i = 0; i < out.length; i++) out[i] = halfWidth * (2 * rng.uniform() - 1);
}

/** In each row `connections` places, drawn without replacement. */
function fillSparse(out: Vector, fanIn: number, connections: number, deviation: number, rng: Rng): void {
  out.fill(0);
  const inputs = Int32Array.from({ length: fanIn }, (_, i) => i);
  for (let row = 0; row < out.length; row += fanIn) {
    for (let k = 0; k < connections; k++) {
      const other = k + rng.integer(fanIn - k);
      const input = inputs[other]!;
      inputs[other] = inputs[k]!;
      inputs[k] = input;
      out[row + input] = deviation * rng.normal();
    }
  }
}

/** Unit i passes input (or channel) i on. */
function fillIdentity(out: Vector, { shape }: ParameterBlock, fanIn: number, factor: number): void {
  const [units = 0, channels = 0, height = 1, width = 1] = shape;
  const middle = (height >> 1) * width + (width >> 1);
  out.fill(0);
  for (let i = 0; i < Math.min(units, channels); i++) out[i * fanIn + i * height * width + middle] = factor;
}

function fans({ name, shape, size }: ParameterBlock, initializer: string): { fanIn: number; fanOut: number } {
  const [units, channels] = shape;
  if (units === undefined || channels === undefined) {
    throw badInput(
      `${initializer} needs a matrix; ${name} has shape [${shape.join(', ')}].`,
      'Initialize biases with zeros, constant, normal or uniform.',
      ['biasInitializer', 'name'],
    );
  }
  return { fanIn: size / units, fanOut: size / channels };
}
