import type { FigureOptions } from '../../../shared/contract';
import { badInput } from '../../../shared/errors';
import { colorMap, cssColor, type Rgb } from '../../../shared/math/colorMaps';
import {
  finiteExtent,
  type HeightTransform,
  heightTransform,
  preferredHeightScale,
} from '../../../shared/math/heightTransform';
import { formatNumber } from '../../../shared/math/numbers';
import { axisTicks, type LossTick, lossTicks, type Tick } from '../../../shared/math/ticks';
import type { Domain, Experiment } from '../../../shared/model/experiment';
import { type CriticalKind, criticalKinds, type PlanePath, type Surface } from '../../../shared/model/landscape';
import { type Disc, labelLine } from './contourLabels';
import { type Box, createField, type Field, type Projection, projectOnto } from './field';
import {
  borderLine,
  descentLine,
  drawAreas,
  drawDescents,
  drawPoints,
  type FigureMarks,
  insideWindow,
  kindNames,
  markObstacles,
  markShape,
  noMarks,
} from './marks';
import { pathLines, pathObstacles } from './pathLine';
import { element, escapeXml, type Point, polylinePath } from './svg';
import { fitText, fontFamily, fontSizes, semiboldWidening, textWidth, wrapText } from './text';

/** A path with its name in the legend and its colour. */
export interface FigurePath extends PlanePath {
  label: string;
  /** CSS colour. */
  color: string;
}

/** Kept inside the file, so that the figure can be made again from it alone. */
interface FigureSource {
  version: string;
  experiments: readonly Experiment[];
}

const pointsPerMillimetre = 72 / 25.4;
const ink = '#1c1f26';
/** Steps of the colour between two neighbouring colours that cannot be told apart. */
const bandCount = 64;
/** A flat picture needs the log scale sooner than a landscape, which has its height to show the valleys. */
const logRatio = 45;
const defaultAspect = 0.82;
const smallestPlot = 48;
const margin = 4;
const tickLength = 2.5;
const barWidth = 8;
const lineHeight = 1.25;

/**
 * Filled contours of a surface with the paths and marks on it, as an SVG of exactly the given size in millimetres: colour
 * bar, axes with the explained variance, contour lines with their values, hatching where the loss is not finite. The same
 * input gives the same bytes. Experiments, plane and options are kept in `<metadata>` as JSON.
 * @throws badInput when there is no room for the plot
 */
export function renderFigure(
  surface: Surface,
  paths: readonly FigurePath[],
  options: FigureOptions,
  source: FigureSource,
  marks: FigureMarks = noMarks,
): string {
  const heightMm = options.heightMm ?? Math.max(20, defaultAspect * options.widthMm);
  const page = { width: options.widthMm * pointsPerMillimetre, height: heightMm * pointsPerMillimetre };
  const transform = chooseTransform(surface, options);
  const heights = surface.loss.map((loss) => transform.toHeight(loss));
  const color = colorMap(options.colorMap);
  const layout = layOut(surface, paths, marks, options, page, transform);
  const range = windowOf(surface);
  const projection = projectOnto(layout.plot, range);
  const field = createField(surface, heights, projection);
  const lines = paths.map((path) => pathLines(path.x, path.y, projection));

  const { plot } = layout;
  const clip = element('clipPath', { id: 'plot' }, rectangle(plot, {}));
  const hatch = element(
    'pattern',
    { id: 'hatch', width: 4, height: 4, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    element('rect', { width: 4, height: 4, fill: '#ffffff' }),
    element('rect', { width: 1, height: 4, fill: '#8a8f99' }),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    element(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg',
        width: `${options.widthMm}mm`,
        height: `${Number(heightMm.toFixed(3))}mm`,
        viewBox: `0 0 ${Number(page.width.toFixed(3))} ${Number(page.height.toFixed(3))}`,
        'font-family': fontFamily,
        role: 'img',
      },
      element('title', {}, escapeXml(options.title ?? describe(surface, paths))),
      element('desc', {}, escapeXml(describeLong(surface, paths, marks))),
      element('metadata', {}, escapeXml(JSON.stringify(metadata(surface, paths, options, source)))),
      element('defs', {}, clip, hatch),
      element('rect', { width: page.width, height: page.height, fill: '#ffffff' }),
      element(
        'g',
        { 'clip-path': 'url(#plot)' },
        drawBands(field, plot, color),
        drawContours(field, plot, layout.contours, color, [
          ...lines.flatMap(pathObstacles),
          ...markObstacles(marks, projection),
        ]),
        drawGaps(field),
        drawAreas(marks, surface, projection),
        ...paths.map((path, i) => drawPath(lines[i]!, path.color)),
        ...paths.map((path, i) => drawStart(lines[i]!, path.color)),
        ...paths.map((path, i) => drawEnd(lines[i]!, path.color)),
        drawDescents(marks.descents, range, projection),
        drawPoints(marks.points, range, projection),
      ),
      drawAxes(layout, projection),
      drawColorBar(layout, color),
      drawHeading(layout),
    ),
    '\n',
  ].join('');
}

