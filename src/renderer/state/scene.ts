import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { preferredHeightScale } from '../../shared/math/heightTransform';
import { formatNumber } from '../../shared/math/numbers';
import { optimizerColor, type Theme } from '../../shared/math/optimizerColors';
import type { Descent } from '../../shared/model/critical';
import type { Domain } from '../../shared/model/experiment';
import { useWords } from '../i18n/words';
import {
  plainLayer,
  type SceneLayer,
  type SceneMark,
  type SceneModel,
  type ScenePath,
  type SceneSection,
} from '../scene/model';
import { foundInWindow, kindOf, samePlane, shownPoint, useCritical } from './critical';
import { drawnPlaneRequest, type LandscapeOptions, useLandscape } from './landscape';
import { clipLevel } from './layerOptions';
import { type DrawnLayer, useDrawnLayer } from './layers';
import { shownScene, useLessons } from './lessons';
import { sceneMotions, useMotion } from './motion';
import { lineOf, useProfiles } from './profiles';
import { selectedRun, trackOf, useRuns } from './runs';
import { useSettings } from './settings';

/** What the scene draws now, from the stores. */
export function useSceneModel(): SceneModel {
  const workbench = useWorkbenchModel();
  return useStudyModel(workbench) ?? workbench;
}

/** What a lesson's study found, in place of what the workbench shows. */
function useStudyModel(base: SceneModel): SceneModel | null {
  const words = useWords();
  const scene = useLessons((state) => shownScene(state)?.scene ?? null);
  const bare = useLessons((state) => shownScene(state)?.bare ?? false);
  const printing = useLessons((state) => state.handOut !== null);
  const chosenScale = useLandscape((state) => state.options.heightScale);
  return useMemo((): SceneModel | null => {
    if (!scene) return null;
    const theme = printing ? 'light' : base.theme;
    const { xs, ys, heights } = scene;
    const range = [xs[0]!, xs.at(-1)!, ys[0]!, ys.at(-1)!] satisfies Domain;
    return {
      ...base,
      surface: { version: 0, range, xs, ys, loss: heights },
      paths: bare
        ? []
        : scene.paths.map(({ label, x, y, height, residual }, i): ScenePath => {
            const buffers = { x, y, loss: height, residual: residual ?? new Float64Array(x.length) };
            return {
              ...{ id: `study ${i}`, label: words(label), color: optimizerColor(i, theme) },
              ...{ buffers: { current: buffers }, count: { current: x.length }, visible: true },
            };
          }),
      marks: bare
        ? []
        : scene.marks.map(({ label, kind, x, y }, i): SceneMark => {
            return { id: `study ${i}`, kind, x, y, label: words(label), chosen: false, drop: 0 };
          }),
      labels: { x: words(scene.axes[0]), y: words(scene.axes[1]), loss: words(scene.height) },
      heightScale: resolveHeight(chosenScale === 'auto' ? scene.heightScale : chosenScale, heights),
      ...{ layer: plainLayer, section: null, motions: [] },
      theme,
    };
  }, [scene, bare, base, printing, chosenScale, words]);
}

function useWorkbenchModel(): SceneModel {
  const { runs } = useRuns();
  const options = useLandscape((state) => state.options);
  const drawn = useDrawnLayer();
  const surface = drawn?.surface ?? null;
  const heightName = useLayerName()(drawn);
  const labels = useLandscape((state) => state.plane?.labels);
  const printing = useLessons((state) => state.handOut !== null);
  const chosenTheme = useSettings((state) => state.theme);
  const theme = printing ? 'light' : chosenTheme;
  const chosenMap = useSettings((state) => state.settings.colorMap);
  const layer = useSceneLayer(drawn);
  const section = useSection();
  const colorMap = layer.signed ? 'purpleOrange' : chosenMap;
  const heightScale = useMemo(
    () => (drawn ? resolveHeight(options.heightScale, drawn.surface.loss, drawn.measure) : 'linear'),
    [options.heightScale, drawn],
  );
  const isPicking = useProfiles((state) => state.picking !== null);
  const critical = useCriticalPoints(theme);
  const curve = useTrainedCurve(theme);
  const plane = useLandscape((state) => state.plane);
  const moving = useMotion();
  // biome-ignore lint/correctness/useExhaustiveDependencies(plane): read from the store with what belongs to it
  const motions = useMemo(() => sceneMotions(moving, runs), [moving, runs, plane]);
  return useMemo(
    (): SceneModel => ({
      surface,
      paths: [
        ...runs.flatMap((run) => {
          const track = trackOf(run.runId);
          if (!track) return [];
          return [
            {
              id: run.runId,
              label: run.label,
              color: optimizerColor(run.color, theme),
              buffers: track.path,
              count: track.pathRows,
              visible: !run.hidden,
            },
          ];
        }),
        ...curve.paths,
        ...critical.paths,
      ],
      // While ends of a line are chosen a click is a place, not a mark.
      marks: isPicking ? [] : [...curve.marks, ...critical.marks],
      motions,
      labels: { x: labels?.[0] ?? 'x', y: labels?.[1] ?? 'y', loss: heightName },
      heightScale,
      colorMap,
      layer,
      section,
      theme,
      view: options.view,
      showContours: options.contours,
      showShadows: options.shadows,
    }),
    [
      runs,
      surface,
      labels,
      heightName,
      heightScale,
      colorMap,
      layer,
      section,
      isPicking,
      theme,
      critical,
      curve,
      motions,
      options.view,
      options.contours,
      options.shadows,
    ],
  );
}

