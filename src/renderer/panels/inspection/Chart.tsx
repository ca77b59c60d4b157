import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { optimizerColor } from '../../../shared/math/optimizerColors';
import type { MetricName } from '../../../shared/model/run';
import { type RunView, trackOf, useRuns } from '../../state/runs';
import { useSettings } from '../../state/settings';
import { playhead, seek } from '../../state/timeline';
import type { Track } from '../../state/tracks';
import { axis, linearRange, logRange } from '../../ui/plotAxes';
import { typeScale } from '../../ui/typeScale';
import { type Curve, curveData, hasValues, rowAtStep } from './curveData';

interface ChartProps {
  label: string;
  /** Drawn in this order; the first is the strongest line. */
  metrics: readonly MetricName[];
  log: boolean;
  /** In pixels at the usual type size. */
  height: number;
}

/** Dashes of validation, dots of means, faintness of batches: the colour always tells the run. */
const style: Partial<Record<MetricName, { dash?: number[]; width: number; alpha: number }>> = {
  validationLoss: { dash: [5, 4], width: 1.5, alpha: 1 },
  averageLoss: { dash: [1.5, 3], width: 2, alpha: 1 },
  averageValidationLoss: { dash: [5, 3, 1.5, 3], width: 1.5, alpha: 1 },
  batchLoss: { width: 1, alpha: 0.35 },
};

/** Curves of the visible runs over the steps, with a line at the playhead; a click or drag moves the playhead. */
export function Chart({ label, metrics, log, height }: ChartProps) {
  const runs = useRuns((state) => state.runs);
  // Tracks change in place; the revision tells when to look at them again.
  useRuns((state) => state.revision);
  const theme = useSettings((state) => state.theme);
  const visible = runs.filter((run) => !run.hidden);
  const curves = curvesOf(visible, metrics).map((curve) => ({ ...curve, color: optimizerColor(curve.color, theme) }));
  // Another set of curves is another plot; other numbers are not.
  const shape = curves.map(({ track, metric }) => `${track.runId}:${metric}`).join();
  return (
    <div className="chart" role="img" aria-label={label}>
      <Plot key={`${shape}|${log}|${theme}`} curves={curves} log={log} height={height * typeScale()} />
    </div>
  );
}

interface DrawnCurve extends Curve {
  color: string;
}

function Plot({ curves, log, height }: { curves: readonly DrawnCurve[]; log: boolean; height: number }) {
  const host = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(curves);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const placeLine = () => {
      const chart = plot.current;
      const track = longest(latest.current);
      if (chart && line.current && track) line.current.style.transform = `translateX(${playheadX(chart, track)}px)`;
    };
    const chart = createPlot(element, latest.current, log, height, placeLine);
    plot.current = chart;
    const undos = [seekByPointer(chart, () => longest(latest.current)), playhead.subscribe(placeLine)];
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      for (const undo of undos) undo();
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [log, height]);

  // After every render: it happens when rows have come.
  useEffect(() => {
    latest.current = curves;
    plot.current?.setData(curveData(curves, log));
  });

  return (
    <>
      <div ref={host} className="chart-plot" style={{ height }} />
      <div ref={line} className="chart-playhead" aria-hidden />
    </>
  );
}

function createPlot(
  element: HTMLElement,
  curves: readonly DrawnCurve[],
  log: boolean,
  height: number,
  placeLine: () => void,
): uPlot {
  const css = getComputedStyle(element);
  return new uPlot(
    {
      width: Math.max(element.clientWidth, 60),
      height,
      // Room for half of the last label.
      padding: [8, 16 * typeScale(), 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { size: 5 }, y: false },
      scales: {
        x: { time: false, range: stepRange },
        y: log ? { distr: 3, range: logRange(shownDecades) } : { range: linearRange },
      },
      axes: [
        axis(css, { size: 24 * typeScale(), space: 56, log: false }),
        axis(css, { size: 52 * typeScale(), space: 26 * typeScale(), log }),
      ],
      series: [{}, ...curves.map(series)],
      hooks: { draw: [placeLine], setSize: [placeLine] },
    },
    curveData(curves, log),
    element,
  );
}

/** Pressing or dragging on the chart moves the playhead. Returns the undo. */
function seekByPointer(chart: uPlot, target: () => Track | null): () => void {
  const seekAt = (event: PointerEvent) => {
    const step = chart.posToVal(event.clientX - chart.over.getBoundingClientRect().left, 'x');
    const track = target();
    if (track) seek(rowAtStep(track, step));
  };
  const onDown = (event: PointerEvent) => {
    chart.over.setPointerCapture(event.pointerId);
    seekAt(event);
  };
  const onMove = (event: PointerEvent) => {
    if (event.buttons === 1) seekAt(event);
  };
  chart.over.addEventListener('pointerdown', onDown);
  chart.over.addEventListener('pointermove', onMove);
  return () => {
    chart.over.removeEventListener('pointerdown', onDown);
    chart.over.removeEventListener('pointermove', onMove);
  };
}

/** Where the playhead stands on the axis of steps, in pixels of the element around the chart. */
function playheadX(chart: uPlot, { metrics, rows }: Track): number {
  const row = Math.min(playhead.current, rows - 1);
  const low = Math.floor(row);
  const a = metrics.step[low] as number;
  const b = metrics.step[Math.min(low + 1, rows - 1)] as number;
  return chart.valToPos(a + (b - a) * (row - low), 'x') + chart.over.offsetLeft;
}

function curvesOf(runs: readonly RunView[], metrics: readonly MetricName[]): (Curve & { color: number })[] {
  // Faint lines first, so that the strong ones lie over them.
  return metrics.toReversed().flatMap((metric) =>
    runs.flatMap(({ runId, color }) => {
      const track = trackOf(runId);
      return track && hasValues(track, metric) ? [{ track, metric, color }] : [];
    }),
  );
}

function longest(curves: readonly Curve[]): Track | null {
  return curves.reduce<Track | null>((best, { track }) => (!best || track.rows > best.rows ? track : best), null);
}

function series({ metric, color }: DrawnCurve): uPlot.Series {
  const { dash, width, alpha } = style[metric] ?? { width: 1.75, alpha: 1 };
  return { stroke: color, width, alpha, points: { show: false }, spanGaps: true, ...(dash && { dash }) };
}

/** Decades below the largest value that a logarithmic chart shows. */
const shownDecades = 16;

const stepRange = (_chart: uPlot, min: number | null, max: number | null): uPlot.Range.MinMax => [
  min ?? 0,
  Math.max(max ?? 1, (min ?? 0) + 1),
];
