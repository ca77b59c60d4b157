import type { ParamsInput } from '../../shared/contract';
import type { RegionCriteria } from '../../shared/model/topology';
import { request, saveFile } from '../api';
import { foundInWindow, samePlane, shownPoint, useCritical } from './critical';
import { withJob } from './jobs';
import { currentSurfaceRequest, drawnPlaneRequest, useLandscape } from './landscape';
import { notifyError } from './notices';
import { useRegions } from './regions';
import { selectedRun, useRuns } from './runs';

type FigureChoice = NonNullable<ParamsInput<'figure/export'>['figure']>;

/** The critical points on the stage, as a figure is asked for them; null where none stands there. */
export function criticalOnStage(): FigureChoice['criticalPoints'] | null {
  const { objective } = useLandscape.getState();
  const critical = useCritical.getState();
  if (foundInWindow(critical, objective)) return 'all';
  const run = selectedRun(useRuns.getState());
  const drawn = objective?.kind === 'network' ? drawnPlaneRequest() : null;
  if (!run || !drawn) return null;
  const { runId } = run;
  const shown = shownPoint(critical, runId);
  const here = (critical.found[runId] ?? []).flatMap((point) =>
    point.id !== null && samePlane(point.plane, drawn) ? [{ runId, id: point.id, descents: point === shown }] : [],
  );
  return here.length > 0 ? here : null;
}

/** The regions of the surface that is drawn, as they are shown beside it; null where they were not looked for. */
export function regionsOnStage(): { regions: 'basins' | 'hills' | 'kinds'; criteria: RegionCriteria } | null {
  const { found, show, exponent } = useRegions.getState();
  const { result } = useLandscape.getState();
  if (!found || found.surface.id !== result?.id) return null;
  return { regions: show, criteria: { ...found.criteria, persistence: 10 ** exponent } };
}

/** Draws the landscape as a figure and saves it. Returns the file's name; null when cancelled or failed (then said). */
export async function exportFigure(figure: FigureChoice, name: string): Promise<string | null> {
  const wanted = currentSurfaceRequest();
  if (!wanted) return null;
  const result = await withJob('figure', (signal, onProgress) =>
    request('figure/export', { ...wanted, figure }, { signal, onProgress }),
  );
  if (!result.ok) {
    notifyError(result.error);
    return null;
  }
  return saveFile(`${fileName(name)}.${figure.format ?? 'svg'}`, result.value.bytes);
}

/** A name every file system takes. */
export const fileName = (name: string): string =>
  name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'figure';
