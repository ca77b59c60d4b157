import type { TensorId } from '../../graph/ir';
import { hessianNodes } from '../../graph/prune';
import type { LinearOperator, Rows, Vector } from '../../objectives/objective';
import type { DenseNode } from '../supports';
import { panelsOf } from './commands';
import { denseNodes, tensorsRead } from './fuse';
import { bases, type Place } from './instructions';
import { copyOut, type Loaded, placeRows, vectorAddress } from './loaded';
import { createPackPlan } from './packs';
import { loadProgram, type Program, runRows } from './program';
import { compileTape } from './tape';

export interface Hessian extends LinearOperator {
  apply(v: Vector, out: Vector): void;
}

/** Activations of the primal pass are kept between products up to this size, else computed again for each. */
const keptBytes = 256 * 2 ** 20;

/**
 * v ↦ Hv at fixed parameters by Pearlmutter's R-operator: the primal pass once, then for each v the tangent passes
 * alone, in about the time of one gradient.
 */
export function createHessian(loaded: Loaded, params: Vector, rows: Rows | undefined, onDispose: () => void): Hessian {
  const { machine, network, dimension, examples, vectors } = loaded;
  const { memory, workspace } = machine;
  const { graph } = network;
  const nodes = hessianNodes(graph);
  const primal = denseNodes(nodes.primal);
  const tangent = denseNodes(nodes.tangent);
  const addresses: number[] = [];
  const programs: Program[] = [];
  const allocate = (bytes: number): number => {
    const address = memory.allocate(bytes);
    addresses.push(address);
    return address;
  };
  const free = (): void => {
    for (const program of programs.splice(0)) program.free();
    for (const address of addresses.splice(0)) memory.free(address);
  };

  try {
    const count = rows?.length ?? examples.count;
    const index = rows === undefined ? 0 : placeRows(examples, rows, allocate(rows.byteLength));
    const panels = rows === undefined ? examples.panels() : null;
    const theta = allocate(4 * dimension);
    memory.floats.set(params, theta / 4);
    const packs = createPackPlan();
    const base = { graph, packs, loss: false };
    const shared = panels === null ? vectors : new Map([...vectors, ...panels]);

    const toKeep = keptTensors(graph.input, panels !== null, primal, tangent);
    const size = 32 * panelsOf(count) * toKeep.reduce((sum, id) => sum + graph.tensors[id]!.size, 0);
    const keep = size <= keptBytes;
    const kept = new Map<TensorId, Place>(
      (keep ? toKeep : []).map((id) => {
        const step = 32 * graph.tensors[id]!.size;
        return [id, { base: bases.zero, offset: allocate(step * panelsOf(count)), step }];
      }),
    );
    const places = new Map([...shared, ...kept]);
    const gathers = panels === null ? examples.gathers : [];
    const primalTape = compileTape({ ...base, nodes: primal, places, prologue: gathers, kept: new Set(kept.keys()) });
    const tape = keep
      ? compileTape({ ...base, nodes: tangent, places, prologue: [], kept: new Set() })
      : compileTape({ ...base, nodes: [...primal, ...tangent], places, prologue: gathers, kept: new Set() });

    const packed = allocate(packs.bytes);
    const isTangent = new Set(graph.tangents);
    const packing = (tangents: boolean) =>
      packs.instructions((id) => (isTangent.has(id) === tangents ? vectors.get(id) : undefined));
    const common = { rows: count, index, params: theta, packs: packed };
    const first = loadProgram(machine, primalTape, packing(false));
    programs.push(first);
    runRows(machine, first, { ...common, tangents: 0, out: 0, dimension: 0 });
    const program = loadProgram(machine, tape, packing(true));
    programs.push(program);

    return {
      size: dimension,
      apply(v, out) {
        if (programs.length === 0) throw new Error('the Hessian is disposed');
        const tangents = vectorAddress(loaded, v, 'vector');
        const target = memory.addressOf(out) ?? workspace.region('out', 4 * dimension);
        runRows(machine, program, { ...common, tangents, out: target, dimension });
        copyOut(loaded, target, out);
      },
      dispose() {
        free();
        onDispose();
      },
    };
  } catch (error) {
    free();
    throw error;
  }
}

/** What the tangent passes read of the primal ones; the input too unless it lies in panels already. */
function keptTensors(
  input: TensorId,
  inputInPanels: boolean,
  primal: readonly DenseNode[],
  tangent: readonly DenseNode[],
): TensorId[] {
  const computed = new Set(primal.map(({ out }) => out));
  if (!inputInPanels) computed.add(input);
  return [...new Set(tangent.flatMap(tensorsRead))].filter((id) => computed.has(id));
}
