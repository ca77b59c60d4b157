import { z } from 'zod';
import type { AppError } from '../../shared/contract';
import {
  type Checkpoint,
  type DirectionSpec,
  directionSchema,
  type EigenvectorChoice,
  type FlatPlaneSpec,
  type PlaneSpec,
} from '../../shared/model/landscape';
import type { FieldIssue } from './compile';

/** Which plane is cut, as a person chooses it: numbers are the text typed, rows are named. */

export const planeKinds = [
  'pca',
  'random',
  'parameters',
  'points',
  'eigenvectors',
  'gradient',
  'file',
  'connection',
] as const;
export type PlaneKind = (typeof planeKinds)[number];

const text = z.string().max(100);
/** Names of imported files and of paths. */
const file = z.string().max(1_000);

/** A recorded row: the last one, the first one, or the one typed. */
const rowChoiceSchema = z.strictObject({ at: z.enum(['end', 'first', 'row']), row: text });
export type RowChoice = z.infer<typeof rowChoiceSchema>;

/** A row of one of the runs on the stage, counted from 0. */
const pointChoiceSchema = rowChoiceSchema.extend({ run: z.int().min(0).max(7) });
export type PointChoice = z.infer<typeof pointChoiceSchema>;

const eigenvectorChoiceSchema = z.strictObject({ end: z.enum(['top', 'bottom']), rank: text });
export type EigenvectorText = z.infer<typeof eigenvectorChoiceSchema>;

export const directionKinds = directionSchema.options.map(({ shape }) => shape.kind.value);

const atEnd: RowChoice = { at: 'end', row: '0' };

/** Fields that came later have defaults: a workspace written before them still opens. */
export const planeChoiceFields = {
  plane: z.enum(planeKinds),
  normalization: z.enum(['filter', 'layer', 'none']),
  /** Of random directions: both, or the second one beside a line or a single file. */
  planeSeed: text,
  indices: z.tuple([text, text]),
  /** Biases and the parameters of norms in directions that are measured (PCA, eigenvectors, gradient). */
  biases: z.boolean().default(true),
  /** The same in random directions, where Li et al. 2018 leave them out. */
  randomBiases: z.boolean().default(false),
  /** Of the first run; not for PCA, points and curves, which have their own. */
  origin: rowChoiceSchema.default(atEnd),
  eigenvectors: z.tuple([eigenvectorChoiceSchema, eigenvectorChoiceSchema]).default([
    { end: 'top', rank: '1' },
    { end: 'top', rank: '2' },
  ]),
  /** Two or three; none: the ends of up to three runs, or start and end of one. */
  points: z.array(pointChoiceSchema).max(3).default([]),
  axes: z.enum(['given', 'orthonormal']).default('given'),
  files: z.array(file).max(2).default([]),
  /** A curve and the run that keeps it. */
  connection: z.strictObject({ runId: z.string(), id: z.string() }).nullable().default(null),
  /** Degrees an axis is turned toward the third direction. */
  turn: text.default('0'),
  turnAxis: z.enum(['first', 'second']).default('second'),
  /** null: where the plane has it. */
  turnOrigin: rowChoiceSchema.nullable().default(null),
  toward: z
    .strictObject({
      kind: z.enum(directionKinds),
      seed: text,
      point: pointChoiceSchema,
      eigenvector: eigenvectorChoiceSchema,
      file,
    })
    .default({
      kind: 'random',
      seed: '1',
      point: { run: 0, at: 'first', row: '0' },
      eigenvector: { end: 'top', rank: '1' },
      file: '',
    }),
};
const planeChoiceSchema = z.strictObject(planeChoiceFields);
export type PlaneChoice = z.infer<typeof planeChoiceSchema>;

export const defaultPlaneChoice: PlaneChoice = planeChoiceSchema.parse({
  plane: 'pca',
  normalization: 'filter',
  planeSeed: '0',
  indices: ['0', '1'],
});

