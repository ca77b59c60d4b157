import type { TensorId } from '../../graph/ir';
import type { Rows } from '../../objectives/objective';
import type { ExampleSet } from '../executor';
import { panelsOf } from './commands';
import { bases, type Place } from './instructions';
import type { Machine } from './machine';
import type { GivenInstruction } from './tape';

/** The data in kernel memory: row by row as given, and once needed as a whole also in panels. */
export interface Examples {
  readonly count: number;
  /** Places of the input and the target in panels, null where there is no memory for them. */
  panels(): ReadonlyMap<TensorId, Place> | null;
  /** Instructions that gather the input and the target of a chunk. */
  readonly gathers: readonly GivenInstruction[];
  /** Puts rows of the input or the target into panels at `out`; `index` as in a command. */
  gather(tensor: TensorId, index: number, rows: number, out: number): void;
  /** Checks the row numbers and puts them at `address`. @throws RangeError */
  writeRows(rows: Rows, address: number): void;
  free(): void;
}

export interface ExampleTensors {
  readonly input: TensorId;
  readonly target: TensorId;
  readonly inputSize: number;
  readonly targetSize: number;
}

export function loadExamples(machine: Machine, data: ExampleSet, tensors: ExampleTensors): Examples {
  const { memory, exports } = machine;
  const count = data.examples;
  const addresses: number[] = [];
  const allocate = (bytes: number): number => {
    const address = memory.allocate(bytes);
    addresses.push(address);
    return address;
  };
  const free = (): void => {
    for (const address of addresses.splice(0)) memory.free(address);
  };
  const copy = (values: Float32Array): number => {
    const address = allocate(values.byteLength);
    memory.floats.set(values, address / 4);
    return address;
  };
  const attempt = <T>(make: () => T): T => {
    try {
      return make();
    } catch (error) {
      free();
      throw error;
    }
  };
  const { x, y } = attempt(() => ({ x: copy(data.x), y: copy(data.y) }));
  const sources = [
    { tensor: tensors.input, size: tensors.inputSize, rows: x },
    { tensor: tensors.target, size: tensors.targetSize, rows: y },
  ];
  let panels: ReadonlyMap<TensorId, Place> | null | undefined;

  return {
    count,
    panels() {
      if (panels !== undefined) return panels;
      const total = panelsOf(count);
      try {
        panels = new Map(
          sources.map(({ tensor, size, rows }): [TensorId, Place] => {
            const address = allocate(32 * size * total);
            exports.gather(rows, size, 0, 0, total, count, address);
            return [tensor, { base: bases.zero, offset: address, step: 32 * size }];
          }),
        );
      } catch {
        // Gathering every time is slower and needs nothing.
        panels = null;
      }
      return panels;
    },
    gathers: sources.map(({ tensor, size, rows }) => ({
      out: tensor,
      instruction: { op: 'gather', m: size, x: { base: bases.zero, offset: rows, step: 0 } },
    })),
    gather(tensor, index, count, out) {
      const { size, rows } = sources.find((source) => source.tensor === tensor)!;
      exports.gather(rows, size, index, 0, panelsOf(count), count, out);
    },
    writeRows(rows, address) {
      const { ints } = memory;
      const at = address / 4;
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        if (row < 0 || row >= count) throw new RangeError(`example ${row} of ${count}`);
        ints[at + i] = row;
      }
    },
    free,
  };
}
