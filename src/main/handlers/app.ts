import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Catalog } from '../../shared/model/catalog';
import { activationNames, experimentSchema, initializerNames, lossNames } from '../../shared/model/experiment';
import { datasets } from '../engine/datasets/catalog';
import { functions } from '../engine/objectives/functions';
import { optimizers } from '../engine/optimizers';
import { studies } from '../engine/studies';
import type { Handlers } from '../router';
import type { Services } from '../services';
import { examine } from './doctor';

export function createAppHandlers(
  services: Services,
): Pick<Handlers, 'app/info' | 'app/doctor' | 'settings/get' | 'settings/set' | 'catalog/get'> {
  const { options, settings, executors } = services;
  return {
    'app/info': async () => ({
      version: options.version,
      host: options.host,
      executors: await executors.describe(),
      dataFolder: options.dataFolder,
    }),
    'app/doctor': ({ remeasure }, context) => examine(services, remeasure, context),
    'settings/get': () => settings.get(),
    'settings/set': (changes) => settings.set(changes),
    'catalog/get': async () => ({
      functions: [...functions],
      datasets: [...datasets],
      optimizers: [...optimizers],
      activations: activationNames,
      losses: lossNames,
      initializers: initializerNames,
      studies: [...studies],
      experiments: await readExperiments(join(options.resourcesFolder, 'experiments')),
    }),
  };
}

/** The shipped experiments, `digits` first. */
async function readExperiments(folder: string): Promise<Catalog['experiments']> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const experiments = await Promise.all(
    files.map(async (file) => {
      const experiment = experimentSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
      return { name: basename(file, '.json'), title: experiment.name, experiment };
    }),
  );
  return experiments.sort((a, b) => Number(b.name === 'digits') - Number(a.name === 'digits'));
}
