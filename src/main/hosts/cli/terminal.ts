/** What a command writes to and listens to; tests bring their own. */
export interface Terminal {
  /** Result, on stdout. Resolves when it is written. */
  print(text: string): Promise<void>;
  /** Everything else, on stderr. */
  note(text: string): void;
  /** Whether someone is watching stderr: progress bars are drawn only then. */
  readonly interactive: boolean;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

export function processTerminal(): Terminal {
  // A reader such as `head` that has seen enough is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.stderr.on('error', () => undefined);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  return {
    print: (text) => new Promise((written) => process.stdout.write(text, () => written())),
    note: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY === true,
    signal: interrupted.signal,
  };
}
