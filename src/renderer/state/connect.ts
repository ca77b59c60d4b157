import { create } from 'zustand';
import type { Connection, CurveKind } from '../../shared/model/connection';
import { surfaceRequestSchema } from '../../shared/model/landscape';
import { request } from '../api';
import { withJob } from './jobs';
import { currentGrid, showPlot } from './landscape';
import { clearNotices, notifyError } from './notices';
import { type RunView, useRuns } from './runs';

interface ConnectState {
  /** Chosen runs; the first and the second on the stage while null or gone. */
  from: string | null;
  to: string | null;
  curve: CurveKind;
  align: boolean;
  busy: boolean;
  /** The last result; of other runs than those on the stage it says nothing. */
  result: Connection | null;
}

export const useConnect = create<ConnectState>(() => ({
  from: null,
  to: null,
  curve: 'bezier',
  align: false,
  busy: false,
  result: null,
}));

export function setConnect(change: Partial<Pick<ConnectState, 'from' | 'to' | 'curve' | 'align'>>): void {
  useConnect.setState(change);
}

/** The two runs to connect; null where there are not two. */
export function chosenEnds(runs: readonly RunView[], { from, to }: Pick<ConnectState, 'from' | 'to'>) {
  const known = (id: string | null) => runs.find(({ runId }) => runId === id);
  const first = known(from) ?? runs[0];
  const second = [known(to), ...runs].find((run) => run && run !== first);
  return first && second ? ([first, second] as const) : null;
}

/** Measures the line between the chosen runs, and a curve where one is asked for. Null when it failed (then said). */
export async function connectRuns(): Promise<Connection | null> {
  const state = useConnect.getState();
  const ends = chosenEnds(useRuns.getState().runs, state);
  if (!ends || state.busy) return null;
  const { curve, align } = state;
  useConnect.setState({ busy: true });
  const result = await withJob('connecting', (signal, onProgress) =>
    request('connection/compute', { runIds: [ends[0].runId, ends[1].runId], curve, align }, { signal, onProgress }),
  );
  useConnect.setState({ busy: false });
  if (!result.ok) {
    notifyError(result.error, 'connect');
    return null;
  }
  clearNotices('connect');
  useConnect.setState({ result: result.value });
  return result.value;
}

/** Draws the plane of both ends and the bend. */
export async function showConnection({ id, ends }: Connection): Promise<void> {
  const [{ runId }] = ends;
  const others = useRuns.getState().runs.map((run) => run.runId);
  await showPlot(
    surfaceRequestSchema.parse({
      source: { kind: 'runs', runIds: [runId, ...others.filter((other) => other !== runId)] },
      plane: { kind: 'connection', id },
      grid: currentGrid(),
    }),
  );
}
