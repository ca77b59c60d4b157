import { optimizerColor } from '../../shared/math/optimizerColors';
import type { RunInfo } from '../../shared/model/run';
import { optimizers } from '../engine/optimizers';
import { renderFigure, svgToPng } from '../exchange/figure';
import type { Handlers } from '../router';
import type { Services } from '../services';
import { figureMarks } from './figureMarks';
import { surfaceOf } from './landscape';
import type { PlaneService } from './planes';

export function createFigureHandlers(services: Services, planes: PlaneService): Pick<Handlers, 'figure/export'> {
  return {
    'figure/export': async ({ figure, ...request }, { signal, progress }) => {
      const { plane } = await planes.create(request, { signal, progress });
      const surface = await surfaceOf(services, planes, request, { signal, progress });
      const runs = plane.paths.map(({ runId }) => services.store.get(runId));
      const labels = legendLabels(runs);
      const marks = await figureMarks(services, planes, { ...request, figure }, surface, { signal, progress });
      const svg = renderFigure(
        surface,
        [
          ...plane.paths.map((path, i) => ({ ...path, label: labels[i]!, color: optimizerColor(i, 'light') })),
          ...(plane.curve
            ? [{ ...plane.curve, label: 'Curve', color: optimizerColor(plane.paths.length, 'light') }]
            : []),
        ],
        figure,
        { version: services.options.version, experiments: runs.map(({ experiment }) => experiment) },
        marks,
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

/** The optimizers' titles; where two are the same, what tells them apart. */
function legendLabels(runs: readonly RunInfo[]): string[] {
  const candidates = [
    (run: RunInfo) => optimizerTitle(run.experiment.optimizer.name),
    (run: RunInfo) => `${optimizerTitle(run.experiment.optimizer.name)}, ε ${run.experiment.optimizer.learningRate}`,
    (run: RunInfo) => `${optimizerTitle(run.experiment.optimizer.name)}, seed ${run.experiment.seed}`,
    (run: RunInfo) => run.id,
  ];
  const distinct = candidates.find((label) => new Set(runs.map(label)).size === runs.length)!;
  return runs.map(distinct);
}

const optimizerTitle = (name: string): string => optimizers.find((info) => info.name === name)?.title ?? name;