const windowOf = ({ xs, ys }: Surface): Domain => [xs[0]!, xs.at(-1)!, ys[0]!, ys.at(-1)!];

function chooseTransform(surface: Surface, options: FigureOptions): HeightTransform {
  const [min, max] = finiteExtent(surface.loss) ?? [0, 0];
  const scale = options.scale === 'auto' ? preferredHeightScale(surface.loss, logRatio) : options.scale;
  return heightTransform(scale, min, max);
}

type LegendSample = 'path' | 'start' | 'end' | 'gap' | 'descent' | 'border' | CriticalKind;
type LegendItem = { label: string; sample: LegendSample; color: string };

interface Layout {
  page: { width: number; height: number };
  plot: Box;
  bar: Box;
  title: string[];
  legend: { item: LegendItem; x: number; y: number }[];
  xTicks: Tick[];
  yTicks: Tick[];
  barTicks: LossTick[];
  /** On a log scale finer than the colour bar's ticks. */
  contours: LossTick[];
  xLabel: string;
  yLabel: string;
  barLabel: string;
}

/** Where everything goes; the plot gets what titles, ticks and labels leave. */
function layOut(
  surface: Surface,
  paths: readonly FigurePath[],
  marks: FigureMarks,
  options: FigureOptions,
  page: { width: number; height: number },
  transform: HeightTransform,
): Layout {
  const { title: titleSize, label: labelSize, tick: tickSize } = fontSizes;
  const barLabel = lossName(surface, transform);
  const xTickCount = Math.max(2, Math.round(page.width / 45));
  const yTickCount = Math.max(2, Math.round(page.height / 38));
  const yTicks = axisTicks(surface.ys[0]!, surface.ys.at(-1)!, yTickCount);
  const levelCount = Math.max(4, Math.min(12, Math.round(page.height / 18)));
  const levels = lossTicks(transform, levelCount);
  const widest = (ticks: readonly Tick[]) => Math.max(0, ...ticks.map(({ label }) => textWidth(label, tickSize)));

  const left = margin + labelSize * lineHeight + 2 + widest(yTicks) + 2 + tickLength;
  const barRoom = tickLength + 2 + widest(barTicks(levels, transform)) + 3 + labelSize * lineHeight + margin;
  const right = 7 + barWidth + barRoom;
  const bottom = tickLength + 2 + tickSize * lineHeight + 2 + labelSize * lineHeight + margin;
  const width = page.width - left - right;

  const title = wrapText(options.title ?? '', titleSize * semiboldWidening, page.width - margin - left);
  const titleHeight = title.length * titleSize * lineHeight;
  const legendTop = margin + titleHeight + (title.length > 0 ? 2 : 0);
  const { placed, height: legendHeight } = placeLegend(
    legendItems(surface, paths, marks),
    left,
    page.width - margin,
    legendTop,
  );
  const top = legendTop + legendHeight + (legendHeight > 0 ? 3 : tickSize / 2);
  const height = page.height - top - bottom;
  if (width < smallestPlot || height < smallestPlot) {
    throw badInput(
      `A figure of ${options.widthMm} × ${formatNumber(page.height / pointsPerMillimetre)} mm leaves no room for the plot.`,
      'Make it larger, or shorten the title.',
      ['figure', width < smallestPlot ? 'widthMm' : 'heightMm'],
    );
  }
  const plot = { x: left, y: top, width, height };
  // Two parameters have no other dimension a share could be lost to.
  const share = surface.plane.dimension > 2 ? surface.plane.explainedVarianceRatio : null;
  const [xName, yName] = surface.plane.labels;
  return {
    page,
    plot,
    bar: { x: left + width + 7, y: top, width: barWidth, height },
    title,
    legend: placed,
    xTicks: xAxisTicks(surface.xs[0]!, surface.xs.at(-1)!, xTickCount, width),
    yTicks,
    barTicks: barTicks(levels, transform),
    contours: transform.scale === 'log' ? lossTicks(transform, 2 * levelCount) : levels,
    xLabel: fitText(axisName(xName, share?.[0]), labelSize, width),
    yLabel: fitText(axisName(yName, share?.[1]), labelSize, height),
    barLabel: fitText(barLabel, labelSize, height),
  };
}

