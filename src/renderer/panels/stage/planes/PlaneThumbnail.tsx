import { useEffect, useRef } from 'react';
import { optimizerColor, type Theme } from '../../../../shared/math/optimizerColors';
import type { Plane } from '../../../../shared/model/landscape';
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
  /** What lies on it; nothing while it is not known. */
  plane: Pick<Plane, 'paths' | 'curve'> | null;
}

/** Of a curve between two solutions, apart from every optimizer. */
const curveColor: Record<Theme, string> = { dark: '#ffffff', light: '#11161d' };

/** A preview's picture, in the colours, heights and theme of the large one. */
export function PlaneThumbnail({ surface, plane }: PlaneThumbnailProps) {
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
      paths: [
        ...(plane?.curve ? [{ path: plane.curve, color: curveColor[theme] }] : []),
        ...(plane?.paths ?? []).flatMap((path) => {
          const run = runs.find(({ runId }) => runId === path.runId);
          return run && !run.hidden ? [{ path, color: optimizerColor(run.color, theme) }] : [];
        }),
      ],
    });
  }, [surface, plane, theme, colorMap, heightScale, runs]);
  return <canvas ref={canvas} className="plane-thumbnail" width={width} height={height} aria-hidden />;
}
