import { parseArgs } from 'node:util';
import { badInput, UserError } from '../../../shared/errors';
import { defaultDataFolder } from '../../folders';
import { startWebHost } from '.';
import { openInBrowser } from './openInBrowser';

/** Entry of the browser host: `npm start -- --browser [--port N] [--no-open] [--dev] [--reason TEXT]`. */
async function main(): Promise<void> {
  const { port, open, dev, reason } = readArguments(process.argv.slice(2));
  const host = await startWebHost({ dataFolder: defaultDataFolder(), port, dev });
  const why = reason ? `No desktop window (${reason}): ` : '';
  console.log(`${why}Loss Atlas runs in the browser at ${host.url} (the link works once; Ctrl-C ends it)`);
  if (open) openInBrowser(host.url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void host.close().then(() => process.exit(0)));
  }
}

interface Arguments {
  port: number;
  open: boolean;
  dev: boolean;
  /** Why there is no desktop window, where one was wanted. */
  reason: string | undefined;
}

function readArguments(args: string[]): Arguments {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '0' },
        'no-open': { type: 'boolean', default: false },
        dev: { type: 'boolean', default: false },
        reason: { type: 'string' },
      },
    });
    if (!/^\d+$/.test(values.port)) throw badInput(`--port ${values.port} is not a port.`, 'Give a whole number.');
    return { port: Number(values.port), open: !values['no-open'], dev: values.dev, reason: values.reason };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw badInput((error as Error).message);
  }
}

main().catch((error: unknown) => {
  if (!(error instanceof UserError)) throw error;
  console.error([error.message, error.cure].filter(Boolean).join(' '));
  process.exitCode = error.code === 'badInput' ? 2 : 1;
});
