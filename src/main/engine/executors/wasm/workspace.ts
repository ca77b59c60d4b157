import type { KernelMemory } from './memory';

/** What commands need while they run; shared by all objectives of an executor, since commands run one at a time. */
export type RegionName = 'scratch' | 'partials' | 'packs' | 'sums' | 'params' | 'vector' | 'out' | 'index' | 'points';

export interface Workspace {
  /** Address of a region of at least this size; what an earlier command left there may be gone. */
  region(name: RegionName, bytes: number): number;
  /** Gives all regions back. */
  release(): void;
}

export function createWorkspace(memory: KernelMemory): Workspace {
  const regions = new Map<RegionName, { address: number; bytes: number }>();
  return {
    region(name, bytes) {
      const region = regions.get(name);
      if (region !== undefined) {
        if (region.bytes >= bytes) return region.address;
        memory.free(region.address);
        regions.delete(name);
      }
      const address = memory.allocate(bytes);
      regions.set(name, { address, bytes });
      return address;
    },
    release() {
      for (const { address } of regions.values()) memory.free(address);
      regions.clear();
    },
  };
}
