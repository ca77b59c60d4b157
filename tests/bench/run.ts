import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { appFolders, appVersion } from '../../src/main/folders';
import { listedExecutors } from '../../src/main/handlers/executorList';
import { createServices } from '../../src/main/services';
import { executorChoiceSchema } from '../../src/shared/model/experiment';
import { runAlone, workAlone } from './alone';
import { type BenchResult, type BenchRow, measure } from './harness';
import { type Peer, startPeer } from './peer';
import type { Context } from './problem';
import { describeMachine, formatMachine, formatMarkdown, formatTable } from './report';
import { rows } from './rows';

const help = `npm run bench -- [options]
  --only TEXT      rows whose name contains it (may be given several times)
  --executor NAME  ${executorChoiceSchema.options.join(', ')} (default auto)
  --repeat N       repetitions of each row (default 7; fewer for the slowest rows)
  --json           everything, every repetition, as JSON
  --markdown       the table as Markdown
  --list           names of the rows`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    executor: { type: 'string', default: 'auto' },
    repeat: { type: 'string' },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    /** Of a memory row's own process. */
    alone: { type: 'string' },
  },
});
const refuse = (message: string): never => {
  console.error(message);
  process.exit(2);
};
const choice = executorChoiceSchema.safeParse(values.executor);
const repeat = values.repeat === undefined ? undefined : Number(values.repeat);
if (!choice.success) refuse(`No executor "${values.executor}". Known: ${executorChoiceSchema.options.join(', ')}.`);
if (repeat !== undefined && !(Number.isInteger(repeat) && repeat > 0))
  refuse(`--repeat "${values.repeat}" is no count.`);

const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const folders = appFolders();
const services = createServices({
  dataFolder: join(folder, 'app'),
  resourcesFolder: folders.resources,
  kernelsFolder: folders.kernels,
  probeFile: folders.probe,
  host: 'cli',
  version: appVersion(folders),
});
const context: Context = { executors: services.executors, choice: choice.data!, folder };

if (values.help) console.log(help);
else if (values.list) for (const { name } of rows) console.log(name);
else if (values.alone !== undefined) await alone(values.alone);
else await bench(rows.filter(isChosen));
await services.dispose();

function isChosen({ name }: BenchRow): boolean {
  return !values.only || values.only.some((text) => name.toLowerCase().includes(text.toLowerCase()));
}

/** As the app does in the background of its first start: what auto takes is what is fastest here. */
async function measureExecutors(): Promise<void> {
  console.error('… measuring the executors');
  const { signal } = new AbortController();
  for (const name of listedExecutors) {
    await services.measurements.probe(name, { remeasure: true, thorough: false, signal });
  }
}

async function alone(name: string): Promise<void> {
  const row = rows.find((row) => row.name === name);
  if (row?.kind !== 'memory') return refuse(`No memory row "${name}".`);
  console.log(JSON.stringify(await workAlone(row, context)));
}

async function bench(chosen: readonly BenchRow[]): Promise<void> {
  if (chosen.length === 0) {
    refuse(`No row "${values.only?.join('", "')}". Known:\n${rows.map(({ name }) => `  ${name}`).join('\n')}`);
  }
  const peer: Peer | null = await startPeer().catch((error: Error) => {
    console.error(`Without a peer: ${error.message}.`);
    return null;
  });
  if (context.choice === 'auto') await measureExecutors();
  const results: BenchResult[] = [];
  const failures: { row: string; error: string }[] = [];
  for (const row of chosen) {
    console.error(`… ${row.name}`);
    const counted = repeat === undefined ? row : { ...row, repetitions: repeat };
    try {
      const options = { context, peer, repetitions: 7, startPeer };
      results.push(await measure(counted, { ...options, alone: (row) => runAlone(row, context.choice) }));
    } catch (error) {
      failures.push({ row: row.name, error: (error as Error).message });
      console.error(`FAILED ${row.name}: ${(error as Error).message}`);
    }
  }
  peer?.close();
  const machine = describeMachine(await context.executors.describe(), peer);
  if (values.json) console.log(JSON.stringify({ machine, results, failures }));
  else if (values.markdown) console.log(formatMarkdown(results, machine));
  else if (results.length > 0) console.log(`${formatMachine(machine)}\n\n${formatTable(results)}`);
  if (failures.length > 0) process.exitCode = 1;
}
