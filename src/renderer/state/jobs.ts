import { create } from 'zustand';
import type { Progress, ProgressLabel } from '../../shared/contract';

/** Work in the engine that a person may wait for. */
export interface Job {
  id: number;
  label: ProgressLabel;
  /** null until the engine said how far it is. */
  progress: Progress | null;
  startedAt: number;
  /** Work that shows only in its own place (the live surface of a training network) is not offered for cancelling. */
  background: boolean;
  cancel(): void;
}

interface JobsState {
  jobs: Job[];
}
export const useJobs = create<JobsState>(() => ({ jobs: [] }));

let nextId = 1;

/** Lists a job while `work` runs; its signal aborts when the person cancels or when `outer` does. */
export async function withJob<T>(
  label: ProgressLabel,
  work: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<T>,
  options: { background?: boolean; outer?: AbortSignal } = {},
): Promise<T> {
  const id = nextId++;
  const controller = new AbortController();
  const cancel = () => controller.abort();
  options.outer?.addEventListener('abort', cancel, { once: true });
  const job: Job = {
    id,
    label,
    progress: null,
    startedAt: performance.now(),
    background: options.background ?? false,
    cancel,
  };
  useJobs.setState(({ jobs }) => ({ jobs: [...jobs, job] }));
  try {
    return await work(controller.signal, (progress) => {
      useJobs.setState(({ jobs }) => ({ jobs: jobs.map((j) => (j.id === id ? { ...j, progress } : j)) }));
    });
  } finally {
    options.outer?.removeEventListener('abort', cancel);
    useJobs.setState(({ jobs }) => ({ jobs: jobs.filter((j) => j.id !== id) }));
  }
}
