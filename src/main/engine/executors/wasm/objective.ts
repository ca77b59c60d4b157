import type { Network, TensorId } from '../../graph/ir';
import { prune } from '../../graph/prune';
import type { Objective, Rows, Vector } from '../../objectives/objective';
import type { ExampleSet } from '../executor';
import { loadExamples } from './examples';
import { denseNodes } from './fuse';
import { createHessian, type Hessian } from './hessian';
import { bases, type Place } from './instructions';
import { copyOut, type Loaded, placeRows, toMeasure, vectorAddress } from './loaded';
import type { Machine } from './machine';
import { createPackPlan } from './packs';
import { createPlane } from './plane';
import { loadProgram, type Program, resultOf, runRows } from './program';
import { compileTape } from './tape';

/** Where the rows of a command come from: all in panels, or gathered by number. */
interface RowSource {
  readonly count: number;
  /** Address of the row numbers; 0: all in order. */
  readonly index: number;
  readonly gathered: boolean;
}

type Command = 'value' | 'gradient' | 'measure';

/** A network's mean loss over examples that live in kernel memory. Vectors made by `allocate` are used in place. */
export function createWasmObjective(
  machine: Machine,
  network: Network,
  data: ExampleSet,
  executor: string,
): Objective & { readonly disposed: boolean } {
  const { graph, layout } = network;
  const { memory, workspace } = machine;
  const dimension = layout.reduce((sum, block) => sum + block.size, 0);
  const examples = loadExamples(machine, data, {
    input: graph.input,
    target: graph.target,
    inputSize: graph.tensors[graph.input]!.size,
    targetSize: graph.tensors[graph.target]!.size,
  });
  const loaded: Loaded = { machine, network, dimension, examples, vectors: vectorPlaces(network) };
  const plane = createPlane(loaded);
  const programs = new Map<string, { program: Program; packBytes: number }>();
  const hessians = new Set<Hessian>();
  const vectors: number[] = [];
  let disposed = false;

  const programFor = (command: Command, gathered: boolean) => {
    const key = `${command} ${gathered}`;
    let entry = programs.get(key);
    if (entry === undefined) {
      entry = createProgram(loaded, command, gathered);
      programs.set(key, entry);
    }
    return entry;
  };

  const run = (command: Command, params: Vector, rows: Rows | undefined, out: Vector | null) => {
    if (disposed) throw new Error('the objective is disposed');
    const source = chooseRows(loaded, rows);
    const { program, packBytes } = programFor(command, source.gathered);
    const outAddress = out === null ? 0 : (memory.addressOf(out) ?? workspace.region('out', 4 * dimension));
    runRows(machine, program, {
      rows: source.count,
      index: source.index,
      params: vectorAddress(loaded, params, 'params'),
      tangents: 0,
      packs: workspace.region('packs', packBytes),
      out: outAddress,
      dimension,
    });
    if (out !== null) copyOut(loaded, outAddress, out);
    return { sums: resultOf(machine, program), count: source.count };
  };

  return {
    dimension,
    layout,
    examples: data.examples,
    precision: 'float32',
    executor,
    get disposed() {
      return disposed;
    },

    allocate() {
      const address = memory.allocate(4 * dimension);
      vectors.push(address);
      return new Float32Array(memory.memory.buffer, address, dimension).fill(0);
    },

    value(params, rows) {
      const { sums, count } = run('value', params, rows, null);
      return sums[0] / count;
    },

    gradient(params, out, rows) {
      const { sums, count } = run('gradient', params, rows, out);
      return sums[0] / count;
    },

    measure(params, rows) {
      const { sums, count } = run('measure', params, rows, null);
      return toMeasure(sums, count, graph.correct !== null);
    },

    hessian(params, rows) {
      if (disposed) throw new Error('the objective is disposed');
      const hessian = createHessian(loaded, params, rows, () => hessians.delete(hessian));
      hessians.add(hessian);
      return hessian;
    },

    plane(tile, rows) {
      if (disposed) throw new Error('the objective is disposed');
      return plane.values(tile, rows);
    },

    dispose() {
      if (disposed) return;
      disposed = true;
      for (const hessian of [...hessians]) hessian.dispose();
      plane.free();
      for (const { program } of programs.values()) program.free();
      for (const address of vectors) memory.free(address);
      examples.free();
    },
  };
}

/** All rows lie in panels already, where memory allows; others are gathered chunk by chunk. */
function chooseRows({ examples, machine }: Loaded, rows: Rows | undefined): RowSource {
  if (rows === undefined) return { count: examples.count, index: 0, gathered: examples.panels() === null };
  return {
    count: rows.length,
    index: placeRows(examples, rows, machine.workspace.region('index', rows.byteLength)),
    gathered: true,
  };
}

function vectorPlaces({ graph, layout }: Network): Map<TensorId, Place> {
  const places = new Map<TensorId, Place>();
  const roles = [
    [graph.parameters, bases.params],
    [graph.tangents, bases.tangents],
    [graph.gradients, bases.partial],
    [graph.products, bases.partial],
  ] as const;
  for (const [ids, base] of roles) {
    layout.forEach(({ offset }, i) => {
      places.set(ids[i]!, { base, offset: 4 * offset, step: 0 });
    });
  }
  return places;
}

function createProgram(loaded: Loaded, command: Command, gathered: boolean): { program: Program; packBytes: number } {
  const { machine, network, examples, vectors } = loaded;
  const { graph } = network;
  const outputs = {
    value: [graph.loss],
    gradient: [graph.loss, ...graph.gradients],
    measure: graph.correct === null ? [graph.loss] : [graph.loss, graph.correct],
  }[command];
  const packs = createPackPlan();
  const tape = compileTape({
    graph,
    nodes: denseNodes(prune(graph, outputs)),
    places: gathered ? vectors : new Map([...vectors, ...examples.panels()!]),
    prologue: gathered ? examples.gathers : [],
    packs,
    loss: true,
    kept: new Set(),
  });
  const packing = packs.instructions((id) => vectors.get(id));
  return { program: loadProgram(machine, tape, packing), packBytes: packs.bytes };
}