/** A run on the stage, as far as a plane depends on it. */
export interface StageRun {
  runId: string;
  rows: number;
}

/** Of the points a plane goes through at most. */
const mostPoints = 3;

/** The points as chosen, or those taken where none are. */
export function chosenPoints({ points }: Pick<PlaneChoice, 'points'>, runs: number): PointChoice[] {
  if (points.length > 0) return points;
  const ends = Array.from({ length: Math.min(runs, mostPoints) }, (_, run): PointChoice => ({ run, ...atEnd }));
  return runs > 1 ? ends : [{ run: 0, at: 'first', row: '0' }, ...ends];
}

/** The runs in the order a plane's source names them: the first keeps the curve, or gives the origin. */
export function sourceRuns({ plane, connection }: PlaneChoice, runs: readonly StageRun[]): string[] {
  const ids = runs.map(({ runId }) => runId);
  const first = plane === 'connection' ? connection?.runId : undefined;
  return first === undefined ? ids : [first, ...ids.filter((id) => id !== first)];
}

/** The plane of a choice that has no issues. */
export function planeSpecOf(choice: PlaneChoice, runs: readonly StageRun[]): PlaneSpec {
  const base = flatPlaneOf(choice, runs.length);
  if (!isTurned(choice)) return base;
  const order = sourceRuns(choice, runs);
  const { turn, turnAxis: axis, turnOrigin } = choice;
  return {
    kind: 'turned',
    base,
    toward: directionOf(choice.toward, (run) => order.indexOf(runs[run]?.runId ?? '')),
    angle: (Number(turn) * Math.PI) / 180,
    axis,
    origin: turnOrigin ? rowOf(turnOrigin) : 'base',
  };
}

export const isTurned = ({ turn, turnOrigin }: Pick<PlaneChoice, 'turn' | 'turnOrigin'>): boolean =>
  Number(turn) !== 0 || turnOrigin !== null;

function flatPlaneOf(choice: PlaneChoice, runs: number): FlatPlaneSpec {
  const { biases, axes } = choice;
  const origin = rowOf(choice.origin);
  const seed = Number(choice.planeSeed);
  switch (choice.plane) {
    case 'pca':
      return { kind: 'pca', biases };
    case 'random': {
      const { normalization, randomBiases } = choice;
      return { kind: 'random', seed, normalization, biases: randomBiases ? 'keep' : 'zero', origin };
    }
    case 'parameters':
      return { kind: 'parameters', indices: [Number(choice.indices[0]), Number(choice.indices[1])], origin };
    case 'eigenvectors': {
      const [first, second] = choice.eigenvectors;
      return { kind: 'eigenvectors', which: [eigenvectorOf(first), eigenvectorOf(second)], biases, origin, seed: 0 };
    }
    case 'gradient':
      return { kind: 'gradient', biases, origin };
    case 'points':
      return { kind: 'points', points: chosenPoints(choice, runs).map(checkpointOf), axes, seed };
    case 'file':
      return { kind: 'file', paths: choice.files, axes, origin, seed };
    case 'connection':
      return { kind: 'connection', id: choice.connection?.id ?? '', axes };
    default:
      return choice.plane satisfies never;
  }
}

function directionOf(toward: PlaneChoice['toward'], indexOf: (run: number) => number): DirectionSpec {
  switch (toward.kind) {
    case 'random':
      return { kind: 'random', seed: Number(toward.seed) };
    case 'point': {
      const { run, row } = checkpointOf(toward.point);
      return { kind: 'point', run: indexOf(run), row };
    }
    case 'gradient':
      return { kind: 'gradient' };
    case 'eigenvector':
      return { kind: 'eigenvector', ...eigenvectorOf(toward.eigenvector) };
    case 'file':
      return { kind: 'file', path: toward.file };
    default:
      return toward.kind satisfies never;
  }
}

