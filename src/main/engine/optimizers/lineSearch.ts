import type { Vector } from '../objectives/objective';
import { descend, dot } from '../vectors';
import type { StepObjective } from './search';
import { like } from './transform';

/** L along a line θ + t·d. */
interface LinePoint {
  t: number;
  loss: number;
  gradient: Float64Array;
  /** dL/dt = gᵀd */
  slope: number;
}

/** Where a line search went. */
export interface LineStep {
  /** 0 where no point was better. */
  t: number;
  /** ‖t·d‖ */
  moved: number;
  /** y = ∇L(θ + t·d) − ∇L(θ) */
  change: Float64Array;
}

export interface LineSearchOptions {
  /** The step length tried first. */
  first: number;
  /** c₂ of the strong Wolfe condition |L′(t)| ≤ −c₂·L′(0). */
  c2: number;
}

/** c₁ of the condition of sufficient decrease L(t) ≤ L(0) + c₁·t·L′(0). */
const sufficientDecrease = 1e-4;
const mostEvaluations = 25;
/** Shortest bracket, times max|dᵢ|. */
const shortestBracket = 1e-9;

/** params ← θ + t·d with a t that fulfils the strong Wolfe conditions, or the best found in 25 evaluations. */
export async function searchLine(
  gradient: Vector,
  direction: Float64Array,
  params: Vector,
  at: StepObjective,
  { first, c2 }: LineSearchOptions,
): Promise<LineStep> {
  const evaluate = lineThrough(params, direction, at);
  const start = { t: 0, loss: at.loss, gradient: Float64Array.from(gradient), slope: dot(gradient, direction) };
  const longest = direction.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
  const end = await strongWolfe(evaluate, start, first, c2, shortestBracket / longest);
  return arriveAt(end, gradient, direction, params, at);
}

/** params ← θ + t·d for a given t. */
export async function moveAlong(
  gradient: Vector,
  direction: Float64Array,
  params: Vector,
  at: StepObjective,
  t: number,
): Promise<LineStep> {
  return arriveAt(await lineThrough(params, direction, at)(t), gradient, direction, params, at);
}

function lineThrough(params: Vector, direction: Float64Array, at: StepObjective): (t: number) => Promise<LinePoint> {
  const trial = like(params);
  const slopes = like(params);
  return async (t) => {
    trial.set(params);
    descend(trial, -t, direction);
    const loss = await at.gradient(trial, slopes);
    return { t, loss, gradient: Float64Array.from(slopes), slope: dot(slopes, direction) };
  };
}

function arriveAt(
  { t, loss, gradient: end }: LinePoint,
  gradient: Vector,
  direction: Float64Array,
  params: Vector,
  at: StepObjective,
): LineStep {
  at.arrive(loss, end);
  return { t, moved: descend(params, -t, direction), change: end.map((entry, i) => entry - gradient[i]!) };
}

/**
 * A step length that fulfils the strong Wolfe conditions: a bracket is grown until it must hold one, then narrowed, by
 * cubic interpolation (Nocedal & Wright 2006, algorithms 3.5 and 3.6). Rules of growth (to 1.01 … 10 times the length) and
 * of safeguarding are those of minFunc, as in torch.optim.LBFGS(line_search_fn='strong_wolfe'). A loss that is not
 * finite counts as infinitely high.
 */
async function strongWolfe(
  evaluate: (t: number) => Promise<LinePoint>,
  start: LinePoint,
  first: number,
  c2: number,
  shortest: number,
): Promise<LinePoint> {
  const look = async (t: number): Promise<LinePoint> => {
    const point = await evaluate(t);
    return Number.isFinite(point.loss) && Number.isFinite(point.slope)
      ? point
      : { ...point, loss: Number.POSITIVE_INFINITY };
  };
  const tooHigh = ({ t, loss }: LinePoint) => loss > start.loss + sufficientDecrease * t * start.slope;
  const isFlat = ({ slope }: LinePoint) => Math.abs(slope) <= -c2 * start.slope;

  let previous = start;
  let here = await look(first);
  let evaluations = 0;
  let bracket: [LinePoint, LinePoint] | null = null;
  while (evaluations < mostEvaluations && !bracket) {
    if (tooHigh(here) || (evaluations > 1 && here.loss >= previous.loss)) bracket = [previous, here];
    else if (isFlat(here)) return here;
    else if (here.slope >= 0) bracket = [previous, here];
    else {
      const next = cubicMinimum(previous, here, here.t + 0.01 * (here.t - previous.t), 10 * here.t);
      previous = here;
      here = await look(next);
      evaluations++;
    }
  }
  let [low, high] = inOrder(...(bracket ?? [start, here]));
  let slow = false;
  while (evaluations < mostEvaluations) {
    const [left, right] = low.t < high.t ? [low.t, high.t] : [high.t, low.t];
    if (right - left < shortest) break;
    // torch interpolates between the two in the order of the bracket, which changes nothing but rounding.
    let t = cubicMinimum(low, high, left, right);
    const margin = 0.1 * (right - left);
    if (Math.min(right - t, t - left) < margin) {
      if (slow || t >= right || t <= left) {
        t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin;
        slow = false;
      } else slow = true;
    } else slow = false;
    here = await look(t);
    evaluations++;
    if (tooHigh(here) || here.loss >= low.loss) [low, high] = inOrder(low, here);
    else {
      if (isFlat(here)) return here;
      if (here.slope * (high.t - low.t) >= 0) high = low;
      low = here;
    }
  }
  return low;
}

/** The lower first; the first of equals. */
const inOrder = (a: LinePoint, b: LinePoint): [LinePoint, LinePoint] => (a.loss <= b.loss ? [a, b] : [b, a]);

/** Where the cubic through two points and their slopes has its minimum, within the bounds; the middle where it has none. */
function cubicMinimum(a: LinePoint, b: LinePoint, lowest: number, highest: number): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const d1 = left.slope + right.slope - (3 * (left.loss - right.loss)) / (left.t - right.t);
  const d2 = Math.sqrt(d1 * d1 - left.slope * right.slope);
  const t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Number.isFinite(t) ? Math.min(Math.max(t, lowest), highest) : (lowest + highest) / 2;
}
