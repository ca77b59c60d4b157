import { expect } from 'vitest';
import { runCommandLine } from '../../src/main/hosts/cli/program';
import { recordedTerminal } from '../unit/cli/sample';

/**
 * The command line on a data folder of its own.
 * @param prefix what every command of `json` begins with
 */
export function commandLine(dataFolder: string, prefix: readonly string[] = []) {
  async function atlas(...args: string[]) {
    const terminal = recordedTerminal();
    const code = await runCommandLine([...args, '--data-folder', dataFolder], terminal);
    return { code, out: terminal.out, err: terminal.err };
  }
  return {
    atlas,
    /** A command that has to succeed, as its JSON; nothing but JSON may be on stdout. */
    // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it says what it is
    async json<T = any>(...args: string[]): Promise<T> {
      const { code, out, err } = await atlas(...prefix, ...args, '--json');
      expect([code, err]).toEqual([0, '']);
      return JSON.parse(out) as T;
    },
  };
}
