import { expect, test } from 'vitest';
import { createRng } from '../../../src/main/engine/random';
import { addCombination, dot, dots, norm, removeComponents } from '../../../src/main/engine/vectors';

const rng = createRng(4, 'tests');
const random = (n: number) => Float64Array.from({ length: n }, () => rng.normal());
const goOn = () => undefined;

test.each([0, 1, 3, 4, 5, 8, 11])('a block of %i vectors gives what they give one by one', async (count) => {
  const vectors = Array.from({ length: count }, () => random(37));
  const w = random(37);
  const products = await dots(vectors, w, goOn);
  expect(products).toBeAllclose(
    vectors.map((v) => dot(v, w)),
    { rtol: 1e-12, atol: 1e-13 },
  );
  const alphas = random(count);
  const y = w.slice();
  await addCombination(y, alphas, vectors, goOn);
  expect(y).toBeAllclose(
    w.map((entry, i) => vectors.reduce((sum, v, k) => sum + alphas[k]! * v[i]!, entry)),
    { rtol: 1e-12, atol: 1e-13 },
  );
});

test('what is left after the components along orthonormal vectors is orthogonal to them', async () => {
  const basis: Float64Array[] = [];
  for (let k = 0; k < 6; k++) {
    const v = random(50);
    for (let pass = 0; pass < 2; pass++) await removeComponents(v, basis, goOn);
    const length = norm(v);
    basis.push(v.map((entry) => entry / length));
  }
  const w = random(50);
  await removeComponents(w, basis, goOn);
  for (const v of basis) expect(dot(v, w)).toBeAllclose(0, { atol: 1e-13 });
  expect(norm(w)).toBeGreaterThan(1);
});

test('between blocks a cancel is seen', async () => {
  const vectors = Array.from({ length: 8 }, () => random(5));
  let turns = 0;
  const turn = () => {
    turns++;
    return Promise.reject(new Error('cancelled'));
  };
  await expect(dots(vectors, random(5), turn)).rejects.toThrow('cancelled');
  expect(turns).toBe(1);
});
