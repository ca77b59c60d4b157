import { UserError } from '../../../shared/errors';
import type { SearchMethod, SearchOutcome, SearchStep } from '../../../shared/model/critical';
import { cooperate } from '../cooperate';
import { gradientAt } from '../curvature/operators';
import { type Objective, roundoff, type Vector } from '../objectives/objective';
import { createRng } from '../random';
import { norm } from '../vectors';
import { type KrylovModel, krylovModel, type ModelStep } from './krylovModel';

export interface SearchOptions {
  /** Default 'newtonMR'. */
  method?: SearchMethod;
  /** On ‖∇L‖ (default 1e-8); loosened to what the objective's precision can resolve. */
  tolerance?: number;
  /** Default 100. */
  maxIterations?: number;
  /** Hessian products of one iteration at most (default 200, or P where that is less). */
  maxProducts?: number;
  /** Of the directions a Krylov space goes on with where it ends (default 0). */
  seed?: number;
  signal?: AbortSignal;
  /** After every step that was taken. */
  onStep?: (step: SearchStep) => void;
}

export interface SearchResult {
  outcome: SearchOutcome;
  /** Where the search ended, whatever the outcome. */
  params: Float64Array;
  loss: number;
  gradientNorm: number;
  /** The tolerance that was used, and the part of it that is the precision's floor. */
  tolerance: number;
  floor: number;
  /** ‖Hg‖/(‖H‖‖g‖) at the last step: near zero where a search stalled in a gradient-flat region (Frye et al. 2021). */
  flatness: number | null;
  iterations: number;
  /** Hessian products spent. */
  products: number;
}

/** A step has to lower ‖∇L‖² or L by this share of what its slope promises (Armijo; Nocedal & Wright 2006). */
const sufficientDecrease = 1e-4;
/** Shortenings of one step, or increases of its damping, before the search counts as stalled. */
const mostTrials = 40;
/**
 * A step is at most this many times 1 + ‖θ‖ long: along a direction of little curvature a Newton step would leave for a
 * plateau of saturated units far away.
 */
const longestStep = 0.2;
/** ‖∇L‖ that fell by less than 1 % in this many steps will not become small: the search creeps in a flat region. */
const patience = 20;
const leastProgress = 0.01;

/**
 * From θ to a critical point of L in full space, with exact Hessian products on a Krylov space of ∇L (`krylovModel`).
 * - newtonMR: s = −H†∇L, the step length halved until ‖∇L‖² falls enough (Roosta et al. 2022).
 * - gaussNewton minimizes ½‖∇L‖², whose Jacobian is H: (H² + μ)s = −H∇L, μ by Levenberg–Marquardt.
 * - dampedNewton: s = −H⁻¹∇L in the same way; steps are longer where H is nearly singular on the space.
 * - saddleFree: s = −(|H| + μ)⁻¹∇L, accepted where L falls (Dauphin et al. 2014): passes saddles, ends at minima.
 *
 * The first three end at critical points of whatever index, or stall: at a local minimum of ‖∇L‖ that is none of L, a
 * gradient-flat region, where `flatness` is small (Frye et al. 2021, who found Newton–MR to stall least).
 *
 * Every method is executor-agnostic. The floor is 8u‖H‖(1 + ‖θ‖), the change of ∇L when θ is rounded (u: unit roundoff):
 * around 10⁻⁶‖H‖‖θ‖ for a float32 executor; a float64 one can go on from there.
 *
 * @throws UserError where loss or gradient at the start are not finite. A cancelled search returns where it got to.
 */
