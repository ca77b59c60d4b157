import { z } from 'zod';
import { create } from 'zustand';
import type { Surface } from '../../shared/model/landscape';
import type { Profile } from '../../shared/model/sections';
import { request, saveFile } from '../api';
import type { FieldIssue } from './compile';
import { type Cell, csvText } from './csv';
import { fileName } from './figure';
import { type Job, useJobs, withJob } from './jobs';
import { type AskedSurface, useLandscape } from './landscape';
import { clearNotices, notifyError } from './notices';
import { selectedRun, trackOf, useRuns } from './runs';

const text = z.string().max(100);
const splits = z.enum(['train', 'validation', 'both']);

/** How a line is measured; numbers are the text typed. */
export const profileOptionsSchema = z.strictObject({
  points: text.default('101'),
  split: splits.default('train'),
});
export type ProfileOptions = z.infer<typeof profileOptionsSchema>;
export const defaultProfileOptions: ProfileOptions = profileOptionsSchema.parse({});

type Place = readonly [number, number];

/** The ends of a line in plane coordinates, as typed. */
interface Line {
  from: [string, string];
  to: [string, string];
}
const noLine: Line = { from: ['', ''], to: ['', ''] };

interface ProfilesState {
  options: ProfileOptions;
  line: Line;
  /** A click on the surface sets the next end. */
  picking: 'from' | 'to' | null;
  busy: boolean;
  /** The last results, of one line; the training part first. */
  profiles: readonly Profile[];
  /** The plane they are of; see `planeKey`. */
  plane: string | null;
}

export const useProfiles = create<ProfilesState>(() => ({
  options: defaultProfileOptions,
  line: noLine,
  picking: null,
  busy: false,
  profiles: [],
  plane: null,
}));

export function setProfile(change: Partial<ProfileOptions>): void {
  useProfiles.setState(({ options }) => ({ options: { ...options, ...change } }));
}

export function setLine(change: Partial<Line>): void {
  useProfiles.setState(({ line }) => ({ line: { ...line, ...change } }));
}

export function adoptProfileOptions(options: ProfileOptions): void {
  useProfiles.setState({ options });
}

/** What is wrong with what was typed. */
export function profileIssues({ from, to }: Line, { points }: ProfileOptions): FieldIssue[] {
  const issues: FieldIssue[] = [];
  const number = (path: string, typed: string): number | null => {
    const value = typed.trim();
    if (value === '') issues.push({ path, key: 'required', values: {} });
    else if (!Number.isFinite(Number(value))) issues.push({ path, key: 'notANumber', values: { value } });
    else return Number(value);
    return null;
  };
  const ends = [...from, ...to].map((typed, k) => number(`${k < 2 ? 'from' : 'to'}.${k % 2}`, typed));
  const [x0, y0, x1, y1] = ends;
  if (!ends.includes(null) && x0 === x1 && y0 === y1) issues.push({ path: 'to.0', key: 'sameEnds', values: {} });
  const count = number('points', points);
  if (count !== null) {
    const value = points.trim();
    if (!Number.isInteger(count)) issues.push({ path: 'points', key: 'notAnInteger', values: { value } });
    else if (count < 2) issues.push({ path: 'points', key: 'tooSmall', values: { value, limit: '2' } });
    else if (count > mostPoints) {
      issues.push({ path: 'points', key: 'tooBig', values: { value, limit: String(mostPoints) } });
    }
  }
  return issues;
}
const mostPoints = 65_536;

const typed = ([x, y]: Place): [string, string] => [shortest(x), shortest(y)];
/** Of a place pointed at: no more digits than it has pixels. */
const shortest = (value: number): string => String(Number(value.toPrecision(5)));

/** The ends that are typed, as far as they are numbers. */
export function lineOf({ from, to }: Line): { from: Place; to: Place | null } | null {
  const place = (pair: readonly [string, string]): Place | null => {
    const [x, y] = pair.map((value) => (value.trim() === '' ? Number.NaN : Number(value))) as [number, number];
    return Number.isFinite(x) && Number.isFinite(y) ? [x, y] : null;
  };
  const start = place(from);
  return start && { from: start, to: place(to) };
}

/** Both ends are chosen on the surface, one after the other. */
export function togglePicking(): void {
  const { picking } = useProfiles.getState();
  if (picking) {
    useProfiles.setState({ picking: null });
    return;
  }
  useProfiles.setState({ line: noLine, picking: 'from', profiles: [] });
}

/** A place of the surface was clicked. True when it was taken as an end; the second one begins the computation. */
export function pickEnd(x: number, y: number): boolean {
  const { picking } = useProfiles.getState();
  if (!picking) return false;
  setLine({ [picking]: typed([x, y]) });
  useProfiles.setState({ picking: picking === 'from' ? 'to' : null });
  if (picking === 'to') void computeProfiles();
  return true;
}