export const rowOf = ({ at, row }: RowChoice): 'final' | number =>
  at === 'end' ? 'final' : at === 'first' ? 0 : Number(row);
const checkpointOf = (point: PointChoice): Checkpoint => ({ run: point.run, row: rowOf(point) });
const eigenvectorOf = ({ end, rank }: EigenvectorText): EigenvectorChoice => ({ end, rank: Number(rank) });

const quickPlanes: readonly PlaneKind[] = ['pca', 'random', 'parameters'];

/**
 * What is cut while a network trains: planes that measure the Hessian at every step would hold up the training, and rows
 * that were chosen need not have been recorded yet.
 */
export function whileTraining(choice: PlaneChoice): PlaneChoice {
  const { plane, points, toward } = choice;
  const quick = quickPlanes.includes(plane) || (plane === 'points' && points.length === 0);
  const turns = toward.kind === 'random' && Number(choice.turn) !== 0;
  return {
    ...choice,
    ...{ plane: quick ? plane : 'pca', origin: atEnd, turnOrigin: null },
    turn: turns ? choice.turn : '0',
  };
}

/**
 * Principal components of every row take longer than a second once there are some thousands; of so many rows, a matrix
 * of 64 × 64 says them at once.
 */
const rowsWhileTraining = 64;

/** The same plane from few rows of a path that grows while it is looked at. */
export function fromFewRows(spec: PlaneSpec): PlaneSpec {
  if (spec.kind === 'turned') return { ...spec, base: fromFewRows(spec.base) as FlatPlaneSpec };
  return spec.kind === 'pca' ? { ...spec, maxRows: rowsWhileTraining } : spec;
}

/** Of eigenvectors counted from either end, as the contract has it. */
const mostEigenvectors = 20;

/**
 * What is wrong with a choice, by the field it is about.
 *
 * @param runs those on the stage; rows are checked against what they have recorded
 */
export function planeIssues(choice: PlaneChoice, runs?: readonly StageRun[]): FieldIssue[] {
  const issues: FieldIssue[] = [];
  const rowIssue = (path: string, { at, row }: RowChoice, run: number) => {
    if (at === 'row') checkWhole(issues, path, row, { min: 0, max: lastRow(runs, run) });
  };
  const pointIssue = (path: string, point: PointChoice) => {
    if (runs && !runs[point.run]) issues.push({ path, key: 'noSuchRun', values: { value: String(point.run + 1) } });
    else rowIssue(path, point, point.run);
  };
  const { plane } = choice;
  const rank = (path: string, value: string) => checkWhole(issues, path, value, { min: 1, max: mostEigenvectors });
  if (hasSeed(choice, runs?.length ?? 1)) checkWhole(issues, 'planeSeed', choice.planeSeed, { min: 0 });
  if (hasOrigin(plane)) rowIssue('origin', choice.origin, 0);
  if (plane === 'parameters') {
    const [a, b] = choice.indices.map((index, i) => checkWhole(issues, `indices.${i}`, index, { min: 0 }));
    if (a !== null && a === b) issues.push({ path: 'indices.1', key: 'sameIndex', values: { value: String(b) } });
  }
  if (plane === 'eigenvectors') {
    const [first, second] = choice.eigenvectors;
    const [a, b] = choice.eigenvectors.map((one, i) => rank(`eigenvectors.${i}`, one.rank));
    if (a !== null && a === b && first.end === second.end) {
      issues.push({ path: 'eigenvectors.1', key: 'sameEigenvector', values: {} });
    }
  }
  if (plane === 'points' && runs) {
    const points = chosenPoints(choice, runs.length);
    for (const [i, point] of points.entries()) pointIssue(`points.${i}`, point);
    const places = points.map((point) => placeOf(point, runs));
    const twin = places.findIndex((place, i) => places.indexOf(place) < i);
    if (issues.length === 0 && twin > 0) issues.push({ path: `points.${twin}`, key: 'samePoint', values: {} });
  }
  if (plane === 'file') {
    if (choice.files.length === 0) issues.push({ path: 'files.0', key: 'noFile', values: {} });
  }
  if (plane === 'connection') {
    const { connection } = choice;
    if (!connection) issues.push({ path: 'connection', key: 'noConnection', values: {} });
    else if (runs && !runs.some(({ runId }) => runId === connection.runId)) {
      issues.push({ path: 'connection', key: 'otherConnection', values: {} });
    }
  }
  if (!isTurned(choice)) return issues;
  const { toward, turnOrigin } = choice;
  if (turnOrigin) rowIssue('turnOrigin', turnOrigin, 0);
  if (toward.kind === 'random') checkWhole(issues, 'toward', toward.seed, { min: 0 });
  if (toward.kind === 'eigenvector') rank('toward', toward.eigenvector.rank);
  if (toward.kind === 'point') pointIssue('toward', toward.point);
  if (toward.kind === 'file' && toward.file === '') issues.push({ path: 'toward', key: 'noFile', values: {} });
  return issues;
}

