import { z } from 'zod';
import { create } from 'zustand';
import type { ParamsInput } from '../../shared/contract';
import type { Catalog } from '../../shared/model/catalog';
import {
  type FairRace,
  gridRates,
  maximumRates,
  type RaceProgress,
  raceCriterionSchema,
} from '../../shared/model/race';
import { request } from '../api';
import { useCatalog } from './catalog';
import { compileDraft, type FieldIssue } from './compile';
import type { Draft } from './draft';
import { withJob } from './jobs';
import { clearNotices, notifyError } from './notices';
import { numberIssues } from './numberIssues';
import { launch } from './session';
import { edit, focusField, useWorkbench } from './workbench';

const text = z.string().max(400);
const criterionKinds = raceCriterionSchema.options.map(({ shape }) => shape.kind.value);
export type CriterionKind = (typeof criterionKinds)[number];

/** How the form's optimizers are raced; numbers are the text typed. */
export const raceOptionsSchema = z.strictObject({
  rates: z.enum(['grid', 'list']),
  lowest: text,
  highest: text,
  perDecade: text,
  /** Separated by commas or spaces. */
  list: text,
  tuningSeeds: text,
  reportSeeds: text,
  criterion: z.enum(criterionKinds),
  /** What the number of steps counts. */
  budget: z.enum(['steps', 'evaluations']).default('steps'),
  target: text,
  /** Of each run; empty: as many as the form has. */
  steps: text,
  /** Functions: in percent of the domain's sides. */
  startSpread: text,
});
export type RaceOptions = z.infer<typeof raceOptionsSchema>;

export const defaultRaceOptions: RaceOptions = {
  rates: 'grid',
  lowest: '1e-4',
  highest: '1',
  perDecade: '2',
  list: '0.001, 0.01, 0.1',
  tuningSeeds: '3',
  reportSeeds: '5',
  criterion: 'loss',
  budget: 'steps',
  target: '0.1',
  steps: '',
  startSpread: '5',
};

/** An optimizer of the form as a race knows it. */
export interface RacedOptimizer {
  id: string;
  label: string;
  color: number;
}

/** A race of the form's optimizers, with what each is called there. */
export interface RacedForm {
  race: FairRace;
  /** Of the entrants, in their order: of the form's optimizers. */
  entrants: RacedOptimizer[];
  /** The request: of another form the result says nothing. */
  of: string;
}

interface RaceState {
  options: RaceOptions;
  busy: boolean;
  /** What is known of the race under way. */
  live: { entrants: RacedOptimizer[]; cells: readonly RaceProgress[] } | null;
  result: RacedForm | null;
}

export const useRace = create<RaceState>(() => ({
  options: defaultRaceOptions,
  busy: false,
  live: null,
  result: null,
}));

export function setRace(change: Partial<RaceOptions>): void {
  useRace.setState(({ options }) => ({ options: { ...options, ...change } }));
}

export function adoptRaceOptions(options: RaceOptions): void {
  useRace.setState({ options });
}

const listed = (list: string): string[] => list.split(/[\s,;]+/).filter(Boolean);

/** What is wrong with the numbers of a race. */
export function raceIssues(options: RaceOptions, twoParameters: boolean): FieldIssue[] {
  const { lowest, highest, perDecade, criterion, target, steps } = options;
  const seeds = (path: 'tuningSeeds' | 'reportSeeds', min: number) =>
    numberIssues(path, options[path], { whole: true, min, max: 100 });
  return [
    ...(options.rates === 'grid' ? gridIssues(lowest, highest, perDecade) : listIssues(options.list)),
    ...seeds('tuningSeeds', 1),
    ...seeds('reportSeeds', 2),
    ...(criterion === 'stepsToTarget' ? numberIssues('target', target, {}) : []),
    ...(steps.trim() === '' ? [] : numberIssues('steps', steps, { whole: true, min: 1 })),
    ...(twoParameters ? numberIssues('startSpread', options.startSpread, { min: 0, max: 100 }) : []),
  ];
}

function gridIssues(lowest: string, highest: string, perDecade: string): FieldIssue[] {
  const issues = [
    ...numberIssues('lowest', lowest, { above: 0 }),
    ...numberIssues('highest', highest, { above: 0 }),
    ...numberIssues('perDecade', perDecade, { whole: true, min: 1, max: 20 }),
  ];
  if (issues.length > 0) return issues;
  const grid = { lowest: Number(lowest), highest: Number(highest), perDecade: Number(perDecade) };
  if (grid.lowest > grid.highest) return numberIssues('highest', highest, { min: grid.lowest });
  return gridRates(grid).length > maximumRates
    ? [{ path: 'perDecade', key: 'tooManyRates', values: { limit: String(maximumRates) } }]
    : [];
}

