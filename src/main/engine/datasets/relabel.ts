import { badInput } from '../../../shared/errors';
import type { LabelsSpec } from '../../../shared/model/experiment';
import type { ExampleSet } from '../executors/executor';
import { createRng } from '../random';
import type { RawData } from './rawData';

/**
 * Changes targets of the examples in place: random gives round(fraction·n) examples, drawn without replacement, a class
 * drawn from all with equal probability (so that of K classes a share of 1/K stays right); shuffled permutes all targets.
 *
 * @returns the examples whose target is another one now, ascending
 * @throws UserError (badInput) for random labels of numeric targets
 */
export function relabel({ y, examples }: ExampleSet, { target }: RawData, spec: LabelsSpec): Int32Array {
  const rng = createRng(spec.seed, 'labels');
  const size = y.length / examples;
  const before = y.slice();
  const order = rng.shuffle(Int32Array.from({ length: examples }, (_, i) => i));
  switch (spec.kind) {
    case 'random': {
      if (target.kind !== 'class') {
        throw badInput(
          'Random labels need classes; these targets are numbers.',
          'Use shuffled labels, or data with classes.',
          ['objective', 'data', 'labels', 'kind'],
        );
      }
      for (const i of order.subarray(0, Math.round(spec.fraction * examples)))
        y[i] = rng.integer(target.classes.length);
      break;
    }
    case 'shuffled':
      order.forEach((from, i) => {
        y.set(before.subarray(from * size, (from + 1) * size), i * size);
      });
      break;
    default:
      spec satisfies never;
  }
  return Int32Array.from({ length: examples }, (_, i) => i).filter((i) =>
    before.subarray(i * size, (i + 1) * size).some((value, k) => value !== y[i * size + k]),
  );
}