export async function searchCriticalPoint(
  objective: Objective,
  start: Vector,
  options: SearchOptions = {},
): Promise<SearchResult> {
  const { method = 'newtonMR', tolerance = 1e-8, maxIterations = 100, seed = 0, signal, onStep } = options;
  const { dimension } = objective;
  const turn = cooperate(signal);
  const rng = createRng(seed, 'critical');
  const limit = Math.min(options.maxProducts ?? 200, dimension);
  const u = roundoff[objective.precision];

  // The executor's own storage, which a θ is rounded to.
  const params = objective.allocate();
  const gradient = objective.allocate();
  const evaluate = async (from: Float64Array, step: Float64Array, length: number): Promise<Place> => {
    for (let i = 0; i < dimension; i++) params[i] = from[i]! + length * step[i]!;
    const loss = await objective.gradient(params, gradient);
    return { params: Float64Array.from(params), loss, gradient: Float64Array.from(gradient), norm: norm(gradient) };
  };
  await gradientAt(objective, start);
  let at = await evaluate(Float64Array.from(start), new Float64Array(dimension), 0);
  const first = at.norm;
  let floor = 0;
  let products = 0;
  let iterations = 0;
  let flatness: number | null = null;
  let mu = 0;
  const norms = [first];
  let outcome: SearchOutcome = 'maxIterations';
  try {
    for (; ; iterations++) {
      if (at.norm <= Math.max(tolerance, floor)) {
        outcome = 'converged';
        break;
      }
      if (iterations === maxIterations) break;
      const before = norms.at(-1 - patience);
      if (method !== 'saddleFree' && before !== undefined && at.norm > (1 - leastProgress) * before) {
        outcome = 'stalled';
        break;
      }
      await turn();
      params.set(at.params);
      const operator = await objective.hessian(params);
      let model: KrylovModel;
      try {
        model = await krylovModel(operator, at.gradient, at.norm, {
          limit,
          forcing: Math.min(0.1, Math.max(at.norm / first, 1e-10)),
          cutoff: 16 * u,
          rng,
          turn,
        });
      } finally {
        operator.dispose();
      }
      products += model.size;
      flatness = model.flatness;
      floor = 8 * u * model.largest * (1 + norm(at.params));
      if (at.norm <= floor) {
        outcome = 'converged';
        break;
      }
      const taken = await (method === 'gaussNewton' || method === 'saddleFree'
        ? damped(method, model, at, mu, { evaluate, turn, u })
        : shortened(method, model, at, { evaluate, turn }));
      if (!taken) {
        outcome = 'stalled';
        break;
      }
      at = taken.place;
      mu = taken.mu;
      norms.push(at.norm);
      onStep?.({ iteration: iterations + 1, loss: at.loss, gradientNorm: at.norm, products });
    }
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'cancelled')) throw error;
    outcome = 'cancelled';
  }
  return {
    ...{ outcome, iterations, products, floor, flatness },
    params: at.params,
    loss: at.loss,
    gradientNorm: at.norm,
    tolerance: Math.max(tolerance, floor),
  };
}

interface Place {
  params: Float64Array;
  loss: number;
  gradient: Float64Array;
  norm: number;
}

interface Taken {
  place: Place;
  mu: number;
}

interface Tools {
  /** At from + length·step. */
  evaluate: (from: Float64Array, step: Float64Array, length: number) => Promise<Place>;
  turn: () => Promise<void> | undefined;
}

/** Raises μ until the step does what the method asks for; the Krylov space serves all of them. */
async function damped(
  method: 'gaussNewton' | 'saddleFree',
  model: KrylovModel,
  at: Place,
  mu: number,
  { evaluate, turn, u }: Tools & { u: number },
): Promise<Taken | null> {
  // μ is added to H² or to |H|.
  const unit = method === 'gaussNewton' ? model.largest ** 2 : model.largest;
  for (let trial = 0; trial < mostTrials; trial++) {
    await turn();
    const step = await (method === 'gaussNewton' ? model.leastSquares(mu) : model.saddleFree(mu));
    if (norm(step.step) > reachOf(at)) {
      mu = Math.max(4 * mu, 1e-6 * unit);
      continue;
    }
    const place = await evaluate(at.params, step.step, 1);
    const gain = method === 'gaussNewton' ? gradientGain(at, place, step) : lossGain(at, place, step, u);
    if (gain > sufficientDecrease) {
      if (gain > 0.75) mu = mu < 1e-12 * unit ? 0 : mu / 10;
      else if (gain < 0.25) mu = Math.max(4 * mu, 1e-6 * unit);
      return { place, mu };
    }
    mu = Math.max(10 * mu, 1e-6 * unit);
  }
  return null;
}

const reachOf = ({ params }: Place): number => longestStep * (1 + norm(params));

/** The fall of ‖∇L‖² as a share of the model's. */
function gradientGain(at: Place, next: Place, { residual }: ModelStep): number {
  const promised = at.norm ** 2 - residual ** 2;
  return promised > 0 && Number.isFinite(next.norm) ? (at.norm ** 2 - next.norm ** 2) / promised : Number.NaN;
}

/** The fall of L as a share of half its slope; where that is lost in rounding, the fall of ‖∇L‖ decides. */
function lossGain(at: Place, next: Place, { lossSlope }: ModelStep, u: number): number {
  if (!Number.isFinite(next.loss) || !Number.isFinite(next.norm)) return Number.NaN;
  const promised = -lossSlope / 2;
  if (promised > 128 * u * Math.abs(at.loss)) return (at.loss - next.loss) / promised;
  return next.norm < at.norm ? 1 : Number.NaN;
}

/** Halves the step until ‖∇L‖² falls by its share. */
async function shortened(
  method: 'newtonMR' | 'dampedNewton',
  model: KrylovModel,
  at: Place,
  { evaluate, turn }: Tools,
): Promise<Taken | null> {
  const { step, slope } = await (method === 'newtonMR' ? model.leastSquares(0) : model.newton());
  if (!(slope < 0)) return null;
  let length = Math.min(1, reachOf(at) / norm(step));
  for (let trial = 0; trial < mostTrials; trial++, length /= 2) {
    await turn();
    const place = await evaluate(at.params, step, length);
    if (place.norm ** 2 <= at.norm ** 2 + 2 * sufficientDecrease * length * slope) return { place, mu: 0 };
  }
  return null;
}