export const presets = ['axis1', 'axis2', 'pathEnds'] as const;
export type Preset = (typeof presets)[number];

/**
 * Lines across the window through the end of the selected path (its middle where the end is outside or there is none), and
 * the one from the path's beginning to its end. null where there is no such line.
 */
export function presetLine(preset: Preset): { from: Place; to: Place } | null {
  const { surface } = useLandscape.getState();
  if (!surface) return null;
  const [x0, x1, y0, y1] = surface.range;
  const path = pathEnds();
  const end = path?.to;
  const inside = end && end[0] >= x0 && end[0] <= x1 && end[1] >= y0 && end[1] <= y1;
  const [x, y] = inside ? end : [(x0 + x1) / 2, (y0 + y1) / 2];
  switch (preset) {
    case 'axis1':
      return { from: [x0, y], to: [x1, y] };
    case 'axis2':
      return { from: [x, y0], to: [x, y1] };
    case 'pathEnds':
      return path && (path.from[0] !== path.to[0] || path.from[1] !== path.to[1]) ? path : null;
    default:
      return preset satisfies never;
  }
}

function pathEnds(): { from: Place; to: Place } | null {
  const run = selectedRun(useRuns.getState());
  const track = run && trackOf(run.runId);
  const rows = track?.pathRows.current ?? 0;
  if (!track || rows < 2) return null;
  const { x, y } = track.path.current;
  return { from: [x[0]!, y[0]!], to: [x[rows - 1]!, y[rows - 1]!] };
}

export async function choosePreset(preset: Preset): Promise<void> {
  const line = presetLine(preset);
  if (!line) return;
  useProfiles.setState({ line: { from: typed(line.from), to: typed(line.to) }, picking: null });
  await computeProfiles();
}

/** The job of the profile being computed. */
export const useProfileJob = (): Job | null => {
  const busy = useProfiles((state) => state.busy);
  return useJobs(({ jobs }) => (busy ? (jobs.find(({ label }) => label === 'profile') ?? null) : null));
};

/** Measures the loss along the line on the plane that is drawn. Returns whether it was done. */
export async function computeProfiles(): Promise<boolean> {
  const { options, line, busy } = useProfiles.getState();
  const { asked, objective } = useLandscape.getState();
  const { from, to } = lineOf(line) ?? {};
  if (!asked || !from || !to || busy || profileIssues(line, options).length > 0) return false;
  const { grid: _, range: __, adaptive: ___, save: ____, ...measured } = asked;
  const chosen = objective?.kind === 'network' ? options.split : 'train';
  const wanted: Surface['split'][] = chosen === 'both' ? ['train', 'validation'] : [chosen];
  useProfiles.setState({ busy: true });
  const profiles: Profile[] = [];
  for (const split of wanted) {
    const made = await withJob('profile', (signal, onProgress) =>
      request(
        'surface/profile',
        { ...measured, split, from: [...from], to: [...to], points: Number(options.points) },
        { signal, onProgress },
      ),
    );
    if (!made.ok) {
      useProfiles.setState({ busy: false });
      notifyError(made.error, 'profile');
      return false;
    }
    profiles.push(made.value);
  }
  clearNotices('profile');
  useProfiles.setState({ busy: false, profiles, plane: planeKey(asked) });
  return true;
}

export const planeKey = ({ source, plane }: Pick<AskedSurface, 'source' | 'plane'>): string =>
  JSON.stringify([source, plane]);

/** Takes the line off the surface. */
export function clearProfile(): void {
  useProfiles.setState({ line: noLine, picking: null, profiles: [] });
}

/** One row per point, columns per part of the data. */
export function profileCsv(profiles: readonly Profile[]): string {
  const [first] = profiles;
  if (!first) return '';
  const columns = profiles.flatMap(({ split, loss, standardError, accuracy }) => [
    { name: `${split}Loss`, values: loss },
    ...(standardError ? [{ name: `${split}StandardError`, values: standardError }] : []),
    ...(accuracy ? [{ name: `${split}Accuracy`, values: accuracy }] : []),
  ]);
  return csvText([
    ['distance', 'x', 'y', ...columns.map(({ name }) => name)],
    ...Array.from(first.distance, (distance, k): Cell[] => [
      ...[distance, first.x[k]!, first.y[k]!],
      ...columns.map(({ values }) => values[k]!),
    ]),
  ]);
}

/** Saves the profile. Returns the file's name; null when cancelled. */
export function exportProfile(profiles: readonly Profile[], name: string): Promise<string | null> {
  return saveFile(`${fileName(name)}-profile.csv`, new TextEncoder().encode(profileCsv(profiles)));
}
