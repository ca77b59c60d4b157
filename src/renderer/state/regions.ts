import { create } from 'zustand';
import { type MergeTree, type Simplification, simplify } from '../../shared/math/mergeTree';
import type { SurfaceRegions } from '../../shared/model/topology';
import { request } from '../api';
import { withJob } from './jobs';
import { useLandscape } from './landscape';
import { clearNotices, notifyError } from './notices';

interface RegionsState {
  /** Of the surface last asked about. */
  found: SurfaceRegions | null;
  busy: boolean;
  /** log₁₀ of the persistence, as a share of the range, below which minima are hidden. */
  exponent: number;
  show: 'basins' | 'hills' | 'kinds';
}

/** From float32 noise to everything. */
export const persistenceExponents = { least: -6, most: 0 } as const;

export const useRegions = create<RegionsState>(() => ({ found: null, busy: false, exponent: -3, show: 'basins' }));

export function setRegions(change: Partial<Pick<RegionsState, 'exponent' | 'show'>>): void {
  useRegions.setState(change);
}

/** The minima that stay at a threshold. */
export const simplified = (tree: MergeTree, range: number, exponent: number): Simplification =>
  simplify(tree, 10 ** exponent * range);

/** Names the regions of the surface that is drawn; a surface kept in its run is not computed again. */
export async function findRegions(): Promise<SurfaceRegions | null> {
  const { result, asked } = useLandscape.getState();
  if (!result || !asked || useRegions.getState().busy) return null;
  useRegions.setState({ busy: true });
  const found = await withJob('surface', (signal, onProgress) =>
    request('surface/regions', asked, { signal, onProgress }),
  );
  useRegions.setState({ busy: false });
  if (!found.ok) {
    notifyError(found.error, 'stage');
    return null;
  }
  clearNotices('stage');
  useRegions.setState({ found: found.value });
  return found.value;
}
