import { create } from 'zustand';
import type { Connection, CurveKind, KeptConnection } from '../../shared/model/connection';
import { request } from '../api';
import { withJob } from './jobs';
import { adoptOptions, recompute, setOptions, useLandscape } from './landscape';
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
  /** Curves kept in the runs on the stage, each with the run that keeps it. */
  kept: (KeptConnection & { runId: string })[];
}

export const useConnect = create<ConnectState>(() => ({
  from: null,
  to: null,
  curve: 'bezier',
  align: false,
  busy: false,
  result: null,
  kept: [],
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
  void loadKeptConnections();
  return result.value;
}

/** Draws the plane of both ends and the bend. */
export async function showConnection({ id, ends }: Connection): Promise<void> {
  setOptions({ plane: 'connection', connection: { runId: ends[0].runId, id }, turn: '0', turnOrigin: null });
  await recompute();
}

/** Asks which curves the runs on the stage keep; the newest one is taken where none is chosen yet. */
export async function loadKeptConnections(): Promise<void> {
  const runIds = useRuns.getState().runs.map(({ runId }) => runId);
  const lists = await Promise.all(runIds.map((runId) => request('connection/saved', { runId })));
  const kept = lists.flatMap((list, i) =>
    list.ok ? list.value.connections.map((connection) => ({ ...connection, runId: runIds[i] as string })) : [],
  );
  useConnect.setState({ kept });
  const { options } = useLandscape.getState();
  const newest = kept.at(-1);
  const known = kept.some(({ id, runId }) => id === options.connection?.id && runId === options.connection.runId);
  if (newest && !known && options.plane !== 'connection') {
    adoptOptions({ ...options, connection: { runId: newest.runId, id: newest.id } });
  }
}
