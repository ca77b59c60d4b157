/**
 * t with P(|T| ≤ t) = confidence for Student's distribution with ν degrees of freedom (ν ≥ 1, not necessarily whole).
 *
 * With T = √ν·tan φ the density is proportional to cos^(ν−1) φ on (−π/2, π/2): no gamma function is needed. Relative
 * error below 1e-5 for confidences up to 0.999.
 *
 * @throws RangeError outside 0 < confidence < 1, ν ≥ 1
 */
export function studentT(confidence: number, degreesOfFreedom: number): number {
  if (!(confidence > 0 && confidence < 1 && degreesOfFreedom >= 1)) {
    throw new RangeError(`confidence ${confidence} with ${degreesOfFreedom} degrees of freedom`);
  }
  const power = degreesOfFreedom - 1;
  // Beyond 12/√ν the integrand is below e⁻⁷².
  const end = Math.min(Math.PI / 2, 12 / Math.sqrt(degreesOfFreedom));
  const steps = 8_192;
  const h = end / steps;
  const cumulative = new Float64Array(steps + 1);
  let previous = 1;
  for (let i = 1; i <= steps; i++) {
    const value = Math.max(Math.cos(i * h), 0) ** power;
    cumulative[i] = cumulative[i - 1]! + (previous + value) / 2;
    previous = value;
  }
  const wanted = confidence * cumulative[steps]!;
  const after = cumulative.findIndex((sum) => sum >= wanted);
  const before = cumulative[after - 1]!;
  const phi = (after - 1 + (wanted - before) / (cumulative[after]! - before)) * h;
  return Math.sqrt(degreesOfFreedom) * Math.tan(phi);
}
