import { sayError } from '../../../shared/errors';
import type { CurriculumSpec, TrainingSpec } from '../../../shared/model/experiment';
import type { Rows } from '../objectives/objective';
import type { Rng } from '../random';

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
    throw sayError('badInput', 'batchTooLarge', { batchSize, examples }, ['training', 'batchSize']);
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

/**
 * Deals the ⌈n·min(1, share + (1 − share)·t/steps)⌉ easiest examples at step t, at least a batch of them: all of these as
 * one for full batch, else an epoch of them as they are at its beginning, in batches.
 *
 * @param ranking the examples from easy to hard
 */
function createCurriculum(
  { share, steps }: CurriculumSpec,
  { batchSize, order }: Pick<TrainingSpec, 'batchSize' | 'order'>,
  ranking: Rows,
  rng: Rng,
): Batches {
  const n = ranking.length;
  const size = batchSize === 'full' ? 1 : batchSize;
  let t = 0;
  let epoch: Rows = ranking.subarray(0, 0);
  let dealt = 0;
  return {
    next() {
      // Rounding must not ask for one more where the share is a whole number of examples.
      const part = Math.min(1, share + ((1 - share) * t) / steps);
      const available = ranking.subarray(0, Math.min(n, Math.max(size, Math.ceil(n * part - 1e-9))));
      t++;
      if (batchSize === 'full') return available;
      if (dealt === epoch.length) {
        epoch = available.slice();
        if (order === 'shuffled') rng.shuffle(epoch);
        dealt = 0;
      }
      const batch = epoch.subarray(dealt, dealt + size);
      dealt += batch.length;
      return batch;
    },
  };
}
