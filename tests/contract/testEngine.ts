import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appFolders } from '../../src/main/folders';
import { createHandlers } from '../../src/main/handlers';
import { createRouter, type Router } from '../../src/main/router';
import { createServices, type Services } from '../../src/main/services';
import type { Result, RunBatch } from '../../src/shared/contract';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import type { RunInfo } from '../../src/shared/model/run';

/** The engine behind its router, in an empty data folder of its own. */
export interface TestEngine {
  services: Services;
  router: Router;
  /** Starts a run, acknowledges its batches and waits for its end. */
  trained(experiment: ExperimentInput): Promise<{ run: RunInfo; batches: RunBatch[] }>;
  dispose(): Promise<void>;
}

export function createTestEngine(): TestEngine {
  const dataFolder = mkdtempSync(join(tmpdir(), 'loss-atlas-contract-'));
  const { resources, kernels, probe } = appFolders();
  const services = createServices({
    dataFolder,
    resourcesFolder: resources,
    kernelsFolder: kernels,
    probeFile: probe,
    host: 'cli',
    version: '0',
  });
  const router = createRouter(createHandlers(services));
  return {
    services,
    router,
    async trained(experiment) {
      const batches: RunBatch[] = [];
      const undo = services.events.subscribe('run/batch', (batch) => {
        batches.push(batch);
        void router.call('run/acknowledge', { runId: batch.runId, batches: 1 });
      });
      const started = await ok(router.call('run/start', { experiment }));
      const run = await new Promise<RunInfo>((resolve, reject) => {
        const stop = services.events.subscribe('run/ended', ({ run: ended, error }) => {
          if (ended.id !== started.id) return;
          stop();
          if (error) reject(new Error(error.message));
          else resolve(ended);
        });
      });
      undo();
      return { run, batches: batches.filter(({ runId }) => runId === run.id) };
    },
    async dispose() {
      await services.dispose();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

/** The value of a call, or its error thrown. */
export async function ok<T>(result: Promise<Result<T>>): Promise<T> {
  const settled = await result;
  if (!settled.ok) throw new Error(settled.error.message);
  return settled.value;
}
