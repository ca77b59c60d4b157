import { create } from 'zustand';
import type { DoctorReport } from '../../shared/model/executors';
import type { ExecutorChoice } from '../../shared/model/experiment';
import { request } from '../api';
import { withJob } from './jobs';
import { notifyError } from './notices';
import { anyRunning, useRuns } from './runs';
import { flushSettings, updateSettings } from './settings';

interface DoctorState {
  busy: boolean;
  /** The last one; null before the first. */
  report: DoctorReport | null;
}

export const useDoctor = create<DoctorState>(() => ({ busy: false, report: null }));

/** Examines the executors, unless that would disturb a run. */
export function openDoctor(): void {
  if (!anyRunning(useRuns.getState().runs)) void examine();
}

/** Remembered at once: the next run asks for it. */
export function prefer(executor: ExecutorChoice): void {
  updateSettings({ executor });
  void flushSettings();
}

/** @param remeasure also times what was timed before */
export async function examine(remeasure = false): Promise<void> {
  if (useDoctor.getState().busy) return;
  useDoctor.setState({ busy: true });
  const result = await withJob('executors', (signal, onProgress) =>
    request('app/doctor', { remeasure }, { signal, onProgress }),
  );
  useDoctor.setState(result.ok ? { busy: false, report: result.value } : { busy: false });
  if (!result.ok) notifyError(result.error);
}
