import { expect, test } from 'vitest';
import { createRng } from '../../../../src/main/engine/random';
import { createBatches } from '../../../../src/main/engine/training/batches';
import { trainingSchema } from '../../../../src/shared/model/experiment';

const ranking = Int32Array.of(9, 3, 5, 7, 1, 0, 2, 4, 6, 8);
const batches = (training: object, ranked = true) =>
  createBatches(trainingSchema.parse(training), 10, createRng(0, 'batches'), ranked ? ranking : null)!;

test('full batch: the easiest examples, a share that grows evenly to all', () => {
  const dealer = batches({ curriculum: { share: 0.2, steps: 4 } });
  const dealt = Array.from({ length: 6 }, () => [...dealer.next()]);
  expect(dealt.map(({ length }) => length)).toEqual([2, 4, 6, 8, 10, 10]);
  for (const rows of dealt) expect(rows).toEqual([...ranking.subarray(0, rows.length)]);
  const plain = batches({ curriculum: { share: 0.35, steps: 2 } }, false);
  expect([...plain.next()]).toEqual([0, 1, 2, 3]);
});

test('minibatches: epochs of what is available as they begin, every example once', () => {
  const dealer = batches({ batchSize: 2, curriculum: { share: 0.4, steps: 8 } });
  const epochOf = (steps: number) => Array.from({ length: steps }, () => [...dealer.next()]).flat();
  const easiest = (count: number) => [...ranking.subarray(0, count)].sort();
  // 4 of 10 at step 0, ⌈10·0.55⌉ = 6 at step 2, ⌈10·0.775⌉ = 8 at step 5, all at step 9.
  expect(epochOf(2).sort()).toEqual(easiest(4));
  expect(epochOf(3).sort()).toEqual(easiest(6));
  expect(epochOf(4).sort()).toEqual(easiest(8));
  expect(epochOf(5).sort()).toEqual(easiest(10));
});

test('at least a batch is dealt, and the order of the ranking stays where it is asked for', () => {
  const dealer = batches({ batchSize: 3, order: 'file', curriculum: { share: 0.01, steps: 100 } });
  expect([...dealer.next()]).toEqual([9, 3, 5]);
  expect([...dealer.next()]).toEqual([9, 3, 5]);
});
