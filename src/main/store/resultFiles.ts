import fs from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { badInput } from '../../shared/errors';
import { toJson } from '../../shared/json';
import {
  type Connection,
  type ConnectionProfile,
  type CurveKind,
  curveKindSchema,
  type KeptConnection,
  keptConnectionSchema,
} from '../../shared/model/connection';
import { type FoundCriticalPoint, foundCriticalPointSchema } from '../../shared/model/critical';
import { type MeasuredCurvature, type SavedCurvature, savedCurvatureSchema } from '../../shared/model/curvature';
import type { PlaneRequest } from '../../shared/model/landscape';
import type { ParameterLayout, RunInfo, UnreadableFile } from '../../shared/model/run';
import { readNpz, writeNpz } from '../exchange/npz';
import type { Tensor } from '../exchange/tensor';
import { writeFileAtomic } from './atomic';
import { runFiles } from './runFolder';

const json = (value: unknown): string => `${toJson(value)}\n`;

/**
 * spectra/ID.json: the result's own fields, what was measured and when. Returns ID: MEASUREMENT-row-ROW, numbered when
 * there is already one of that name.
 */
export function writeCurvature(runFolder: string, { measurement, result }: MeasuredCurvature, row: number): string {
  const folder = runFiles(runFolder).spectra;
  fs.mkdirSync(folder, { recursive: true });
  const id = freeName(folder, `${measurement}-row-${row}`);
  writeFileAtomic(join(folder, `${id}.json`), json({ measurement, measuredAt: new Date().toISOString(), ...result }));
  return id;
}

/** The mean of the iterates as weights by name and shape. */
export function writeAverage(runFolder: string, layout: ParameterLayout, params: Float64Array): void {
  const arrays = layout.map(({ name, shape, offset, size }) => {
    const data = Float32Array.from(params.subarray(offset, offset + size));
    return [name, { shape, data }] as const;
  });
  writeFileAtomic(runFiles(runFolder).average, writeNpz(Object.fromEntries(arrays)));
}

/** Everything of spectra/, oldest first, and the files that are no such result, with the reason. */
export function readCurvature(runFolder: string): { results: SavedCurvature[]; unreadable: UnreadableFile[] } {
  const { results, unreadable } = readResults(runFiles(runFolder).spectra, ({ id, writtenAt, content }) => {
    // The first spectra were kept without a name of what they are.
    const { measurement = 'spectrum', measuredAt = writtenAt } = Object(content);
    return savedCurvatureSchema.safeParse({ id, measurement, measuredAt, result: content });
  });
  return { results: results.sort((a, b) => a.measuredAt.localeCompare(b.measuredAt)), unreadable };
}

/** Larger than the whole spectrum of 2,000 parameters by far; a file beyond it is not ours. */
const maximumBytes = 2 ** 26;

interface ResultFile {
  /** Its name without .json. */
  id: string;
  /** ISO 8601, as the file system has it. */
  writtenAt: string;
  content: unknown;
}

/** Every NAME.json of a folder that `parse` takes for a result, and the others with the reason. */
function readResults<T>(
  folder: string,
  parse: (file: ResultFile) => z.ZodSafeParseResult<T>,
): { results: T[]; unreadable: UnreadableFile[] } {
  const results: T[] = [];
  const unreadable: UnreadableFile[] = [];
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []) {
    if (!name.endsWith('.json')) continue;
    const path = join(folder, name);
    try {
      const { size, mtime } = fs.statSync(path);
      if (size > maximumBytes) throw new Error('it is too large');
      const content: unknown = JSON.parse(fs.readFileSync(path, 'utf8'));
      const parsed = parse({ id: name.slice(0, -'.json'.length), writtenAt: mtime.toISOString(), content });
      if (!parsed.success) {
        const issue = parsed.error.issues[0]!;
        throw new Error([...(issue.path.length > 0 ? [issue.path.join('.')] : []), issue.message].join(': '));
      }
      results.push(parsed.data);
    } catch (error) {
      unreadable.push({ path, reason: (error as Error).message });
    }
  }
  return { results, unreadable };
}

