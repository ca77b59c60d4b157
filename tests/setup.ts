import { expect } from 'vitest';

interface Tolerance {
  /** Relative to the larger magnitude of the two (default 0). */
  rtol?: number;
  /** Absolute (default 0). */
  atol?: number;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: has to repeat vitest's own parameter
  interface Matchers<T = any> {
    /** Elementwise |actual − expected| ≤ atol + rtol·max(|actual|, |expected|); NaN is never close. */
    toBeAllclose(expected: ArrayLike<number> | number, tolerance: Tolerance): T;
  }
}

expect.extend({
  toBeAllclose(received: ArrayLike<number> | number, expected: ArrayLike<number> | number, tolerance: Tolerance) {
    const { rtol = 0, atol = 0 } = tolerance;
    const actual = typeof received === 'number' ? [received] : received;
    const wanted = typeof expected === 'number' ? [expected] : expected;
    if (actual.length !== wanted.length) {
      return { pass: false, message: () => `length ${actual.length}, expected ${wanted.length}` };
    }
    let worst = -1;
    let worstExcess = -Infinity;
    for (let i = 0; i < actual.length; i++) {
      const a = actual[i] as number;
      const b = wanted[i] as number;
      const excess = Math.abs(a - b) - (atol + rtol * Math.max(Math.abs(a), Math.abs(b)));
      if (Number.isNaN(excess) || excess > worstExcess) {
        worst = i;
        worstExcess = Number.isNaN(excess) ? Infinity : excess;
      }
    }
    return {
      pass: worstExcess <= 0,
      message: () =>
        `worst at [${worst}]: ${actual[worst]} against ${wanted[worst]} (rtol ${rtol}, atol ${atol}), off by ${worstExcess} more than allowed`,
    };
  },
});
