import { create } from 'zustand';
import type { AppInfo } from '../../shared/contract';
import type { Catalog } from '../../shared/model/catalog';
import { request } from '../api';
import { notifyError } from './notices';

/** What the engine knows by name, and what it runs on. */
interface CatalogState {
  catalog: Catalog | null;
  info: AppInfo | null;
}
export const useCatalog = create<CatalogState>(() => ({ catalog: null, info: null }));

/** Asks once at start; null when the engine could not answer (said in a banner). */
export async function loadCatalog(): Promise<Catalog | null> {
  const [catalog, info] = await Promise.all([request('catalog/get', {}), request('app/info', {})]);
  if (!catalog.ok) notifyError(catalog.error);
  if (!info.ok) notifyError(info.error);
  useCatalog.setState({ catalog: catalog.ok ? catalog.value : null, info: info.ok ? info.value : null });
  return catalog.ok ? catalog.value : null;
}
