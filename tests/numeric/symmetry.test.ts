import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { type Executor, supportOf } from '../../src/main/engine/executors/executor';
import { createOnnxExecutor } from '../../src/main/engine/executors/onnx';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { createWasmExecutor } from '../../src/main/engine/executors/wasm';
import type { LinearOperator } from '../../src/main/engine/objectives/objective';
import { dot, norm } from '../../src/main/engine/vectors';
import { layerCases } from './layerCases';
import { activationLossPairs, type Case, makeCase, normalVector } from './networks';

/** uᵀAv = vᵀAu of every matrix of every executor, relative to ‖u‖‖Av‖, and vᵀGv ≥ 0. */

const makers: Record<string, () => Executor | Promise<Executor>> = {
  reference: createReferenceExecutor,
  wasm: () =>
    createWasmExecutor({
      load: (kernel) => readFile(new URL(`../../out/kernels/kernels.${kernel}.wasm`, import.meta.url)),
    }),
  onnx: () => createOnnxExecutor({ threads: 1 }),
};
const made: Executor[] = [];
afterAll(() => {
  for (const executor of made) executor.dispose();
});

const cases: Case[] = [
  ...activationLossPairs.map(([activation, loss]) =>
    makeCase({ activation, loss, sizes: [5, 7, 4, loss === 'binaryCrossEntropy' ? 1 : 3], examples: 19 }),
  ),
  ...layerCases(),
];

test.each(Object.entries(makers))('%s', { timeout: 120_000 }, async (name, make) => {
  const executor = await make();
  made.push(executor);
  let measured = 0;
  const skipped: string[] = [];
  for (const item of cases) {
    const support = supportOf(executor, item.network);
    if (!support.ok) {
      skipped.push(`${item.name}: ${support.reason}`);
      continue;
    }
    const objective = await executor.load(item.network, item.data);
    const [u, v] = [normalVector(objective.dimension, 1), normalVector(objective.dimension, 2)];
    const forms = async (operator: LinearOperator) => {
      const [au, av] = [new Float64Array(u.length), new Float64Array(u.length)];
      await operator.apply(u, au);
      await operator.apply(v, av);
      operator.dispose();
      measured++;
      return { asymmetry: Math.abs(dot(u, av) - dot(v, au)), size: norm(u) * norm(av), positive: dot(v, av) };
    };
    const tolerance = objective.precision === 'float64' ? 1e-12 : 2e-6;
    const hessian = await forms(await objective.hessian(item.params));
    expect(hessian.asymmetry, item.name).toBeLessThanOrEqual(tolerance * hessian.size);
    if (objective.gaussNewton) {
      const { asymmetry, size, positive } = await forms(await objective.gaussNewton(item.params));
      expect(asymmetry, `Gauss–Newton ${item.name}`).toBeLessThanOrEqual(tolerance * size);
      expect(positive, `Gauss–Newton ${item.name}`).toBeGreaterThanOrEqual(-tolerance * size);
    }
    objective.dispose();
  }
  if (skipped.length > 0) console.log(`${name} cannot run ${skipped.length} cases:\n${skipped.join('\n')}`);
  expect(measured).toBeGreaterThan(20);
});