/** The vectors of a critical point, each row P numbers in float64. */
export interface CriticalVectors {
  theta: Float64Array;
  /** Where the search started. */
  start: Float64Array;
  /** The eigenvector of the smallest eigenvalue. */
  lowest: Float64Array;
  /** The ways down from a saddle along +lowest and −lowest, the saddle first. */
  descents: readonly (readonly Float64Array[])[];
}

/**
 * critical/ID.json, and critical/ID.npz: theta, start and lowest [P], downPlus and downMinus [points, P]. Returns ID, the
 * row or the word plane, numbered where that name is taken.
 */
export function writeCriticalPoint(runFolder: string, point: FoundCriticalPoint, vectors: CriticalVectors): string {
  const folder = runFiles(runFolder).critical;
  fs.mkdirSync(folder, { recursive: true });
  const id = freeName(folder, point.from.kind === 'row' ? `row-${point.from.row}` : 'plane');
  const parameters = vectors.theta.length;
  const vector = (data: Float64Array): Tensor => ({ shape: [parameters], data });
  const arrays: Record<string, Tensor> = {
    theta: vector(vectors.theta),
    start: vector(vectors.start),
    lowest: vector(vectors.lowest),
  };
  vectors.descents.forEach((path, side) => {
    const data = new Float64Array(path.length * parameters);
    path.forEach((theta, i) => {
      data.set(theta, i * parameters);
    });
    arrays[side === 0 ? 'downPlus' : 'downMinus'] = { shape: [path.length, parameters], data };
  });
  writeFileAtomic(join(folder, `${id}.npz`), writeNpz(arrays));
  writeFileAtomic(join(folder, `${id}.json`), json({ ...point, id }));
  return id;
}

/**
 * Every point of critical/, oldest first, and the files that hold none, with the reason. A folder may have got another id
 * than it had when the point was found: what the point says of its run is said of the id it has now.
 */
export function readCriticalPoints(
  runFolder: string,
  { id: runId, parameterCount }: RunInfo,
): { points: FoundCriticalPoint[]; unreadable: UnreadableFile[] } {
  const schema = foundCriticalPointSchema.refine(({ parameters }) => parameters === parameterCount, {
    error: ({ input }) => `it is of ${Object(input).parameters} parameters, the run has ${parameterCount}`,
  });
  const { results, unreadable } = readResults(runFiles(runFolder).critical, ({ id, writtenAt, content }) =>
    schema.safeParse({ foundAt: writtenAt, ...Object(content), id }),
  );
  const points = results.map((point) => ({
    ...point,
    runId,
    plane: point.plane && renamed(point.plane, point.runId, runId),
  }));
  return { points: points.sort((a, b) => a.foundAt.localeCompare(b.foundAt)), unreadable };
}

/** @throws badInput where its .npz is missing, damaged or of another number of parameters */
export function readCriticalVectors(
  runFolder: string,
  id: string,
  parameters: number,
): Pick<CriticalVectors, 'theta' | 'descents'> {
  const path = join(runFiles(runFolder).critical, `${id}.npz`);
  const where = `"critical/${id}.npz"`;
  const again = 'Search the point again.';
  if (!fs.existsSync(path)) throw badInput(`There is no ${where} in the run.`, again, ['figure', 'criticalPoints']);
  const arrays = new Map(readNpz(fs.readFileSync(path), where).map((array) => [array.name, array]));
  const theta = arrays.get('theta');
  const paths = ['downPlus', 'downMinus'].flatMap((name) => arrays.get(name) ?? []);
  if (theta?.data.length !== parameters || paths.some(({ shape }) => shape[1] !== parameters)) {
    throw badInput(`${where} is not a point of ${parameters} parameters.`, again, ['figure', 'criticalPoints']);
  }
  return {
    theta: Float64Array.from(theta.data),
    descents: paths.map(({ shape, data }) =>
      Array.from({ length: shape[0]! }, (_, k) =>
        Float64Array.from(data.subarray(k * parameters, (k + 1) * parameters)),
      ),
    ),
  };
}

function renamed({ source, plane }: PlaneRequest, before: string, now: string): PlaneRequest {
  if (source.kind !== 'runs') return { source, plane };
  return { source: { ...source, runIds: source.runIds.map((id) => (id === before ? now : id)) }, plane };
}

