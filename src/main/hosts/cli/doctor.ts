import type { Command } from 'commander';
import { UserError } from '../../../shared/errors';
import { formatDuration, selectionText } from '../../../shared/math/selectionText';
import { type DoctorReport, type ExecutorReport, hasFailedCheck } from '../../../shared/model/executors';
import { withEngine } from './engine';
import { type CommonOptions, finish } from './options';
import { report, table } from './output';
import type { Terminal } from './terminal';

interface DoctorOptions extends CommonOptions {
  remeasure?: boolean;
}

export function addDoctor(program: Command, terminal: Terminal): void {
  const command = program
    .command('doctor')
    .description('What there is to compute with: checked, timed, and which of it auto takes.')
    .option('--remeasure', 'time everything anew (otherwise once for each version and machine)')
    .action((options: DoctorOptions) => doctor(terminal, options));
  finish(command, 'atlas doctor');
}

async function doctor(terminal: Terminal, options: DoctorOptions): Promise<void> {
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const found = await engine.call('app/doctor', { remeasure: options.remeasure ?? false });
    await report(terminal, options, found, doctorText(found));
    const failed = found.executors.filter(hasFailedCheck).map(({ name }) => name);
    if (failed.length > 0) {
      throw new UserError('engine', `A check failed: the numbers of ${failed.join(', ')} cannot be trusted here.`, {
        cure: 'Choose another executor; auto does so by itself.',
      });
    }
    if (!found.executors.some(({ state }) => state === 'available')) {
      throw new UserError('engine', 'No executor works here.', { cure: 'Reinstall Loss Atlas.' });
    }
  });
}

/** The page as lines; the app copies the same ones. */
function doctorText({ machine, executors, choices, measuredAt }: DoctorReport): string[] {
  const { cpu, cores, memoryBytes, platform, node, v8, electron, version, dataFolder, kernels } = machine;
  return [
    `Loss Atlas ${version} on ${platform}`,
    `  ${cpu}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    `  Node ${node}, V8 ${v8}${electron ? `, Electron ${electron}` : ''}; kernels: ${kernels ?? 'none'}`,
    `  ${dataFolder} ${machine.dataFolderWritable ? 'can be written' : 'CANNOT be written'}`,
    '',
    ...executors.flatMap(executorText),
    measuredAt ? `Measured ${measuredAt}. What auto takes:` : 'Not all of it could be measured. What auto takes:',
    ...table(
      ['network', 'examples', 'executor', 'why'],
      choices.map(({ model, examples, executor, selection }) => [model, examples, executor, selectionText(selection)]),
    ).map((line) => `  ${line}`),
  ];
}

function executorText(report: ExecutorReport): string[] {
  const { name, state, description, reason, cure, precision, library, devices, checks, unchecked, speeds } = report;
  if (state !== 'available') return [`${name}: ${state}`, `  ${[reason, cure].filter(Boolean).join(' ')}`, ''];
  const facts = [precision, library && `${library.name} ${library.version}`, ...devices].filter(Boolean);
  return [
    `${description}`,
    `  ${facts.join(', ')}`,
    ...checks.map(
      ({ net, quantity, error, tolerance, passed }) =>
        `  ${passed ? 'passed' : 'FAILED'}  ${net} ${quantity === 'gradient' ? 'gradient' : 'Hessian product'}: relative error ${error.toExponential(1)} (tolerance ${tolerance.toExponential(0)})`,
    ),
    ...unchecked.map(({ net, reason: why }) => `  not run  ${net}: ${name} ${why}`),
    `  gradient: ${speeds.map(({ net, seconds, examples, measured }) => `${net} ${formatDuration(seconds)}${measured < examples ? ` (from ${measured} of ${examples} examples)` : ''}`).join(', ')}`,
    '',
  ];
}