/** A surface without levels (constant, or nothing finite) still says its value. */
function barTicks(levels: LossTick[], transform: HeightTransform): LossTick[] {
  if (levels.length > 0) return levels;
  return [{ value: transform.min, label: formatNumber(transform.min), height: 0, major: true }];
}

/** As many ticks, up to `count`, as have room for their labels side by side. */
function xAxisTicks(from: number, to: number, count: number, width: number): Tick[] {
  const size = fontSizes.tick;
  for (let tries = count; tries > 1; tries--) {
    const ticks = axisTicks(from, to, tries);
    const apart = ticks.every((tick, i) => {
      const next = ticks[i + 1];
      if (!next) return true;
      const needed = (textWidth(tick.label, size) + textWidth(next.label, size) + size) / 2;
      return ((next.value - tick.value) / (to - from)) * width >= needed;
    });
    if (apart) return ticks;
  }
  return axisTicks(from, to, 1);
}

function axisName(name: string, share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return name;
  const percent = 100 * share;
  const rounded = percent > 99.5 && percent < 100 ? Math.floor(10 * percent) / 10 : Number(percent.toPrecision(2));
  return `${name} (${rounded} %)`;
}

function lossName(surface: Surface, transform: HeightTransform): string {
  const name = surface.examples === 0 ? 'f(x, y)' : surface.split === 'train' ? 'Training loss' : 'Validation loss';
  return transform.scale === 'log' ? `${name}, log scale` : name;
}

function legendItems(surface: Surface, paths: readonly FigurePath[], marks: FigureMarks): LegendItem[] {
  const items: LegendItem[] = paths.map(({ label, color }) => ({ label, color, sample: 'path' }));
  if (paths.length > 0)
    items.push({ label: 'start', color: ink, sample: 'start' }, { label: 'end', color: ink, sample: 'end' });
  if (surface.masked > 0) items.push({ label: 'not finite', color: ink, sample: 'gap' });
  const window = windowOf(surface);
  const kinds = new Set(marks.points.filter((point) => insideWindow(window, point)).map(({ kind }) => kind));
  for (const kind of criticalKinds) {
    if (kinds.has(kind)) items.push({ label: kindNames[kind], color: ink, sample: kind });
  }
  if (marks.descents.length > 0) items.push({ label: 'way down', color: ink, sample: 'descent' });
  if (marks.areas) items.push({ label: marks.areas.border, color: ink, sample: 'border' });
  return items;
}

const longSamples: ReadonlySet<LegendSample> = new Set(['path', 'gap', 'descent', 'border']);
const sampleWidth = ({ sample }: LegendItem) => (longSamples.has(sample) ? 12 : 6);

