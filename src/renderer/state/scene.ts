import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { preferredHeightScale } from '../../shared/math/heightTransform';
import { formatNumber } from '../../shared/math/numbers';
import { optimizerColor, type Theme } from '../../shared/math/optimizerColors';
import type { Descent } from '../../shared/model/critical';
import type { SceneMark, SceneModel, ScenePath } from '../scene/model';
import { foundInWindow, kindOf, samePlane, shownPoint, useCritical } from './critical';
import { drawnPlaneRequest, type LandscapeOptions, useLandscape } from './landscape';
import { selectedRun, trackOf, useRuns } from './runs';
import { useSettings } from './settings';

/** What the scene draws now, from the stores. `lossName` is the height axis' name in the interface's language. */
export function useSceneModel(lossName: string): SceneModel {
  const { runs } = useRuns();
  const options = useLandscape((state) => state.options);
  const surface = useLandscape((state) => state.surface);
  const labels = useLandscape((state) => state.plane?.labels);
  const theme = useSettings((state) => state.theme);
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

export function resolveHeight(
  choice: LandscapeOptions['heightScale'],
  loss: Float64Array | undefined,
): 'linear' | 'log' {
  if (choice !== 'auto') return choice;
  return loss ? preferredHeightScale(loss) : 'linear';
}
