import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AppInfo, type Settings, settingsSchema } from '../shared/contract';
import { createEventHub, type EventHub } from './events';
import { createDataLoader, type DataLoader } from './handlers/dataLoader';
import { createExecutors, type Executors } from './handlers/executors';
import { createObjectivePool, type ObjectivePool } from './handlers/objectives';
import { openStore, type RunStore } from './store';
import { loadSettings, saveSettings } from './store/settings';

export interface ServiceOptions {
  /** The app's own folder: runs, imported data, settings. Made when missing. */
  dataFolder: string;
  /** `resources/` of the app. */
  resourcesFolder: string;
  /** Where the WebAssembly kernels were built to. */
  kernelsFolder: string;
  host: AppInfo['host'];
  version: string;
}

/** What the handlers work with. */
export interface Services {
  options: ServiceOptions;
  events: EventHub;
  store: RunStore;
  settings: { get(): Settings; set(changes: { [K in keyof Settings]?: Settings[K] | undefined }): Settings };
  executors: Executors;
  data: DataLoader;
  objectives: ObjectivePool;
  importsFolder: string;
  dispose(): Promise<void>;
}

export function createServices(options: ServiceOptions): Services {
  const importsFolder = join(options.dataFolder, 'imports');
  mkdirSync(importsFolder, { recursive: true });
  const executors = createExecutors(options.kernelsFolder);
  const data = createDataLoader(join(options.resourcesFolder, 'datasets'), importsFolder);
  const objectives = createObjectivePool(executors, data);
  const settingsFile = join(options.dataFolder, 'settings.json');
  let settings = loadSettings(settingsFile).settings;
  return {
    options,
    events: createEventHub(),
    // A command line that looks at a run leaves the app's list as it is.
    store: openStore(join(options.dataFolder, 'runs'), { rememberAttached: options.host !== 'cli' }),
    settings: {
      get: () => settings,
      set(changes) {
        settings = settingsSchema.parse({ ...settings, ...changes });
        saveSettings(settingsFile, settings);
        return settings;
      },
    },
    executors,
    data,
    objectives,
    importsFolder,
    async dispose() {
      objectives.dispose();
      await executors.dispose();
    },
  };
}