function placeLegend(items: readonly LegendItem[], left: number, right: number, top: number) {
  const size = fontSizes.tick;
  const rowHeight = size * 1.45;
  const placed: Layout['legend'] = [];
  let x = left;
  let row = 0;
  for (const item of items) {
    const room = right - left - sampleWidth(item) - 3;
    const fitted = { ...item, label: fitText(item.label, size, room) };
    const width = sampleWidth(item) + 3 + textWidth(fitted.label, size);
    if (x > left && x + width > right) {
      x = left;
      row++;
    }
    placed.push({ item: fitted, x, y: top + (row + 0.5) * rowHeight });
    x += width + 9;
  }
  return { placed, height: items.length > 0 ? (row + 1) * rowHeight : 0 };
}

const rectangle = (box: Box, attributes: Record<string, string | number>) => element('rect', { ...box, ...attributes });

/** Each band covers everything above its lower bound, the next one is painted over it: no seams between neighbours. */
function drawBands(field: Field, plot: Box, color: (t: number) => Rgb): string {
  const bands = [rectangle(plot, { fill: cssColor(color(0.5 / bandCount)) })];
  for (let band = 1; band < bandCount; band++) {
    const rings = field.region(band / bandCount);
    if (rings.length === 0) continue;
    const d = rings.map((ring) => polylinePath(ring, true)).join('');
    bands.push(element('path', { d, fill: cssColor(color((band + 0.5) / bandCount)) }));
  }
  return element('g', {}, ...bands);
}

function discAround(quad: readonly Point[]): Disc {
  const [[x0, y0], , [x1, y1]] = quad as [Point, Point, Point];
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, radius: Math.hypot(x1 - x0, y1 - y0) / 2 };
}

/** White on dark colours, ink on light ones. */
function contrasting([r, g, b]: Readonly<Rgb>): string {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 120 ? '#ffffff' : ink;
}

function drawContours(
  field: Field,
  plot: Box,
  levels: readonly LossTick[],
  color: (t: number) => Rgb,
  obstacles: Disc[],
): string {
  const drawn: string[] = [];
  const labels: string[] = [];
  for (const quad of field.gaps()) obstacles.push(discAround(quad));
  // Major levels first: they get the better places.
  const ordered = [...levels].sort((a, b) => Number(b.major) - Number(a.major));
  for (const level of ordered) {
    if (level.height <= 0) continue;
    const stroke = contrasting(color(level.height));
    for (const line of field.lines(level.height)) {
      const labelled = labelLine(line, level.label, plot, obstacles);
      drawn.push(
        element('path', {
          d: labelled.pieces.map((piece) => polylinePath(piece)).join(''),
          stroke,
          'stroke-opacity': 0.55,
        }),
      );
      for (const { text, x, y, angle } of labelled.labels) {
        labels.push(
          textElement(text, 0, 0.36 * fontSizes.contour, {
            'font-size': fontSizes.contour,
            'text-anchor': 'middle',
            fill: stroke,
            transform: `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${angle.toFixed(1)})`,
          }),
        );
      }
    }
  }
  return element(
    'g',
    {},
    element('g', { fill: 'none', 'stroke-width': 0.5, 'stroke-linejoin': 'round' }, ...drawn),
    ...labels,
  );
}

function drawGaps(field: Field): string {
  const quads = field.gaps();
  if (quads.length === 0) return '';
  return element('path', {
    d: quads.map((quad) => polylinePath(quad, true)).join(''),
    fill: 'url(#hatch)',
    id: 'gaps',
  });
}

function drawPath(lines: readonly Point[][], color: string): string {
  const d = lines.map((line) => polylinePath(line)).join('');
  const stroke = { d, fill: 'none', 'stroke-linejoin': 'round', 'stroke-linecap': 'round' };
  return (
    element('path', { ...stroke, stroke: '#ffffff', 'stroke-width': 2.6, 'stroke-opacity': 0.9 }) +
    element('path', { ...stroke, stroke: color, 'stroke-width': 1.2 })
  );
}

function drawStart(lines: readonly Point[][], color: string): string {
  const start = lines[0]?.[0];
  return start ? startMarker(start, color) : '';
}

function drawEnd(lines: readonly Point[][], color: string): string {
  const end = lines.at(-1)?.at(-1);
  return end ? endMarker(end, color) : '';
}

