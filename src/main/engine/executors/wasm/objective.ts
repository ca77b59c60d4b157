import type { Network, TensorId } from '../../graph/ir';
import { type Matrix, prune } from '../../graph/prune';
import type { Objective, Rows, Vector } from '../../objectives/objective';
import type { ExampleSet } from '../executor';
import { panelsOf } from './commands';
import { loadExamples } from './examples';
import { bases, type Place } from './instructions';
import {
  compileProgram,
  copyOut,
  countRows,
  type Loaded,
  maskInstructions,
  placeRows,
  toMeasure,
  vectorAddress,
} from './loaded';
import type { Machine } from './machine';
import { createOperator, type Operator } from './operator';
import { createPlane } from './plane';
import { createPlans } from './plans';
import { type Program, resultOf, runRows } from './program';

/** Where the rows of a command come from: all in panels, or gathered by number. */
interface RowSource {
  readonly count: number;
  /** Address of the row numbers; 0: all in order. */
  readonly index: number;
  readonly gathered: boolean;
}

type Command = 'value' | 'gradient' | 'measure' | 'statistics';

/** A network's mean loss over examples that live in kernel memory. Vectors made by `allocate` are used in place. */
export function createWasmObjective(
  machine: Machine,
  network: Network,
  data: ExampleSet,
  executor: string,
): Objective & { readonly disposed: boolean } {
  const { graph, layout } = network;
  const { memory, workspace } = machine;
  const dimension = sizeOf(layout);
  const examples = loadExamples(machine, data, {
    input: graph.input,
    target: graph.target,
    inputSize: graph.tensors[graph.input]!.size,
    targetSize: graph.tensors[graph.target]!.size,
  });
  const vectors: number[] = [];
  const allocate = (floats: number): Float32Array => {
    const address = memory.allocate(4 * floats);
    vectors.push(address);
    return new Float32Array(memory.memory.buffer, address, floats).fill(0);
  };
  const state = allocate(sizeOf(network.buffers));
  for (const { offset, size, initial } of network.buffers) state.fill(initial, offset, offset + size);
  const statistics = allocate(state.length);
  let draw = 0;
  const loaded: Loaded = {
    machine,
    network,
    dimension,
    examples,
    plans: createPlans(memory),
    vectors: vectorPlaces(network, state.byteOffset, statistics.byteOffset),
    state: { address: state.byteOffset, size: state.length },
    get draw() {
      return draw;
    },
  };
  const plane = createPlane(loaded);
  /** By whether rows are gathered and, where they are coupled, how many panels they are: a tiny step has no time for strings. */
  const programs: Record<Command, Map<number, { program: Program; packBytes: number }>> = {
    value: new Map(),
    gradient: new Map(),
    measure: new Map(),
    statistics: new Map(),
  };
  const operators = new Set<Operator>();
  let disposed = false;

  const requireLoaded = (): void => {
    if (disposed) throw new Error('the objective is disposed');
  };
  const programFor = (command: Command, { count, gathered }: RowSource) => {
    const key = (gathered ? 1 : 0) + (network.coupled ? 2 * panelsOf(count) : 0);
    let entry = programs[command].get(key);
    if (entry === undefined) {
      entry = createProgram(loaded, command, gathered, count);
      programs[command].set(key, entry);
    }
    return entry;
  };
  const runOn = (command: Command, params: Vector, source: RowSource, out: Vector | null) => {
    const { program, packBytes } = programFor(command, source);
    const outAddress = out === null ? 0 : (memory.addressOf(out) ?? workspace.region('out', 4 * dimension));
    runRows(machine, program, {
      rows: source.count,
      index: source.index,
      params: vectorAddress(loaded, params, 'params'),
      tangents: 0,
      packs: workspace.region('packs', packBytes),
      out: outAddress,
      dimension,
      draw,
    });
    if (out !== null) copyOut(loaded, outAddress, out);
    return { sums: resultOf(machine, program), count: source.count };
  };
  const run = (command: Command, params: Vector, rows: Rows | undefined, out: Vector | null) => {
    requireLoaded();
    return runOn(command, params, chooseRows(loaded, rows), out);
  };
  const operator = (matrix: Matrix, params: Vector, rows: Rows | undefined): Operator => {
    requireLoaded();
    const created = createOperator(loaded, matrix, params, rows, () => operators.delete(created));
    operators.add(created);
    return created;
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

    allocate: () => allocate(dimension),

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

    hessian: (params, rows) => operator('hessian', params, rows),
    gaussNewton: (params, rows) => operator('gaussNewton', params, rows),

    plane(tile, rows) {
      requireLoaded();
      return plane.values(tile, rows);
    },

    ...(!network.coupled && {
      exampleGradients(params: Vector, rows: Rows = everyRow(data.examples)) {
        requireLoaded();
        const { index } = chooseRows(loaded, rows);
        const out = new Float32Array(rows.length * dimension);
        for (let i = 0; i < rows.length; i++) {
          const row = out.subarray(i * dimension, (i + 1) * dimension);
          runOn('gradient', params, { count: 1, index: index + 4 * i, gathered: true }, row);
        }
        return out;
      },
    }),
    ...(graph.masks.length > 0 && {
      redraw(to: number) {
        draw = to;
      },
    }),
    ...(state.length > 0 && { buffers: state }),
    ...(graph.statistics.length > 0 && {
      statistics(params: Vector, rows?: Rows) {
        run('statistics', params, rows, null);
        return new Float32Array(statistics);
      },
    }),

    dispose() {
      if (disposed) return;
      disposed = true;
      for (const each of [...operators]) each.dispose();
      plane.free();
      for (const each of Object.values(programs)) for (const { program } of each.values()) program.free();
      for (const address of vectors) memory.free(address);
      loaded.plans.free();
      examples.free();
    },
  };
}

