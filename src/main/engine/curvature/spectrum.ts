import type {
  Classification,
  CurvatureMatrix,
  Eigenvalue,
  Spectrum,
  SpectrumEigenvalue,
} from '../../../shared/model/landscape';
import { cooperate } from '../cooperate';
import { classify, relativeEigenvalueTolerance } from '../critical/classify';
import type { LinearOperator, Objective, Vector } from '../objectives/objective';
import { dot } from '../vectors';
import { type ConditionNumber, conditionNumber } from './conditionNumber';
import { checkDenseSize, denseSpectrum } from './dense';
import { everything, type GroupedOperator, groupForms, type Sample, standardErrorOfGroups } from './groups';
import { lanczosAround } from './interior';
import { type EigenPair, lanczosExtremes } from './lanczos';
import { participationRatio } from './layers';
import { type GradientAt, gradientAlignment, gradientAt, withCurvature } from './operators';

export interface SpectrumOptions {
  /** How many of the largest and of the smallest eigenvalues to report. */
  top: number;
  bottom: number;
  /** As well as these many nearest to a shift. */
  around?: { shift: number; count: number };
  /** Default 'hessian'. */
  matrix?: CurvatureMatrix;
  /** Default 'auto': dense up to 200 parameters. */
  method?: 'auto' | 'lanczos' | 'dense';
  /** Examples the loss is measured on; all of them when left out. */
  sample?: Sample;
  /** Default 1e-4, of max|λ|. */
  tolerance?: number;
  /** Default 400 Hessian products. */
  maxIterations?: number;
  seed?: number;
  signal?: AbortSignal;
  /** After every Hessian product; `secondsLeft` assumes that all products allowed are needed. */
  onProgress?: (done: number, total: number, secondsLeft: number | null) => void;
}

/** What `measureSpectrum` knows of a spectrum; the caller adds where θ came from. */
export type MeasuredSpectrum = Omit<Spectrum, 'runId' | 'row' | 'step' | 'subset' | 'executorSelection'>;

/** Up to this many parameters the whole Hessian is made and decomposed unasked: P products, every eigenvalue exact. */
export const denseLimit = 200;

/**
 * Loss, gradient and both ends of the Hessian's (or the Gauss–Newton matrix's) spectrum at one θ, with what the point is
 * called.
 *
 * gᵀg and gᵀHg are the terms of L(θ − εg) ≈ L − εgᵀg + ½ε²gᵀHg. Up to 200 parameters, or up to 2,000 when asked for,
 * every eigenvalue is computed from the dense matrix (`iterations` = P) and the index is exact; otherwise Lanczos finds
 * at least one eigenvalue at each end, asked for or not, because the point could not be named without.
 *
 * @throws UserError where loss or gradient are not finite, the dense matrix would be too large, or the objective has no
 *   Gauss–Newton products; `cancelled`
 */
export async function measureSpectrum(
  objective: Objective,
  params: Vector,
  options: SpectrumOptions,
): Promise<MeasuredSpectrum> {
  const { top, bottom, matrix = 'hessian', sample = everything, tolerance = 1e-4, seed = 0 } = options;
  const { dimension } = objective;
  const dense = options.method === 'dense' || (options.method !== 'lanczos' && dimension <= denseLimit);
  if (dense) checkDenseSize(dimension);
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1_000;
  const at = await gradientAt(objective, params, sample.rows);
  return withCurvature(
    objective,
    matrix,
    params,
    sample,
    async (operator, grouped) => {
      const product = objective.allocate();
      await operator.apply(at.gradient, product);
      const gradientHessianGradient = dot(at.gradient, product);

      const found = await (dense ? wholeSpectrum : endsOfSpectrum)(operator, options, seconds);
      const classification = name(found, matrix, { dimension, gradientNorm: Math.sqrt(at.squared), tolerance });
      const formsOf = formsOnce(grouped, options.signal);
      const described = new Map<EigenPair, SpectrumEigenvalue>();
      for (const pair of [...found.top, ...found.bottom, ...found.around]) {
        if (!described.has(pair)) described.set(pair, await describe(pair, at, grouped, formsOf));
      }
      const describedAs = (pairs: readonly EigenPair[]) => pairs.map((pair) => described.get(pair)!);
      const condition = conditionNumber(found, classification.tolerances.eigenvalue);
      return {
        ...classification,
        parameters: dimension,
        samples: sample.rows?.length ?? objective.examples,
        matrix,
        loss: at.loss,
        gradientSquared: at.squared,
        gradientHessianGradient,
        eigenvalues: describedAs(found.top.slice(0, top)),
        bottom: describedAs(found.bottom.slice(0, bottom)),
        around: options.around ? { shift: options.around.shift, eigenvalues: describedAs(found.around) } : null,
        method: dense ? 'dense' : 'lanczos',
        all: found.all,
        conditionNumber: condition?.value ?? null,
        conditionNumberInterval: condition?.interval ?? null,
        conditionNumberStandardError:
          condition && grouped ? await errorOfCondition(condition, found, grouped, formsOf) : null,
        iterations: found.iterations,
        seconds: seconds(),
        executor: objective.executor,
        seed,
      };
    },
    options.signal,
  );
}

interface Found {
  top: EigenPair[];
  bottom: EigenPair[];
  around: EigenPair[];
  all: Spectrum['all'];
  /** The pair of all.values[i]; null where only the ends were searched. */
  pair: ((i: number) => EigenPair) | null;
  iterations: number;
}