const startMarker = ([cx, cy]: Point, color: string) =>
  element('circle', { cx, cy, r: 2.9, fill: '#ffffff' }) +
  element('circle', { cx, cy, r: 2, fill: '#ffffff', stroke: color, 'stroke-width': 1.1 });
const endMarker = ([cx, cy]: Point, color: string) =>
  element('circle', { cx, cy, r: 2.7, fill: color, stroke: '#ffffff', 'stroke-width': 0.8 });

function textElement(text: string, x: number, y: number, attributes: Record<string, string | number>): string {
  return element('text', { x, y, fill: ink, ...attributes }, escapeXml(text));
}

function drawAxes({ plot, xTicks, yTicks, xLabel, yLabel }: Layout, projection: Projection): string {
  const { tick: tickSize, label: labelSize } = fontSizes;
  const bottom = plot.y + plot.height;
  const middleX = plot.x + plot.width / 2;
  const middleY = plot.y + plot.height / 2;
  const parts: string[] = [];
  const tickPath: string[] = [];
  for (const { value, label } of xTicks) {
    const [x] = projection.toPage(value, 0);
    tickPath.push(
      polylinePath([
        [x, bottom],
        [x, bottom + tickLength],
      ]),
    );
    parts.push(
      textElement(label, x, bottom + tickLength + 2 + tickSize * 0.8, {
        'font-size': tickSize,
        'text-anchor': 'middle',
      }),
    );
  }
  for (const { value, label } of yTicks) {
    const [, y] = projection.toPage(0, value);
    tickPath.push(
      polylinePath([
        [plot.x - tickLength, y],
        [plot.x, y],
      ]),
    );
    parts.push(
      textElement(label, plot.x - tickLength - 2, y + tickSize * 0.36, { 'font-size': tickSize, 'text-anchor': 'end' }),
    );
  }
  const xLabelY = bottom + tickLength + 4 + tickSize * lineHeight + labelSize * 0.8;
  return element(
    'g',
    {},
    rectangle(plot, { fill: 'none', stroke: ink, 'stroke-width': 0.6 }),
    element('path', { d: tickPath.join(''), stroke: ink, 'stroke-width': 0.6 }),
    ...parts,
    textElement(xLabel, middleX, xLabelY, { 'font-size': labelSize, 'text-anchor': 'middle' }),
    verticalText(yLabel, margin + labelSize * 0.85, middleY),
  );
}

const verticalText = (text: string, x: number, y: number) =>
  textElement(text, 0, 0, {
    'font-size': fontSizes.label,
    'text-anchor': 'middle',
    transform: `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(-90)`,
  });

function drawColorBar({ page, bar, barTicks, barLabel }: Layout, color: (t: number) => Rgb): string {
  const bands: string[] = [];
  for (let band = 0; band < bandCount; band++) {
    const height = bar.height * (1 - band / bandCount);
    bands.push(rectangle({ ...bar, height }, { fill: cssColor(color((band + 0.5) / bandCount)) }));
  }
  const right = bar.x + bar.width;
  const ticks = barTicks.map(({ height, label }) => {
    const y = bar.y + bar.height * (1 - height);
    return (
      element('path', {
        d: polylinePath([
          [right, y],
          [right + tickLength, y],
        ]),
        stroke: ink,
        'stroke-width': 0.6,
      }) + textElement(label, right + tickLength + 2, y + fontSizes.tick * 0.36, { 'font-size': fontSizes.tick })
    );
  });
  return element(
    'g',
    {},
    ...bands,
    rectangle(bar, { fill: 'none', stroke: ink, 'stroke-width': 0.6 }),
    ...ticks,
    verticalText(barLabel, page.width - margin - 0.25 * fontSizes.label, bar.y + bar.height / 2),
  );
}

