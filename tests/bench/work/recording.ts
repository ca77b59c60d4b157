import { writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { createRng } from '../../../src/main/engine/random';
import { writeNpz } from '../../../src/main/exchange/npz';
import { trainToEnd, withEngine } from '../../../src/main/hosts/cli/engine';
import type { Terminal } from '../../../src/main/hosts/cli/terminal';
import type { Work } from '../harness';
import type { Context } from '../problem';

const features = 802;
const examples = 256;

/**
 * Trains 802-1230-10, exactly 1,000,000 parameters, by Adam with every step recorded, then makes the PCA plane of the
 * path: through router, handlers and store as the app does. The recorded path is a file of 4 bytes × parameters × steps.
 */
export const recording =
  (steps: number) =>
  async ({ choice, folder }: Context): Promise<Work> => {
    const needed = 4.1e6 * steps;
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < needed) {
      throw new Error(`recording ${steps} steps takes ${needed / 1e9} GB in ${folder}; set TMPDIR to a roomier place`);
    }
    const rng = createRng(0, 'bench/recording');
    const data = join(folder, 'recording.npz');
    const x = Float32Array.from({ length: examples * features }, () => rng.normal());
    const y = Int32Array.from({ length: examples }, () => rng.integer(10));
    writeFileSync(data, writeNpz({ x: { shape: [examples, features], data: x }, y: { shape: [examples], data: y } }));
    const terminal: Terminal = {
      print: async () => undefined,
      note: () => undefined,
      interactive: false,
      signal: new AbortController().signal,
    };
    let executor = '';
    return {
      get executor() {
        return executor;
      },
      async run() {
        const start = performance.now();
        await withEngine({ terminal, dataFolder: join(folder, 'app') }, async (engine) => {
          const { run, error } = await trainToEnd(engine, terminal, {
            experiment: {
              objective: {
                kind: 'network',
                model: {
                  inputShape: [features],
                  layers: [
                    { type: 'dense', units: 1_230, activation: 'relu' },
                    { type: 'dense', units: 10 },
                  ],
                  loss: 'softmaxCrossEntropy',
                },
                data: { source: { kind: 'file', path: data }, validationFraction: 0 },
              },
              optimizer: { name: 'adam', learningRate: 1e-4 },
              training: { batchSize: 32, stop: { steps } },
              executor: choice,
            },
          });
          if (error || run.rows !== steps + 1 || run.parameterCount !== 1_000_000) {
            throw new Error(
              `recorded ${run.rows} rows of ${run.parameterCount}: ${error?.message ?? 'not what was asked'}`,
            );
          }
          executor = run.executor;
          await engine.call('plane/create', { source: { kind: 'runs', runIds: [run.id] }, plane: { kind: 'pca' } });
        });
        return { seconds: (performance.now() - start) / 1_000, count: steps };
      },
      dispose: () => undefined,
    };
  };
