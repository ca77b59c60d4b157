import { request } from '../api';
import type { FieldIssue } from './compile';
import { withJob } from './jobs';

/** Takes a direction's file into the app's folder: the name a plane gives it, or what is wrong with it. */
export async function importDirection(file: File): Promise<{ path: string } | { issue: Omit<FieldIssue, 'path'> }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const result = await withJob('loadingData', (signal, onProgress) =>
    request('data/import', { name: file.name, bytes, purpose: 'direction' }, { signal, onProgress }),
  );
  if (result.ok) return result.value;
  const { message, cure } = result.error;
  return { issue: { key: 'engine', values: {}, message, ...(cure && { cure }) } };
}
