import type { Terminal } from '../../../src/main/hosts/cli/terminal';

export interface RecordedTerminal extends Terminal {
  /** All of stdout and of stderr so far. */
  readonly out: string;
  readonly err: string;
  interrupt(): void;
}

/** A terminal that remembers what was written, and nobody watches. */
export function recordedTerminal(): RecordedTerminal {
  const controller = new AbortController();
  let out = '';
  let err = '';
  return {
    get out() {
      return out;
    },
    get err() {
      return err;
    },
    print: async (text) => {
      out += text;
    },
    note: (text) => {
      err += text;
    },
    interactive: false,
    signal: controller.signal,
    interrupt: () => controller.abort(),
  };
}
