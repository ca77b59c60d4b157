import type { SceneModel } from './model';

/** Colours of everything that is not the surface or a path. */
export interface ScenePalette {
  background: string;
  floor: string;
  /** Shadows of the paths on the floor. */
  shadow: string;
  frame: string;
  grid: string;
  text: string;
  mutedText: string;
  /** Behind the labels of the markers. */
  label: string;
  /** Around paths, so that they stand out on any colour map: dark round light colours, light round dark ones. */
  casing: string;
  /** Around markers and the crosshair. */
  outline: string;
  ring: string;
  /** The mark that stands out. */
  chosen: string;
}

const palettes: Record<SceneModel['theme'], ScenePalette> = {
  dark: {
    background: '#0f1319',
    floor: '#171d26',
    shadow: '#06080b',
    frame: '#55606f',
    grid: '#27303c',
    text: '#e6eaf0',
    mutedText: '#a3adba',
    label: 'rgba(13, 17, 23, 0.92)',
    casing: '#0a0d12',
    outline: '#0a0d12',
    ring: '#ffffff',
    chosen: '#ff9f1c',
  },
  light: {
    background: '#ffffff',
    floor: '#f1f3f6',
    shadow: '#c3c9d2',
    frame: '#8b95a3',
    grid: '#dde2e8',
    text: '#1a2029',
    mutedText: '#515c6a',
    label: 'rgba(255, 255, 255, 0.93)',
    casing: '#ffffff',
    outline: '#11161d',
    ring: '#ffffff',
    chosen: '#ff9f1c',
  },
};

export const scenePalette = (theme: SceneModel['theme']): ScenePalette => palettes[theme];
