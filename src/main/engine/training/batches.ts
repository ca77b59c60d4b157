import { badInput } from '../../../shared/errors';
import type { TrainingSpec } from '../../../shared/model/experiment';
import type { Rows } from '../objectives/objective';
import type { Rng } from '../random';

/** Deals the examples of each epoch in batches; the last batch of an epoch may be short. */
export interface Batches {
  /** The examples of the next batch, valid until the next call. */
  next(): Rows;
}

/**
 * @returns null where every step uses all examples: 'full', a batch size of exactly n, or an objective without examples
 * @throws UserError (badInput) for a batch larger than the data
 */
export function createBatches(
  { batchSize, order }: Pick<TrainingSpec, 'batchSize' | 'order'>,
  examples: number,
  rng: Rng,
): Batches | null {
  if (batchSize === 'full' || examples === 0 || batchSize === examples) return null;
  if (batchSize > examples) {
    throw badInput(
      `The batch size ${batchSize} is larger than the ${examples} training examples.`,
      `Use at most ${examples}, or "full".`,
      ['training', 'batchSize'],
    );
  }
  const epoch = Int32Array.from({ length: examples }, (_, i) => i);
  const whole = new Int32Array(batchSize);
  const short = new Int32Array(examples % batchSize);
  let dealt = examples;
  return {
    next() {
      if (dealt === examples) {
        if (order === 'shuffled') rng.shuffle(epoch);
        dealt = 0;
      }
      const batch = examples - dealt < batchSize ? short : whole;
      for (let i = 0; i < batch.length; i++) batch[i] = epoch[dealt + i]!;
      dealt += batch.length;
      return batch;
    },
  };
}
