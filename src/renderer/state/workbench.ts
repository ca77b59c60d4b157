import { type TemporalState, temporal } from 'zundo';
import { create, useStore } from 'zustand';
import type { Catalog } from '../../shared/model/catalog';
import { useCatalog } from './catalog';
import { compileDraft, type FieldIssue } from './compile';
import {
  type Draft,
  draftFromExperiment,
  freeColor,
  freshId,
  maximumOptimizers,
  newOptimizer,
  type OptimizerDraft,
  rateTarget,
  suggestedRate,
} from './draft';

/** The experiment form: the draft (with undo and redo) and what the engine said about its fields. */
interface WorkbenchState {
  /** null until the catalog is there. */
  draft: Draft | null;
  /** Errors the engine gave back for fields of the form; each goes when its field is edited. */
  engineIssues: FieldIssue[];
  /** The field to bring into view and focus, with a counter so that the same field can be asked for twice. */
  focus: { path: string; count: number } | null;
}

export const useWorkbench = create<WorkbenchState>()(
  temporal((): WorkbenchState => ({ draft: null, engineIssues: [], focus: null }), {
    partialize: ({ draft }) => ({ draft }),
    equality: (a, b) => a.draft === b.draft,
    limit: 200,
  }),
);

export const useHistory = <T>(select: (state: TemporalState<{ draft: Draft | null }>) => T): T =>
  useStore(useWorkbench.temporal, select);

/** Keystrokes in one field within this time are undone together. */
const groupMilliseconds = 900;
let lastEdit = { key: '', time: 0 };

/** Changes the draft. Edits with the same key in quick succession are one step of undo. */
export function edit(key: string, change: (draft: Draft) => Draft): void {
  const { draft, engineIssues } = useWorkbench.getState();
  if (!draft) return;
  const next = change(draft);
  if (next === draft) return;
  const now = performance.now();
  const grouped = key === lastEdit.key && now - lastEdit.time < groupMilliseconds;
  lastEdit = { key, time: now };
  const { pause, resume } = useWorkbench.temporal.getState();
  if (grouped) pause();
  useWorkbench.setState({ draft: next, engineIssues: engineIssues.filter(({ path }) => !isWithin(path, key)) });
  if (grouped) resume();
}

const isWithin = (path: string, key: string): boolean =>
  path === key || path.startsWith(`${key}.`) || key.startsWith(`${path}.`);

/** Puts a draft in place without a step of undo (at start). */
export function adoptDraft(draft: Draft): void {
  useWorkbench.temporal.getState().pause();
  useWorkbench.setState({ draft, engineIssues: [] });
  useWorkbench.temporal.getState().resume();
  useWorkbench.temporal.getState().clear();
}

export function undo(): void {
  lastEdit = { key: '', time: 0 };
  useWorkbench.temporal.getState().undo();
  useWorkbench.setState({ engineIssues: [] });
}
export function redo(): void {
  lastEdit = { key: '', time: 0 };
  useWorkbench.temporal.getState().redo();
  useWorkbench.setState({ engineIssues: [] });
}

export function setEngineIssues(issues: FieldIssue[]): void {
  useWorkbench.setState({ engineIssues: issues });
}

export function focusField(path: string): void {
  useWorkbench.setState(({ focus }) => ({ focus: { path, count: (focus?.count ?? 0) + 1 } }));
}

let compiledFor: { draft: Draft; catalog: Catalog | null; issues: FieldIssue[] } | null = null;
const noIssues: FieldIssue[] = [];

/** All issues of the form as it stands, the schema's before the engine's. Stable while nothing changed. */
export function currentIssues(draft: Draft | null, catalog: Catalog | null): FieldIssue[] {
  if (!draft) return noIssues;
  if (compiledFor?.draft !== draft || compiledFor.catalog !== catalog) {
    compiledFor = { draft, catalog, issues: compileDraft(draft, catalog).issues };
  }
  return compiledFor.issues;
}

export function useFieldIssue(path: string): FieldIssue | null {
  const catalog = useCatalog((state) => state.catalog);
  return useWorkbench(
    ({ draft, engineIssues }) =>
      currentIssues(draft, catalog).find((issue) => issue.path === path) ??
      engineIssues.find((issue) => issue.path === path) ??
      null,
  );
}

export function loadShipped(name: string): void {
  const { catalog } = useCatalog.getState();
  const shipped = catalog?.experiments.find((experiment) => experiment.name === name);
  if (!catalog || !shipped) return;
  edit(`load:${name}`, (draft) => draftFromExperiment(shipped.experiment, catalog, draft));
}

const editOptimizers = (key: string, change: (optimizers: OptimizerDraft[]) => OptimizerDraft[]): void =>
  edit(key, (draft) => ({ ...draft, optimizers: change(draft.optimizers) }));

export function editOptimizer(index: number, key: string, change: Partial<OptimizerDraft>): void {
  editOptimizers(`optimizers.${index}.${key}`, (optimizers) =>
    optimizers.map((optimizer, i) => (i === index ? { ...optimizer, ...change } : optimizer)),
  );
}

export function addOptimizer(): void {
  const { catalog } = useCatalog.getState();
  edit(`add:${freshId()}`, (draft) => {
    const { optimizers } = draft;
    if (optimizers.length >= maximumOptimizers) return draft;
    const used = new Set(optimizers.map(({ name }) => name));
    const info = catalog?.optimizers.find(({ name }) => !used.has(name)) ?? catalog?.optimizers[0];
    const added = newOptimizer(info, info?.name ?? 'sgd', freeColor(optimizers));
    const rated = info ? { ...added, learningRate: suggestedRate(info, rateTarget(draft, catalog)) } : added;
    return { ...draft, optimizers: [...optimizers, rated] };
  });
}

export function duplicateOptimizer(index: number): void {
  editOptimizers(`duplicate:${freshId()}`, (optimizers) => {
    const original = optimizers[index];
    if (!original || optimizers.length >= maximumOptimizers) return optimizers;
    return optimizers.toSpliced(index + 1, 0, { ...original, id: freshId(), color: freeColor(optimizers) });
  });
}

export function removeOptimizer(index: number): void {
  editOptimizers(`remove:${freshId()}`, (optimizers) =>
    optimizers.length > 1 ? optimizers.toSpliced(index, 1) : optimizers,
  );
}
