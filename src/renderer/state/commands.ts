import { create } from 'zustand';
import type { MenuCommand } from '../../shared/contract';
import { onMenu } from '../api';
import type { SceneControls } from '../scene/model';
import { openDoctor } from './doctor';
import { setView, useLandscape } from './landscape';
import { toggleMotion } from './motion';
import { anyRunning, loadLibrary, stopRuns, useRuns } from './runs';
import { newExperiment, train } from './session';
import { toggleTheme } from './settings';
import { jumpToEnd, jumpToStart, stepBy, toggleLoop, togglePlay } from './timeline';
import { toggleVolume } from './volume';
import { redo, undo } from './workbench';

export type DialogName = 'help' | 'export' | 'runs' | 'curvature' | 'race' | 'open' | 'doctor' | 'planes';

/** Which dialog is open. */
interface DialogState {
  dialog: DialogName | null;
}
export const useDialog = create<DialogState>(() => ({ dialog: null }));
export function openDialog(dialog: DialogName): void {
  useDialog.setState({ dialog });
  if (dialog === 'runs') void loadLibrary();
  if (dialog === 'doctor') openDoctor();
}
export const closeDialog = (): void => useDialog.setState({ dialog: null });

/** The scene's own controls while it is mounted. */
let scene: SceneControls | null = null;
export function setScene(controls: SceneControls | null): void {
  scene = controls;
}

export const topView = (): void => setView({ view: 'top' });
export const perspectiveView = (): void => setView({ view: 'perspective' });
export const resetView = (): void => scene?.resetView();
const orbit = (azimuth: number, elevation: number) => (): void => scene?.orbit(azimuth, elevation);
const zoom = (steps: number) => (): void => scene?.zoom(steps);
const toggleContours = (): void => setView({ contours: !useLandscape.getState().options.contours });
const toggleShadows = (): void => setView({ shadows: !useLandscape.getState().options.shadows });

export function trainOrStop(): void {
  if (anyRunning(useRuns.getState().runs)) void stopRuns();
  else void train();
}

/** The native menu does what the buttons do. */
const menuActions: Record<MenuCommand, () => void> = {
  newExperiment,
  openExperiment: () => openDialog('open'),
  train: () => void train(),
  stop: () => void stopRuns(),
  exportFigure: () => openDialog('export'),
  topView,
  resetView,
  togglePlay,
  undo,
  redo,
  toggleTheme,
  doctor: () => openDialog('doctor'),
  help: () => openDialog('help'),
};
export const connectMenu = (): (() => void) => onMenu((command) => menuActions[command]());

export interface Shortcut {
  /** Name of its text: `shortcuts.NAME`. */
  name: ShortcutName;
  /** `KeyboardEvent.key`, lower case for letters. */
  key: string;
  /** With Ctrl (or ⌘ on a Mac). */
  command?: boolean;
  shift?: boolean;
  run(): void;
}
export type ShortcutName =
  | 'train'
  | 'play'
  | 'stepBack'
  | 'stepForward'
  | 'tenBack'
  | 'tenForward'
  | 'start'
  | 'end'
  | 'loop'
  | 'perspective'
  | 'top'
  | 'reset'
  | 'orbitLeft'
  | 'orbitRight'
  | 'orbitUp'
  | 'orbitDown'
  | 'zoomIn'
  | 'zoomOut'
  | 'contours'
  | 'shadows'
  | 'motion'
  | 'volume'
  | 'curvature'
  | 'planes'
  | 'export'
  | 'open'
  | 'undo'
  | 'redo'
  | 'theme'
  | 'doctor'
  | 'help';