type Measure = (operator: LinearOperator, options: SpectrumOptions, seconds: () => number) => Promise<Found>;

const wholeSpectrum: Measure = async (operator, options, seconds) => {
  const { top, bottom, around, tolerance = 1e-4, signal } = options;
  const { size } = operator;
  const spectrum = await denseSpectrum(operator, tolerance, signal, withSecondsLeft(options, seconds));
  const { values, errorBound } = spectrum;
  const turn = cooperate(signal);
  const known = new Map<number, EigenPair>();
  const take = async (indices: readonly number[]): Promise<EigenPair[]> => {
    const pairs: EigenPair[] = [];
    for (const i of indices) {
      const pair = known.get(i) ?? spectrum.pair(i);
      known.set(i, pair);
      pairs.push(pair);
      await turn();
    }
    return pairs;
  };
  const ascending = Array.from({ length: size }, (_, i) => i);
  const near = (shift: number) =>
    ascending.toSorted((a, b) => Math.abs(values[a]! - shift) - Math.abs(values[b]! - shift));
  return {
    top: await take(ascending.toReversed().slice(0, top)),
    bottom: await take(ascending.slice(0, bottom)),
    around: around ? await take(near(around.shift).slice(0, around.count)) : [],
    all: { values: [...values], errorBound },
    pair: (i) => known.get(i) ?? spectrum.pair(i),
    iterations: size,
  };
};

const endsOfSpectrum: Measure = async (operator, options, seconds) => {
  const { top, bottom, around, tolerance = 1e-4, maxIterations = 400, seed = 0, signal } = options;
  const shared = {
    tolerance,
    maxIterations,
    seed,
    ...(signal && { signal }),
    onProgress: withSecondsLeft(options, seconds),
  };
  const ends = await lanczosExtremes(operator, { top: Math.max(top, 1), bottom: Math.max(bottom, 1), ...shared });
  const interior = around ? await lanczosAround(operator, { ...around, ...shared }) : { pairs: [], iterations: 0 };
  return { ...ends, around: interior.pairs, all: null, pair: null, iterations: ends.iterations + interior.iterations };
};

function withSecondsLeft({ onProgress }: SpectrumOptions, seconds: () => number) {
  return (done: number, total: number) =>
    onProgress?.(done, total, done > 2 ? (seconds() / done) * (total - done) : null);
}

/** What the point is called; the Gauss–Newton matrix is positive whatever the loss does, so it names nothing. */
function name(
  { top, bottom, all }: Found,
  matrix: CurvatureMatrix,
  { dimension, gradientNorm, tolerance }: { dimension: number; gradientNorm: number; tolerance: number },
): Classification {
  const values = all ? all.values : distinct(top, bottom, dimension).map(({ value }) => value);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const resolution = Math.max(relativeEigenvalueTolerance, all ? 0 : tolerance) * largest;
  const classification = classify(
    { dimension, gradientNorm, eigenvalueTolerance: Math.max(resolution, 1e-10) },
    {
      eigenvalues: values,
      smallestKnown: all !== null || (bottom[0]?.converged ?? false),
      largestKnown: all !== null || (top[0]?.converged ?? false),
    },
  );
  if (matrix === 'hessian' || classification.kind === 'notCritical') return classification;
  return { ...classification, kind: 'degenerate', index: null };
}

/** Both ends without what they share where they overlap. */
function distinct(top: readonly EigenPair[], bottom: readonly EigenPair[], dimension: number): readonly Eigenvalue[] {
  return top.length === dimension ? top : [...top, ...bottom];
}

/** vᵀA_g v of every group for one pair after another, each formed once. */
type Forms = (pair: EigenPair) => Promise<number[]>;

function formsOnce(grouped: GroupedOperator | null, signal: AbortSignal | undefined): Forms {
  const known = new Map<EigenPair, number[]>();
  return async (pair) => {
    const forms = known.get(pair) ?? (grouped ? await groupForms(grouped, pair.vector, cooperate(signal)) : []);
    known.set(pair, forms);
    return forms;
  };
}

async function describe(
  pair: EigenPair,
  at: GradientAt,
  grouped: GroupedOperator | null,
  formsOf: Forms,
): Promise<SpectrumEigenvalue> {
  const { value, residual, converged, vector } = pair;
  return {
    value,
    residual,
    converged,
    standardError: grouped ? standardErrorOfGroups(grouped, await formsOf(pair)) : null,
    gradientAlignment: gradientAlignment(at, vector),
    participationRatio: participationRatio(vector),
  };
}

/** Of κ = |λ_most|/|λ_least| by dκ = κ(dλ_most/λ_most − dλ_least/λ_least): what both ends have in common cancels. */
async function errorOfCondition(
  { value, least, most }: ConditionNumber,
  { top, bottom, pair }: Found,
  grouped: GroupedOperator,
  formsOf: Forms,
): Promise<number> {
  const pairAt = pair ?? ((i: number) => [...top, ...bottom][i]!);
  const [low, high] = [pairAt(least), pairAt(most)];
  const [lowForms, highForms] = [await formsOf(low), await formsOf(high)];
  return standardErrorOfGroups(
    grouped,
    lowForms.map((form, g) => value * (highForms[g]! / high.value - form / low.value)),
  );
}
