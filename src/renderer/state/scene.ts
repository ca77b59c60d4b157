import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { preferredHeightScale } from '../../shared/math/heightTransform';
import { formatNumber } from '../../shared/math/numbers';
import { optimizerColor, type Theme } from '../../shared/math/optimizerColors';
import type { Descent } from '../../shared/model/critical';
import type { Domain } from '../../shared/model/experiment';
import { useWords } from '../i18n/words';
import type { SceneMark, SceneModel, ScenePath } from '../scene/model';
import { foundInWindow, samePlane, useCritical } from './critical';
import { drawnPlaneRequest, type LandscapeOptions, useLandscape } from './landscape';
import { shownScene, useLessons } from './lessons';
import { selectedRun, trackOf, useRuns } from './runs';
import { useSettings } from './settings';

/** What the scene draws now, from the stores. `lossName` is the height axis' name in the interface's language. */
export function useSceneModel(lossName: string): SceneModel {
  const workbench = useWorkbenchModel(lossName);
  const study = useStudyModel(workbench);
  return study ?? workbench;
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
      theme,
    };
  }, [scene, bare, base, printing, chosenScale, words]);
}

function useWorkbenchModel(lossName: string): SceneModel {
  const { runs } = useRuns();
  const options = useLandscape((state) => state.options);
  const surface = useLandscape((state) => state.surface);
  const labels = useLandscape((state) => state.plane?.labels);
  const printing = useLessons((state) => state.handOut !== null);
  const chosenTheme = useSettings((state) => state.theme);
  const theme = printing ? 'light' : chosenTheme;
  const colorMap = useSettings((state) => state.settings.colorMap);
  const heightScale = useMemo(() => resolveHeight(options.heightScale, surface?.loss), [options.heightScale, surface]);
  const critical = useCriticalPoints(theme);
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
        ...critical.paths,
      ],
      marks: critical.marks,
      labels: { x: labels?.[0] ?? 'x', y: labels?.[1] ?? 'y', loss: lossName },
      heightScale,
      colorMap,
      theme,
      view: options.view,
      showContours: options.contours,
      showShadows: options.shadows,
    }),
    [
      runs,
      surface,
      labels,
      lossName,
      heightScale,
      colorMap,
      theme,
      critical,
      options.view,
      options.contours,
      options.shadows,
    ],
  );
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
    if (!found || !samePlane(found.plane, drawn)) return { marks, paths: [] };
    const { onPlane, index, outcome, loss, descents } = found.point;
    const kind = outcome === 'converged' ? index.kind : 'notCritical';
    if (onPlane && range && plane) {
      const { x, y, distance } = onPlane;
      const label = t('critical.mark', {
        kind: t(`critical.kindName.${kind}`),
        loss: formatNumber(loss),
        distance: formatNumber(distance, 3),
      });
      const width = (range[1] - range[0]) * plane.norms[0];
      marks.push({ id: 'found', kind, x, y, label, chosen: true, drop: distance / width });
    }
    const paths = (descents ?? []).flatMap((descent) =>
      descentPath(descent, descentColor[theme], t(descent.sign > 0 ? 'critical.downPlus' : 'critical.downMinus')),
    );
    return { marks, paths };
  }, [inWindow, objective, chosen, plane, from, pointed, found, range, theme, t]);
}

function descentPath({ sign, loss, onPlane }: Descent, color: string, label: string): ScenePath[] {
  if (!onPlane) return [];
  const { x, y, distance } = onPlane;
  const buffers = { x, y, loss, residual: distance };
  const id = sign > 0 ? 'down +' : 'down −';
  return [
    { id, label, color, buffers: { current: buffers }, count: { current: loss.length }, visible: true, whole: true },
  ];
}

export function resolveHeight(
  choice: LandscapeOptions['heightScale'],
  loss: Float64Array | undefined,
): 'linear' | 'log' {
  if (choice !== 'auto') return choice;
  return loss ? preferredHeightScale(loss) : 'linear';
}
