import { describe, expect, test } from 'vitest';
import { createKernelMemory } from '../../../../../src/main/engine/executors/wasm/memory';
import { createRng } from '../../../../../src/main/engine/random';
import { UserError } from '../../../../../src/shared/errors';

describe('kernel memory', () => {
  test('ranges are aligned, do not overlap and come back whole', () => {
    const memory = createKernelMemory();
    const rng = createRng(1, 'memory');
    const live = new Map<number, number>();
    for (let i = 0; i < 2_000; i++) {
      if (live.size > 40 || (live.size > 0 && rng.integer(3) === 0)) {
        const address = [...live.keys()][rng.integer(live.size)]!;
        live.delete(address);
        memory.free(address);
        continue;
      }
      const bytes = 1 + rng.integer(20_000);
      const address = memory.allocate(bytes);
      expect(address % 64).toBe(0);
      for (const [other, size] of live) {
        expect(address + bytes <= other || other + size <= address).toBe(true);
      }
      live.set(address, bytes);
    }
    for (const address of live.keys()) memory.free(address);
    expect(memory.used).toBe(0);
    const size = memory.memory.buffer.byteLength;
    memory.free(memory.allocate(size - 65_536));
    expect(memory.memory.buffer.byteLength).toBe(size);
  });

  test('a view made before a growth shows the same bytes after it', () => {
    const memory = createKernelMemory();
    const address = memory.allocate(64);
    const view = new Float32Array(memory.memory.buffer, address, 4);
    view[2] = 5;
    memory.allocate(8 * 2 ** 20);
    expect(memory.floats[address / 4 + 2]).toBe(5);
    memory.floats[address / 4 + 3] = 7;
    expect(view[3]).toBe(7);
    expect(memory.addressOf(view)).toBe(address);
    expect(memory.addressOf(view.subarray(1))).toBe(address + 4);
    expect(memory.addressOf(new Float32Array(4))).toBeNull();
  });

  test('what does not fit is refused with the need in words, and the rest still works', () => {
    const memory = createKernelMemory();
    const error = (() => {
      try {
        memory.allocate(5 * 2 ** 30);
        return null;
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain('5,120 MiB');
    expect((error as UserError).code).toBe('engine');
    memory.free(memory.allocate(1_000));
  });

  test('freeing what is not allocated is an error', () => {
    const memory = createKernelMemory();
    const address = memory.allocate(10);
    memory.free(address);
    expect(() => memory.free(address)).toThrow(RangeError);
  });
});