function drawHeading({ title, legend, plot }: Layout): string {
  const lines = title.map((line, i) =>
    textElement(line, plot.x, margin + fontSizes.title * (0.85 + i * lineHeight), {
      'font-size': fontSizes.title,
      'font-weight': 600,
    }),
  );
  const items = legend.map(({ item, x, y }) => {
    const middle = x + sampleWidth(item) / 2;
    const across = polylinePath([
      [x, y],
      [x + sampleWidth(item), y],
    ]);
    const sample = (() => {
      switch (item.sample) {
        case 'path':
          return element('path', {
            d: across,
            stroke: item.color,
            'stroke-width': 1.6,
            'stroke-linecap': 'round',
          });
        case 'start':
          return startMarker([middle, y], item.color);
        case 'end':
          return endMarker([middle, y], item.color);
        case 'gap':
          return element('rect', {
            x,
            y: y - 3,
            width: sampleWidth(item),
            height: 6,
            fill: 'url(#hatch)',
            stroke: ink,
            'stroke-width': 0.4,
          });
        case 'descent':
          return descentLine(across);
        case 'border':
          return borderLine(across);
        case 'minimum':
        case 'saddle':
        case 'maximum':
        case 'degenerate':
        case 'notCritical':
          return markShape(item.sample, [middle, y], 3.2);
        default:
          return item.sample satisfies never;
      }
    })();
    const text = textElement(item.label, x + sampleWidth(item) + 3, y + 0.36 * fontSizes.tick, {
      'font-size': fontSizes.tick,
    });
    return sample + text;
  });
  return element('g', {}, ...lines, ...items);
}

const describe = (surface: Surface, paths: readonly FigurePath[]): string =>
  `Loss over ${surface.plane.labels.join(' and ')}${paths.length > 0 ? `: ${paths.map(({ label }) => label).join(', ')}` : ''}`;

/** What a reader of the picture cannot see in it. */
function describeLong(surface: Surface, paths: readonly FigurePath[], marks: FigureMarks): string {
  const { xs, ys, min, max, masked, subset, examples, split, executor, evaluations, interpolation } = surface;
  const data =
    examples === 0
      ? ''
      : `; ${subset.kind === 'full' ? `all ${examples}` : `${subset.examples} of the`} ${split === 'train' ? 'training' : 'validation'} examples`;
  const parts = [
    `${xs.length} × ${ys.length} points, loss ${formatNumber(min)} to ${formatNumber(max)}, ${masked} not finite${data}; computed by ${executor}.`,
    ...(interpolation
      ? [
          `${evaluations} points were computed, the others interpolated (${interpolation.checks} checks, off by at most ${formatNumber(interpolation.largestError)}).`,
        ]
      : []),
  ];
  for (const { label, loss, residual } of paths) {
    const farthest = finiteExtent(residual)?.[1];
    parts.push(
      `${label}: loss ${formatNumber(loss.at(-1) ?? Number.NaN)} at the end` +
        (farthest === undefined ? '.' : `, at most ${formatNumber(farthest)} out of the plane.`),
    );
  }
  const window = windowOf(surface);
  for (const point of marks.points) {
    const { kind, x, y, loss, distance } = point;
    const where = `(${formatNumber(x)}, ${formatNumber(y)})${insideWindow(window, point) ? '' : ', outside the window'}`;
    const beside = distance === null ? '' : `, ${formatNumber(distance)} out of the plane`;
    parts.push(`${kindNames[kind]} at ${where}: loss ${formatNumber(loss)}${beside}.`);
  }
  return parts.join(' ');
}

function metadata(
  surface: Surface,
  paths: readonly FigurePath[],
  options: FigureOptions,
  source: FigureSource,
): Record<string, unknown> {
  const { xs, ys, min, max, masked, split, subset, examples, executor, plane, evaluations, interpolation } = surface;
  const { evaluated: _, ...interpolated } = interpolation ?? { evaluated: null };
  return {
    generator: 'Loss Atlas',
    version: source.version,
    grid: [xs.length, ys.length],
    range: [xs[0], xs.at(-1), ys[0], ys.at(-1)],
    loss: { min, max, masked },
    ...(interpolation && { evaluations, interpolation: interpolated }),
    split,
    subset,
    examples,
    executor,
    plane,
    runs: paths.map(({ runId, label }) => ({ runId, label })),
    experiments: source.experiments,
    options,
  };
}
