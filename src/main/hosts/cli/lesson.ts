import { Argument, type Command } from 'commander';
import { badInput, UserError } from '../../../shared/errors';
import { formatNumber } from '../../../shared/math/numbers';
import type { Lesson, LessonCheck } from '../../../shared/model/lesson';
import { type Engine, withEngine } from './engine';
import { requireFile } from './input';
import { type CommonOptions, finish, forceOption } from './options';
import { report, table } from './output';
import { requireFree, writeOutput } from './outputPath';
import type { Terminal } from './terminal';

interface Options extends CommonOptions {
  list?: boolean;
  check?: boolean;
  copy?: string;
  force?: boolean;
}

export function addLesson(program: Command, terminal: Terminal): void {
  const command = program
    .command('lesson')
    .description('Lessons on optimization: list them, read one, check what it claims, copy one to write your own from.')
    .addArgument(new Argument('[lesson]', 'a name of --list, or a file NAME.md, which is checked'))
    .option('--list', 'all lessons, in the order of the book')
    .option('--check', "replay the lesson's experiments and look whether its claims hold; exit code 1 if one does not")
    .option('--copy <file.md>', "write the lesson's text to a file")
    .addOption(forceOption())
    .action((name: string | undefined, options: Options) => lesson(terminal, name, options));
  finish(command, 'atlas lesson ill-conditioning --check');
}

async function lesson(terminal: Terminal, name: string | undefined, options: Options): Promise<void> {
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    if (name === undefined) return listLessons(engine, terminal, options);
    const isFile = name.endsWith('.md');
    if (isFile) requireFile(name, 'lesson file');
    if (options.copy !== undefined) {
      if (isFile) throw badInput(`"${name}" is a file already.`, 'Copy it with your system.');
      requireFree(options.copy, options.force);
      const { text } = await engine.call('lesson/source', { name });
      writeOutput(options.copy, new TextEncoder().encode(text));
      return report(terminal, options, { path: options.copy }, [options.copy]);
    }
    if (!options.check && !isFile) {
      const found = await engine.call('lesson/get', { name });
      return report(terminal, options, found, outline(found));
    }
    const checked = await engine.call('lesson/check', isFile ? { path: name } : { name });
    await report(terminal, options, checked, lines(checked));
    if (!checked.holds) throw new UserError('engine', `Not everything in "${checked.name}" holds.`);
  });
}

async function listLessons(engine: Engine, terminal: Terminal, options: Options): Promise<void> {
  if (options.check || options.copy !== undefined) {
    throw badInput('A lesson is missing.', 'Give a name of atlas lesson --list, or a file.');
  }
  const { lessons, unreadable } = await engine.call('lesson/list', {});
  const rows = lessons.map(({ name, section, minutes, title }) => [name, section, `${minutes} min`, title.en]);
  await report(terminal, options, lessons, table(['name', 'section', 'time', 'title'], rows));
  for (const { reason } of unreadable) terminal.note(`${reason}\n`);
}

const outline = ({ title, summary, section, minutes, steps }: Lesson): string[] => [
  title.en,
  `section ${section}, ${minutes} min`,
  summary.en,
  ...steps.flatMap((step, i) => ['', `${i + 1}. ${step.title.en}`, step.body.en]),
];

function lines({ steps, name, holds, seconds }: LessonCheck): string[] {
  return [
    ...steps.flatMap(({ id, claims, problems }) => [
      id,
      ...problems.map((problem) => `  ✗ ${problem}`),
      ...claims.map(({ says, fact, value, failure }) =>
        failure === null ? `  ✓ ${says.en} (${fact} ${formatNumber(value)})` : `  ✗ ${says.en} ${failure}`,
      ),
    ]),
    `${name}: ${holds ? 'everything holds' : 'not everything holds'}, ${seconds.toFixed(1)} s`,
  ];
}
