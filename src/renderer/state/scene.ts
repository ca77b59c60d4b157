import { useMemo } from 'react';
import { preferredHeightScale } from '../../shared/math/heightTransform';
import { optimizerColor } from '../../shared/math/optimizerColors';
import type { SceneModel } from '../scene/model';
import { type LandscapeOptions, useLandscape } from './landscape';
import { trackOf, useRuns } from './runs';
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
  return useMemo(
    (): SceneModel => ({
      surface,
      paths: runs.flatMap((run) => {
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
      labels: { x: labels?.[0] ?? 'x', y: labels?.[1] ?? 'y', loss: lossName },
      heightScale,
      colorMap,
      theme,
      view: options.view,
      showContours: options.contours,
      showShadows: options.shadows,
    }),
    [runs, surface, labels, lossName, heightScale, colorMap, theme, options.view, options.contours, options.shadows],
  );
}

export function resolveHeight(
  choice: LandscapeOptions['heightScale'],
  loss: Float64Array | undefined,
): 'linear' | 'log' {
  if (choice !== 'auto') return choice;
  return loss ? preferredHeightScale(loss) : 'linear';
}
