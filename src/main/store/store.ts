import fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { badInput, UserError } from '../../shared/errors';
import type { Connection, KeptConnection } from '../../shared/model/connection';
import type { FoundCriticalPoint } from '../../shared/model/critical';
import type { MeasuredCurvature, SavedCurvature } from '../../shared/model/curvature';
import type { Surface } from '../../shared/model/landscape';
import { type MetricColumns, type RunInfo, runSchema, type UnreadableFile } from '../../shared/model/run';
import type { KnownPoints } from '../engine/surface/points';
import type { TrajectoryRows } from '../engine/trajectory/rows';
import { writeFileAtomic } from './atomic';
import {
  type CriticalVectors,
  type KeptCurve,
  readConnection,
  readConnections,
  readCriticalPoints,
  readCriticalVectors,
  readCurvature,
  writeAverage,
  writeConnection,
  writeCriticalPoint,
  writeCurvature,
} from './resultFiles';
import { readRunFolder, runFiles } from './runFolder';
import { createRunFolder, openRunWriter, type RunWriter } from './runWriter';
import { readSteps } from './stepsFile';
import {
  type KeptKind,
  type KeptVolume,
  readSurface,
  readUnfinished,
  readVolume,
  type Stored,
  writeSurface,
  writeUnfinished,
  writeVolume,
} from './surfaceFiles';
import { openTrajectory } from './trajectoryFile';

/**
 * The runs of a folder (its NAME.lossrun folders) and those attached from elsewhere. Every method that takes an id
 * throws 'notFound' for an unknown one.
 */
export interface RunStore {
  readonly folder: string;
  /** @param options.path the run's folder; `<id>.lossrun` in the store when left out. An existing one is refused. */
  create(info: RunInfo, options?: { path?: string | undefined }): RunWriter;
  /** Newest first. A run that says 'running' but is not written by this process is shown as 'interrupted'. */
  list(): RunInfo[];
  unreadable(): UnreadableFile[];
  get(id: string): RunInfo;
  /** Where the run lies. */
  path(id: string): string;
  /**
   * Adds a run folder from elsewhere.
   * @throws badInput with the reason when it is not a readable run
   */
  attach(path: string): RunInfo;
  metrics(id: string): MetricColumns;
  trajectory(id: string): TrajectoryRows;
  /** @throws badInput for a row that was not recorded */
  theta(id: string, row: number): Float32Array;
  /** Keeps the mean of a run's iterates as weights by name, in the form `run/import` reads. */
  saveAverage(id: string, params: Float64Array): void;
  /** @param key what the surface was computed from (SHA-256, hex); replaces its unfinished points */
  saveSurface(id: string, key: string, surface: Surface): void;
  /** The finished surface of a key, where there is one that can be trusted. */
  findSurface(id: string, surfaceId: string, key: string): Stored<Surface>;
  /** Keeps the points computed so far, for a computation that is cut off. */
  saveUnfinished(id: string, kind: KeptKind, resultId: string, key: string, points: KnownPoints): void;
  findUnfinished(id: string, kind: KeptKind, resultId: string, key: string, count: number): Stored<KnownPoints>;
  /** As for surfaces. */
  saveVolume(id: string, key: string, volume: KeptVolume): void;
  findVolume(id: string, volumeId: string, key: string): Stored<KeptVolume>;
  /** @param row where it was measured; the last one of a path. Returns the name it was given. */
  saveCurvature(id: string, measured: MeasuredCurvature, row: number): string;
  /** Oldest first. */
  savedCurvature(id: string): { results: SavedCurvature[]; unreadable: UnreadableFile[] };
  /** Returns the name it was given. */
  saveCriticalPoint(id: string, point: FoundCriticalPoint, vectors: CriticalVectors): string;
  /** Oldest first. */
  criticalVectors(id: string, pointId: string): Pick<CriticalVectors, 'theta' | 'descents'>;
  savedCriticalPoints(id: string): { points: FoundCriticalPoint[]; unreadable: UnreadableFile[] };
  /** @param nodes θ of the curve's nodes */
  saveConnection(id: string, connection: Connection, nodes: readonly ArrayLike<number>[]): void;
  /** Oldest first. */
  savedConnections(id: string): { connections: KeptConnection[]; unreadable: UnreadableFile[] };
  /** @throws badInput where there is none of this name */
  connection(id: string, name: string): KeptCurve;
  /** Removes a run of the store's own folder from the disk; an attached one is only forgotten. */
  delete(id: string): void;
}

interface FoundRun {
  info: RunInfo;
  path: string;
}

const suffix = '.lossrun';
const idSchema = runSchema.shape.id;
const attachedSchema = z.array(z.string());

