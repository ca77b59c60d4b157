import { type Command, InvalidArgumentError } from 'commander';
import { formatNumber } from '../../../shared/math/numbers';
import type { StudyResult } from '../../../shared/model/study';
import { withEngine } from './engine';
import { type CommonOptions, finish } from './options';
import { report, table } from './output';
import type { Terminal } from './terminal';

interface Options extends CommonOptions {
  set: Record<string, unknown>;
}

export function addStudy(program: Command, terminal: Terminal): void {
  const command = program
    .command('study')
    .description('A measured experiment: its facts beside what theory says; curves, surfaces and tables with --json.')
    .argument('<name>', 'a name of `atlas list studies`')
    .option(
      '--set <parameter=value>',
      'another value than the default, JSON where it is no word; may be repeated',
      addValue,
      {},
    )
    .action((name: string, options: Options) => study(terminal, name, options));
  finish(command, 'atlas study conditioning --set kappa=100 --set steps=200');
}

async function study(terminal: Terminal, name: string, { set, ...options }: Options): Promise<void> {
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const result = await engine.call('study/run', { name, parameters: set });
    await report(terminal, options, result, lines(result));
  });
}

function lines({ facts, seconds, executors }: StudyResult): string[] {
  const rows = Object.entries(facts).map(([key, { label, value, standardError, theory }]) => [
    key,
    label.en,
    standardError === undefined ? formatNumber(value) : `${formatNumber(value)} ± ${formatNumber(standardError, 2)}`,
    theory ? formatNumber(theory.value) : '',
  ]);
  return [...table(['fact', 'what', 'measured', 'theory'], rows), [`${seconds.toFixed(1)} s`, ...executors].join(', ')];
}

function addValue(text: string, values: Record<string, unknown>): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`"${text}" is not parameter=value.`);
  return { ...values, [text.slice(0, at)]: parsed(text.slice(at + 1)) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
