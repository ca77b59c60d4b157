export type { RunWriter } from './runWriter';
export { openStore, type RunStore } from './store';