/** The curve a connection's plane was made for, with its bends; its label stands in its middle. */
function useTrainedCurve(theme: Theme): Pick<SceneModel, 'marks' | 'paths'> {
  const { t } = useTranslation();
  const curve = useLandscape((state) => state.plane?.curve);
  const runs = useRuns((state) => state.runs.length);
  return useMemo(() => {
    if (!curve) return { marks: [], paths: [] };
    const { x, y, loss, residual, bends } = curve;
    const path: ScenePath = {
      ...{ id: 'curve', label: t('connect.curve'), color: optimizerColor(runs, theme) },
      buffers: { current: { x, y, loss, residual } },
      count: { current: x.length },
      ...{ visible: true, whole: { leaving: t('connect.curve') }, markerAt: (x.length - 1) / 2 },
    };
    const marks = Array.from(bends.x, (bendX, k): SceneMark => {
      const label = bends.x.length > 1 ? t('connect.bends', { n: k + 1 }) : t('connect.bend');
      return { id: `bend ${k}`, kind: 'bend', x: bendX, y: bends.y[k]!, label, chosen: false, drop: 0 };
    });
    return { marks, paths: [path] };
  }, [curve, runs, theme, t]);
}

/** Lighter and darker than every optimizer. */
const descentColor: Record<Theme, string> = { dark: '#ffffff', light: '#11161d' };

/**
 * The critical points of the function that is drawn; or the newest one found from the selected run, with the ways down
 * from it and where the next search begins, as long as the plane they were found on is drawn.
 */
function useCriticalPoints(theme: Theme): Pick<SceneModel, 'marks' | 'paths'> {
  const { t } = useTranslation();
  const objective = useLandscape((state) => state.objective);
  const plane = useLandscape((state) => state.plane);
  const surface = useLandscape((state) => state.surface);
  const run = useRuns(selectedRun);
  const inWindow = useCritical((state) => state.inWindow);
  const chosen = useCritical((state) => state.chosen);
  const pointed = useCritical((state) => state.pointed);
  const from = useCritical((state) => state.options.from);
  const found = useCritical((state) => (run ? state.found[run.runId] : undefined));
  const shown = useCritical((state) => (run ? shownPoint(state, run.runId) : undefined));
  const range = surface?.range;
  return useMemo(() => {
    const all = foundInWindow({ inWindow }, objective);
    if (all) {
      const marks = all.points.map(({ kind, x, y, value }, i): SceneMark => {
        const stands = i === chosen;
        const label = stands ? `${t(`critical.kindName.${kind}`)}  ${formatNumber(value)}` : '';
        return { id: String(i), kind, x, y, label, chosen: stands, drop: 0 };
      });
      return { marks, paths: [] };
    }
    // Read here, not subscribed to: it changes with `plane` and the runs.
    const drawn = objective?.kind === 'network' && plane ? drawnPlaneRequest() : null;
    const marks: SceneMark[] = [];
    if (from === 'pointed' && pointed && samePlane(pointed.plane, drawn)) {
      const { x, y } = pointed;
      marks.push({ id: 'start', kind: 'notCritical', x, y, label: t('critical.startHere'), chosen: false, drop: 0 });
    }
    const here = (found ?? []).filter((point) => samePlane(point.plane, drawn));
    for (const point of here) {
      if (!point.onPlane || !range || !plane) continue;
      const { x, y, distance } = point.onPlane;
      const kind = kindOf(point);
      const stands = point === shown;
      const label = t('critical.mark', {
        kind: t(`critical.kindName.${kind}`),
        loss: formatNumber(point.loss),
        distance: formatNumber(distance, 3),
      });
      const drop = stands ? distance / ((range[1] - range[0]) * plane.norms[0]) : 0;
      marks.push({ id: point.foundAt, kind, x, y, label: stands ? label : '', chosen: stands, drop });
    }
    const descents = shown && here.includes(shown) ? shown.descents : null;
    const paths = (descents ?? []).flatMap((descent) => {
      const label = t(descent.sign > 0 ? 'critical.downPlus' : 'critical.downMinus');
      return descentPath(descent, descentColor[theme], label, t('critical.leaving', { label }));
    });
    return { marks, paths };
  }, [inWindow, objective, chosen, plane, from, pointed, found, shown, range, theme, t]);
}

