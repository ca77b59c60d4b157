import { badInput } from '../../../shared/errors';
import type { TrainingSpec } from '../../../shared/model/experiment';
import type { Rows } from '../objectives/objective';
import type { Rng } from '../random';
import { createCurriculum } from './curriculum';

/** Deals the examples of each epoch in batches; the last batch of an epoch may be short. */
export interface Batches {
  /** The examples of the next batch, valid until the next call. */
  next(): Rows;
}

/**
 * @param ranking the examples from easy to hard, for a curriculum; left out, in their own order
 * @returns null where every step uses all examples: 'full', a batch size of exactly n, or an objective without examples
 * @throws UserError (badInput) for a batch larger than the data
 */
export function createBatches(
  { batchSize, order, curriculum }: Pick<TrainingSpec, 'batchSize' | 'order' | 'curriculum'>,
  examples: number,
  rng: Rng,
  ranking: Rows | null = null,
): Batches | null {
  if (examples === 0 || (!curriculum && (batchSize === 'full' || batchSize === examples))) return null;
  if (batchSize !== 'full' && batchSize > examples) {
    throw badInput(
      `The batch size ${batchSize} is larger than the ${examples} training examples.`,
      `Use at most ${examples}, or "full".`,
      ['training', 'batchSize'],
    );
  }
  const epoch = Int32Array.from({ length: examples }, (_, i) => i);
  if (curriculum) return createCurriculum(curriculum, { batchSize, order }, ranking ?? epoch, rng);
  if (batchSize === 'full') return null;
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
