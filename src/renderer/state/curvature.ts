import { create } from 'zustand';
import { type Spectrum, type SpectrumRequest, spectrumRequestSchema } from '../../shared/model/landscape';
import { request } from '../api';
import type { FieldIssue } from './compile';
import { withJob } from './jobs';
import { clearNotices, notifyError } from './notices';
import { selectedRun, trackOf, useRuns } from './runs';
import { useTimeline } from './timeline';

interface CurvatureState {
  /** Numbers as typed. */
  top: string;
  bottom: string;
  /** Measure where the run ended, or at the playhead. */
  at: 'final' | 'playhead';
  busy: boolean;
  /** Last spectrum of each run. */
  spectra: Record<string, Spectrum>;
}

export const useCurvature = create<CurvatureState>(() => ({
  top: '5',
  bottom: '2',
  at: 'final',
  busy: false,
  spectra: {},
}));

export function setCurvature(change: Partial<Pick<CurvatureState, 'top' | 'bottom' | 'at'>>): void {
  useCurvature.setState(change);
}

/** What is wrong with the counts typed. */
export function curvatureIssues({ top, bottom }: Pick<CurvatureState, 'top' | 'bottom'>): FieldIssue[] {
  return (['top', 'bottom'] as const).flatMap((path): FieldIssue[] => {
    const value = { top, bottom }[path].trim();
    const number = Number(value);
    if (value === '') return [{ path, key: 'required', values: {} }];
    if (Number.isNaN(number)) return [{ path, key: 'notANumber', values: { value } }];
    if (!Number.isInteger(number)) return [{ path, key: 'notAnInteger', values: { value } }];
    if (number < 0) return [{ path, key: 'tooSmall', values: { value, limit: '0' } }];
    if (number > 100) return [{ path, key: 'tooBig', values: { value, limit: '100' } }];
    return [];
  });
}

/** Measures the spectrum of the selected run. Returns it, or null when it was cancelled or failed (then said). */
export async function measureCurvature(): Promise<Spectrum | null> {
  const run = selectedRun(useRuns.getState());
  const state = useCurvature.getState();
  if (!run || state.busy || curvatureIssues(state).length > 0) return null;
  const parameters = run.info.parameterCount;
  const wanted: SpectrumRequest = spectrumRequestSchema.parse({
    runId: run.runId,
    row: state.at === 'final' ? 'final' : playheadRow(run.runId),
    top: Math.min(Number(state.top), parameters),
    bottom: Math.min(Number(state.bottom), parameters),
  });
  useCurvature.setState({ busy: true });
  const result = await withJob('lanczos', (signal, onProgress) =>
    request('curvature/spectrum', wanted, { signal, onProgress }),
  );
  useCurvature.setState({ busy: false });
  if (!result.ok) {
    notifyError(result.error, 'curvature');
    return null;
  }
  clearNotices('curvature');
  useCurvature.setState(({ spectra }) => ({ spectra: { ...spectra, [run.runId]: result.value } }));
  return result.value;
}

const playheadRow = (runId: string): number =>
  Math.min(useTimeline.getState().readout, Math.max((trackOf(runId)?.rows ?? 1) - 1, 0));
