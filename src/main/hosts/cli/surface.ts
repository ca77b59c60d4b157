import type { Command } from 'commander';
import { selectionText } from '../../../shared/math/executorText';
import { formatNumber } from '../../../shared/math/numbers';
import { withEngine } from './engine';
import { openRun } from './input';
import { addSurfaceOptions, type CommonOptions, finish, type SurfaceOptions, surfaceRequest } from './options';
import { report } from './output';
import type { Terminal } from './terminal';

interface Options extends CommonOptions, SurfaceOptions {
  save: boolean;
}

export function addSurface(program: Command, terminal: Terminal): void {
  const command = program
    .command('surface')
    .description('Compute the loss over a plane through runs and keep it in the first one (surfaces/ID.npz).')
    .argument('<run...>', '.lossrun folders of the same objective; the first gives the origin');
  addSurfaceOptions(command)
    .option('--no-save', 'leave the run as it is')
    .action((paths: string[], options: Options) => surface(terminal, paths, options));
  finish(
    command,
    `atlas surface digits.lossrun --plane pca --grid 51 --subset 500 --json
atlas surface digits.lossrun --plane eigenvectors --eigenvectors 1,-1 --origin 40
atlas surface a.lossrun b.lossrun c.lossrun --plane points
atlas surface digits.lossrun --turn 30 --toward gradient`,
  );
}

async function surface(terminal: Terminal, paths: string[], options: Options): Promise<void> {
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const runs = [];
    for (const path of paths) runs.push(await openRun(engine, path));
    const made = await engine.call('surface/compute', {
      ...(await surfaceRequest(engine, runs, options)),
      save: options.save,
    });
    const { xs, ys, min, max, masked, seconds, executor, executorSelection, plane, evaluations, id } = made;
    const { examples, subset, split } = made;
    const grid = [xs.length, ys.length];
    const range = [xs[0], xs.at(-1), ys[0], ys.at(-1)];
    const { explainedVarianceRatio, labels, norms, axisCosine, eigenvalues } = plane;
    const value = {
      ...{ grid, min, max, masked, seconds, executor, executorSelection, explainedVarianceRatio },
      ...{ range, labels, norms, axisCosine, evaluations, examples, subset, split },
      ...(eigenvalues && { eigenvalues }),
      saved: options.save ? `surfaces/${id}.npz` : null,
    };
    const share = explainedVarianceRatio?.map((ratio) => `${formatNumber(100 * ratio, 3)} %`).join(' and ');
    await report(terminal, options, value, [
      `${grid.join(' × ')} points over ${labels.join(' and ')} in ${formatNumber(seconds)} s (${executor})`,
      ...(executorSelection ? [`  ${selectionText(executorSelection)}`] : []),
      `  loss ${formatNumber(min)} to ${formatNumber(max)}, ${masked} not finite`,
      ...(share ? [`  explained variance ${share}`] : []),
      ...(eigenvalues
        ? [`  eigenvalues ${eigenvalues.map(({ value }) => formatNumber(value)).join(' and ')} along the axes`]
        : []),
      ...(options.save ? [`saved as surfaces/${id}.npz in the run`] : []),
    ]);
  });
}
