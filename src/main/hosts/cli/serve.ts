import type { Command } from 'commander';
import { defaultDataFolder } from '../../folders';
import { startWebHost } from '../web';
import { openInBrowser } from '../web/openInBrowser';
import { parseWhole } from './input';
import { type CommonOptions, finish } from './options';
import { report } from './output';
import type { Terminal } from './terminal';

export interface ServeOptions extends CommonOptions {
  port: number;
  open: boolean;
}

export function addServeOptions(command: Command): Command {
  return command
    .option('--port <n>', 'port on 127.0.0.1 (0: a free one)', parseWhole(0, 65_535), 0)
    .option('--no-open', 'print the link only');
}

export function addServe(program: Command, terminal: Terminal): void {
  const command = addServeOptions(
    program.command('serve').description('Serve the app to a browser on this machine.'),
  ).action((options: ServeOptions) => serve(terminal, options));
  finish(command, 'atlas serve --port 8123 --no-open');
}

/**
 * Serves until Ctrl-C.
 * @param fragment what the page is told to show, e.g. `run=ID`
 */
export async function serve(terminal: Terminal, options: ServeOptions, fragment = ''): Promise<void> {
  const host = await startWebHost({ dataFolder: options.dataFolder ?? defaultDataFolder(), port: options.port });
  const url = fragment ? `${host.url}#${fragment}` : host.url;
  try {
    await report(terminal, options, { url }, [`Loss Atlas runs at ${url} (this link works once; Ctrl-C ends it)`]);
    if (options.open) openInBrowser(url);
    if (!terminal.signal.aborted) {
      await new Promise((ended) => terminal.signal.addEventListener('abort', ended, { once: true }));
    }
  } finally {
    await host.close();
  }
}
