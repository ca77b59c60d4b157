import type { ExecutorCheck, ExecutorReport } from '../../../../shared/model/executors';
import type { Objective, Vector } from '../../objectives/objective';
import { type Executor, supportOf } from '../executor';
import { createReferenceExecutor } from '../reference';
import { checkedNets, probeDirection } from './nets';

/** What float32 arithmetic in any order of summation keeps on these small networks. */
const float32Tolerance = 1e-5;
/** Central differences with step 1e-5 of float64 numbers. */
const differenceTolerance = 1e-6;
const differenceStep = 1e-5;

/**
 * Gradient and Hessian product on small networks against the float64 reference; the reference itself against central
 * differences of its losses and gradients.
 */
export async function checkExecutor(executor: Executor): Promise<Pick<ExecutorReport, 'checks' | 'unchecked'>> {
  const checks: ExecutorCheck[] = [];
  const unchecked: ExecutorReport['unchecked'] = [];
  for (const net of ['dense', 'convolution'] as const) {
    const { network, examples, data, params } = checkedNets[net]();
    const support = supportOf(executor, network);
    if (!support.ok) {
      unchecked.push({ net, reason: support.reason, ...(support.said && { said: support.said }) });
      continue;
    }
    const set = data(examples);
    const theta = params();
    const v = probeDirection(theta.length, 3);
    const actual = await executor.load(network, set);
    const oracle = await createReferenceExecutor().load(network, set);
    const tolerance = executor.name === 'reference' ? differenceTolerance : float32Tolerance;
    try {
      const wanted =
        executor.name === 'reference' ? await differences(oracle, theta, v) : await derivatives(oracle, theta, v);
      for (const quantity of ['gradient', 'hessianProduct'] as const) {
        checks.push({
          net,
          quantity,
          tolerance,
          ...(await compare(actual, theta, v, quantity, wanted[quantity], tolerance)),
        });
      }
    } finally {
      actual.dispose();
      oracle.dispose();
    }
  }
  return { checks, unchecked };
}

/** An executor that throws on a network it says it can run has failed. */
async function compare(
  objective: Objective,
  theta: Vector,
  v: Vector,
  quantity: keyof Derivatives,
  wanted: Vector,
  tolerance: number,
): Promise<Pick<ExecutorCheck, 'error' | 'passed' | 'message'>> {
  try {
    const error = relativeError(await computed[quantity](objective, theta, v), wanted);
    return { error: Number.isFinite(error) ? error : null, passed: error <= tolerance };
  } catch (thrown) {
    return { error: null, passed: false, message: (thrown as Error).message.slice(0, 300) };
  }
}

interface Derivatives {
  gradient: Vector;
  hessianProduct: Vector;
}

const computed = {
  async gradient(objective: Objective, theta: Vector): Promise<Vector> {
    const gradient = new Float64Array(theta.length);
    await objective.gradient(theta, gradient);
    return gradient;
  },
  async hessianProduct(objective: Objective, theta: Vector, v: Vector): Promise<Vector> {
    const product = new Float64Array(theta.length);
    const hessian = await objective.hessian(theta);
    try {
      await hessian.apply(v, product);
    } finally {
      hessian.dispose();
    }
    return product;
  },
};

const derivatives = async (objective: Objective, theta: Vector, v: Vector): Promise<Derivatives> => ({
  gradient: await computed.gradient(objective, theta),
  hessianProduct: await computed.hessianProduct(objective, theta, v),
});

async function differences(objective: Objective, theta: Vector, v: Vector): Promise<Derivatives> {
  const moved = (direction: (i: number) => number, by: number) =>
    Float64Array.from(theta, (value, i) => value + by * direction(i));
  const gradient = new Float64Array(theta.length);
  for (let i = 0; i < theta.length; i++) {
    const along = (j: number) => (j === i ? 1 : 0);
    const above = await objective.value(moved(along, differenceStep));
    const below = await objective.value(moved(along, -differenceStep));
    gradient[i] = (above - below) / (2 * differenceStep);
  }
  const above = new Float64Array(theta.length);
  const below = new Float64Array(theta.length);
  await objective.gradient(
    moved((i) => v[i]!, differenceStep),
    above,
  );
  await objective.gradient(
    moved((i) => v[i]!, -differenceStep),
    below,
  );
  return { gradient, hessianProduct: above.map((value, i) => (value - below[i]!) / (2 * differenceStep)) };
}

/** max|a − b|/max|b|; NaN as soon as an element is, which passes no tolerance. */
function relativeError(actual: Vector, expected: Vector): number {
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(difference)) return Number.NaN;
    worst = Math.max(worst, difference);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return worst / largest;
}
