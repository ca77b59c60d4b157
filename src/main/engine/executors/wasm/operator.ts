import type { GraphNode, TensorId } from '../../graph/ir';
import { type Matrix, productNodes } from '../../graph/prune';
import type { LinearOperator, Rows, Vector } from '../../objectives/objective';
import { panelsOf } from './commands';
import { tensorsRead } from './fuse';
import { createHoldings } from './holdings';
import { bases, type Place } from './instructions';
import { copyOut, countRows, type Loaded, maskInstructions, placeRows, vectorAddress } from './loaded';
import { createPackPlan } from './packs';
import { loadProgram, runRows } from './program';
import { compileTape } from './tape';

export interface Operator extends LinearOperator {
  apply(v: Vector, out: Vector): void;
}

/** Activations of the primal pass are kept between products up to this size, else computed again for each. */
const keptBytes = 256 * 2 ** 20;

/**
 * v ↦ Av at fixed parameters, statistics and dropout masks: the primal pass once, then for each v the tangent passes
 * alone, in about the time of one gradient.
 */
export function createOperator(
  loaded: Loaded,
  matrix: Matrix,
  params: Vector,
  rows: Rows | undefined,
  onDispose: () => void,
): Operator {
  const { machine, network, dimension, examples, plans, state, draw } = loaded;
  const { memory, workspace } = machine;
  const { graph, coupled } = network;
  const { primal, tangent } = productNodes(graph, matrix);
  const { programs, allocate, free } = createHoldings(memory);

  try {
    const count = countRows(loaded, rows);
    const index = rows === undefined ? 0 : placeRows(examples, rows, allocate(rows.byteLength));
    const panels = rows === undefined ? examples.panels() : null;
    const theta = allocate(4 * dimension);
    memory.floats.set(params, theta / 4);
    const vectors = new Map(loaded.vectors);
    if (state.size > 0) {
      const address = allocate(4 * state.size);
      memory.floats.copyWithin(address / 4, state.address / 4, state.address / 4 + state.size);
      network.buffers.forEach(({ offset }, i) => {
        vectors.set(graph.buffers[i]!, { base: bases.zero, offset: address + 4 * offset, step: 0 });
      });
    }
    const packs = createPackPlan();
    const base = { graph, packs, plans, loss: false, ...(coupled && { together: count }) };
    const shared = panels === null ? vectors : new Map([...vectors, ...panels]);

    const given = [...(panels === null ? [graph.input, graph.target] : []), ...graph.masks.map(({ tensor }) => tensor)];
    const toKeep = keptTensors(given, primal, tangent);
    const size = 32 * panelsOf(count) * toKeep.reduce((sum, id) => sum + graph.tensors[id]!.size, 0);
    const keep = size <= keptBytes;
    const kept = new Map<TensorId, Place>(
      (keep ? toKeep : []).map((id) => {
        const step = 32 * graph.tensors[id]!.size;
        return [id, { base: bases.zero, offset: allocate(step * panelsOf(count)), step }];
      }),
    );
    const places = new Map([...shared, ...kept]);
    const prologue = [...(panels === null ? examples.gathers : []), ...maskInstructions(loaded)];
    const primalTape = compileTape({ ...base, nodes: primal, places, prologue, kept: new Set(kept.keys()) });
    const tape = keep
      ? compileTape({ ...base, nodes: tangent, places, prologue: [], kept: new Set() })
      : compileTape({ ...base, nodes: [...primal, ...tangent], places, prologue, kept: new Set() });

    const packed = allocate(packs.bytes);
    const isTangent = new Set(graph.tangents);
    const packing = (tangents: boolean) =>
      packs.instructions((id) => (isTangent.has(id) === tangents ? vectors.get(id) : undefined));
    const common = { rows: count, index, params: theta, packs: packed, draw };
    const first = loadProgram(machine, primalTape, packing(false));
    programs.push(first);
    runRows(machine, first, { ...common, tangents: 0, out: 0, dimension: 0 });
    const program = loadProgram(machine, tape, packing(true));
    programs.push(program);

    return {
      size: dimension,
      apply(v, out) {
        if (programs.length === 0) throw new Error('the operator is disposed');
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

/** What the tangent passes read of the primal ones and of the examples that are `given` to each chunk. */
function keptTensors(
  given: readonly TensorId[],
  primal: readonly GraphNode[],
  tangent: readonly GraphNode[],
): TensorId[] {
  const computed = new Set([...given, ...primal.map(({ out }) => out)]);
  return [...new Set(tangent.flatMap(tensorsRead))].filter((id) => computed.has(id));
}
