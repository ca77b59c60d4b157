import { create } from 'zustand';
import type { ParamsInput } from '../../shared/contract';
import type { Catalog } from '../../shared/model/catalog';
import type { FairRace, RaceRequest } from '../../shared/model/race';
import { request } from '../api';
import { useCatalog } from './catalog';
import { compileDraft } from './compile';
import type { Draft } from './draft';
import { withJob } from './jobs';
import { clearNotices, notifyError } from './notices';
import { edit, focusField, useWorkbench } from './workbench';

/** A race of the form's optimizers, with what each is called there. */
export interface RacedForm {
  race: FairRace;
  /** Of the entrants, in their order: of the form's optimizers. */
  entrants: { id: string; label: string; color: number }[];
  /** The request: of another form the result says nothing. */
  of: string;
}

interface RaceState {
  busy: boolean;
  /** What the form's number of steps counts in a race. */
  budget: RaceRequest['budget'];
  result: RacedForm | null;
}

export const useRace = create<RaceState>(() => ({ busy: false, budget: 'steps', result: null }));

type RaceParams = ParamsInput<'race/fair'>;

/** The race of the visible optimizers; null where a field is wrong. Their learning rates have no part in it. */
function raceOf(draft: Draft, catalog: Catalog | null): { params: RaceParams; entrants: RacedForm['entrants'] } | null {
  const { experiments } = compileDraft(draft, catalog);
  if (!experiments[0]) return null;
  const { optimizer: _, ...experiment } = experiments[0].experiment;
  return {
    params: {
      experiment,
      budget: useRace.getState().budget,
      optimizers: experiments.map(({ experiment: { optimizer } }) => {
        const { learningRate: _, ...rest } = optimizer;
        return rest;
      }),
    },
    entrants: experiments.map(({ label, draft: { id, color } }) => ({ id, label, color })),
  };
}

/** Whether a result is of the form as it stands. */
export function isOfForm({ of }: RacedForm, draft: Draft, catalog: Catalog | null): boolean {
  const wanted = raceOf(draft, catalog);
  return wanted !== null && JSON.stringify(wanted.params) === of;
}

/** Tunes and races the visible optimizers of the form. Null when a field is wrong or it failed (then said). */
export async function raceFairly(): Promise<RacedForm | null> {
  const { draft } = useWorkbench.getState();
  const { catalog } = useCatalog.getState();
  if (!draft || useRace.getState().busy) return null;
  const wanted = raceOf(draft, catalog);
  if (!wanted) {
    focusField(compileDraft(draft, catalog).issues[0]?.path ?? 'optimizers');
    return null;
  }
  useRace.setState({ busy: true });
  const made = await withJob('race', (signal, onProgress) =>
    request('race/fair', wanted.params, { signal, onProgress }),
  );
  useRace.setState({ busy: false });
  if (!made.ok) {
    notifyError(made.error, 'race');
    return null;
  }
  clearNotices('race');
  const result = { race: made.value, entrants: wanted.entrants, of: JSON.stringify(wanted.params) };
  useRace.setState({ result });
  return result;
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
