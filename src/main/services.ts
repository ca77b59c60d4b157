import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AppInfo, type Settings, settingsSchema } from '../shared/contract';
import { createEventHub, type EventHub } from './events';
import { type Activity, createActivity } from './handlers/activity';
import { createDataLoader, type DataLoader } from './handlers/dataLoader';
import { executorList } from './handlers/executorList';
import { createExecutors, type Executors } from './handlers/executors';
import { createMeasurements, type Measurements, machineKey } from './handlers/measurements';
import { createObjectivePool, type ObjectivePool } from './handlers/objectives';
import { probeExecutor } from './handlers/probeChild';
import { openStore, type RunStore } from './store';
import { loadSettings, saveSettings } from './store/settings';

export interface ServiceOptions {
  /** The app's own folder: runs, imported data, settings. Made when missing. */
  dataFolder: string;
  /** `resources/` of the app. */
  resourcesFolder: string;
  /** Where the WebAssembly kernels were built to. */
  kernelsFolder: string;
  /** The built entry of the process that tries an executor. */
  probeFile: string;
  /** Where settings and measurements are, where that is not the data folder. */
  settingsFolder?: string | undefined;
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
  measurements: Measurements;
  activity: Activity;
  data: DataLoader;
  objectives: ObjectivePool;
  importsFolder: string;
  dispose(): Promise<void>;
}

/** Nobody has wanted anything for so long: measuring disturbs no one. */
const idleMs = 2_000;

export function createServices(options: ServiceOptions): Services {
  const importsFolder = join(options.dataFolder, 'imports');
  mkdirSync(importsFolder, { recursive: true });
  const data = createDataLoader(join(options.resourcesFolder, 'datasets'), importsFolder);
  const settingsFolder = options.settingsFolder ?? options.dataFolder;
  const settingsFile = join(settingsFolder, 'settings.json');
  let settings = loadSettings(settingsFile).settings;
  const activity = createActivity();
  const measurements = createMeasurements({
    file: join(settingsFolder, 'executors.json'),
    key: machineKey(options.kernelsFolder, options.version),
    kernelsFolder: options.kernelsFolder,
    run: (probe, control) => probeExecutor(options.probeFile, probe, control),
    activity,
    // A command works from its first moment to its last.
    idleMs: options.host === 'cli' ? null : idleMs,
  });
  const executors = createExecutors({
    make: (name) => executorList[name].make(options.kernelsFolder),
    preferred: () => settings.executor,
    measurements,
  });
  const objectives = createObjectivePool(executors, data, activity);
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
    measurements,
    activity,
    data,
    objectives,
    importsFolder,
    async dispose() {
      measurements.dispose();
      objectives.dispose();
      await executors.dispose();
    },
  };
}