/** Two names of one recorded point are one place. */
function placeOf(point: PointChoice, runs: readonly StageRun[]): string {
  const row = rowOf(point);
  return `${point.run} ${row === 'final' ? lastRow(runs, point.run) : row}`;
}

const lastRow = (runs: readonly StageRun[] | undefined, run: number): number =>
  runs?.[run] ? Math.max(runs[run].rows - 1, 0) : Number.POSITIVE_INFINITY;

export const hasOrigin = (plane: PlaneKind): boolean => !['pca', 'points', 'connection'].includes(plane);

/** Random directions, or a second one that the choice leaves open. */
export function hasSeed(choice: Pick<PlaneChoice, 'plane' | 'points' | 'files'>, runs: number): boolean {
  const { plane, files } = choice;
  if (plane === 'points') return chosenPoints(choice, runs).length < mostPoints;
  return plane === 'random' || (plane === 'file' && files.length === 1);
}

/** The whole number that was typed; null where it is none, or outside min … max (then among the issues). */
export function checkWhole(
  issues: FieldIssue[],
  path: string,
  value: string,
  { min, max = Number.POSITIVE_INFINITY }: { min: number; max?: number },
): number | null {
  const number = Number(value);
  const shown = { value: value.trim() };
  if (value.trim() === '') issues.push({ path, key: 'required', values: {} });
  else if (Number.isNaN(number)) issues.push({ path, key: 'notANumber', values: shown });
  else if (!Number.isInteger(number)) issues.push({ path, key: 'notAnInteger', values: shown });
  else if (number < min) issues.push({ path, key: 'tooSmall', values: { ...shown, limit: String(min) } });
  else if (number > max) issues.push({ path, key: 'tooBig', values: { ...shown, limit: String(max) } });
  else return number;
  return null;
}

/** What the engine refused, at the field that asked for it; at the plane as a whole where no field is to blame. */
export function issueOfPlane({ message, cure, field = [] }: AppError, choice: PlaneChoice): FieldIssue {
  return { path: fieldPath(field, choice), key: 'engine', values: {}, message, ...(cure && { cure }) };
}

function fieldPath(field: readonly (string | number)[], { plane, turnOrigin }: PlaneChoice): string {
  const [root, ...rest] = field;
  const [name, index = 0] = rest[0] === 'base' ? rest.slice(1) : rest;
  if (root !== 'plane') return 'plane';
  switch (name) {
    case 'paths':
      return `files.${index}`;
    case 'points':
    case 'indices':
      return `${name}.${index}`;
    case 'origin':
      return turnOrigin && rest[0] !== 'base' ? 'turnOrigin' : 'origin';
    case 'toward':
      return 'toward';
    case 'which':
      return 'eigenvectors.1';
    case 'id':
      return 'connection';
    default:
      return plane === 'file' ? 'files.1' : 'plane';
  }
}
