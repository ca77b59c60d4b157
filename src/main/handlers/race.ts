import type { Experiment, ObjectiveSpec } from '../../shared/model/experiment';
import { type FairRace, gridRates, type RaceProgress, type RaceRequest, type RaceRun } from '../../shared/model/race';
import { createOptimizer } from '../engine/optimizers';
import { fairRace, type RaceRunSpec, raceLength } from '../engine/race/fairRace';
import { raceRun } from '../engine/race/raceRun';
import { createRng } from '../engine/random';
import type { CallContext, Handlers } from '../router';
import type { Services } from '../services';
import { domainOf } from './critical';
import { createProgress } from './progress';
import { rankingOf } from './ranking';
import { startingPoint, startOf } from './startingPoint';

/** Between two reports of progress. */
const reportMs = 50;

export function createRaceHandlers(services: Services): Pick<Handlers, 'race/fair'> {
  return { 'race/fair': (request, context) => race(services, request, context) };
}

async function race(
  services: Services,
  request: RaceRequest,
  { signal, progress, partial }: CallContext<RaceProgress>,
): Promise<FairRace> {
  const begin = performance.now();
  const { objectives } = services;
  const { experiment, optimizers, criterion, budget, tuningSeeds, reportSeeds } = request;
  const learningRates = request.rates ? [...new Set(request.rates)].sort((a, b) => a - b) : gridRates(request.grid);
  const searches = optimizers.map(
    (optimizer) => createOptimizer({ ...optimizer, learningRate: learningRates[0]! }).isSearch,
  );
  const seedAt = (i: number) => (experiment.seed + i) % 2 ** 32;
  const seeds = {
    tuning: Array.from({ length: tuningSeeds }, (_, i) => seedAt(i)),
    report: Array.from({ length: reportSeeds }, (_, i) => seedAt(tuningSeeds + i)),
  };
  const { steps } = experiment.training.stop;
  const { batchSize } = experiment.training;
  const use = { batch: batchSize === 'full' ? undefined : batchSize };
  const lengths = { optimizers: optimizers.length, learningRates, seeds };
  const report = createProgress('race', steps * raceLength(lengths), progress);
  let done = 0;
  let gradientEvaluations = 0;
  let reported = 0;

  // Held to the end, so that every run has the same objective on the same executor.
  const lease = await objectives.lease(experiment.objective, experiment.executor, use);
  try {
    const run = async (spec: RaceRunSpec): Promise<RaceRun> => {
      const runExperiment = experimentOf(request, spec);
      // What a run allocates is given back at its end.
      const own = await objectives.lease(experiment.objective, experiment.executor, use);
      try {
        const result = await raceRun({
          objective: own.train,
          stepping: own.stepping,
          validation: own.validation,
          params: startingPoint(runExperiment, own, services),
          ranking: await rankingOf(runExperiment, own, services, { signal, progress: () => undefined }),
          optimizer: createOptimizer(runExperiment.optimizer),
          training: runExperiment.training,
          ...{ seed: spec.seed, signal, criterion, budget },
          onGradient(count) {
            const now = performance.now();
            if (now - reported < reportMs) return;
            reported = now;
            report(done + Math.min(count, steps));
          },
        });
        gradientEvaluations += result.gradientEvaluations;
        return result;
      } finally {
        own.release();
        done += steps;
      }
    };
    const { standings, warnings } = await fairRace({ ...lengths, run, onCell: partial });
    return {
      criterion,
      budget,
      steps,
      learningRates,
      seeds,
      entrants: standings.map((standing, i) => ({
        optimizer: optimizers[i]!,
        ...standing,
        experiment:
          standing.learningRate === null
            ? null
            : experimentOf(request, { optimizer: i, learningRate: standing.learningRate, seed: seeds.report[0]! }),
      })),
      // 1 is the method itself: nothing has to lie beyond.
      warnings: warnings.filter(
        (warning) => !(warning.kind === 'edgeOfGrid' && searches[warning.optimizer] && warning.learningRate === 1),
      ),
      gradientEvaluations,
      seconds: (performance.now() - begin) / 1_000,
      executor: lease.train.executor,
    };
  } finally {
    lease.release();
  }
}

/** The experiment of one run: its seed decides the start and the batches, whatever the optimizer and its rate. */
function experimentOf({ experiment, optimizers, startSpread, budget }: RaceRequest, spec: RaceRunSpec): Experiment {
  const { optimizer, learningRate, seed } = spec;
  const { name } = optimizers[optimizer]!;
  const { steps } = experiment.training.stop;
  return {
    ...experiment,
    name: `${experiment.name}, ${name}`.slice(0, 200),
    objective: withStart(experiment.objective, startSpread, seed),
    optimizer: { ...optimizers[optimizer]!, learningRate },
    training: {
      ...experiment.training,
      stop: { steps, ...(budget === 'evaluations' && { evaluations: steps }) },
    },
    seed,
  };
}

/** The start of a seed: a normal draw about the objective's own, held inside the domain (or at a start outside it). */
function withStart(objective: ObjectiveSpec, spread: number, seed: number): ObjectiveSpec {
  if (objective.kind === 'network') return objective;
  const [x0, x1, y0, y1] = domainOf(objective);
  const [x, y] = startOf(objective);
  const rng = createRng(seed, 'start');
  const drawn = (center: number, low: number, high: number) =>
    Math.min(Math.max(center + spread * (high - low) * rng.normal(), Math.min(low, center)), Math.max(high, center));
  return { ...objective, start: [drawn(x, x0, x1), drawn(y, y0, y1)] };
}
