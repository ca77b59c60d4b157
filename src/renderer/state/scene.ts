import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { preferredHeightScale } from '../../shared/math/heightTransform';
import { formatNumber } from '../../shared/math/numbers';
import { optimizerColor, type Theme } from '../../shared/math/optimizerColors';
import type { Descent } from '../../shared/model/critical';
import type { SceneMark, SceneModel, ScenePath } from '../scene/model';
import { foundInWindow, samePlane, useCritical } from './critical';
import { drawnPlaneRequest, type LandscapeOptions, useLandscape } from './landscape';
import { sceneMotions, useMotion } from './motion';
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
      marks: [...curve.marks, ...critical.marks],
      motions,
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
      ...{ visible: true, whole: true, markerAt: (x.length - 1) / 2 },
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
