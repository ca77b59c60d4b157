import type { Command } from 'commander';
import { formatNumber } from '../../../shared/math/numbers';
import type { LintFinding } from '../../../shared/model/lint';
import { withEngine } from './engine';
import { openRun } from './input';
import { addSurfaceOptions, type CommonOptions, finish, type SurfaceOptions, surfaceRequest } from './options';
import { report } from './output';
import type { Terminal } from './terminal';

type Options = CommonOptions & SurfaceOptions;

export function addLint(program: Command, terminal: Terminal): void {
  const command = program
    .command('lint')
    .description(
      'What a careful reviewer would object to in a surface plot, each with the number measured and a cure (the request in --json).',
    )
    .argument('<run...>', '.lossrun folders of the same objective; the first gives the origin');
  addSurfaceOptions(command).action((paths: string[], options: Options) => lint(terminal, paths, options));
  finish(command, 'atlas lint digits.lossrun --plane random --normalization none --grid 25');
}

async function lint(terminal: Terminal, paths: string[], options: Options): Promise<void> {
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const runs = [];
    for (const path of paths) runs.push(await openRun(engine, path));
    const made = await engine.call('plot/lint', await surfaceRequest(engine, runs, options));
    const { findings } = made;
    await report(terminal, options, made, findings.length > 0 ? findings.flatMap(lines) : ['nothing to object to']);
  });
}

function lines({ severity, rule, title, value, limit, why, cure }: LintFinding): string[] {
  const measured = limit === null ? formatNumber(value) : `${formatNumber(value)}, limit ${formatNumber(limit)}`;
  return [`${severity}: ${title} (${rule} ${measured})`, `  ${why}`, ...(cure ? [`  Cure: ${cure.title}`] : [])];
}
