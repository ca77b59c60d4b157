import { Command, CommanderError } from 'commander';
import type { AppError } from '../../../shared/contract';
import { appFolders, appVersion } from '../../folders';
import { toAppError } from '../../router';
import { addConnect } from './connect';
import { addCriticalPoints } from './criticalPoints';
import { addDoctor } from './doctor';
import { addEvaluate } from './evaluate';
import { addFigure } from './figure';
import { addHessian } from './hessian';
import { addLesson } from './lesson';
import { addLint } from './lint';
import { addList } from './list';
import { addOpen } from './open';
import { addRace } from './race';
import { addRegions } from './regions';
import { addServe } from './serve';
import { addStudy } from './study';
import { addSurface } from './surface';
import type { Terminal } from './terminal';
import { addTrain } from './train';

const commands = [
  ...[addTrain, addSurface, addRegions, addConnect, addHessian, addCriticalPoints, addLint, addEvaluate],
  ...[addLesson, addStudy, addRace, addFigure, addServe, addOpen, addList, addDoctor],
];

export const exitCodes = { done: 0, failed: 1, badInput: 2 } as const;

/**
 * Runs one command line; what went wrong is told on stderr.
 * @param args without the program's name
 * @returns the exit code: 0 done, 1 failed, 2 bad input
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const help: string[] = [];
  const program = createProgram(terminal, (text) => help.push(text));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) {
        await terminal.print(help.join(''));
        return exitCodes.done;
      }
      terminal.note(error.code === 'commander.help' ? help.join('') : `${explain(error, program, args)}\n`);
      return exitCodes.badInput;
    }
    const appError = toAppError(error);
    terminal.note(`${[appError.message, appError.cure].filter(Boolean).join(' ')}\n`);
    return exitCodeOf(appError.code);
  }
}

function createProgram(terminal: Terminal, write: (text: string) => void): Command {
  const program = new Command('atlas')
    .description('Loss Atlas: train, cut, measure curvature, draw.')
    .version(appVersion(appFolders()))
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write, outputError: () => undefined })
    .addHelpText('after', '\nExample:\n  atlas train resources/experiments/digits.json --out digits.lossrun');
  for (const add of commands) add(program, terminal);
  return program;
}

/** commander's message and, for an unknown name, the known ones. */
function explain(error: CommanderError, program: Command, args: readonly string[]): string {
  const message = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  const known = ((): string[] => {
    switch (error.code) {
      case 'commander.unknownCommand':
        return program.commands.map((command) => command.name());
      case 'commander.unknownOption': {
        const command = program.commands.find((one) => one.name() === args[0]) ?? program;
        return command.options.map((option) => option.long ?? option.flags);
      }
      default:
        return [];
    }
  })();
  return known.length > 0 ? `${sentence}. Known: ${known.join(', ')}.` : sentence;
}

function exitCodeOf(code: AppError['code']): number {
  switch (code) {
    case 'badInput':
    case 'notFound':
    case 'io':
      return exitCodes.badInput;
    case 'cancelled':
    case 'engine':
    case 'internal':
      return exitCodes.failed;
    default:
      return code satisfies never;
  }
}
