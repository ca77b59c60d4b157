import { sayError } from '../../../../shared/errors';

const pageBytes = 65_536;
/** Kernels read up to one tile past the end of an array. */
const slack = 256;
const alignment = 64;

/** Address of the threads' control block, and the indices of its words (`Control` of `assembly/threads.ts`). */
export const control = {
  address: 4096,
  completed: 4096 / 4 + 5,
  job: 4096 / 4 + 6,
  heartbeat: 4096 / 4 + 9,
  quit: 4096 / 4 + 10,
  failed: 4096 / 4 + 11,
} as const;
/** Nothing below is handed out: the kernels' constants and the control block live there. */
const reservedBytes = 8192;

/** The kernels' shared linear memory with a first-fit allocator over it. Addresses are bytes, multiples of 64. */
export interface KernelMemory {
  readonly memory: WebAssembly.Memory;
  /** Bytes handed out and not freed. */
  readonly used: number;
  /** Views of the whole memory, new after every growth; older views keep showing the same bytes. */
  readonly words: Uint32Array;
  readonly ints: Int32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  /** @throws UserError engine when it does not fit, naming the need */
  allocate(bytes: number): number;
  free(address: number): void;
  /** The byte address of a view on this memory, null for any other array. */
  addressOf(view: Float32Array | Float64Array): number | null;
}

/** @throws UserError engine where the platform has no shared memory to give */
export function createKernelMemory(): KernelMemory {
  const memory = reserve();
  const buffers = new Set<ArrayBufferLike>();
  /** Free ranges by address, neighbours merged. */
  let free: { start: number; end: number }[] = [];
  const sizes = new Map<number, number>();
  let used = 0;
  let words!: Uint32Array;
  let ints!: Int32Array;
  let floats!: Float32Array;
  let doubles!: Float64Array;

  const refresh = (): void => {
    const { buffer } = memory;
    buffers.add(buffer);
    words = new Uint32Array(buffer);
    ints = new Int32Array(buffer);
    floats = new Float32Array(buffer);
    doubles = new Float64Array(buffer);
  };
  const release = (start: number, end: number): void => {
    const at = free.findIndex((range) => range.start > start);
    free.splice(at < 0 ? free.length : at, 0, { start, end });
    const merged: typeof free = [];
    for (const range of free) {
      const last = merged.at(-1);
      if (last !== undefined && last.end === range.start) last.end = range.end;
      else merged.push({ ...range });
    }
    free = merged;
  };

  refresh();
  release(reservedBytes, memory.buffer.byteLength);

  const grow = (bytes: number): void => {
    const last = free.at(-1);
    const end = memory.buffer.byteLength;
    const missing = bytes - (last?.end === end ? end - last.start : 0);
    try {
      memory.grow(Math.ceil(missing / pageBytes));
    } catch {
      throw sayError('engine', 'wasmMemoryFull', { more: megabytes(bytes), held: megabytes(used) });
    }
    refresh();
    release(end, memory.buffer.byteLength);
  };

  return {
    memory,
    get used() {
      return used;
    },
    get words() {
      return words;
    },
    get ints() {
      return ints;
    },
    get floats() {
      return floats;
    },
    get doubles() {
      return doubles;
    },
    allocate(bytes) {
      const size = align(bytes + slack);
      let range = free.find(({ start, end }) => end - start >= size);
      if (range === undefined) {
        grow(size);
        range = free.at(-1)!;
      }
      const address = range.start;
      range.start += size;
      if (range.start === range.end) free.splice(free.indexOf(range), 1);
      sizes.set(address, size);
      used += size;
      return address;
    },
    free(address) {
      const size = sizes.get(address);
      if (size === undefined) throw new RangeError(`nothing is allocated at ${address}`);
      sizes.delete(address);
      used -= size;
      release(address, address + size);
    },
    addressOf: (view) => (buffers.has(view.buffer) ? view.byteOffset : null),
  };
}

/** As much address space as the platform lends; only what is used is ever committed. */
function reserve(): WebAssembly.Memory {
  for (let maximum = 65_536; maximum >= 1_024; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 16, maximum, shared: true });
    } catch {
      // Too much address space for this process: ask for less.
    }
  }
  throw sayError('engine', 'wasmMemoryRefused', {});
}

const align = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toLocaleString('en', { maximumFractionDigits: 1 })} MiB`;
}
