import { useEffect, useRef } from 'react';
import { optimizerColor } from '../../../../shared/math/optimizerColors';
import type { PlanePath } from '../../../../shared/model/landscape';
import { useLandscape } from '../../../state/landscape';
import { useRuns } from '../../../state/runs';
import { resolveHeight } from '../../../state/scene';
import { useSettings } from '../../../state/settings';
import { drawThumbnail, type Thumbnail } from './thumbnail';

/** Pixels of the picture; it is shown at half its size. */
const width = 384;
const height = 264;

interface PlaneThumbnailProps {
  surface: Thumbnail['surface'];
  paths: readonly PlanePath[];
}

/** A preview's picture, in the colours, heights and theme of the large one. */
export function PlaneThumbnail({ surface, paths }: PlaneThumbnailProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useSettings((state) => state.theme);
  const colorMap = useSettings((state) => state.settings.colorMap);
  const heightScale = useLandscape((state) => state.options.heightScale);
  const runs = useRuns((state) => state.runs);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    drawThumbnail(context, {
      ...{ surface, theme, colorMap, scale: resolveHeight(heightScale, surface.loss) },
      paths: paths.flatMap((path) => {
        const run = runs.find(({ runId }) => runId === path.runId);
        return run && !run.hidden ? [{ path, color: optimizerColor(run.color, theme) }] : [];
      }),
    });
  }, [surface, paths, theme, colorMap, heightScale, runs]);
  return <canvas ref={canvas} className="plane-thumbnail" width={width} height={height} aria-hidden />;
}
