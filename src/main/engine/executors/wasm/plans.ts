import type { ConvolutionWindow, Window2d } from '../../graph/ir';
import type { KernelMemory } from './memory';
import { adjointOf, type Correlation, correlationOf, poolingOf } from './windows';

/** A plan of windows in kernel memory. */
export interface PlacedCorrelation {
  readonly address: number;
  /** Of the permutation that packs the weights, and its length. */
  readonly permutation: number;
  readonly weights: number;
  readonly roomBytes: number;
}

/** The windows of a network as the kernels read them, each written down when first asked for. */
export interface Plans {
  convolution(window: ConvolutionWindow, adjoint: boolean): PlacedCorrelation;
  pooling(window: Window2d): number;
  free(): void;
}

export function createPlans(memory: KernelMemory): Plans {
  const placed = new Map<string, PlacedCorrelation>();
  const pools = new Map<string, number>();
  const addresses: number[] = [];
  const write = (words: readonly number[]): number => {
    const address = memory.allocate(4 * words.length);
    addresses.push(address);
    memory.words.set(words, address / 4);
    return address;
  };
  const place = ({ words, permutation, roomBytes }: Correlation): PlacedCorrelation => ({
    address: write(words),
    permutation: write(permutation),
    weights: permutation.length,
    roomBytes,
  });
  return {
    convolution: (window, adjoint) =>
      remembered(placed, JSON.stringify([adjoint, window]), () =>
        place(adjoint ? adjointOf(window) : correlationOf(window)),
      ),
    pooling: (window) => remembered(pools, JSON.stringify(window), () => write(poolingOf(window))),
    free() {
      for (const address of addresses.splice(0)) memory.free(address);
      placed.clear();
      pools.clear();
    },
  };
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
