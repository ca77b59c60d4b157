import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import { formatLogTick, formatTicks } from '../../../shared/math/numbers';
import { optimizerColor } from '../../../shared/math/optimizerColors';
import type { MetricName } from '../../../shared/model/run';
import { type RunView, trackOf, useRuns } from '../../state/runs';
import { useSettings } from '../../state/settings';
import { playhead, seek } from '../../state/timeline';
import { type Curve, curveData, hasValues, rowAtStep } from './curveData';

interface ChartProps {
  label: string;
  /** Drawn in this order; the first is the strongest line. */
  metrics: readonly MetricName[];
  log: boolean;
  height: number;
}

/** Dashes of validation, faintness of batches: the colour always tells the run. */
const style: Partial<Record<MetricName, { dash?: number[]; width: number; alpha: number }>> = {
  validationLoss: { dash: [5, 4], width: 1.5, alpha: 1 },
  batchLoss: { width: 1, alpha: 0.35 },
};

/** Curves of the visible runs over the steps, with a line at the playhead; a click or drag moves the playhead. */
export function Chart({ label, metrics, log, height }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const runs = useRuns((state) => state.runs);
  const revision = useRuns((state) => state.revision);
  const theme = useSettings((state) => state.theme);
  const language = useSettings((state) => state.settings.language);
  const visible = useMemo(() => runs.filter((run) => !run.hidden), [runs]);
  const shape = visible.map(({ runId, color }) => `${runId}:${color}`).join();
  const curves = useMemo(() => curvesOf(visible, metrics), [visible, metrics, revision]);
  const curveShape = curves.map(({ track, metric }) => `${track.runId}:${metric}`).join();
  const latest = useRef({ curves, visible });
  latest.current = { curves, visible };

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const { curves: drawn, visible: shown } = latest.current;
    const css = getComputedStyle(element);
    const chart = new uPlot(
      {
        width: Math.max(element.clientWidth, 60),
        height,
        padding: [8, 10, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { size: 5 }, y: false },
        scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
        axes: [axis(css, { size: 24, space: 56, log: false }), axis(css, { size: 52, space: 26, log })],
        series: [{}, ...drawn.map(({ track, metric }) => series(shown, track.runId, metric, theme))],
        hooks: { draw: [() => placeLine()], setSize: [() => placeLine()] },
      },
      curveData(drawn, log),
      element,
    );
    plot.current = chart;
    const seekAt = (event: PointerEvent) => {
      const step = chart.posToVal(event.clientX - chart.over.getBoundingClientRect().left, 'x');
      const track = longest(latest.current.curves);
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
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    const undo = playhead.subscribe(placeLine);
    return () => {
      undo();
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [shape, curveShape, log, theme, language, height]);

  useEffect(() => {
    plot.current?.setData(curveData(curves, log));
  }, [curves, log, revision]);

  function placeLine(): void {
    const chart = plot.current;
    const track = longest(latest.current.curves);
    if (!chart || !line.current || !track) return;
    const row = Math.min(playhead.current, track.rows - 1);
    const low = Math.floor(row);
    const a = track.metrics.step[low] as number;
    const b = track.metrics.step[Math.min(low + 1, track.rows - 1)] as number;
    const x = chart.valToPos(a + (b - a) * (row - low), 'x') + chart.over.offsetLeft;
    line.current.style.transform = `translateX(${x}px)`;
  }

  return (
    <div className="chart" role="img" aria-label={label}>
      <div ref={host} className="chart-plot" style={{ height }} />
      <div ref={line} className="chart-playhead" aria-hidden />
    </div>
  );
}

function curvesOf(runs: readonly RunView[], metrics: readonly MetricName[]): Curve[] {
  // Faint lines first, so that the strong ones lie over them.
  return metrics.toReversed().flatMap((metric) =>
    runs.flatMap(({ runId }) => {
      const track = trackOf(runId);
      return track && hasValues(track, metric) ? [{ track, metric }] : [];
    }),
  );
}

function longest(curves: readonly Curve[]): Curve['track'] | null {
  return curves.reduce<Curve['track'] | null>(
    (best, { track }) => (!best || track.rows > best.rows ? track : best),
    null,
  );
}

function series(runs: readonly RunView[], runId: string, metric: MetricName, theme: 'dark' | 'light'): uPlot.Series {
  const color = optimizerColor(runs.find((run) => run.runId === runId)?.color ?? 0, theme);
  const { dash, width, alpha } = style[metric] ?? { width: 1.75, alpha: 1 };
  return { stroke: color, width, alpha, points: { show: false }, spanGaps: true, ...(dash && { dash }) };
}

function axis(
  css: CSSStyleDeclaration,
  { size, space, log }: { size: number; space: number; log: boolean },
): uPlot.Axis {
  const font = `11px ${css.fontFamily}`;
  return {
    size,
    space,
    font,
    stroke: css.getPropertyValue('--chart-text'),
    grid: { stroke: css.getPropertyValue('--chart-grid'), width: 1 },
    ticks: { show: false },
    values: (_chart, splits) =>
      log ? splits.map((value) => (value === null ? '' : formatLogTick(value))) : formatTicks(splits),
    gap: 4,
  };
}