function descentPath({ sign, loss, onPlane }: Descent, color: string, label: string, leaving: string): ScenePath[] {
  if (!onPlane) return [];
  const { x, y, distance } = onPlane;
  const buffers = { x, y, loss, residual: distance };
  const id = sign > 0 ? 'down +' : 'down −';
  return [
    {
      id,
      label,
      color,
      buffers: { current: buffers },
      count: { current: loss.length },
      visible: true,
      whole: { leaving },
    },
  ];
}

/** Signed heights have no logarithm; shares of examples ask for none by themselves. */
export function resolveHeight(
  choice: LandscapeOptions['heightScale'],
  values: Float64Array,
  measure: DrawnLayer['measure'] = 'loss',
): 'linear' | 'log' {
  if (isSigned({ measure })) return 'linear';
  if (choice !== 'auto') return choice;
  return isShare({ measure }) ? 'linear' : preferredHeightScale(values);
}

export const isSigned = ({ measure }: Pick<DrawnLayer, 'measure'>): boolean =>
  measure === 'gap' || measure === 'difference';

/** Heights are shares of the examples. */
export const isShare = ({ measure }: Pick<DrawnLayer, 'measure'>): boolean =>
  measure === 'accuracy' || measure === 'error';

/** Whether the heights are the losses recorded along the paths: the training loss as it was trained. */
export const isPathLoss = ({ measure, split, withoutL2 }: DrawnLayer): boolean =>
  measure === 'loss' && split === 'train' && !withoutL2;

/** What a layer is called: on the axis, in the caption, under the pointer. */
export function useLayerName(): (drawn: Pick<DrawnLayer, 'measure' | 'split' | 'withoutL2'> | null) => string {
  const { t } = useTranslation();
  const network = useLandscape(({ objective }) => objective?.kind === 'network');
  return (drawn) => {
    if (!drawn || (!network && drawn.measure === 'loss')) return t('stage.loss');
    const { measure, split, withoutL2 } = drawn;
    if (measure === 'difference' || measure === 'gap') return t(`layer.name.${measure}`);
    return withoutL2 ? t('layer.name.loss.withoutL2') : t(`layer.name.${measure}.${split}`);
  };
}

/** Where the heights of a layer are cut; null where they are not. */
export function useSceneCut(drawn: DrawnLayer | null): number | null {
  const options = useLandscape((state) => state.options);
  return useMemo(() => {
    if (!drawn) return null;
    const { loss } = drawn.surface;
    return clipLevel(options, isSigned(drawn) ? loss.map(Math.abs) : loss);
  }, [drawn, options]);
}

/** Longest drop line, in heights of the box. */
const longestDrop = 0.6;

function useSceneLayer(drawn: DrawnLayer | null): SceneLayer {
  const { runs } = useRuns();
  const options = useLandscape((state) => state.options);
  const plane = useLandscape((state) => state.plane);
  const clip = useSceneCut(drawn);
  const band = useMemo(() => bandOf(drawn, Number(options.band)), [drawn, options.band]);
  const interpolation = drawn?.result?.interpolation;
  const evaluated = options.evaluated && drawn?.measure !== 'difference' ? (interpolation?.evaluated ?? null) : null;
  // Paths change in place: with the plane and the runs they are other ones.
  // biome-ignore lint/correctness/useExhaustiveDependencies(plane): as above
  const farthest = useMemo(() => (options.dropLines ? farthestResidual(runs) : 0), [options.dropLines, runs, plane]);
  return useMemo(
    () => ({
      ...{ clip, band, evaluated },
      signed: drawn !== null && isSigned(drawn),
      step: drawn && isShare(drawn) && drawn.result?.examples ? 1 / drawn.result.examples : 0,
      dropScale: farthest > 0 ? longestDrop / farthest : null,
      isPathLoss: drawn === null || isPathLoss(drawn),
    }),
    [clip, band, evaluated, drawn, farthest],
  );
}

/** The largest distance of a recorded row of the runs on the stage from the plane. */
export function farthestResidual(runs: readonly { runId: string; hidden: boolean }[]): number {
  let most = 0;
  for (const { runId, hidden } of runs) {
    const track = trackOf(runId);
    if (!track || hidden) continue;
    const { residual } = track.path.current;
    for (let row = 0; row < track.pathRows.current; row++) most = Math.max(most, residual[row]!);
  }
  return most;
}

/** `errors` standard errors of a loss, a number per point; null where there are none. */
function bandOf(drawn: DrawnLayer | null, errors: number): Float64Array | null {
  if (errors === 0 || drawn?.measure !== 'loss' || !drawn.result?.standardError) return null;
  return drawn.result.standardError.map((error) => errors * error);
}

/** The line of the cross-section that is typed or being chosen. */
function useSection(): SceneSection | null {
  const line = useProfiles((state) => state.line);
  return useMemo(() => lineOf(line), [line]);
}
