import type { FigureOptions } from '../../shared/contract';
import { request, saveFile } from '../api';
import { withJob } from './jobs';
import { currentSurfaceRequest } from './landscape';
import { notifyError } from './notices';

/** Draws the landscape as a figure and saves it. Returns the file's name; null when cancelled or failed (then said). */
export async function exportFigure(figure: Partial<FigureOptions>, name: string): Promise<string | null> {
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
