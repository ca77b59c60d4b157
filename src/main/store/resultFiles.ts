import fs from 'node:fs';
import { join } from 'node:path';
import type { ZodError } from 'zod';
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
import type { FoundCriticalPoint } from '../../shared/model/critical';
import { type MeasuredCurvature, type SavedCurvature, savedCurvatureSchema } from '../../shared/model/curvature';
import type { ParameterLayout, UnreadableFile } from '../../shared/model/run';
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
  const { read, unreadable } = readJsonFiles(runFiles(runFolder).spectra, parseCurvature);
  return { results: read.sort((a, b) => a.measuredAt.localeCompare(b.measuredAt)), unreadable };
}

/** Every .json of a folder as `parse` reads it, by name, and those it refuses, with the reason. */
function readJsonFiles<T>(
  folder: string,
  parse: (id: string, path: string) => T,
): { read: T[]; unreadable: UnreadableFile[] } {
  const read: T[] = [];
  const unreadable: UnreadableFile[] = [];
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []) {
    if (!name.endsWith('.json')) continue;
    const path = join(folder, name);
    try {
      read.push(parse(name.slice(0, -'.json'.length), path));
    } catch (error) {
      unreadable.push({ path, reason: (error as Error).message });
    }
  }
  return { read, unreadable };
}

/** Larger than the whole spectrum of 2,000 parameters by far; a file beyond it is not ours. */
const maximumBytes = 2 ** 26;

function parseCurvature(id: string, path: string): SavedCurvature {
  if (fs.statSync(path).size > maximumBytes) throw new Error('it is too large');
  const content: unknown = JSON.parse(fs.readFileSync(path, 'utf8'));
  // The first spectra were kept without a name of what they are.
  const { measurement = 'spectrum', measuredAt = fs.statSync(path).mtime.toISOString() } = Object(content);
  const parsed = savedCurvatureSchema.safeParse({ id, measurement, measuredAt, result: content });
  if (parsed.success) return parsed.data;
  throw new Error(firstIssue(parsed.error));
}

function firstIssue({ issues }: ZodError): string {
  const issue = issues[0]!;
  return `${issue.path.join('.')}: ${issue.message}`;
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
  const { read, unreadable } = readJsonFiles(runFiles(runFolder).connections, (id, path) => {
    if (fs.statSync(path).size > maximumBytes) throw new Error('it is too large');
    if (!fs.existsSync(path.replace(/json$/, 'npz'))) throw new Error(`"${id}.npz" with its curve is missing`);
    const parsed = keptConnectionSchema.safeParse({ ...Object(JSON.parse(fs.readFileSync(path, 'utf8'))), id });
    if (!parsed.success) throw new Error(firstIssue(parsed.error));
    return { kept: parsed.data, time: fs.statSync(path).mtimeMs };
  });
  return { connections: read.sort((a, b) => a.time - b.time).map(({ kept }) => kept), unreadable };
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
