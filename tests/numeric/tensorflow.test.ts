import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { measureSpectrum } from '../../src/main/engine/curvature/spectrum';
import { createTensorflowExecutor } from '../../src/main/engine/executors/tensorflow';
import {
  type Library,
  type LibraryOptions,
  loadLibrary,
  TensorflowAbsent,
} from '../../src/main/engine/executors/tensorflow/library';
import { conformance } from './conformance';
import { layerCases } from './layerCases';
import { makeCase, normalVector } from './networks';
import { programCommands } from './programExecutor';

/** Where tests/tensorflow/run.mjs has built it; left out, what npm has installed. */
const folder = process.env.LOSS_ATLAS_TENSORFLOW;
const options: LibraryOptions =
  folder === undefined ? {} : { load: async (name) => createRequire(join(folder, 'package.json'))(name) };
const create = () => createTensorflowExecutor(options);
const found = await loadLibrary(options).catch((error: unknown) => error);
if (found instanceof Error && (folder !== undefined || !(found instanceof TensorflowAbsent))) throw found;

declare module 'vitest' {
  interface TaskMeta {
    skipReason?: string;
  }
}

if (found instanceof TensorflowAbsent) {
  const reason = `${found.message} node tests/tensorflow/run.mjs builds it and runs this test on it.`;
  test('tensorflow agrees with the reference', ({ task, skip }) => {
    task.meta.skipReason = reason;
    skip(reason);
  });
} else {
  const { tf } = found as Library;
  conformance('tensorflow', create);
  programCommands('tensorflow', create);

  describe('tensorflow', () => {
    /** TensorFlow frees nothing by itself; releases end a turn of the event loop later. */
    const tensors = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return tf.memory().numTensors;
    };
    const cases = [
      makeCase({ activation: 'gelu', loss: 'softmaxCrossEntropy', sizes: [9, 8, 3], examples: 40 }),
      ...layerCases().filter(({ name }) => /several kinds|batch norm of channels|recurrent|dropout on/.test(name)),
    ];

    test.each(cases.map((item) => [item.name, item] as const))(
      'no command leaves a tensor behind: %s',
      async (_, item) => {
        const { network, data, params } = item;
        const before = await tensors();
        const executor = await create();
        const objective = await executor.load(network, data);
        const [out, d1, d2] = [objective.allocate(), normalVector(params.length, 1), normalVector(params.length, 2)];
        const rows = Int32Array.of(1, 0, 2, 2);
        const commands: (() => unknown)[] = [undefined, rows].flatMap((chosen) => [
          () => objective.value(params, chosen),
          () => objective.gradient(params, out, chosen),
          () => objective.measure(params, chosen),
          () => objective.exampleGradients?.(params, chosen),
          () => objective.statistics?.(params, chosen),
          () => objective.plane({ origin: params, d1, d2, coordinates: Float64Array.of(0, 1, 1, 0) }, chosen),
          ...(['hessian', 'gaussNewton'] as const).map((matrix) => async () => {
            const operator = await objective[matrix]!(params, chosen);
            await operator.apply(d1, out);
            await operator.apply(d2, out);
            operator.dispose();
          }),
        ]);
        for (const command of commands) {
          await command();
          const kept = await tensors();
          await command();
          expect(await tensors()).toBe(kept);
        }
        objective.dispose();
        expect(await tensors()).toBe(before);
        executor.dispose();
      },
    );

    test('a cancelled job leaves no tensor behind', async () => {
      const { network, data, params } = makeCase({
        activation: 'tanh',
        loss: 'softmaxCrossEntropy',
        sizes: [20, 20, 10, 3],
        examples: 60,
      });
      const before = await tensors();
      const executor = await create();
      const objective = await executor.load(network, data);
      const controller = new AbortController();
      const job = measureSpectrum(objective, params, {
        top: 4,
        bottom: 2,
        tolerance: 1e-9,
        signal: controller.signal,
        onProgress: (done) => done === 5 && controller.abort(),
      });
      await expect(job).rejects.toMatchObject({ code: 'cancelled' });
      executor.dispose();
      expect(await tensors()).toBe(before);
    });

    test('an objective disposed of under a command leaves no tensor behind', async () => {
      const item = makeCase({ activation: 'relu', loss: 'meanSquaredError', sizes: [6, 5, 2], examples: 30 });
      const before = await tensors();
      const executor = await create();
      const objective = await executor.load(item.network, item.data);
      const [d1, d2] = [normalVector(item.params.length, 1), normalVector(item.params.length, 2)];
      const under = [
        objective.plane({ origin: item.params, d1, d2, coordinates: Float64Array.of(0, 0, 1, 1) }),
        objective.gradient(item.params, objective.allocate(), Int32Array.of(0, 1)),
        Promise.resolve(objective.hessian(item.params)).then((operator) => operator.dispose()),
      ];
      objective.dispose();
      await Promise.allSettled(under);
      expect(await tensors()).toBe(before);
      executor.dispose();
    });

    test('says what it runs on', async () => {
      const executor = await create();
      expect(executor.description).toMatch(/^tensorflow \((CPU|CUDA), tfjs-node(-gpu)?(, without a CUDA device)?\)$/);
      executor.dispose();
    });
  });
}
