export interface LineFit {
  slope: number;
  intercept: number;
  /** Of the slope; from the scatter about the line (n − 2 degrees of freedom) where no errors are given. */
  slopeError: number;
}

/**
 * Least squares y ≈ slope·x + intercept; NaN where fewer than two x differ, and `slopeError` for two points without errors.
 *
 * @param errors standard errors of y, all > 0: points weigh 1/error²; equal weights where left out
 */
export function lineFit(x: ArrayLike<number>, y: ArrayLike<number>, errors?: ArrayLike<number>): LineFit {
  const n = x.length;
  const weight = (i: number) => (errors ? errors[i]! ** -2 : 1);
  let weights = 0;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    weights += weight(i);
    meanX += weight(i) * x[i]!;
    meanY += weight(i) * y[i]!;
  }
  meanX /= weights;
  meanY /= weights;
  let xx = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    xx += weight(i) * (x[i]! - meanX) ** 2;
    xy += weight(i) * (x[i]! - meanX) * (y[i]! - meanY);
  }
  const slope = xy / xx;
  const intercept = meanY - slope * meanX;
  if (errors) return { slope, intercept, slopeError: Math.sqrt(1 / xx) };
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (y[i]! - intercept - slope * x[i]!) ** 2;
  return { slope, intercept, slopeError: n > 2 ? Math.sqrt(squares / (n - 2) / xx) : Number.NaN };
}
