import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { badInput } from '../../../shared/errors';
import {
  type ExecutorChoice,
  type ExperimentInput,
  type ModelSpec,
  modelSchema,
  readsClassIndex,
} from '../../../shared/model/experiment';
import type { RunInfo } from '../../../shared/model/run';
import { defaultDataFolder } from '../../folders';
import { type Engine, withEngine } from './engine';
import { readJson, requireFile } from './input';
import type { Terminal } from './terminal';

/** A model, weights and data made elsewhere. */
export interface ExternalOptions {
  dataFolder?: string;
  model?: string;
  weights?: string;
  data?: string;
  executor?: ExecutorChoice;
}

export function addExternalOptions(command: Command): Command {
  return command
    .addOption(new Option('--model <model.json>', 'the model of weights trained elsewhere'))
    .addOption(new Option('--weights <file>', 'their .safetensors or .npz'))
    .addOption(new Option('--data <file>', 'the data to measure them on: .npz with x and y, or .csv'));
}

/** Hands on a run of one row made from the weights; everything made for it is removed afterwards. */
export async function withExternalRun(
  terminal: Terminal,
  options: ExternalOptions,
  use: (engine: Engine, run: RunInfo) => Promise<void>,
): Promise<void> {
  const { model: modelFile, weights, data } = options;
  if (modelFile === undefined || weights === undefined || data === undefined) {
    const missing = (['model', 'weights', 'data'] as const).filter((name) => options[name] === undefined);
    throw badInput(`Missing: ${missing.map((name) => `--${name}`).join(', ')}.`, 'Give --model, --weights and --data.');
  }
  const model = readJson(modelFile, modelSchema, 'model');
  requireFile(weights, 'weights file');
  requireFile(data, 'data file');
  const settingsFolder = options.dataFolder ?? defaultDataFolder();
  const dataFolder = mkdtempSync(join(tmpdir(), 'loss-atlas-'));
  try {
    await withEngine({ terminal, dataFolder, settingsFolder }, async (engine) => {
      const experiment = experimentOf(model, resolve(data), options.executor ?? 'auto');
      await use(engine, await engine.call('run/import', { experiment, weights: resolve(weights) }));
    });
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

/** All examples, as they are in the file. */
function experimentOf(model: ModelSpec, path: string, executor: ExecutorChoice): ExperimentInput {
  const target = readsClassIndex(model.loss) ? 'class' : 'number';
  const data = { source: { kind: 'file', path, target }, validationFraction: 0, standardize: false } as const;
  return {
    name: 'evaluation',
    objective: { kind: 'network', model, data },
    // Never steps.
    optimizer: { name: 'sgd', learningRate: 1 },
    executor,
  };
}
