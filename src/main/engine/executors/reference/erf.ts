const twoOverSqrtPi = 2 / Math.sqrt(Math.PI);
/** Above, the series loses digits of erfc to cancellation and the continued fraction has converged. */
const switchover = 1.6;
const fractionTerms = 80;

/**
 * erf(x) = 2/√π ∫₀ˣ e^(−t²) dt to about 1e-15 relative.
 * Abramowitz & Stegun 7.1.6: erf(x) = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1)/(2n+1)!!, all terms of one sign.
 */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude > switchover) return Math.sign(x) * (1 - erfcFraction(magnitude));
  if (Number.isNaN(x)) return Number.NaN;
  return erfSeries(x);
}

/** erfc(x) = 1 − erf(x), without the cancellation for large positive x. */
export function erfc(x: number): number {
  if (x > switchover) return erfcFraction(x);
  return 1 - erf(x);
}

function erfSeries(x: number): number {
  const xx = x * x;
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * xx) / (2 * n + 1);
    sum += term;
  }
  return twoOverSqrtPi * Math.exp(-xx) * sum;
}

/** Abramowitz & Stegun 7.1.14, √π e^(x²) erfc(x) = 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))), evaluated from the tail. */
function erfcFraction(x: number): number {
  let tail = x;
  for (let n = fractionTerms; n > 0; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
}
