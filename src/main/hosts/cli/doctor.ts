import type { Command } from 'commander';
import { UserError } from '../../../shared/errors';
import { doctorText } from '../../../shared/math/executorText';
import { hasFailedCheck } from '../../../shared/model/executors';
import { withEngine } from './engine';
import { type CommonOptions, finish } from './options';
import { report } from './output';
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