export const shortcuts: readonly Shortcut[] = [
  { name: 'train', key: 't', run: trainOrStop },
  { name: 'play', key: ' ', run: togglePlay },
  { name: 'stepBack', key: 'ArrowLeft', run: () => stepBy(-1) },
  { name: 'stepForward', key: 'ArrowRight', run: () => stepBy(1) },
  { name: 'tenBack', key: 'ArrowLeft', shift: true, run: () => stepBy(-10) },
  { name: 'tenForward', key: 'ArrowRight', shift: true, run: () => stepBy(10) },
  { name: 'start', key: 'Home', run: jumpToStart },
  { name: 'end', key: 'End', run: jumpToEnd },
  { name: 'loop', key: 'l', run: toggleLoop },
  { name: 'perspective', key: '1', run: perspectiveView },
  { name: 'top', key: '2', run: topView },
  { name: 'reset', key: '0', run: resetView },
  { name: 'orbitLeft', key: 'a', run: orbit(-1, 0) },
  { name: 'orbitRight', key: 'd', run: orbit(1, 0) },
  { name: 'orbitUp', key: 'w', run: orbit(0, 1) },
  { name: 'orbitDown', key: 's', run: orbit(0, -1) },
  { name: 'zoomIn', key: '+', run: zoom(1) },
  { name: 'zoomOut', key: '-', run: zoom(-1) },
  { name: 'contours', key: 'i', run: toggleContours },
  { name: 'shadows', key: 'h', run: toggleShadows },
  { name: 'motion', key: 'g', run: toggleMotion },
  { name: 'volume', key: 'v', run: toggleVolume },
  { name: 'curvature', key: 'c', run: () => openDialog('curvature') },
  { name: 'planes', key: 'p', run: () => openDialog('planes') },
  { name: 'export', key: 'e', command: true, run: () => openDialog('export') },
  { name: 'open', key: 'o', command: true, run: () => openDialog('open') },
  { name: 'undo', key: 'z', command: true, run: undo },
  { name: 'redo', key: 'z', command: true, shift: true, run: redo },
  { name: 'theme', key: 'm', run: toggleTheme },
  { name: 'doctor', key: 'x', run: () => openDialog('doctor') },
  { name: 'help', key: '?', run: () => openDialog('help') },
];

interface Keys {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The shortcut a key press means, if any. Shift is part of typing "?" and "+", so only named keys ask for it. */
export function shortcutFor(event: Keys): Shortcut | null {
  if (event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const command = event.ctrlKey || event.metaKey;
  const typed = event.key.length === 1 && !/[a-z ]/i.test(event.key);
  return (
    shortcuts.find(
      (s) => s.key === key && (s.command ?? false) === command && (typed || (s.shift ?? false) === event.shiftKey),
    ) ?? null
  );
}

const ownKeys =
  'input, select, textarea, [contenteditable], [role=slider], [role=separator], [role=application], dialog';

/** Keys meant for a field, a slider, an open dialog or the scene stay theirs; a focused button keeps Space and Enter. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return false;
  const pressed = event.ctrlKey || event.metaKey;
  // A field of the experiment is undone with the experiment; every other field undoes its own typing.
  const field = target.closest('input, textarea, select');
  if (field && pressed && event.key.toLowerCase() === 'z') return !field.hasAttribute('data-history');
  if (target.matches('input[type=radio], input[type=checkbox]')) return event.key === ' ' || isArrow(event);
  if (target.matches('input[type=range]')) return isArrow(event) || ['Home', 'End'].includes(event.key);
  if (target.closest(ownKeys)) return !pressed;
  // A button that was clicked keeps the focus unseen: there Space plays.
  const button = target.closest('button, a, [role=menuitem]');
  return event.key === ' ' && button !== null && button.matches(':focus-visible');
}

const isArrow = ({ key }: KeyboardEvent): boolean => key.startsWith('Arrow');

/** Listens for shortcuts. Returns the undo. */
export function connectShortcuts(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || isTaken(event)) return;
    const shortcut = shortcutFor(event);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  };
  addEventListener('keydown', onKeyDown);
  return () => removeEventListener('keydown', onKeyDown);
}
