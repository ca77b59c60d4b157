import type { Objective, Rows } from '../../src/main/engine/objectives/objective';

/** Derivatives of an objective and the differences they have to equal. */

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** params + t v */
export const along = (params: Float64Array, v: Float64Array, t: number): Float64Array =>
  params.map((value, i) => value + t * v[i]!);

export const unitVector = (v: Float64Array): Float64Array => {
  const length = Math.sqrt(dot(v, v));
  return v.map((value) => value / length);
};

export async function gradientAt(objective: Objective, params: Float64Array, rows?: Rows): Promise<Float64Array> {
  const out = new Float64Array(params.length);
  await objective.gradient(params, out, rows);
  return out;
}

export async function productAt(
  objective: Objective,
  params: Float64Array,
  v: Float64Array,
  rows?: Rows,
): Promise<Float64Array> {
  const hessian = await objective.hessian(params, rows);
  const out = new Float64Array(params.length);
  await hessian.apply(v, out);
  hessian.dispose();
  return out;
}

const stencil = (epsilon: number, near: [number, number], far: [number, number]): number =>
  (8 * (near[1] - near[0]) - (far[1] - far[0])) / (12 * epsilon);

/** Fourth-order central difference of the value along each of the coordinates. */
export async function gradientDifferences(
  objective: Objective,
  params: Float64Array,
  epsilon: number,
  coordinates: readonly number[],
): Promise<number[]> {
  const differences: number[] = [];
  const moved = params.slice();
  for (const i of coordinates) {
    const at = async (t: number) => {
      moved[i] = params[i]! + t;
      const value = await objective.value(moved);
      moved[i] = params[i]!;
      return value;
    };
    const near: [number, number] = [await at(-epsilon), await at(epsilon)];
    differences.push(stencil(epsilon, near, [await at(-2 * epsilon), await at(2 * epsilon)]));
  }
  return differences;
}

/** Fourth-order central difference of the gradient along v. */
export async function productDifferences(
  objective: Objective,
  params: Float64Array,
  v: Float64Array,
  epsilon: number,
): Promise<Float64Array> {
  const at = (t: number) => gradientAt(objective, along(params, v, t));
  const near = [await at(-epsilon), await at(epsilon)] as const;
  const far = [await at(-2 * epsilon), await at(2 * epsilon)] as const;
  return near[0].map((_, i) => stencil(epsilon, [near[0][i]!, near[1][i]!], [far[0][i]!, far[1][i]!]));
}
