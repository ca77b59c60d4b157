import { badInput } from '../../../shared/errors';
import type { InitializerSpec } from '../../../shared/model/experiment';
import type { ParameterBlock, ParameterLayout } from '../../../shared/model/run';
import type { Vector } from '../objectives/objective';
import type { Rng } from '../random';
import { orthogonal } from './orthogonal';

export interface Initializers {
  weights: InitializerSpec;
  biases: InitializerSpec;
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
 *
 * As in PyTorch fanIn is the product of a weight's dimensions after the first and fanOut is the first times the
 * receptive field (the dimensions after the second). A vector has no fans. Scales of normalizations start at 1.
 *
 * @throws UserError badInput for an initializer of biases that needs a matrix
 */
export function initialize(layout: ParameterLayout, { weights, biases }: Initializers, rng: Rng, out: Vector): void {
  for (const block of layout) {
    const values = out.subarray(block.offset, block.offset + block.size);
    if (block.role === 'scale') values.fill(1);
    else fill(values, block, block.role === 'bias' ? biases : weights, rng);
  }
}

function fill(out: Vector, block: ParameterBlock, { name, scale }: InitializerSpec, rng: Rng): void {
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
