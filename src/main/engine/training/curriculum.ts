import type { CurriculumSpec, TrainingSpec } from '../../../shared/model/experiment';
import type { Rows } from '../objectives/objective';
import type { Rng } from '../random';
import type { Batches } from './batches';

/**
 * Deals the ⌈n·min(1, share + (1 − share)·t/steps)⌉ easiest examples at step t, at least a batch of them: all of these as
 * one for full batch, else an epoch of them as they are at its beginning, in batches.
 *
 * @param ranking the examples from easy to hard
 */
export function createCurriculum(
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
