import { useMemo } from 'react';
import { create } from 'zustand';
import type { ObjectiveSpec } from '../../shared/model/experiment';
import type { Surface } from '../../shared/model/landscape';
import type { SurfaceDifference } from '../../shared/model/sections';
import { request } from '../api';
import type { SceneSurface } from '../scene/model';
import { withJob } from './jobs';
import { type AskedSurface, type LandscapeOptions, sceneSurface, useLandscape } from './landscape';
import { type LayerOptions, layerValues, type Measure, type Part, partKey, partsOf } from './layerOptions';
import { clearNotices, notifyError } from './notices';

/** A surface to compare with, kept while the window is open. */
export interface Pin {
  id: string;
  /** In the words of the interface when it was pinned. */
  label: string;
  asked: AskedSurface;
}

/** Less what the surface is: a pinned one, another part of the data, or the same plane about another run. */
export type Subtrahend =
  | { kind: 'pin'; id: string }
  | { kind: 'part'; split: Surface['split']; l2: 'in' | 'out' }
  | { kind: 'run'; runId: string };

export interface Comparison {
  /** What was taken away, in words. */
  label: string;
  difference: SurfaceDifference;
  surface: SceneSurface;
}

type Landscape = ReturnType<typeof useLandscape.getState>;

interface LayersState {
  /** Finished surfaces of the plane, window and examples that are drawn, by `partKey`. */
  kept: Readonly<Record<string, Surface>>;
  /** What they have in common. */
  place: string | null;
  pins: readonly Pin[];
  /** Drawn in place of a layer. */
  comparison: Comparison | null;
}

export const useLayers = create<LayersState>(() => ({ kept: {}, place: null, pins: [], comparison: null }));

const mostPins = 6;

/** What is drawn: one of the layers, or a difference. */
export interface DrawnLayer {
  measure: Measure | 'difference';
  split: Surface['split'];
  /** The L2 term was left out of a training loss that has one. */
  withoutL2: boolean;
  surface: SceneSurface;
  /** The computation behind it; null while it is coarse or live. */
  result: Surface | null;
  comparison: Comparison | null;
}

const hasL2 = (objective: ObjectiveSpec | null): boolean => objective?.kind === 'network' && objective.l2 > 0;

/** A part without an L2 term to leave out is the same with and without it. */
function normalized(part: Part, objective: ObjectiveSpec | null): Part {
  return hasL2(objective) ? part : { ...part, l2: 'in' };
}

function partOf(asked: AskedSurface, objective: ObjectiveSpec | null): Part {
  return normalized({ split: asked.split ?? 'train', l2: asked.l2 ?? 'in', full: false }, objective);
}

/** Everything of a request that its layers share. */
function placeOf({ split: _, l2: __, save: ___, ...place }: AskedSurface): string {
  return JSON.stringify(place);
}

/** A function of two parameters has one layer. */
function chosenLayer({ options, objective }: Pick<Landscape, 'options' | 'objective'>) {
  const { measure, split, l2, band } = options;
  if (objective?.kind === 'network') return { measure, split, l2, band };
  return { measure: 'loss', ...trainingPart, band: '0' } as const;
}

function wantedParts(landscape: Pick<Landscape, 'options' | 'objective'>, asked: AskedSurface): Part[] {
  const parts = partsOf(chosenLayer(landscape), asked.adaptive !== undefined);
  return parts.map((part) => normalized(part, landscape.objective));
}

const drawnSurfaces = new WeakMap<Surface, Map<string, SceneSurface>>();

/** The same object every time, so that the scene knows what it has drawn already. */
function drawable(measure: Measure, surfaces: readonly Surface[]): SceneSurface | null {
  const [own, other] = surfaces;
  if (!own) return null;
  const known = drawnSurfaces.get(own) ?? new Map<string, SceneSurface>();
  drawnSurfaces.set(own, known);
  const key = other ? `${measure} ${other.id}` : measure;
  const before = known.get(key);
  if (before) return before;
  const values = layerValues(measure, surfaces);
  if (!values) return null;
  const { xs, ys } = own;
  const made = sceneSurface(xs, ys, values, [xs[0]!, xs.at(-1)!, ys[0]!, ys.at(-1)!]);
  known.set(key, made);
  return made;
}

