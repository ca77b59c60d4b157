import { optimizerColor } from '../../shared/math/optimizerColors';
import { renderFigure, svgToPng } from '../exchange/figure';
import type { Handlers } from '../router';
import type { Services } from '../services';
import { surfaceOf } from './landscape';
import type { PlaneService } from './planes';

export function createFigureHandlers(services: Services, planes: PlaneService): Pick<Handlers, 'figure/export'> {
  return {
    'figure/export': async ({ figure, ...request }, { signal, progress }) => {
      const { plane } = await planes.create(request, signal);
      const surface = await surfaceOf(services, planes, request, { signal, progress });
      const runs = plane.paths.map(({ runId }) => services.store.get(runId));
      const svg = renderFigure(
        surface,
        plane.paths.map((path, i) => ({
          ...path,
          label: runs[i]!.experiment.optimizer.name,
          color: optimizerColor(i, 'light'),
        })),
        figure,
        { version: services.options.version, experiments: runs.map(({ experiment }) => experiment) },
      );
      switch (figure.format) {
        case 'svg':
          return { bytes: new TextEncoder().encode(svg), mediaType: 'image/svg+xml' };
        case 'png':
          return { bytes: svgToPng(svg, { dpi: figure.dpi }), mediaType: 'image/png' };
        default:
          return figure.format satisfies never;
      }
    },
  };
}
