import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Every random choice of the engine is drawn from one of these, made from a recorded seed. */
export interface Rng {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** −1 or +1 with equal probability (Rademacher). */
  sign(): number;
  /** Fisher–Yates, in place. */
  shuffle(values: Int32Array): Int32Array;
}

/**
 * A generator for one purpose: the same seed gives independent streams for "initialization", "batches", …,
 * so that changing how many numbers one purpose draws leaves the others as they were.
 *
 * @param seed recorded with the result
 * @param stream the purpose, hashed (FNV-1a, 32 bit) into the generator's seed
 */
export function createRng(seed: number, stream: string): Rng {
  const generator = xoroshiro128plus(fnv1a(`${seed}/${stream}`));
  let spare: number | null = null;
  const rng: Rng = {
    uniform: () => uniformFloat64(generator),
    normal() {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
      const angle = 2 * Math.PI * uniformFloat64(generator);
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    integer: (n) => uniformInt(generator, 0, n - 1),
    sign: () => (uniformInt(generator, 0, 1) === 0 ? -1 : 1),
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = uniformInt(generator, 0, i);
        const value = values[i] as number;
        values[i] = values[j] as number;
        values[j] = value;
      }
      return values;
    },
  };
  return rng;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
