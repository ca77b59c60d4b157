import { badInput } from '../../../shared/errors';
import type { InexactGradientSpec } from '../../../shared/model/experiment';
import { keepLargest } from '../keepLargest';
import type { Rows, Vector } from '../objectives/objective';
import type { Rng } from '../random';
import { norm } from '../vectors';

/** What makes the gradient of a step another one than that of its examples. */
export interface InexactGradient {
  /** The examples the step's gradient is of in place of `batch` (left out: all); left out where it takes them all. */
  sample?(batch: Rows | undefined): Rows;
  /** Changes a gradient in place. */
  distort?(gradient: Vector): void;
}

/**
 * | kind | the step's gradient | error |
 * |---|---|---|
 * | noise | g + σz, z standard normal; relative: σ‖g‖/√P for σ | mean 0, E‖error‖² = Pσ² or σ²‖g‖² |
 * | sample | that of `examples` of the batch's examples, drawn without replacement at each step | mean 0 |
 * | quantize | each component to the nearest of 2^bits equidistant values from −max\|g\| to max\|g\| | ≤ max\|g\|/(2^bits − 1) |
 * | round | each component to the nearest multiple of `step` | ≤ step/2 |
 * | truncate | the largest max(1, round(keep·P)) components in magnitude, the others 0 | that of the others |
 * | bias | factor·g + offset, the offset added to every component | (factor − 1)g + offset |
 *
 * `stochastic` rounds up with the probability that makes the mean exact (Alistarh et al. 2017): twice the largest error,
 * none on average.
 *
 * @param rng its own stream, so that the other random choices of a run stay what they are without it
 */
export function createInexactGradient(spec: InexactGradientSpec, examples: number, rng: Rng): InexactGradient {
  switch (spec.kind) {
    case 'noise':
      return {
        distort(g) {
          const deviation = spec.relative ? (spec.deviation * norm(g)) / Math.sqrt(g.length) : spec.deviation;
          for (let i = 0; i < g.length; i++) g[i]! += deviation * rng.normal();
        },
      };
    case 'sample':
      return { sample: createSampler(spec.examples, examples, rng) };
    case 'quantize':
      return {
        distort(g) {
          let largest = 0;
          for (let i = 0; i < g.length; i++) largest = Math.max(largest, Math.abs(g[i]!));
          const spacing = (2 * largest) / (2 ** spec.bits - 1);
          if (spacing > 0) roundTo(g, spacing, -largest, spec.stochastic ? rng : null);
        },
      };
    case 'round':
      return { distort: (g) => roundTo(g, spec.step, 0, spec.stochastic ? rng : null) };
    case 'truncate': {
      let scratch: Vector | null = null;
      return {
        distort(g) {
          scratch ??= g.slice();
          keepLargest(g, Math.max(1, Math.round(spec.keep * g.length)), scratch);
        },
      };
    }
    case 'bias':
      return {
        distort(g) {
          for (let i = 0; i < g.length; i++) g[i] = spec.factor * g[i]! + spec.offset;
        },
      };
    default:
      return spec satisfies never;
  }
}

/** Each component to a value origin + k·spacing: the nearest, or one of the two around it by chance. */
function roundTo(g: Vector, spacing: number, origin: number, rng: Rng | null): void {
  for (let i = 0; i < g.length; i++) {
    const position = (g[i]! - origin) / spacing;
    g[i] = origin + spacing * (rng ? Math.floor(position + rng.uniform()) : Math.round(position));
  }
}

function createSampler(count: number, examples: number, rng: Rng): (batch: Rows | undefined) => Rows {
  const order = new Int32Array(examples);
  return (batch) => {
    const size = batch?.length ?? examples;
    for (let i = 0; i < size; i++) order[i] = batch ? batch[i]! : i;
    const taken = Math.min(count, size);
    for (let i = 0; i < taken; i++) {
      const j = i + rng.integer(size - i);
      const row = order[i]!;
      order[i] = order[j]!;
      order[j] = row;
    }
    return order.subarray(0, taken);
  };
}

/** @throws UserError (badInput) for a sample of an objective without examples, or larger than they are */
export function checkSample(spec: InexactGradientSpec | undefined, examples: number): void {
  if (spec?.kind !== 'sample') return;
  const field = ['optimizer', 'inexact', 'examples'];
  if (examples === 0) {
    throw badInput('A function has no examples to take a sample of.', 'Use noise instead, or a network.', field);
  }
  if (spec.examples > examples) {
    throw badInput(
      `The gradient's sample of ${spec.examples} is larger than the ${examples} training examples.`,
      `Use at most ${examples}.`,
      field,
    );
  }
}
