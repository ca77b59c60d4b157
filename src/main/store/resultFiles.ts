import fs from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../../shared/errors';
import {
  type Connection,
  type ConnectionProfile,
  type CurveKind,
  curveKindSchema,
} from '../../shared/model/connection';
import type { Spectrum, Surface } from '../../shared/model/landscape';
import { readNpz, writeNpz } from '../exchange/npz';
import type { Tensor } from '../exchange/tensor';
import { writeFileAtomic } from './atomic';
import { runFiles } from './runFolder';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** surfaces/ID.npz (xs [nx], ys [ny], loss [ny, nx], …) and surfaces/ID.json (all the rest). */
export function writeSurface(runFolder: string, surface: Surface): void {
  const { id, xs, ys, loss, standardError, accuracy, ...rest } = surface;
  const folder = runFiles(runFolder).surfaces;
  const shape = [ys.length, xs.length];
  const arrays: Record<string, Tensor> = {
    xs: { shape: [xs.length], data: xs },
    ys: { shape: [ys.length], data: ys },
    loss: { shape, data: loss },
  };
  if (standardError) arrays.lossStandardError = { shape, data: standardError };
  if (accuracy) arrays.accuracy = { shape, data: accuracy };
  fs.mkdirSync(folder, { recursive: true });
  writeFileAtomic(join(folder, `${id}.npz`), writeNpz(arrays));
  writeFileAtomic(join(folder, `${id}.json`), json({ id, ...rest }));
}

/** spectra/ID.json; returns ID: the row, numbered when there is already a spectrum of it. */
export function writeSpectrum(runFolder: string, spectrum: Spectrum): string {
  const folder = runFiles(runFolder).spectra;
  fs.mkdirSync(folder, { recursive: true });
  let id = `row-${spectrum.row}`;
  for (let n = 2; fs.existsSync(join(folder, `${id}.json`)); n++) id = `row-${spectrum.row}-${n}`;
  writeFileAtomic(join(folder, `${id}.json`), json(spectrum));
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
