import { badInput } from '../../../../shared/errors';
import { readsClassIndex } from '../../../../shared/model/experiment';
import type { Network } from '../../graph/ir';
import type { Vector } from '../../objectives/objective';
import type { ExampleSet } from '../executor';
import { type SweepOptions, sweepTensors } from './sweep';

/**
 * The margin of each example at θ, in float64: the output of its class less the largest other one; for binary
 * cross-entropy with one output z, z for class 1 and −z for class 0 (the difference to the other class's 0). Positive
 * where the network is right, and still growing where the loss of what is right goes on falling.
 *
 * @throws UserError badInput for a network that does not classify; cancelled()
 */
export async function exampleMargins(
  network: Network,
  data: ExampleSet,
  params: Vector,
  options: SweepOptions = {},
): Promise<Float64Array> {
  const { graph, model } = network;
  const { size } = graph.tensors[graph.prediction]!;
  const isBinary = model.loss === 'binaryCrossEntropy' && size === 1;
  if (!isBinary && !readsClassIndex(model.loss)) {
    throw badInput(
      `A network with the loss ${model.loss} and ${size} outputs has no margins.`,
      'Margins are those of softmaxCrossEntropy, multiClassHinge, and binaryCrossEntropy with one output.',
    );
  }
  const margins = new Float64Array(options.rows?.length ?? data.examples);
  await sweepTensors(network, data, params, [graph.prediction], options, (buffers, start, count) => {
    const outputs = buffers.get(graph.prediction)!;
    const targets = buffers.get(graph.target)!;
    for (let n = 0; n < count; n++) {
      const z = outputs.subarray(n * size, (n + 1) * size);
      margins[start + n] = isBinary ? (targets[n]! > 0.5 ? z[0]! : -z[0]!) : margin(z, targets[n]!);
    }
  });
  return margins;
}

function margin(z: Float64Array, label: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < z.length; k++) if (k !== label && z[k]! > best) best = z[k]!;
  return z[label]! - best;
}
