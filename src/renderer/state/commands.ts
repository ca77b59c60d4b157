import { create } from 'zustand';
import type { MenuCommand } from '../../shared/contract';
import { onMenu } from '../api';
import type { SceneControls } from '../scene/model';
import { openDoctor } from './doctor';
import { setView, useLandscape } from './landscape';
import {
  goTo,
  nextStep,
  previousStep,
  resetStep,
  revealNext,
  setLaser,
  setPresenting,
  togglePresenting,
  useLessons,
} from './lessons';
import { toggleMotion } from './motion';
import { anyRunning, loadLibrary, stopRuns, useRuns } from './runs';
import { newExperiment, train } from './session';
import { toggleTheme } from './settings';
import { jumpToEnd, jumpToStart, stepBy, toggleLoop, togglePlay } from './timeline';
import { toggleVolume } from './volume';
import { redo, undo } from './workbench';

export type DialogName = 'help' | 'lessons' | 'export' | 'runs' | 'curvature' | 'race' | 'open' | 'doctor' | 'planes';

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

/** The stage as PNG, seen as it comes and with its paths whole, once it shows what the stores hold. */
export async function captureStage(): Promise<Uint8Array> {
  // React renders, the scene lays out what it was given, labels find their places, and the frame after draws it.
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    resetView();
    jumpToEnd();
  }
  if (!scene) throw new Error('there is no landscape to take a picture of');
  return scene.capture();
}

/** Scrolls the text of the open lesson by a page; false where there is nothing more. */
let pager: ((direction: 1 | -1) => boolean) | null = null;
export function setPager(next: typeof pager): void {
  pager = next;
}

/** What a remote's button does: the rest of the text, what the step still hides, the next step. */
function advance(): void {
  const { presenting } = useLessons.getState();
  if (presenting && (pager?.(1) || revealNext())) return;
  nextStep();
}
function goBack(): void {
  if (useLessons.getState().presenting && pager?.(-1)) return;
  previousStep();
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

const outsideLessons = (act: () => void): void => {
  if (!useLessons.getState().lesson) act();
};

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
  undo: () => outsideLessons(undo),
  redo: () => outsideLessons(redo),
  toggleTheme,
  doctor: () => openDialog('doctor'),
  help: () => openDialog('help'),
};
export const connectMenu = (): (() => void) => onMenu((command) => menuActions[command]());

export interface Shortcut<Name = ShortcutName> {
  /** Name of its text: `shortcuts.NAME`. */
  name: Name;
  /** `KeyboardEvent.key`, lower case for letters. */
  key: string;
  /** With Ctrl (or ⌘ on a Mac). */
  command?: boolean;
  shift?: boolean;
  /** A presenter's remote sends it: it works wherever the focus is, but in a dialog or while typing. */
  remote?: boolean;
  run(): void;
}
export type LessonShortcutName =
  | 'lessonNext'
  | 'lessonBack'
  | 'lessonFirst'
  | 'lessonLast'
  | 'lessonReset'
  | 'lessonPresent'
  | 'lessonLeave'
  | 'lessonLaser';
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
  | 'lessons'
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
  { name: 'lessons', key: 'b', run: () => openDialog('lessons') },
  { name: 'help', key: '?', run: () => openDialog('help') },
];

const present = (): void => setPresenting(true);

/** While a lesson is open these come first. */
export const lessonShortcuts: readonly Shortcut<LessonShortcutName>[] = [
  { name: 'lessonNext', key: 'PageDown', remote: true, run: advance },
  { name: 'lessonNext', key: 'ArrowRight', run: advance },
  { name: 'lessonBack', key: 'PageUp', remote: true, run: goBack },
  { name: 'lessonBack', key: 'ArrowLeft', run: goBack },
  { name: 'lessonFirst', key: 'Home', run: () => goTo(0) },
  { name: 'lessonLast', key: 'End', run: () => goTo((useLessons.getState().lesson?.steps.length ?? 1) - 1) },
  { name: 'lessonReset', key: 'r', run: resetStep },
  { name: 'lessonPresent', key: 'p', run: togglePresenting },
  { name: 'lessonPresent', key: 'F5', remote: true, run: present },
  { name: 'lessonLeave', key: 'Escape', remote: true, run: () => setPresenting(false) },
  { name: 'lessonLaser', key: 'l', run: () => setLaser(!useLessons.getState().laser) },
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
  return among(shortcuts, event);
}

function among<Name>(list: readonly Shortcut<Name>[], event: Keys): Shortcut<Name> | null {
  if (event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const command = event.ctrlKey || event.metaKey;
  const typed = event.key.length === 1 && !/[a-z ]/i.test(event.key);
  return (
    list.find(
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

/** Where even a remote's keys mean something else. */
const isTyping = ({ target }: KeyboardEvent): boolean =>
  target instanceof Element &&
  target.closest('dialog, select, textarea, input:not([type=range], [type=radio], [type=checkbox])') !== null;

/** The form is out of sight: nothing of it is undone. */
const notInLessons: readonly string[] = ['undo', 'redo'] satisfies ShortcutName[];

/** A laser that was on for longer than this was held: it goes out with the key. */
const holdMilliseconds = 350;
let laserSince = 0;

const isArrow = ({ key }: KeyboardEvent): boolean => key.startsWith('Arrow');

/** Listens for shortcuts. Returns the undo. */
export function connectShortcuts(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented) return;
    const { lesson, handOut } = useLessons.getState();
    if (handOut) return;
    const ofLesson = lesson ? among(lessonShortcuts, event) : null;
    if (isTaken(event) && !(ofLesson?.remote && !isTyping(event))) return;
    const shortcut = ofLesson ?? shortcutFor(event);
    if (!shortcut || (lesson && notInLessons.includes(shortcut.name))) return;
    event.preventDefault();
    if (shortcut.name !== 'lessonLaser') shortcut.run();
    else if (!event.repeat) {
      laserSince = performance.now();
      shortcut.run();
    }
  };
  const onKeyUp = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() === 'l' && performance.now() - laserSince > holdMilliseconds) setLaser(false);
  };
  addEventListener('keydown', onKeyDown);
  addEventListener('keyup', onKeyUp);
  return () => {
    removeEventListener('keydown', onKeyDown);
    removeEventListener('keyup', onKeyUp);
  };
}
