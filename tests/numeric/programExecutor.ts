import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Executor } from '../../src/main/engine/executors/executor';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { buildNetwork } from '../../src/main/engine/graph/build';
import { createRng } from '../../src/main/engine/random';
import { modelSchema } from '../../src/shared/model/experiment';
import { randomArchitecture } from './architectures';
import { dot, productAt } from './derivatives';
import { gaussNewtonForm } from './gaussNewton';
import { type Case, type CaseOptions, makeCase, normalVector, relativeError } from './networks';

/** What the executors of `executors/programs` have beside what every executor has, and what tells their operators apart. */
export function programCommands(name: string, create: () => Promise<Executor>): void {
  describe(`${name}, beyond what every executor does`, () => {
    const reference = createReferenceExecutor();
    let executor: Executor;
    beforeAll(async () => {
      executor = await create();
    });
    afterAll(() => executor.dispose());

    describe('Gauss–Newton products', () => {
      const cases: CaseOptions[] = [
        { activation: 'tanh', loss: 'softmaxCrossEntropy', sizes: [5, 7, 6, 3], examples: 37 },
        { activation: 'gelu', loss: 'meanSquaredError', sizes: [4, 9, 2], examples: 11 },
        { activation: 'silu', loss: 'binaryCrossEntropy', sizes: [4, 6, 1], examples: 23 },
      ];
      test.each(cases.map((options) => [`${options.activation} ${options.loss}`, options] as const))(
        'are those of the differenced Jacobian: %s',
        async (_, options) => {
          const item = makeCase(options);
          const objective = await executor.load(item.network, item.data);
          const matrix = await objective.gaussNewton!(item.params);
          const product = objective.allocate();
          for (const seed of [1, 2, 3]) {
            const [u, v] = [normalVector(matrix.size, seed), normalVector(matrix.size, 10 + seed)];
            await matrix.apply(v, product);
            expect(dot(u, product)).toBeAllclose(gaussNewtonForm(item, u, v), { rtol: 1e-5, atol: 1e-5 });
            expect(dot(v, product)).toBeGreaterThanOrEqual(0);
          }
        },
      );

      test('are Hessian products where the network is linear', async () => {
        const item = makeCase({ activation: 'identity', loss: 'softmaxCrossEntropy', sizes: [6, 4], examples: 50 });
        const objective = await executor.load(item.network, item.data);
        const [g, h] = [objective.allocate(), objective.allocate()];
        const v = normalVector(g.length, 3);
        await (await objective.gaussNewton!(item.params)).apply(v, g);
        await (await objective.hessian(item.params)).apply(v, h);
        expect(relativeError(g, h)).toBeLessThan(1e-6);
      });
    });

    test('gradients example by example are those of single rows', async () => {
      const item = makeCase({ activation: 'gelu', loss: 'softmaxCrossEntropy', sizes: [5, 6, 3], examples: 9 });
      const objective = await executor.load(item.network, item.data);
      const rows = Int32Array.of(4, 0, 4);
      const all = await objective.exampleGradients!(item.params, rows);
      const one = objective.allocate();
      for (const [i, row] of rows.entries()) {
        await objective.gradient(item.params, one, Int32Array.of(row));
        expect(relativeError(all.subarray(i * one.length, (i + 1) * one.length), one)).toBeLessThan(1e-6);
      }
    });

    test('a command of a disposed objective is refused', async () => {
      const { network, data, params } = makeCase({
        activation: 'tanh',
        loss: 'meanSquaredError',
        sizes: [2, 2],
        examples: 3,
      });
      const objective = await executor.load(network, data);
      await objective.value(params);
      objective.dispose();
      await expect(objective.value(params)).rejects.toThrow('disposed');
    });

    const compare = async ({ name, network, data, params }: Case) => {
      const [actual, expected] = [await executor.load(network, data), await reference.load(network, data)];
      const [got, want] = [actual.allocate(), expected.allocate()];
      const loss = await expected.gradient(params, want);
      expect(await actual.gradient(params, got), name).toBeAllclose(loss, { rtol: 1e-5, atol: 1e-6 });
      expect(relativeError(got, want), name).toBeLessThanOrEqual(1e-5);
      const v = normalVector(params.length, 3);
      const product = await productAt(expected, params, v);
      expect(relativeError(await productAt(actual, params, v), product), name).toBeLessThanOrEqual(1e-4);
      actual.dispose();
      expected.dispose();
    };

    test.each([
      ['apart', 2],
      ['that overlap', 1],
    ])('of equals in the windows of a max pool, %s, the first counts', async (_, stride) => {
      const network = buildNetwork(
        modelSchema.parse({
          inputShape: [2, 5, 5],
          layers: [
            { type: 'conv2d', filters: 2, kernelSize: 1 },
            { type: 'maxPool2d', poolSize: 2, stride },
            { type: 'flatten' },
            { type: 'dense', units: 3, activation: 'tanh' },
            { type: 'dense', units: 2 },
          ],
          loss: 'softmaxCrossEntropy',
        }),
      );
      const rng = createRng(1, 'ties');
      const examples = 4;
      // Of two channels one is 1: a filter of equal weights gives ties of places whose gradients differ.
      const ones = Array.from({ length: examples * 25 }, () => rng.integer(2));
      const x = Float32Array.from({ length: examples * 50 }, (__, i) => {
        const one = ones[Math.floor(i / 50) * 25 + (i % 25)]!;
        return i % 50 < 25 ? one : 1 - one;
      });
      const params = normalVector(
        network.layout.reduce((sum, { size }) => sum + size, 0),
        2,
      );
      params.set([0.5, 0.5, -0.25, -0.25]);
      await compare({ name: 'ties', network, data: { x, y: Float32Array.of(0, 1, 1, 0), examples }, params });
    });

    test('60 random architectures', async () => {
      for (let seed = 1; seed <= 60; seed++) await compare(randomArchitecture(seed));
    });
  });
}
