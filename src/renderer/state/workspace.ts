import { z } from 'zod';
import { request } from '../api';
import { loadCatalog } from './catalog';
import { adoptCriticalOptions, criticalOptionsSchema, useCritical } from './critical';
import { adoptCurvatureOptions, curvatureOptionsSchema, useCurvature } from './curvature';
import { defaultDraft, draftSchema } from './draft';
import { adoptOptions, landscapeOptionsSchema, useLandscape } from './landscape';
import { connectLayers } from './layers';
import { adoptMotion, useMotion } from './motion';
import { announce, notifyError } from './notices';
import { adoptProfileOptions, profileOptionsSchema, useProfiles } from './profiles';
import { adoptRaceOptions, raceOptionsSchema, useRace } from './race';
import { connectRuns, useRuns } from './runs';
import { connectSession, heldStage, markDrawn, openRecorded, restore, train } from './session';
import { flushSettings, loadSettings, scheduleSave } from './settings';
import { adoptVolumeOptions, useVolume, volumeOptionsSchema } from './volume';
import { adoptDraft, useWorkbench } from './workbench';

/** The workbench as it is left and found again. */
const workspaceSchema = z.strictObject({
  version: z.literal(1),
  draft: draftSchema,
  options: landscapeOptionsSchema,
  /** Left out by those that were written before there was anything to remember. */
  curvature: curvatureOptionsSchema.optional(),
  critical: criticalOptionsSchema.optional(),
  race: raceOptionsSchema.optional(),
  profile: profileOptionsSchema.optional(),
  volume: volumeOptionsSchema.optional(),
  /** Arrows at the optimizers. */
  motion: z.boolean().optional(),
  runs: z.array(z.strictObject({ runId: z.string(), label: z.string(), color: z.int().min(0) })).max(8),
});
export type Workspace = z.infer<typeof workspaceSchema>;

/** null where it was written by another version or by nobody. */
export function parseWorkspace(value: unknown): Workspace | null {
  const parsed = workspaceSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function currentWorkspace(): Workspace | null {
  const { draft } = useWorkbench.getState();
  if (!draft) return null;
  // While a lesson has the stage, the form's own is what is found again.
  const held = heldStage();
  const shown = held?.runs.runs ?? useRuns.getState().runs;
  const runs = shown.map(({ runId, label, color }) => ({ runId, label, color }));
  const { options: curvature } = useCurvature.getState();
  const { options: critical } = useCritical.getState();
  const { options: race } = useRace.getState();
  const { options: profile } = useProfiles.getState();
  const { options: volume } = useVolume.getState();
  const { shown: motion } = useMotion.getState();
  return {
    ...{ version: 1, draft, options: held?.landscape.options ?? useLandscape.getState().options },
    ...{ curvature, critical, race, profile, volume, motion, runs },
  };
}

function save(): void {
  const workspace = currentWorkspace();
  if (workspace) scheduleSave({ workspace });
}

export interface Texts {
  engineRestarted(): { message: string; cure: string };
  openingRace(): string;
}

/** The run a link names (`#run=ID`, as `atlas open` makes it); a reload then keeps what the person did since. */
async function openLinkedRun(): Promise<boolean> {
  const runId = new URLSearchParams(location.hash.slice(1)).get('run');
  if (runId === null) return false;
  history.replaceState(null, '', location.pathname + location.search);
  const opened = await request('run/open', { runId });
  if (!opened.ok) {
    notifyError(opened.error);
    return false;
  }
  await openRecorded(opened.value.run);
  return true;
}

/**
 * Opens the workbench: the last workspace with its runs, or the opening race, which starts without a click. Returns the
 * undo of everything connected.
 */
export function openWorkbench(texts: Texts): () => void {
  const undos: (() => void)[] = [];
  let closed = false;
  void (async () => {
    const [workspace, catalog] = await Promise.all([loadSettings().then(parseWorkspace), loadCatalog()]);
    if (!catalog || closed) return;
    undos.push(connectRuns(texts), connectSession(), connectLayers());
    if (workspace) adoptOptions(workspace.options);
    if (workspace?.curvature) adoptCurvatureOptions(workspace.curvature);
    if (workspace?.profile) adoptProfileOptions(workspace.profile);
    if (workspace?.critical) adoptCriticalOptions(workspace.critical);
    if (workspace?.race) adoptRaceOptions(workspace.race);
    if (workspace?.motion) adoptMotion(workspace.motion);
    if (workspace?.volume) adoptVolumeOptions(workspace.volume);
    const draft = workspace?.draft ?? defaultDraft(catalog);
    markDrawn(draft);
    adoptDraft(draft);
    const restored =
      (await openLinkedRun()) || (workspace !== null && workspace.runs.length > 0 && (await restore(workspace.runs)));
    if (!restored && !closed && (workspace === null || workspace.draft.kind !== 'network')) {
      announce(texts.openingRace());
      await train();
    }
    if (closed) return;
    undos.push(useWorkbench.subscribe((s, b) => s.draft !== b.draft && save()));
    undos.push(useLandscape.subscribe((s, b) => s.options !== b.options && save()));
    undos.push(useCurvature.subscribe((s, b) => s.options !== b.options && save()));
    undos.push(useCritical.subscribe((s, b) => s.options !== b.options && save()));
    undos.push(useRace.subscribe((s, b) => s.options !== b.options && save()));
    undos.push(useProfiles.subscribe((s, b) => s.options !== b.options && save()));
    undos.push(useMotion.subscribe((s, b) => s.shown !== b.shown && save()));
    undos.push(useVolume.subscribe((s, b) => s.options !== b.options && save()));
    undos.push(useRuns.subscribe((s, b) => s.runs !== b.runs && save()));
    save();
  })();
  const leave = () => void flushSettings();
  addEventListener('pagehide', leave);
  return () => {
    closed = true;
    removeEventListener('pagehide', leave);
    for (const undo of undos) undo();
  };
}
