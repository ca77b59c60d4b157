import type { KernelMemory } from './memory';
import type { Program } from './program';

/** Kernel memory and programs that end together. */
export interface Holdings {
  readonly programs: Program[];
  /** Address of so many bytes. */
  allocate(bytes: number): number;
  free(): void;
}

export function createHoldings(memory: Pick<KernelMemory, 'allocate' | 'free'>): Holdings {
  const programs: Program[] = [];
  const addresses: number[] = [];
  return {
    programs,
    allocate(bytes) {
      const address = memory.allocate(bytes);
      addresses.push(address);
      return address;
    },
    free() {
      for (const program of programs.splice(0)) program.free();
      for (const address of addresses.splice(0)) memory.free(address);
    },
  };
}
