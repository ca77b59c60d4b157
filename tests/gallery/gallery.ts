import type { HoverProbe, SceneControls, SceneModel } from '../../src/renderer/scene/model';
import type { FakePlayhead } from './fixtures';

/** What the gallery page leaves on `window` for its tests. */
export interface Gallery {
  playhead: FakePlayhead;
  controls: SceneControls | null;
  hover: HoverProbe | null;
  picks: [number, number][];
  pickedMarks: string[];
  /** Rows of every path that are real. */
  setCount(rows: number): void;
  change(change: Partial<SceneModel>): void;
  /** Takes the root of every loss in place and counts the version up, as a refinement pass changes numbers. */
  refine(): void;
}

declare global {
  interface Window {
    gallery: Gallery;
  }
}