/** @param options.rememberAttached runs attached from elsewhere are there again the next time (default true) */
export function openStore(folderPath: string, options: { rememberAttached?: boolean } = {}): RunStore {
  const { rememberAttached = true } = options;
  const folder = resolve(folderPath);
  fs.mkdirSync(folder, { recursive: true });
  const attachedFile = join(folder, 'attached.json');
  const writers = new Map<string, RunWriter>();
  /** Runs outside the folder, and whether the next start should know them. */
  const outside = new Map<string, { remember: boolean }>();
  for (const path of readAttached(attachedFile)) outside.set(path, { remember: true });

  const remember = () => {
    const paths = [...outside].filter(([, entry]) => entry.remember).map(([path]) => path);
    writeFileAtomic(attachedFile, `${JSON.stringify(paths, null, 2)}\n`);
  };

  const folders = () => [
    ...fs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.name.endsWith(suffix))
      .map((entry) => join(folder, entry.name))
      .sort(),
    ...outside.keys(),
  ];

  /** Where the last scan found each id, so that asking for one run does not read them all. */
  const found = new Map<string, string>();
  const readInfo = (path: string, id?: string): RunInfo => {
    const info = writers.get(path)?.info ?? readRunFolder(path);
    return id === undefined || id === info.id ? info : { ...info, id };
  };

  /** Every run by id. The same run in two folders is told apart by a numbered id. */
  function scan(): { runs: FoundRun[]; unreadable: UnreadableFile[] } {
    const before = new Map([...found].map(([id, path]) => [path, id]));
    const runs: FoundRun[] = [];
    const unreadable: UnreadableFile[] = [];
    found.clear();
    for (const path of folders()) {
      try {
        const info = readInfo(path);
        const base = before.get(path) ?? info.id;
        let id = base;
        for (let n = 2; found.has(id); n++) id = `${base.slice(0, 70)}-${n}`;
        found.set(id, path);
        runs.push({ info: { ...info, id }, path });
      } catch (error) {
        unreadable.push({ path, reason: (error as Error).message });
      }
    }
    return { runs, unreadable };
  }

  function find(id: string): FoundRun {
    const path = found.get(id);
    if (path !== undefined && fs.existsSync(path)) return { info: readInfo(path, id), path };
    const run = scan().runs.find(({ info }) => info.id === id);
    if (!run) throw new UserError('notFound', `There is no run "${id}".`);
    return run;
  }

  function trajectory(id: string): TrajectoryRows {
    const { info, path } = find(id);
    const rows = () => writers.get(path)?.info.rows ?? info.rows;
    return openTrajectory(runFiles(path).trajectory, info.parameterCount, rows);
  }

  return {
    folder,
    create(info, options = {}) {
      idSchema.parse(info.id);
      const path = options.path === undefined ? join(folder, `${info.id}${suffix}`) : resolve(options.path);
      createRunFolder(path, info);
      if (dirname(path) !== folder || !path.endsWith(suffix)) outside.set(path, { remember: false });
      found.set(info.id, path);
      const writer = openRunWriter(path, info, () => writers.delete(path));
      writers.set(path, writer);
      return writer;
    },
    list: () =>
      scan()
        .runs.map(({ info }) => info)
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    unreadable: () => scan().unreadable,
    get: (id) => find(id).info,
    path: (id) => find(id).path,
    attach(path) {
      const absolute = resolve(path);
      if (!fs.existsSync(absolute)) throw badInput(`There is no run "${path}".`, undefined, ['path']);
      const known = folders().includes(absolute);
      if (!known) {
        readRunFolder(absolute);
        outside.set(absolute, { remember: rememberAttached });
        if (rememberAttached) remember();
      }
      const { runs, unreadable } = scan();
      const run = runs.find((run) => run.path === absolute);
      if (run) return run.info;
      throw badInput(unreadable.find((run) => run.path === absolute)?.reason ?? `"${path}" is not a run.`);
    },
    metrics(id) {
      const { info, path } = find(id);
      const writer = writers.get(path);
      return writer ? writer.metrics() : readSteps(runFiles(path).steps, info.rows);
    },
    trajectory,
    theta(id, row) {
      const { info } = find(id);
      if (!Number.isInteger(row) || row < 0 || row >= info.rows) {
        throw badInput(`Row ${row} was not recorded.`, `The run "${id}" has rows 0 to ${info.rows - 1}.`, ['row']);
      }
      return trajectory(id).read(row, 1);
    },
    saveSurface: (id, key, surface) => {
      idSchema.parse(surface.id);
      writeSurface(find(id).path, key, surface);
    },
    findSurface: (id, surfaceId, key) => readSurface(find(id).path, idSchema.parse(surfaceId), key),
    saveUnfinished: (id, kind, resultId, key, points) =>
      writeUnfinished(find(id).path, kind, idSchema.parse(resultId), key, points),
    findUnfinished: (id, kind, resultId, key, count) =>
      readUnfinished(find(id).path, kind, idSchema.parse(resultId), key, count),
    saveAverage(id, params) {
      const { path, info } = find(id);
      writeAverage(path, info.parameters, params);
    },
    saveVolume: (id, key, volume) => {
      idSchema.parse(volume.id);
      writeVolume(find(id).path, key, volume);
    },
    findVolume: (id, volumeId, key) => readVolume(find(id).path, idSchema.parse(volumeId), key),
    saveCurvature: (id, measured, row) => writeCurvature(find(id).path, measured, row),
    savedCurvature: (id) => readCurvature(find(id).path),
    saveCriticalPoint: (id, point, vectors) => writeCriticalPoint(find(id).path, point, vectors),
    criticalVectors(id, pointId) {
      const { info, path } = find(id);
      return readCriticalVectors(path, idSchema.parse(pointId), info.parameterCount);
    },
    savedCriticalPoints(id) {
      const { info, path } = find(id);
      return readCriticalPoints(path, info);
    },
    saveConnection(id, connection, nodes) {
      idSchema.parse(connection.id);
      writeConnection(find(id).path, connection, nodes);
    },
    savedConnections: (id) => readConnections(find(id).path),
    connection(id, name) {
      const { info, path } = find(id);
      return readConnection(path, name, info.parameterCount);
    },
    delete(id) {
      const { path } = find(id);
      if (writers.has(path)) throw badInput(`The run "${id}" is still being written.`, 'Cancel it first.');
      if (outside.delete(path)) remember();
      else fs.rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A damaged list of attached runs costs only that list. */
function readAttached(path: string): string[] {
  try {
    return attachedSchema.parse(JSON.parse(fs.readFileSync(path, 'utf8')));
  } catch {
    return [];
  }
}
