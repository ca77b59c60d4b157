import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { badInput } from '../../../shared/errors';
import { type Experiment, experimentSchema } from '../../../shared/model/experiment';
import { maximumGridCells } from '../../../shared/model/landscape';
import type { RunInfo } from '../../../shared/model/run';
import type { Engine } from './engine';

/** Reads a JSON file against its schema; every field that is wrong is named with the value it has. */
export function readJson<S extends z.ZodType>(path: string, schema: S, what: string): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw badInput(`"${path}" is not JSON: ${error.message}.`);
    throw missingFile(path, what, error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 5).map((issue) => {
    const place = issue.path.map(String).join('.');
    return place === '' ? issue.message : `${place} = ${show(valueAt(value, issue.path))}: ${issue.message}`;
  });
  throw badInput(`"${path}" is not a valid ${what}: ${issues.join('; ')}.`);
}

/** An experiment file; a file of data or weights it names is relative to it. */
export function readExperiment(file: string): Experiment {
  const experiment = readJson(file, experimentSchema, 'experiment');
  const { objective, start } = experiment;
  if (start?.kind === 'weights' && !isAbsolute(start.path)) start.path = resolve(dirname(file), start.path);
  if (objective.kind === 'network' && objective.data.source.kind === 'file') {
    const { source } = objective.data;
    if (!isAbsolute(source.path)) source.path = resolve(dirname(file), source.path);
  }
  return experiment;
}

export function requireFile(path: string, what: string): void {
  try {
    readFileSync(path).subarray(0, 0);
  } catch (error) {
    throw missingFile(path, what, error);
  }
}

function missingFile(path: string, what: string, error: unknown): Error {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return badInput(`There is no ${what} "${path}".`, 'Check the path.');
    case 'EISDIR':
      return badInput(`"${path}" is a folder, not a ${what}.`);
    default:
      return badInput(`"${path}" cannot be read: ${(error as Error).message}.`);
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

/** `--grid 51` or `--grid 51x41`. */
export function parseGrid(text: string): [number, number] {
  const match = /^(-?[\d.e+]+)(?:[x×,](-?[\d.e+]+))?$/i.exec(text.trim());
  const nx = Number(match?.[1]);
  const ny = Number(match?.[2] ?? match?.[1]);
  const valid = [nx, ny].every((n) => Number.isInteger(n) && n >= 2 && n <= 4_096) && nx * ny <= maximumGridCells;
  if (!valid) {
    throw new InvalidArgumentError(
      `A grid is N or NXxNY points, 2 to 4096 along each side and at most ${maximumGridCells} in all.`,
    );
  }
  return [nx, ny];
}

/** `--volume 25` or `--volume 25x25x9`. */
export function parseVolumeGrid(text: string): [number, number, number] {
  const parts = text.trim().split(/[x×,]/i);
  const sides = (parts.length === 1 ? [parts[0], parts[0], parts[0]] : parts).map(Number);
  const valid =
    sides.length === 3 &&
    sides.every((n) => Number.isInteger(n) && n >= 2 && n <= 512) &&
    sides.reduce((cells, n) => cells * n, 1) <= maximumGridCells;
  if (!valid) {
    throw new InvalidArgumentError(
      `A volume is N or NXxNYxNZ points, 2 to 512 along each side and at most ${maximumGridCells} in all.`,
    );
  }
  return sides as [number, number, number];
}

export function parseWhole(minimum: number, maximum = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < minimum || value > maximum) {
      const range = maximum === Number.MAX_SAFE_INTEGER ? `of ${minimum} or more` : `from ${minimum} to ${maximum}`;
      throw new InvalidArgumentError(`Give a whole number ${range}.`);
    }
    return value;
  };
}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.');
  return value;
}

export function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

/** `final` or a step. */
export const parseStep = (text: string): number | 'final' => (text === 'final' ? text : parseWhole(0)(text));

/** `1,-2.5` with a fixed count of numbers. */
export function parseNumbers(count: number, shape: string): (text: string) => number[] {
  return (text) => {
    const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if (values.length !== count || !values.every(Number.isFinite)) throw new InvalidArgumentError(`Give ${shape}.`);
    return values;
  };
}

/** A run by the path of its folder, or by its name in the app's list. */
export async function openRun(engine: Engine, pathOrId: string): Promise<RunInfo> {
  if (existsSync(pathOrId)) return engine.call('run/attach', { path: pathOrId });
  const runs = await engine.call('run/list', {});
  const run = runs.find(({ id }) => id === pathOrId);
  if (!run) throw badInput(`There is no run "${pathOrId}".`, 'Give the path of a .lossrun folder.');
  return run;
}

/** The row that recorded a step. */
export async function rowOfStep(engine: Engine, run: RunInfo, step: number | 'final'): Promise<number | 'final'> {
  if (step === 'final') return step;
  const { metrics } = await engine.call('run/open', { runId: run.id });
  const row = metrics.step.indexOf(step);
  if (row >= 0) return row;
  const nearest = metrics.step.reduce(
    (best, one) => (Math.abs(one - step) < Math.abs(best - step) ? one : best),
    Number.POSITIVE_INFINITY,
  );
  throw badInput(
    `Step ${step} was not recorded.`,
    `The run has ${run.rows} rows from step ${metrics.step[0]} to ${metrics.step.at(-1)}; the nearest is ${nearest}.`,
  );
}
