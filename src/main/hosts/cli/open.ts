import type { Command } from 'commander';
import { withEngine } from './engine';
import { openRun } from './input';
import { finish } from './options';
import { addServeOptions, type ServeOptions, serve } from './serve';
import type { Terminal } from './terminal';

export function addOpen(program: Command, terminal: Terminal): void {
  const command = addServeOptions(
    program
      .command('open')
      .description('Open a run in the app, in a browser on this machine.')
      .argument('<run>', 'a .lossrun folder'),
  ).action((path: string, options: ServeOptions) => open(terminal, path, options));
  finish(command, 'atlas open digits.lossrun');
}

async function open(terminal: Terminal, path: string, options: ServeOptions): Promise<void> {
  const { dataFolder } = options;
  const run = await withEngine({ terminal, dataFolder, host: 'browser' }, (engine) => openRun(engine, path));
  await serve(terminal, options, `run=${run.id}`);
}
