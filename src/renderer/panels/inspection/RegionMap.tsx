import { useEffect, useRef } from 'react';
import { heightTransform } from '../../../shared/math/heightTransform';
import { basinsOf, type Simplification } from '../../../shared/math/mergeTree';
import { optimizerColor, type Theme } from '../../../shared/math/optimizerColors';
import type { SurfaceRegions } from '../../../shared/model/topology';

interface RegionMapProps {
  found: SurfaceRegions;
  /** Of its basins, or of its hills where those are shown. */
  simplification: Simplification;
  show: 'basins' | 'hills' | 'kinds';
  theme: Theme;
  heightScale: 'linear' | 'log';
  label: string;
}

/** Longer side of the picture in pixels; finer grids have theirs. */
const picture = 560;
const markRadius = 7;

/** Colour of a basin by its depth, or of a kind of region. */
export const regionColor = (index: number, theme: Theme): string => optimizerColor(index, theme);

/** The surface from above: its basins or its named regions, deeper is fuller; or its hills, higher is fuller. Extrema are rings, saddles crosses. */
export function RegionMap({ found, simplification, show, theme, heightScale, label }: RegionMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [nx, ny] = [found.surface.xs.length, found.surface.ys.length];
  const scale = Math.max(1, Math.round(picture / Math.max(nx, ny)));
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const { surface, kinds } = found;
    const tree = show === 'hills' ? found.hills : found.tree;
    const { survivors } = simplification;
    const basins = basinsOf(tree, simplification);
    const rankOf = new Map(Array.from(survivors, (minimum, rank) => [minimum, rank]));
    const { toHeight } = heightTransform(heightScale, surface.min, surface.max);
    context.clearRect(0, 0, nx * scale, ny * scale);
    for (let cell = 0; cell < surface.loss.length; cell++) {
      if (basins[cell]! < 0) continue;
      const index = show === 'kinds' ? kinds[cell]! - 1 : rankOf.get(basins[cell]!)!;
      if (index < 0) continue;
      const height = toHeight(surface.loss[cell]!);
      context.globalAlpha = 0.3 + 0.7 * (show === 'hills' ? height : 1 - height);
      context.fillStyle = regionColor(index, theme);
      const [i, j] = [cell % nx, Math.floor(cell / nx)];
      context.fillRect(i * scale, (ny - 1 - j) * scale, scale, scale);
    }
    context.globalAlpha = 1;
    context.lineWidth = 3;
    context.strokeStyle = theme === 'dark' ? '#ffffff' : '#10131a';
    const mark = (cell: number, ring: boolean) => {
      const x = ((cell % nx) + 0.5) * scale;
      const y = (ny - 0.5 - Math.floor(cell / nx)) * scale;
      context.beginPath();
      if (ring) context.arc(x, y, markRadius, 0, 2 * Math.PI);
      else {
        context.moveTo(x - markRadius, y - markRadius);
        context.lineTo(x + markRadius, y + markRadius);
        context.moveTo(x - markRadius, y + markRadius);
        context.lineTo(x + markRadius, y - markRadius);
      }
      context.stroke();
    };
    for (const minimum of survivors) {
      mark(tree.minima[minimum]!, true);
      if (tree.saddles[minimum]! >= 0) mark(tree.saddles[minimum]!, false);
    }
  }, [found, simplification, show, theme, heightScale, nx, ny, scale]);
  return (
    <canvas ref={canvas} className="region-map" width={nx * scale} height={ny * scale} role="img" aria-label={label} />
  );
}
