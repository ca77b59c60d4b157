import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { axis, linearRange, logRange } from './plotAxes';
import { typeScale } from './typeScale';

export interface PlotLine {
  name: string;
  color: string;
  /** One per x; NaN is a gap, undefined belongs to another line's x. */
  values: ArrayLike<number | undefined>;
  /** Half the width of a band about the line: one standard error, or another spread that is said beside it. */
  standardError?: ArrayLike<number | undefined> | null;
  dashed?: boolean;
  /** A mark at every value: what is known between them is not. 'only': no line. */
  marks?: boolean | 'only';
}

interface LinePlotProps {
  label: string;
  xLabel: string;
  yLabel: string;
  xs: ArrayLike<number>;
  lines: readonly PlotLine[];
  log: boolean;
  /** The x axis is logarithmic too. */
  logX?: boolean;
  /** Least value a logarithmic axis shows. */
  floor?: number;
  /** In pixels at the usual type size. */
  height: number;
  /** What is told under the plot of the place under the pointer. */
  readout(index: number): string;
  /** Stands there while nothing is pointed at. */
  hint: string;
  /** A press on the plot. */
  onPick?(index: number): void;
}

/** Lines over one axis, with bands; a pointer or the arrow keys read values off. */
export function LinePlot(props: LinePlotProps) {
  const { label, xs, lines, log, height, readout, hint, onPick } = props;
  const [index, setIndex] = useState<number | null>(null);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const scaled = height * typeScale();

  // Other lines or another kind of axis is another plot; other numbers are not.
  const shape = JSON.stringify([
    log,
    props.logX,
    scaled,
    props.xLabel,
    props.yLabel,
    lines.map(({ values: _, standardError, ...line }) => [line, Boolean(standardError)]),
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for everything of the props that is not a number
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const chart = createPlot(element, latest, scaled, setIndex);
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: scaled });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData(plotData(xs, lines, log, latest.current.floor));
  }, [xs, lines, log]);

  const last = xs.length - 1;
  const moveTo = (next: number) => {
    const chart = plot.current;
    const x = xs[next];
    if (!chart || x === undefined) return;
    setIndex(next);
    chart.setCursor({ left: chart.valToPos(x, 'x'), top: 0 }, false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? Math.max(1, Math.round(xs.length / 20)) : 1;
    const moves: Record<string, number> = {
      ArrowLeft: Math.max((index ?? 0) - step, 0),
      ArrowRight: Math.min((index ?? -1) + step, last),
      Home: 0,
      End: last,
    };
    const next = moves[event.key];
    if (next !== undefined) {
      event.preventDefault();
      moveTo(next);
    } else if (event.key === 'Enter' && index !== null && onPick) {
      event.preventDefault();
      onPick(index);
    }
  };
  const shown = index !== null && index <= last ? readout(index) : null;
  return (
    <div className="line-plot">
      <div
        className="chart"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(last, 0)}
        aria-valuenow={Math.min(index ?? 0, Math.max(last, 0))}
        aria-valuetext={shown ?? hint}
        onKeyDown={onKeyDown}
      >
        <div ref={host} className="chart-plot" style={{ height: scaled }} />
      </div>
      <p className={`plot-readout number ${shown ? '' : 'quiet'}`}>{shown ?? hint}</p>
    </div>
  );
}

function createPlot(
  element: HTMLElement,
  latest: { current: LinePlotProps },
  height: number,
  onIndex: (index: number | null) => void,
): uPlot {
  const css = getComputedStyle(element);
  const { lines, log, logX = false, xs, xLabel, yLabel, floor } = latest.current;
  const scale = typeScale();
  const chart = new uPlot(
    {
      width: Math.max(element.clientWidth, 60),
      height,
      // Room for half of the last label.
      padding: [8, 22 * scale, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
      scales: {
        x: {
          time: false,
          ...(logX && { distr: 3 as const }),
          range: (_chart, min, max) => (max > min ? [min, max] : logX ? [min / 2, 2 * max] : [min - 0.5, max + 0.5]),
        },
        y: log
          ? {
              distr: 3,
              range: (self, min, max) => [floor ?? logRange(16)(self, min, max)[0]!, logRange(16)(self, min, max)[1]!],
            }
          : { range: linearRange },
      },
      axes: [
        axis(css, { size: 24 * scale, space: 56 * scale, log: logX, label: xLabel }),
        axis(css, { size: 46 * scale, space: 26 * scale, log, label: yLabel }),
      ],
      series: [{}, ...lines.flatMap(seriesOf)],
      bands: bandsOf(lines),
      hooks: {
        setCursor: [
          ({ cursor: { idx, left } }) => {
            if (left === undefined || left < 0) onIndex(null);
            else if (idx !== null && idx !== undefined) onIndex(idx);
          },
        ],
      },
    },
    plotData(xs, lines, log, floor),
    element,
  );
  chart.over.addEventListener('click', () => {
    const { idx } = chart.cursor;
    if (idx !== null && idx !== undefined) latest.current.onPick?.(idx);
  });
  // A canvas draws with the fonts there are; those of the titles may still be on their way.
  void document.fonts.load(`${11 * scale}px ${css.fontFamily}`, xLabel + yLabel).then(() => {
    if (chart.root.isConnected) chart.redraw(false, true);
  });
  return chart;
}

/** The line and, where it has a standard error, the two edges of its band. */
function seriesOf({ color, dashed = false, marks = false, standardError }: PlotLine): uPlot.Series[] {
  const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false }, spanGaps: false };
  return [
    {
      stroke: color,
      width: dashed ? 1.25 : 1.75,
      ...(marks === 'only' && { paths: () => null }),
      ...(dashed && { dash: [6, 4] }),
      points: { show: marks !== false, size: 5, fill: color, stroke: color },
      spanGaps: false,
    },
    ...(standardError ? [edge, edge] : []),
  ];
}

function bandsOf(lines: readonly PlotLine[]): uPlot.Band[] {
  let at = 1;
  return lines.flatMap(({ color, standardError }) => {
    const line = at;
    at += standardError ? 3 : 1;
    return standardError ? [{ series: [line + 2, line + 1], fill: `${color}40` }] : [];
  });
}

function plotData(
  xs: ArrayLike<number>,
  lines: readonly PlotLine[],
  log: boolean,
  floor: number | undefined,
): uPlot.AlignedData {
  // Far below what is shown, and positive, as a logarithm needs it.
  const least = (floor ?? Number.MIN_VALUE) * 1e-3;
  const shown = (value: number | undefined) => {
    if (value === undefined) return undefined;
    if (!Number.isFinite(value)) return null;
    if (!log) return value;
    if (floor === undefined) return value > 0 ? value : null;
    return Math.max(value, least);
  };
  return [
    Array.from(xs),
    ...lines.flatMap(({ values, standardError }) => {
      const column = (sign: number) =>
        Array.from(values, (value, i) => shown(value === undefined ? value : value + sign * (standardError?.[i] || 0)));
      return standardError ? [column(0), column(-1), column(1)] : [column(0)];
    }),
  ];
}
