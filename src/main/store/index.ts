export type { RunWriter } from './runWriter';
export { openStore, type RunStore } from './store';
export type { KeptKind, KeptVolume, Stored } from './surfaceFiles';
