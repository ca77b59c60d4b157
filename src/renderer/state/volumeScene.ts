import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { optimizerColor } from '../../shared/math/optimizerColors';
import type { VolumeModel } from '../scene/volume/model';
import { useLandscape } from './landscape';
import { useRuns } from './runs';
import { resolveHeight } from './scene';
import { useSettings } from './settings';
import { shownSlices, useVolume } from './volume';

/** What the view of a volume draws now, from the stores. */
export function useVolumeModel(): VolumeModel {
  const { t } = useTranslation();
  const { options, volume, result } = useVolume();
  const runs = useRuns((state) => state.runs);
  const plane = useLandscape((state) => state.plane);
  const { heightScale: chosen, view } = useLandscape((state) => state.options);
  const theme = useSettings((state) => state.theme);
  const colorMap = useSettings((state) => state.settings.colorMap);
  const heightScale = useMemo(() => (volume ? resolveHeight(chosen, volume.loss) : 'linear'), [chosen, volume]);
  const slices = useMemo(() => shownSlices(options), [options]);
  const paths = useMemo(
    () =>
      (result?.paths ?? []).flatMap(({ runId, x, y, z, loss }) => {
        const run = runs.find((candidate) => candidate.runId === runId);
        if (!run) return [];
        const color = optimizerColor(run.color, theme);
        return [{ id: runId, label: run.label, color, x, y, z, loss, visible: !run.hidden }];
      }),
    [result, runs, theme],
  );
  const labels = useMemo(
    () => ({
      x: plane?.labels[0] ?? 'x',
      y: plane?.labels[1] ?? 'y',
      z: result?.third.label ?? t('volume.third'),
      loss: t('stage.loss'),
    }),
    [plane, result, t],
  );
  const level = options.isosurface ? options.level : null;
  const { opacity } = options;
  return useMemo(
    () => ({ volume, paths, labels, heightScale, colorMap, theme, view, level, opacity, slices }),
    [volume, paths, labels, heightScale, colorMap, theme, view, level, opacity, slices],
  );
}
