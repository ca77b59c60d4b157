import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { dot } from './derivatives';
import { gaussNewtonForm } from './gaussNewton';
import { layerLossCases } from './layerCases';
import { activationLossPairs, type Case, makeCase, normalVector } from './networks';

const reference = createReferenceExecutor();

const cases: Case[] = [
  ...activationLossPairs.map(([activation, loss]) => makeCase({ activation, loss, sizes: [5, 7, 6, 3], examples: 11 })),
  ...layerLossCases(4),
];
test.for(cases.map((item): [string, Case] => [item.name, item]))(
  'Gauss–Newton products are those of the differenced Jacobian: %s',
  async ([, item]) => {
    const objective = await reference.load(item.network, item.data);
    const matrix = await objective.gaussNewton!(item.params);
    const product = new Float64Array(matrix.size);
    const [u, v] = [normalVector(matrix.size, 1), normalVector(matrix.size, 2)];
    await matrix.apply(v, product);
    const scale = Math.sqrt(dot(u, u) * dot(product, product));
    expect(dot(u, product)).toBeAllclose(gaussNewtonForm(item, u, v), { rtol: 1e-6, atol: 1e-8 * scale });
  },
);