function listIssues(list: string): FieldIssue[] {
  const rates = listed(list);
  if (rates.length > maximumRates) {
    return [{ path: 'list', key: 'tooManyRates', values: { limit: String(maximumRates) } }];
  }
  return (rates.length === 0 ? [''] : rates).flatMap((rate) => numberIssues('list', rate, { above: 0 })).slice(0, 1);
}

type RaceParams = ParamsInput<'race/fair'>;

/**
 * The race of the visible optimizers; null where a field of the form or of the race is wrong. The form's learning rates
 * have no part in it.
 */
function raceOf(
  draft: Draft,
  catalog: Catalog | null,
  options: RaceOptions,
): { params: RaceParams; entrants: RacedOptimizer[] } | null {
  const { experiments } = compileDraft(draft, catalog);
  if (!experiments[0]) return null;
  const { optimizer: _, ...experiment } = experiments[0].experiment;
  const twoParameters = experiment.objective.kind !== 'network';
  if (raceIssues(options, twoParameters).length > 0) return null;
  const { criterion } = options;
  const steps = options.steps.trim() === '' ? null : Number(options.steps);
  return {
    params: {
      experiment:
        steps === null ? experiment : { ...experiment, training: { ...experiment.training, stop: { steps } } },
      budget: options.budget,
      optimizers: experiments.map(({ experiment: { optimizer } }) => {
        const { learningRate: _, ...rest } = optimizer;
        return rest;
      }),
      ...(options.rates === 'list'
        ? { rates: listed(options.list).map(Number) }
        : {
            grid: {
              lowest: Number(options.lowest),
              highest: Number(options.highest),
              perDecade: Number(options.perDecade),
            },
          }),
      criterion:
        criterion === 'stepsToTarget' ? { kind: criterion, target: Number(options.target) } : { kind: criterion },
      tuningSeeds: Number(options.tuningSeeds),
      reportSeeds: Number(options.reportSeeds),
      ...(twoParameters && { startSpread: Number(options.startSpread) / 100 }),
    },
    entrants: experiments.map(({ label, draft: { id, color } }) => ({ id, label, color })),
  };
}

/** Whether a result is of form and options as they stand. */
export function isOfForm({ of }: RacedForm, draft: Draft, catalog: Catalog | null, options: RaceOptions): boolean {
  const wanted = raceOf(draft, catalog, options);
  return wanted !== null && JSON.stringify(wanted.params) === of;
}

/** Tunes and races the visible optimizers of the form. Null when a field is wrong or it failed (then said). */
export async function raceFairly(): Promise<RacedForm | null> {
  const { draft } = useWorkbench.getState();
  const { catalog } = useCatalog.getState();
  const { busy, options } = useRace.getState();
  if (!draft || busy) return null;
  const wanted = raceOf(draft, catalog, options);
  if (!wanted) {
    const issue = compileDraft(draft, catalog).issues[0];
    if (issue || raceIssues(options, draft.kind !== 'network').length === 0) focusField(issue?.path ?? 'optimizers');
    return null;
  }
  const { entrants } = wanted;
  const cells: RaceProgress[] = [];
  useRace.setState({ busy: true, live: { entrants, cells: [] } });
  const made = await withJob('race', (signal, onProgress) =>
    request('race/fair', wanted.params, {
      ...{ signal, onProgress },
      onPartial(cell) {
        cells.push(cell);
        useRace.setState({ live: { entrants, cells: cells.slice() } });
      },
    }),
  );
  useRace.setState({ busy: false, live: null });
  if (!made.ok) {
    notifyError(made.error, 'race');
    return null;
  }
  clearNotices('race');
  const result = { race: made.value, entrants, of: JSON.stringify(wanted.params) };
  useRace.setState({ result });
  return result;
}

/** Trains every optimizer with its chosen rate, from the first report seed, on the stage. False where none has a rate. */
export async function trainRaced({ race, entrants }: RacedForm): Promise<boolean> {
  const wanted = race.entrants.flatMap(({ experiment }, i) =>
    experiment ? [{ label: entrants[i]!.label, color: entrants[i]!.color, experiment }] : [],
  );
  if (wanted.length === 0) return false;
  const errors = await launch(wanted);
  for (const error of errors) if (error) notifyError(error, 'stage');
  return errors.some((error) => error === null);
}

/** Writes the rates the race chose into the form, as one step of undo. */
export function takeRates({ race, entrants }: RacedForm): void {
  edit('optimizers', (draft) => ({
    ...draft,
    optimizers: draft.optimizers.map((optimizer) => {
      const rate = race.entrants[entrants.findIndex(({ id }) => id === optimizer.id)]?.learningRate;
      return rate == null ? optimizer : { ...optimizer, learningRate: String(rate) };
    }),
  }));
}