/** The chosen layer where its numbers are there, else the loss that is. */
export function drawnLayer(
  landscape: Landscape,
  { kept, comparison }: Pick<LayersState, 'kept' | 'comparison'>,
): DrawnLayer | null {
  const { options, objective, surface, result, asked, live } = landscape;
  if (comparison) {
    const { split } = comparison.difference.minuend;
    return { measure: 'difference', split, withoutL2: false, surface: comparison.surface, result, comparison };
  }
  if (!surface) return null;
  const { measure, ...chosen } = chosenLayer(landscape);
  const parts = result && asked ? wantedParts(landscape, asked) : [];
  const surfaces = parts.flatMap((part) => kept[partKey(part)] ?? []);
  const own = surfaces[0];
  const drawn = own && surfaces.length === parts.length ? drawable(measure, surfaces) : null;
  if (own && drawn) {
    const withoutL2 = measure === 'loss' && hasL2(objective) && chosen.split === 'train' && chosen.l2 === 'out';
    return { measure, split: chosen.split, withoutL2, surface: drawn, result: own, comparison: null };
  }
  const { split, l2 } =
    result && asked ? partOf(asked, objective) : live || objective?.kind !== 'network' ? trainingPart : options;
  return {
    measure: 'loss',
    split,
    withoutL2: hasL2(objective) && split === 'train' && l2 === 'out',
    ...{ surface, result, comparison: null },
  };
}

const trainingPart = { split: 'train', l2: 'in' } as const;

export function useDrawnLayer(): DrawnLayer | null {
  const landscape = useLandscape();
  const kept = useLayers((state) => state.kept);
  const comparison = useLayers((state) => state.comparison);
  const { options, objective, surface, result, asked, live } = landscape;
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the landscape only what a layer depends on
  return useMemo(
    () => drawnLayer(landscape, { kept, comparison }),
    [options, objective, surface, result, asked, live, kept, comparison],
  );
}

/** The surface whose heights are the losses of the recorded path: the training loss as trained. Null where it is not kept. */
export function trainingSlice(landscape: Landscape, { kept }: Pick<LayersState, 'kept'>): SceneSurface | null {
  const { asked, objective, result, surface } = landscape;
  if (!asked || !result) {
    return surface && (landscape.live || landscape.options.split === 'train') && landscape.options.l2 === 'in'
      ? surface
      : null;
  }
  const own = kept[partKey(normalized({ ...trainingPart, full: false }, objective))];
  return own ? drawable('loss', [own]) : null;
}

/** Layers that the surface on the stage cannot have, and why. */
export function missingLayers(
  { objective, result }: Pick<Landscape, 'objective' | 'result'>,
  kept: LayersState['kept'],
  validationExamples: number,
): Partial<Record<Measure | 'validation', 'noValidation' | 'noAccuracy' | 'noSubset'>> {
  const surfaces = Object.values(kept);
  const hasAccuracy = surfaces.some(({ accuracy }) => accuracy !== null);
  const noAccuracy = objective?.kind !== 'network' || (surfaces.length > 0 && !hasAccuracy);
  return {
    ...(validationExamples === 0 && { validation: 'noValidation' as const, gap: 'noValidation' as const }),
    ...(noAccuracy && { accuracy: 'noAccuracy' as const, error: 'noAccuracy' as const }),
    ...(!result?.standardError && { standardError: 'noSubset' as const }),
  };
}

let controller: AbortController | null = null;

/** Draws another layer; what it needs is computed once and kept while plane and window stay. */
export async function showLayer(
  change: Partial<Pick<LayerOptions, 'measure' | 'l2' | 'band'> & { split: Surface['split'] }>,
): Promise<void> {
  const { options: before } = useLandscape.getState();
  useLayers.setState({ comparison: null });
  choose(change);
  if (await completeLayer()) return;
  const { measure, l2, band, split } = before;
  choose({ measure, l2, band, split });
}

function choose(change: Partial<LandscapeOptions>): void {
  useLandscape.setState(({ options: old, custom }) => {
    const options = { ...old, ...change };
    const { split, l2 } = options;
    return { options, custom: custom && { ...custom, split, l2 } };
  });
}

/** Computes the parts of the chosen layer that are not there. False when it was cancelled or failed (then said). */
async function completeLayer(): Promise<boolean> {
  controller?.abort();
  controller = new AbortController();
  const { signal } = controller;
  const { options, asked, objective, result } = useLandscape.getState();
  // Another surface is on its way; its end asks again.
  if (!asked || !result) return true;
  const place = placeOf(asked);
  const parts = wantedParts({ options, objective }, asked);
  for (const part of parts) {
    if (useLayers.getState().kept[partKey(part)]) continue;
    const made = await computePart(asked, part, signal);
    if (signal.aborted || useLayers.getState().place !== place) return true;
    if (!made.ok) {
      notifyError(made.error, 'stage');
      return false;
    }
    clearNotices('stage');
    keep(part, made.value);
  }
  const { split, l2 } = chosenLayer({ options, objective });
  adopt(asked, { split, l2, full: false });
  return true;
}

