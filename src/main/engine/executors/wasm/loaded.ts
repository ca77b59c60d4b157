import type { Network, TensorId } from '../../graph/ir';
import type { Measure, Rows, Vector } from '../../objectives/objective';
import { checkBatch } from '../checkBatch';
import type { Examples } from './examples';
import { floatWord, type Place } from './instructions';
import type { Machine } from './machine';
import { createPackPlan, type PackPlan } from './packs';
import type { Plans } from './plans';
import { loadProgram, type Program } from './program';
import { compileTape, type GivenInstruction, type TapeRequest } from './tape';

/** What the commands of one loaded network share. */
export interface Loaded {
  readonly machine: Machine;
  readonly network: Network;
  readonly dimension: number;
  readonly examples: Examples;
  readonly plans: Plans;
  /** Places of the parameters, their tangents, gradients, products, and of the statistics given and computed. */
  readonly vectors: ReadonlyMap<TensorId, Place>;
  /** Address and floats of the given statistics, laid out as `Network.buffers`. */
  readonly state: { readonly address: number; readonly size: number };
  /** Which dropout masks commands have from now on. */
  readonly draw: number;
}

/** The factors of dropout, made anew for every chunk. */
export const maskInstructions = ({ network: { graph } }: Loaded): GivenInstruction[] =>
  graph.masks.map(({ tensor, rate, stream }) => ({
    out: tensor,
    instruction: {
      op: 'mask',
      kind: stream,
      m: graph.tensors[tensor]!.size,
      k: Math.min(2 ** 32 - 1, Math.ceil(rate * 2 ** 32)),
      step: floatWord(1 / (1 - rate)),
    },
  }));

/** The number of rows of a command. @throws UserError badInput where they are no batch */
export function countRows({ network, examples }: Loaded, rows: Rows | undefined): number {
  const count = rows?.length ?? examples.count;
  checkBatch(network, count);
  return count;
}

/** A tape for `rows` rows of this network (any number of them unless they are coupled), ready to run. */
export function compileProgram(
  { machine, network: { graph, coupled }, plans, vectors }: Loaded,
  rows: number,
  request: Omit<TapeRequest, 'graph' | 'packs' | 'plans' | 'together'>,
): { program: Program; packs: PackPlan } {
  const packs = createPackPlan();
  const tape = compileTape({ ...request, graph, packs, plans, ...(coupled && { together: rows }) });
  const packing = packs.instructions((id) => vectors.get(id));
  return { program: loadProgram(machine, tape, packing), packs };
}

/** Σℓ, Σℓ² and the number right as means; NaN as `Measure` says. */
export function toMeasure([loss, squares, correct]: readonly number[], n: number, classifies: boolean): Measure {
  const mean = loss! / n;
  const variance = n < 2 ? Number.NaN : Math.max(0, (squares! - n * mean * mean) / (n - 1));
  return { loss: mean, standardError: Math.sqrt(variance / n), accuracy: classifies ? correct! / n : Number.NaN };
}

/** Checks the rows and writes them to `address`, which it returns. */
export function placeRows(examples: Examples, rows: Rows, address: number): number {
  if (rows.length === 0) throw new RangeError('a mean needs at least one example');
  examples.writeRows(rows, address);
  return address;
}

/** The address of a vector in kernel memory: its own, or that of a copy in the workspace. */
export function vectorAddress(
  { machine: { memory, workspace }, dimension }: Loaded,
  vector: Vector,
  region: 'params' | 'vector',
): number {
  if (vector.length !== dimension) {
    throw new RangeError(`${vector.length} parameters given, the network has ${dimension}`);
  }
  const own = vector instanceof Float32Array ? memory.addressOf(vector) : null;
  if (own !== null) return own;
  const address = workspace.region(region, 4 * dimension);
  memory.floats.set(vector, address / 4);
  return address;
}

/** Copies a result to where the caller wants it, unless it is there. */
export function copyOut({ machine: { memory }, dimension }: Loaded, address: number, out: Vector): void {
  if (memory.addressOf(out) === null) out.set(memory.floats.subarray(address / 4, address / 4 + dimension));
}
