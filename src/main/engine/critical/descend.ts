import { cancelled } from '../../../shared/errors';
import type { Descent } from '../../../shared/model/critical';
import { cooperate } from '../cooperate';
import { gradientAt } from '../curvature/operators';
import type { Objective } from '../objectives/objective';
import { addScaled, norm } from '../vectors';
import { searchCriticalPoint } from './search';

export interface DescendOptions {
  /** ‖∇L‖ at which the bottom is reached (default 1e-6). */
  tolerance?: number;
  /** Steps of gradient descent (default 5,000). */
  maxSteps?: number;
  /** Points of the path that are kept (default 200). */
  points?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

export interface DescentPath extends Pick<Descent, 'sign' | 'outcome' | 'steps' | 'lastStretch' | 'gradientNorm'> {
  /** θ of the points that were kept, the saddle first, the end last. */
  path: Float64Array[];
  arcLength: Float64Array;
  loss: Float64Array;
}

/** First step off the saddle, relative to 1 + ‖θ‖, and how far it may grow until the loss has visibly fallen. */
const firstOffset = 1e-4;
const mostOffsetDoublings = 12;
/** Armijo's constant and the growth of the step after a success (Nocedal & Wright 2006, algorithm 3.1). */
const sufficientDecrease = 0.1;
const growth = 2;
/** A loss that fell to minus this many times where it began has no bottom. */
const bottomless = 1e12;

/**
 * From a saddle down one side: a small step along ±v, then gradient descent with a backtracking line search, a
 * discretized gradient flow θ' = −∇L. Steps are halved until L falls by a tenth of εgᵀg, and doubled after a success.
 *
 * Where it has not converged after `maxSteps`, or rounding stops it, saddle-free Newton goes on from there, as it too
 * descends L but does not creep; the path's last point is then where that converged.
 *
 * Points are kept at equal arc lengths as far as they are known: whenever there are too many, every other one is dropped.
 *
 * @param saddle θ* with ∇L(θ*) ≈ 0
 * @param direction v, a unit eigenvector of a negative eigenvalue
 * @throws UserError where loss or gradient at the saddle are not finite; `cancelled`
 */
export async function descendFrom(
  objective: Objective,
  saddle: Float64Array,
  direction: Float64Array,
  sign: 1 | -1,
  { tolerance = 1e-6, maxSteps = 5_000, points = 200, signal, onProgress }: DescendOptions = {},
): Promise<DescentPath> {
  const turn = cooperate(signal);
  const params = objective.allocate();
  const gradient = objective.allocate();
  const at = async (theta: Float64Array) => {
    params.set(theta);
    const loss = await objective.gradient(params, gradient);
    return { theta, loss, gradient: Float64Array.from(gradient), norm: norm(gradient) };
  };
  params.set(saddle);
  const top = (await gradientAt(objective, params)).loss;
  const kept = createPath(points, saddle, top);

  let offset = firstOffset * (1 + norm(saddle));
  let here = await at(moved(saddle, sign * offset, direction));
  for (let k = 0; k < mostOffsetDoublings && !(here.loss < top); k++) {
    offset *= growth;
    here = await at(moved(saddle, sign * offset, direction));
  }
  let outcome: Descent['outcome'] = here.loss < top ? 'maxSteps' : 'stalled';
  let steps = 0;
  if (outcome === 'maxSteps') kept.add(here.theta, here.loss, offset);
  // The gradient beside the saddle is λ·offset: this step would double the offset.
  let rate = here.norm > 0 ? offset / here.norm : 1;
  while (outcome === 'maxSteps' && steps < maxSteps) {
    await turn();
    if (here.norm <= tolerance) {
      outcome = 'converged';
      break;
    }
    if (here.loss < top - bottomless * (1 + Math.abs(top))) {
      outcome = 'diverged';
      break;
    }
    let next = await at(moved(here.theta, -rate, here.gradient));
    let shorter = 0;
    while (!(next.loss <= here.loss - sufficientDecrease * rate * here.norm ** 2) && shorter < 60) {
      await turn();
      rate /= growth;
      shorter++;
      next = await at(moved(here.theta, -rate, here.gradient));
    }
    if (!(next.loss < here.loss)) {
      outcome = Number.isFinite(next.loss) ? 'stalled' : 'diverged';
      break;
    }
    if (!Number.isFinite(next.norm)) {
      outcome = 'diverged';
      break;
    }
    kept.add(next.theta, next.loss, rate * here.norm);
    here = next;
    steps++;
    if (shorter === 0) rate *= growth;
    onProgress?.(steps, maxSteps);
  }
  let lastStretch: number | null = null;
  if (steps > 0 && (outcome === 'maxSteps' || outcome === 'stalled')) {
    params.set(here.theta);
    const end = await searchCriticalPoint(objective, params, {
      method: 'saddleFree',
      tolerance,
      ...(signal && { signal }),
    });
    if (end.outcome === 'cancelled') throw cancelled();
    if (end.outcome === 'converged') {
      outcome = 'converged';
      lastStretch = norm(moved(end.params, -1, here.theta));
      kept.add(end.params, end.loss, lastStretch);
      here = { ...here, norm: end.gradientNorm };
    }
  }
  return { sign, outcome, steps, lastStretch, gradientNorm: here.norm, ...kept.finish() };
}

function moved(theta: Float64Array, length: number, direction: Float64Array): Float64Array {
  const out = theta.slice();
  addScaled(out, length, direction);
  return out;
}

/** Collects a path: at most `limit` points, at about equal distances, and its end. */
function createPath(limit: number, start: Float64Array, startLoss: number) {
  let last = { theta: start, arc: 0, loss: startLoss };
  let kept = [last];
  let spacing = 0;
  return {
    add(theta: Float64Array, loss: number, distance: number): void {
      last = { theta, arc: last.arc + distance, loss };
      if (last.arc - kept.at(-1)!.arc < spacing) return;
      kept.push(last);
      if (kept.length < limit) return;
      kept = kept.filter((_, i) => i % 2 === 0);
      spacing = last.arc / (limit / 2);
    },
    finish() {
      const points = kept.at(-1) === last ? kept : [...kept, last];
      return {
        path: points.map(({ theta }) => theta),
        arcLength: Float64Array.from(points, ({ arc }) => arc),
        loss: Float64Array.from(points, ({ loss }) => loss),
      };
    },
  };
}
