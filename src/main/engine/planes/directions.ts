import { badInput, sayError, UserError } from '../../../shared/errors';
import type { DirectionSpec, Eigenvalue, EigenvectorChoice } from '../../../shared/model/landscape';
import type { ParameterLayout } from '../../../shared/model/run';
import { lanczosExtremes } from '../curvature/lanczos';
import { gradientAt } from '../curvature/operators';
import type { LinearOperator, Objective, Vector } from '../objectives/objective';
import { addScaled, norm, scale } from '../vectors';
import { makeSquare } from './basis';
import { checkpointOf, type PlaneData, type PlaneWork, sourcesOf } from './data';
import { randomDirection } from './random';

/** Of max|λ|, for eigenvectors that become axes: a float32 operator's floor is near 1e-7. */
const eigenvectorTolerance = 1e-5;

export interface HessianDirection {
  /** Unit, P entries, zero where the mask is; its largest entry is positive. */
  vector: Float64Array;
  eigenvalue: Eigenvalue;
}

/**
 * Chosen eigenvectors of the training loss's Hessian at θ (Lanczos, see `lanczosExtremes`), of its block over the
 * parameters the mask leaves where there is one.
 */
export async function hessianEigenvectors(
  objective: Objective,
  theta: Float64Array,
  which: readonly EigenvectorChoice[],
  { mask, seed, signal, onProgress }: PlaneWork & { mask?: Uint8Array | undefined; seed: number },
): Promise<HessianDirection[]> {
  const rank = (wanted: EigenvectorChoice['end']) =>
    Math.max(0, ...which.filter(({ end }) => end === wanted).map((choice) => choice.rank));
  return withHessian(objective, theta, async (hessian) => {
    const kept = mask && keptIndices(mask);
    const operator = kept ? blockOf(hessian, kept) : hessian;
    const found = await lanczosExtremes(operator, {
      top: rank('top'),
      bottom: rank('bottom'),
      tolerance: eigenvectorTolerance,
      seed,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    return which.map(({ end, rank: k }) => {
      const pair = found[end][k - 1];
      if (!pair) {
        throw badInput(`There is no eigenvector ${k} from the ${end}: the Hessian has ${operator.size}.`, undefined, [
          'plane',
          'which',
        ]);
      }
      const vector = new Float64Array(theta.length);
      if (kept) spread(pair.vector, kept, vector);
      else vector.set(pair.vector);
      const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
      if (largest < 0) scale(vector, -1);
      const { value, residual, converged } = pair;
      return { vector, eigenvalue: { value, residual, converged } };
    });
  });
}

/** g and Hg of the training loss at θ, over the parameters the mask leaves. @throws UserError where ∇L is zero or not finite */
export async function gradientAndImage(
  objective: Objective,
  theta: Float64Array,
  mask?: Uint8Array,
): Promise<{ gradient: Float64Array; image: Float64Array }> {
  const gradient = await gradientDirection(objective, theta, mask);
  const image = await withHessian(objective, theta, async (hessian) => {
    const out = objective.allocate();
    await hessian.apply(inPrecision(objective, gradient), out);
    return Float64Array.from(out);
  });
  if (mask) hide(image, mask);
  return { gradient, image };
}

async function gradientDirection(objective: Objective, theta: Float64Array, mask?: Uint8Array): Promise<Float64Array> {
  const { gradient } = await gradientAt(objective, inPrecision(objective, theta));
  const direction = Float64Array.from(gradient);
  if (mask) hide(direction, mask);
  if (norm(direction) > 0) return direction;
  throw new UserError('badInput', 'The gradient at the origin is zero.', { cure: 'Choose another step as origin.' });
}

/** Makes the direction of a specification, as it is (not square to anything yet). */
export async function makeDirection(
  spec: DirectionSpec,
  origin: Float64Array,
  data: PlaneData,
  work: PlaneWork,
): Promise<Float64Array> {
  switch (spec.kind) {
    case 'random':
      return randomDirection(
        origin,
        data.layout,
        { seed: spec.seed, normalization: 'filter', biases: 'zero' },
        'plane/third direction',
      );
    case 'point': {
      const direction = checkpointOf(spec, data, ['plane', 'toward']);
      addScaled(direction, -1, origin);
      return direction;
    }
    case 'gradient':
      return gradientDirection(await sourcesOf(data).objective(), origin);
    case 'eigenvector': {
      const objective = await sourcesOf(data).objective();
      const [found] = await hessianEigenvectors(objective, origin, [spec], { seed: 0, ...work });
      return found!.vector;
    }
    case 'file':
      return sourcesOf(data).direction(spec.path);
    default:
      return spec satisfies never;
  }
}

/**
 * A direction square to the axes and of the length asked for.
 * @throws badInput where (nearly) nothing of it is outside their span
 */
export function squareDirection(
  direction: Float64Array,
  axes: readonly Float64Array[],
  length: number,
  name: string,
  field: string[] = ['plane'],
): Float64Array {
  const d = direction.slice();
  const before = norm(d);
  makeSquare(d, axes);
  const remaining = norm(d);
  if (!(remaining > 1e-6 * before)) {
    throw before > 0
      ? sayError('badInput', 'directionInPlane', { direction: name }, field)
      : sayError('badInput', 'directionLength', { direction: name, length: before }, field);
  }
  scale(d, length / remaining);
  return d;
}

/** 0 at biases and the parameters of norms, 1 elsewhere. */
export function weightMask(layout: ParameterLayout): Uint8Array {
  const mask = new Uint8Array(layout.reduce((sum, { size }) => sum + size, 0)).fill(1);
  for (const { role, offset, size } of layout) {
    if (role === 'bias' || role === 'scale') mask.fill(0, offset, offset + size);
  }
  return mask;
}

const keptIndices = (mask: Uint8Array): Int32Array => Int32Array.from([...mask.keys()].filter((i) => mask[i] === 1));

function hide(vector: Float64Array, mask: Uint8Array): void {
  for (let i = 0; i < vector.length; i++) if (mask[i] === 0) vector[i] = 0;
}

/** out[kept] ← values */
function spread(values: Vector, kept: Int32Array, out: Float64Array): void {
  for (let i = 0; i < kept.length; i++) out[kept[i]!] = values[i]!;
}

/** The block of an operator over some of its parameters. */
function blockOf(operator: LinearOperator, kept: Int32Array): LinearOperator {
  const whole = new Float64Array(operator.size);
  const product = new Float64Array(operator.size);
  return {
    size: kept.length,
    async apply(v, out) {
      spread(v, kept, whole);
      await operator.apply(whole, product);
      for (let i = 0; i < kept.length; i++) out[i] = product[kept[i]!]!;
    },
    dispose() {},
  };
}

async function withHessian<T>(
  objective: Objective,
  theta: Float64Array,
  use: (hessian: LinearOperator) => Promise<T>,
): Promise<T> {
  const hessian = await objective.hessian(inPrecision(objective, theta));
  try {
    return await use(hessian);
  } finally {
    hessian.dispose();
  }
}

function inPrecision(objective: Objective, values: ArrayLike<number>): Vector {
  const own = objective.allocate();
  own.set(values);
  return own;
}