/** The name, numbered when its .json is there already. */
function freeName(folder: string, name: string): string {
  let id = name;
  for (let n = 2; fs.existsSync(join(folder, `${id}.json`)); n++) id = `${name}-${n}`;
  return id;
}

/** A kept curve: φ through its nodes, and the loss measured along it. */
export interface KeptCurve {
  kind: CurveKind;
  nodes: Float32Array[];
  t: Float64Array;
  loss: Float64Array;
}

/**
 * connections/ID.npz (nodes [n, P], t, and loss, lineLoss, … of the same length) and connections/ID.json (all the rest).
 */
export function writeConnection(runFolder: string, connection: Connection, nodes: readonly ArrayLike<number>[]): void {
  const folder = runFiles(runFolder).connections;
  const { id, line, trained, alignment } = connection;
  const shown = trained ?? line;
  const column = (data: Float64Array): Tensor => ({ shape: [data.length], data });
  const theta = new Float32Array(nodes.length * nodes[0]!.length);
  for (const [k, node] of nodes.entries()) theta.set(node, k * node.length);
  const arrays: Record<string, Tensor> = {
    nodes: { shape: [nodes.length, nodes[0]!.length], data: theta },
    t: column(shown.t),
    loss: column(shown.loss),
    lineLoss: column(line.loss),
  };
  if (shown.standardError) arrays.lossStandardError = column(shown.standardError);
  if (shown.accuracy) arrays.accuracy = column(shown.accuracy);
  if (alignment) arrays.unalignedLineLoss = column(alignment.line.loss);
  fs.mkdirSync(folder, { recursive: true });
  writeFileAtomic(join(folder, `${id}.npz`), writeNpz(arrays));
  const scalars = ({ masked, maximum, length, barrier }: ConnectionProfile) => ({ masked, maximum, length, barrier });
  writeFileAtomic(
    join(folder, `${id}.json`),
    json({
      ...connection,
      line: scalars(line),
      trained: trained && scalars(trained),
      alignment: alignment && { ...alignment, line: scalars(alignment.line) },
    }),
  );
}

/** Everything of connections/, oldest first, and the files that are no such result, with the reason. */
export function readConnections(runFolder: string): { connections: KeptConnection[]; unreadable: UnreadableFile[] } {
  const folder = runFiles(runFolder).connections;
  const { results, unreadable } = readResults(folder, ({ id, writtenAt, content }) => {
    if (!fs.existsSync(join(folder, `${id}.npz`))) throw new Error(`"${id}.npz" with its curve is missing`);
    return keptConnectionSchema.transform((kept) => ({ kept, writtenAt })).safeParse({ ...Object(content), id });
  });
  const oldestFirst = results.sort((a, b) => a.writtenAt.localeCompare(b.writtenAt));
  return { connections: oldestFirst.map(({ kept }) => kept), unreadable };
}

/** @throws badInput where there is none of this name, or it is not readable */
export function readConnection(runFolder: string, id: string, parameters: number): KeptCurve {
  const path = join(runFiles(runFolder).connections, `${id}.npz`);
  if (!fs.existsSync(path))
    throw badInput(`There is no curve "${id}" in the run.`, 'Connect the runs first.', ['plane', 'id']);
  const where = `"connections/${id}.npz"`;
  const arrays = new Map(readNpz(fs.readFileSync(path), where).map((array) => [array.name, array]));
  const [nodes, t, loss] = ['nodes', 't', 'loss'].map((name) => arrays.get(name));
  const header = curveHeader(path.replace(/npz$/, 'json'));
  if (!nodes || !t || !loss || !header || nodes.shape[1] !== parameters || t.data.length !== loss.data.length) {
    throw badInput(`${where} is not a curve through ${parameters} parameters.`, 'Connect the runs again.', [
      'plane',
      'id',
    ]);
  }
  return {
    kind: header,
    nodes: Array.from({ length: nodes.shape[0]! }, (_, k) =>
      Float32Array.from(nodes.data.subarray(k * parameters, (k + 1) * parameters)),
    ),
    t: Float64Array.from(t.data),
    loss: Float64Array.from(loss.data),
  };
}

function curveHeader(path: string): CurveKind | null {
  try {
    const parsed = curveKindSchema.safeParse(JSON.parse(fs.readFileSync(path, 'utf8')).curve);
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