/** All rows lie in panels already, where memory allows; others are gathered chunk by chunk. */
function chooseRows(loaded: Loaded, rows: Rows | undefined): RowSource {
  const { examples, machine } = loaded;
  const count = countRows(loaded, rows);
  if (rows === undefined) return { count, index: 0, gathered: examples.panels() === null };
  return {
    count,
    index: placeRows(examples, rows, machine.workspace.region('index', rows.byteLength)),
    gathered: true,
  };
}

const everyRow = (count: number): Rows => Int32Array.from({ length: count }, (_, i) => i);

const sizeOf = (blocks: readonly { readonly size: number }[]): number =>
  blocks.reduce((sum, { size }) => sum + size, 0);

function vectorPlaces({ graph, layout, buffers }: Network, state: number, statistics: number): Map<TensorId, Place> {
  const places = new Map<TensorId, Place>();
  const roles = [
    [layout, graph.parameters, bases.params, 0],
    [layout, graph.tangents, bases.tangents, 0],
    [layout, graph.gradients, bases.partial, 0],
    [layout, graph.products, bases.partial, 0],
    [buffers, graph.buffers, bases.zero, state],
    [buffers, graph.statistics, bases.zero, statistics],
  ] as const;
  for (const [blocks, ids, base, address] of roles) {
    ids.forEach((id, i) => {
      places.set(id, { base, offset: address + 4 * blocks[i]!.offset, step: 0 });
    });
  }
  return places;
}

function createProgram(
  loaded: Loaded,
  command: Command,
  gathered: boolean,
  rows: number,
): { program: Program; packBytes: number } {
  const { network, examples, vectors } = loaded;
  const { graph } = network;
  const outputs = {
    value: [graph.loss],
    gradient: [graph.loss, ...graph.gradients],
    measure: graph.correct === null ? [graph.loss] : [graph.loss, graph.correct],
    statistics: graph.statistics,
  }[command];
  const { program, packs } = compileProgram(loaded, rows, {
    nodes: prune(graph, outputs),
    places: gathered ? vectors : new Map([...vectors, ...examples.panels()!]),
    prologue: [...(gathered ? examples.gathers : []), ...maskInstructions(loaded)],
    loss: true,
    kept: new Set(),
  });
  return { program, packBytes: packs.bytes };
}
