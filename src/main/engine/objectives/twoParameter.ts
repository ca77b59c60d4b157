import type { ParameterLayout } from '../../../shared/model/run';
import type { LinearOperator, Objective, PlaneTile, PlaneValues } from './objective';

/** A function of two real variables with exact derivatives, in float64. Outside its domain it gives NaN or ±Infinity. */
export interface TwoParameterFunction {
  value(x: number, y: number): number;
  /** out ← [f, ∂f/∂x, ∂f/∂y, ∂²f/∂x², ∂²f/∂x∂y, ∂²f/∂y²] (length 6). */
  derivatives(x: number, y: number, out: Float64Array): void;
}

const layout: ParameterLayout = [
  { name: 'x', shape: [1], offset: 0, size: 1, role: 'coordinate' },
  { name: 'y', shape: [1], offset: 1, size: 1, role: 'coordinate' },
];

/** f as an objective with θ = (x, y); `rows` of its methods mean nothing and are ignored. */
export function twoParameterObjective(f: TwoParameterFunction): Objective {
  const jet = new Float64Array(6);
  return {
    dimension: 2,
    layout,
    examples: 0,
    precision: 'float64',
    executor: 'analytic (float64)',
    allocate: () => new Float64Array(2),
    value: (params) => f.value(params[0]!, params[1]!),
    gradient(params, out) {
      f.derivatives(params[0]!, params[1]!, jet);
      out[0] = jet[1]!;
      out[1] = jet[2]!;
      return jet[0]!;
    },
    hessian(params) {
      f.derivatives(params[0]!, params[1]!, jet);
      return symmetric2x2(jet[3]!, jet[4]!, jet[5]!);
    },
    measure: (params) => ({ loss: f.value(params[0]!, params[1]!), standardError: Number.NaN, accuracy: Number.NaN }),
    plane: (tile) => planeValues(f, tile),
    dispose() {},
  };
}

function symmetric2x2(xx: number, xy: number, yy: number): LinearOperator {
  return {
    size: 2,
    apply(v, out) {
      out[0] = xx * v[0]! + xy * v[1]!;
      out[1] = xy * v[0]! + yy * v[1]!;
    },
    dispose() {},
  };
}

function planeValues(f: TwoParameterFunction, { origin, d1, d2, coordinates }: PlaneTile): PlaneValues {
  const points = coordinates.length / 2;
  const loss = new Float64Array(points);
  for (let i = 0; i < points; i++) {
    const a = coordinates[2 * i]!;
    const b = coordinates[2 * i + 1]!;
    const value = f.value(origin[0]! + a * d1[0]! + b * d2[0]!, origin[1]! + a * d1[1]! + b * d2[1]!);
    loss[i] = Number.isFinite(value) ? value : Number.NaN;
  }
  return {
    loss,
    standardError: new Float64Array(points).fill(Number.NaN),
    accuracy: new Float64Array(points).fill(Number.NaN),
  };
}