const computePart = (asked: AskedSurface, part: Part, outer: AbortSignal) =>
  withJob(
    'surface',
    (signal, onProgress) => request('surface/compute', requestOf(asked, part), { signal, onProgress }),
    { outer },
  );

function requestOf(asked: AskedSurface, { split, l2, full }: Part): AskedSurface {
  const { adaptive: _, ...everyPoint } = asked;
  return { ...(full ? everyPoint : asked), split, l2 };
}

const keep = (part: Part, surface: Surface): void =>
  useLayers.setState(({ kept }) => ({ kept: { ...kept, [partKey(part)]: surface } }));

/** What else speaks of the surface on the stage (regions, objections, figures) then speaks of this part of the data. */
function adopt(asked: AskedSurface, wanted: Part): void {
  const part = normalized(wanted, useLandscape.getState().objective);
  const own = useLayers.getState().kept[partKey(part)];
  if (!own || useLandscape.getState().result === own) return;
  const surface = drawable('loss', [own]);
  useLandscape.setState({ result: own, surface, asked: requestOf(asked, part), hover: null, probe: null });
}

/** Keeps every finished surface as a layer of its place. Returns the undo. */
export function connectLayers(): () => void {
  return useLandscape.subscribe(({ result, asked, objective, surface }, before) => {
    // Whatever is drawn next, the difference was of something else.
    if (surface !== before.surface && useLayers.getState().comparison) useLayers.setState({ comparison: null });
    if (result === before.result || !result || !asked) return;
    const place = placeOf(asked);
    const { place: known, kept } = useLayers.getState();
    const part = partOf(asked, objective);
    if (place === known && kept[partKey(part)] === result) return;
    useLayers.setState({ place, kept: { [partKey(part)]: result } });
    void completeLayer().then((done) => {
      // A layer of another surface that this one cannot have.
      if (!done) choose({ measure: 'loss', band: '0' });
    });
  });
}

/** Keeps the surface on the stage to compare others with. */
export function pinSurface(label: string): void {
  const { asked } = useLandscape.getState();
  if (!asked) return;
  const id = JSON.stringify(asked);
  useLayers.setState(({ pins }) => ({
    pins: [...pins.filter((pin) => pin.id !== id), { id, label, asked }].slice(-mostPins),
  }));
}

export function unpin(id: string): void {
  useLayers.setState(({ pins }) => ({ pins: pins.filter((pin) => pin.id !== id) }));
}

function subtrahendOf(asked: AskedSurface, other: Subtrahend): AskedSurface | null {
  switch (other.kind) {
    case 'pin':
      return useLayers.getState().pins.find(({ id }) => id === other.id)?.asked ?? null;
    case 'part':
      return { ...asked, split: other.split, l2: other.l2 };
    case 'run':
      return { ...asked, source: { kind: 'runs', runIds: [other.runId] } };
    default:
      return other satisfies never;
  }
}

/** Draws the surface on the stage less another. */
export async function compareWith(other: Subtrahend, label: string): Promise<SurfaceDifference | null> {
  controller?.abort();
  controller = new AbortController();
  const { signal: outer } = controller;
  const { asked, result } = useLandscape.getState();
  const subtrahend = asked && subtrahendOf(asked, other);
  if (!asked || !result || !subtrahend) return null;
  const made = await withJob(
    'surface',
    (signal, onProgress) => request('surface/difference', { minuend: asked, subtrahend }, { signal, onProgress }),
    { outer },
  );
  if (outer.aborted || useLandscape.getState().result !== result) return null;
  if (!made.ok) {
    notifyError(made.error, 'stage');
    return null;
  }
  clearNotices('stage');
  const { xs, ys, difference } = made.value;
  const surface = sceneSurface(xs, ys, difference, [xs[0]!, xs.at(-1)!, ys[0]!, ys.at(-1)!]);
  useLayers.setState({ comparison: { label, difference: made.value, surface } });
  return made.value;
}

export const endComparison = (): void => useLayers.setState({ comparison: null });
