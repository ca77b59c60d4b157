import { runCommandLine } from './program';
import { processTerminal } from './terminal';

/** Entry of the command line. Exits by itself: an engine's worker threads must not keep the process. */
process.exit(await runCommandLine(process.argv.slice(2), processTerminal()));
