import { badInput } from '../../../shared/errors';
import type { Objective } from '../objectives/objective';

/** Value, gradient and Hessian of a two-parameter objective at a point. */
export interface Jet {
  x: number;
  y: number;
  value: number;
  gx: number;
  gy: number;
  xx: number;
  xy: number;
  yy: number;
}

/** @throws badInput for objectives that do not have two parameters */
export function requireTwoParameters(objective: Objective): void {
  if (objective.dimension === 2) return;
  throw badInput(
    `The objective has ${objective.dimension} parameters; critical points of a window are found on functions of two.`,
    'For a network, search from a recorded step.',
  );
}

/** Evaluates jets; storage is shared between calls. */
export function jetsOf(objective: Objective): (x: number, y: number) => Promise<Jet> {
  const params = objective.allocate();
  const gradient = new Float64Array(2);
  const first = new Float64Array(2);
  const second = new Float64Array(2);
  const alongX = Float64Array.of(1, 0);
  const alongY = Float64Array.of(0, 1);
  return async (x, y) => {
    params[0] = x;
    params[1] = y;
    const value = await objective.gradient(params, gradient);
    const hessian = await objective.hessian(params);
    try {
      await hessian.apply(alongX, first);
      await hessian.apply(alongY, second);
    } finally {
      hessian.dispose();
    }
    return {
      x,
      y,
      value,
      gx: gradient[0]!,
      gy: gradient[1]!,
      xx: first[0]!,
      xy: (first[1]! + second[0]!) / 2,
      yy: second[1]!,
    };
  };
}

export const gradientNorm = ({ gx, gy }: Jet): number => Math.hypot(gx, gy);

export function hasFiniteJet(at: Jet): boolean {
  return (
    Number.isFinite(at.value) &&
    Number.isFinite(at.gx) &&
    Number.isFinite(at.gy) &&
    Number.isFinite(at.xx) &&
    Number.isFinite(at.xy) &&
    Number.isFinite(at.yy)
  );
}
