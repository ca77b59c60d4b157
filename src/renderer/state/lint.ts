import { create } from 'zustand';
import type { Surface } from '../../shared/model/landscape';
import type { LintFinding } from '../../shared/model/lint';
import { request } from '../api';
import { withJob } from './jobs';
import { currentSurfaceRequest, showPlot, useLandscape } from './landscape';
import { clearNotices, notifyError } from './notices';

interface LintState {
  busy: boolean;
  findings: LintFinding[];
  /** The surface they were found on; they say nothing of another. */
  of: Surface | null;
}

export const useLint = create<LintState>(() => ({ busy: false, findings: [], of: null }));

/** Looks at the plot on the stage. Returns what there is to object to, or null when it failed (then said). */
export async function lintStage(): Promise<LintFinding[] | null> {
  const wanted = currentSurfaceRequest();
  const { result } = useLandscape.getState();
  if (!wanted || !result || useLint.getState().busy) return null;
  useLint.setState({ busy: true });
  const report = await withJob('surface', (signal, onProgress) => request('plot/lint', wanted, { signal, onProgress }));
  useLint.setState({ busy: false });
  if (!report.ok) {
    notifyError(report.error, 'lint');
    return null;
  }
  clearNotices('lint');
  const { findings } = report.value;
  useLint.setState({ findings, of: result });
  return findings;
}

/** Draws the plot that a finding's cure asks for, and looks at it. Returns as `lintStage`. */
export async function applyCure({ cure }: LintFinding): Promise<LintFinding[] | null> {
  if (!cure) return null;
  await showPlot(cure.request);
  return lintStage();
}
