import fs from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../../shared/errors';
import { type RunInfo, runSchema } from '../../shared/model/run';
import { writeFileAtomic } from './atomic';
import { countSteps, lastWholeStep, readSteps } from './stepsFile';
import { trajectoryExtent } from './trajectoryFile';

/** The files of a run, named once. */
export const runFiles = (folder: string) => ({
  info: join(folder, 'run.json'),
  trajectory: join(folder, 'trajectory.npy'),
  steps: join(folder, 'steps.csv'),
  average: join(folder, 'average.npz'),
  surfaces: join(folder, 'surfaces'),
  volumes: join(folder, 'volumes'),
  spectra: join(folder, 'spectra'),
  critical: join(folder, 'critical'),
  connections: join(folder, 'connections'),
});

const maximumInfoBytes = 2 ** 26;

export function writeRunInfo(folder: string, info: RunInfo): void {
  writeFileAtomic(runFiles(folder).info, `${JSON.stringify(info, null, 2)}\n`);
}

/**
 * What a folder holds, up to the last row that is whole in both of its files. A run that says 'running' was cut off:
 * its writer would have been asked instead.
 * @throws badInput with the reason when it is not a readable run
 */
export function readRunFolder(folder: string): RunInfo {
  const files = runFiles(folder);
  const info = readRunInfo(folder);
  const recorded = trajectoryExtent(files.trajectory, info.parameterCount).rows;
  // Counting the lines of a long steps.csv is spared where a finished run is evidently complete.
  const complete =
    info.outcome.kind !== 'running' && recorded === info.rows && lastWholeStep(files.steps) === info.outcome.step;
  const rows = complete ? recorded : Math.min(recorded, countSteps(files.steps));
  if (info.outcome.kind !== 'running') return { ...info, rows };
  const step = rows > 0 ? readSteps(files.steps, rows).step[rows - 1]! : 0;
  return { ...info, rows, outcome: { kind: 'interrupted', step: Number.isInteger(step) ? step : 0 } };
}

function readRunInfo(folder: string): RunInfo {
  const path = runFiles(folder).info;
  let content: unknown;
  try {
    if (fs.statSync(path).size > maximumInfoBytes) throw new Error('it is too large');
    content = JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw badInput(
      missing
        ? `"${folder}" is not a run: it has no run.json.`
        : `${path} is not readable: ${(error as Error).message}.`,
    );
  }
  const version = (content as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version > 1) {
    throw badInput(`${path} has schema version ${version}, this program knows 1.`, 'Open it with a newer version.');
  }
  const parsed = runSchema.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw badInput(`${path} is not a valid run: ${issue.path.join('.')}: ${issue.message}.`);
  }
  return parsed.data;
}
