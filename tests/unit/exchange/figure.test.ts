import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Resvg } from '@resvg/resvg-js';
import { describe, expect, it } from 'vitest';
import { renderFigure, svgToPng } from '../../../src/main/exchange/figure';
import { type Disc, labelLine } from '../../../src/main/exchange/figure/contourLabels';
import { createField, projectOnto } from '../../../src/main/exchange/figure/field';
import { fitText, textWidth, wrapText } from '../../../src/main/exchange/figure/text';
import { type FigureOptions, figureOptionsSchema } from '../../../src/shared/contract';
import { experimentSchema } from '../../../src/shared/model/experiment';
import { himmelblau, samplePath, sampleSurface } from './sampleSurfaces';

const experiment = experimentSchema.parse({
  name: 'a < b & c',
  objective: { kind: 'function', name: 'himmelblau' },
  optimizer: { name: 'sgd', learningRate: 0.01 },
  seed: 7,
});
const source = { version: '1.2.3', experiments: [experiment] };
const options = (given: Partial<FigureOptions> = {}) => figureOptionsSchema.parse(given);
const surface = sampleSurface(himmelblau, [-6, 6, -6, 6]);
const paths = [
  samplePath(himmelblau, [-4, 5], { rate: 0.004, steps: 200, label: 'SGD <1>', color: '#b8720a' }),
  samplePath(himmelblau, [1, -5], { rate: 0.002, momentum: 0.9, steps: 200, label: 'Momentum', color: '#1b7fb8' }),
];

/** A picture to look at; never compared. */
function keep(name: string, svg: string): Uint8Array {
  const folder = join(import.meta.dirname, '../../output/figures');
  mkdirSync(folder, { recursive: true });
  const png = svgToPng(svg, { dpi: 200 });
  writeFileSync(join(folder, `${name}.png`), png);
  return png;
}
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);

describe('renderFigure', () => {
  const svg = renderFigure(surface, paths, options({ title: 'Himmelblau & friends' }), source);

  it('says in its description how much of an adaptive surface was computed', () => {
    const evaluated = new Uint8Array(surface.loss.length).fill(1, 0, 400);
    const interpolation = { evaluated, tolerance: 0.01, checks: 49, largestError: 0.25 };
    const adaptive = renderFigure({ ...surface, evaluations: 400, interpolation }, [], options(), source);
    expect(adaptive).toContain('400 points were computed, the others interpolated (49 checks, off by at most 0.25).');
    expect(adaptive).not.toContain('evaluated');
    expect(svg).not.toContain('interpolated');
  });

  it('has exactly the size asked for, in millimetres', () => {
    expect(svg).toMatch(/<svg [^>]*width="89mm" height="72.98mm" viewBox="0 0 252.283 206.872"/);
    const png = svgToPng(svg, { dpi: 254 });
    const image = new Resvg(Buffer.from(svg), { dpi: 254, font: { loadSystemFonts: false } });
    expect([image.width, image.height].map(Math.round)).toEqual([890, 730]);
    expect(Buffer.from(png).readUInt32BE(16)).toBe(890);
    const tall = renderFigure(surface, [], options({ widthMm: 120, heightMm: 150 }), source);
    expect(tall).toContain('width="120mm" height="150mm"');
  });

  it('is the same bytes each time', () => {
    expect(renderFigure(surface, paths, options({ title: 'Himmelblau & friends' }), source)).toBe(svg);
    // Neither the time it took nor the name it was saved under belongs into the picture.
    const again = { ...surface, seconds: 9, id: 'other' };
    expect(renderFigure(again, paths, options({ title: 'Himmelblau & friends' }), source)).toBe(svg);
    keep('himmelblau', svg);
  });

  it('keeps in the file what it takes to make it again', () => {
    const json = /<metadata>(.*?)<\/metadata>/s.exec(svg)![1]!;
    const unescaped = json
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&quot;/g, '"')
      .replace(/&amp;/g, '&');
    expect(JSON.parse(unescaped)).toMatchObject({
      version: '1.2.3',
      experiments: [{ name: 'a < b & c', seed: 7 }],
      grid: [51, 51],
      options: { widthMm: 89 },
    });
  });

  it('names axes, levels, paths and their ends, in letters of 6 points or more', () => {
    expect(texts(svg)).toEqual(
      expect.arrayContaining(['x', 'y', 'SGD &lt;1&gt;', 'Momentum', 'start', 'end', '100', '−4']),
    );
    expect(texts(svg)).toContain('f(x, y), log scale');
    const sizes = [...svg.matchAll(/font-size="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(6);
  });

  it('writes the explained variance beside the principal components', () => {
    const plane = { ...surface.plane, dimension: 2_410, labels: ['PC 1', 'PC 2'] as [string, string] };
    const label = (ratio: [number, number]) =>
      texts(
        renderFigure({ ...surface, plane: { ...plane, explainedVarianceRatio: ratio } }, [], options(), source),
      ).filter((text) => text!.startsWith('PC'));
    expect(label([0.712, 0.0042])).toEqual(['PC 1 (71 %)', 'PC 2 (0.42 %)']);
    expect(label([0.9999, 0.0001])).toEqual(['PC 1 (99.9 %)', 'PC 2 (0.01 %)']);
  });

  it('draws critical points by shape, ways down with an arrow where they leave, borders of areas with names', () => {
    const [nx, ny] = [surface.xs.length, surface.ys.length];
    const areaOf = Int32Array.from(
      { length: nx * ny },
      (_, cell) => Number(cell % nx > 25) + 2 * Number(cell >= nx * 25),
    );
    const marks = {
      points: [
        { kind: 'minimum' as const, x: 3, y: 2, loss: 0, distance: null },
        { kind: 'saddle' as const, x: 0.0867, y: 2.8843, loss: 67.7, distance: 0.25 },
        { kind: 'maximum' as const, x: -0.27, y: 40, loss: 181, distance: null },
      ],
      descents: [
        { x: Float64Array.of(0.0867, 2, 3), y: Float64Array.of(2.8843, 2.7, 2) },
        { x: Float64Array.of(0.0867, -4, -10), y: Float64Array.of(2.8843, 3, 4) },
      ],
      areas: {
        border: 'border of basins',
        areaOf,
        names: [
          {
            text: '1',
            places: [
              { x: 3, y: 2 },
              { x: -4, y: -4 },
            ],
          },
          { text: 'nowhere', places: [{ x: 3, y: 2 }] },
        ],
      },
    };
    for (const widthMm of [89, 183]) {
      const drawn = renderFigure(surface, paths, options({ widthMm }), source, marks);
      keep(`marks-${widthMm}`, drawn);
      const legend = ['minimum', 'saddle', 'way down', 'border of basins'];
      expect(texts(drawn)).toEqual(expect.arrayContaining([...legend, '1']));
      // Where a mark stands no name is written.
      expect(texts(drawn)).not.toContain('nowhere');
      // Outside the window: in the description, not in the picture.
      expect(texts(drawn)).not.toContain('maximum');
      expect(drawn).toContain('maximum at (−0.27, 40), outside the window: loss 181.');
      expect(drawn).toContain('saddle at (0.0867, 2.884): loss 67.7, 0.25 out of the plane.');
      // Legend and plot: two of each kind in sight, one arrow for the way that leaves.
      expect(drawn.match(/fill="#ff9f1c"/g)).toHaveLength(4);
      expect(drawn.match(/stroke-dasharray/g)).toHaveLength(3);
      expect(drawn).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it('hatches what is not finite and says so', () => {
    const hole = sampleSurface((x, y) => (x > 0.5 && y > 0.5 ? Number.NaN : x * x + y * y + 1), [-1, 1, -1, 1], {}, 21);
    const drawn = renderFigure(hole, [], options({ colorMap: 'cividis' }), source);
    expect(texts(drawn)).toContain('not finite');
    // 5 × 5 masked points have 5 × 5 quads with a corner among them.
    expect(/<path d="([^"]*)" fill="url\(#hatch\)"/.exec(drawn)![1]!.match(/M/g)!.length).toBe(25);
    expect(drawn).not.toContain('NaN');
    keep('gaps', drawn);
    expect(renderFigure(surface, [], options(), source)).not.toContain('id="gaps"');
  });

  it('draws constant, empty and far-off surfaces without failing', () => {
    const constant = renderFigure(
      sampleSurface(() => 0.25, [0, 1, 0, 1], {}, 5),
      [],
      options(),
      source,
    );
    expect(texts(constant)).toContain('0.25');
    const nothing = renderFigure(
      sampleSurface(() => Number.NaN, [0, 1, 0, 1], {}, 5),
      [],
      options(),
      source,
    );
    expect(texts(nothing)).toContain('not finite');
    const narrow = renderFigure(
      sampleSurface((x) => 2.4025 + 1e-4 * x, [0, 1, 0, 1], {}, 5),
      [],
      options(),
      source,
    );
    const ticks = texts(narrow).filter((text) => text!.startsWith('2.40'));
    expect(new Set(ticks).size).toBeGreaterThan(3);
    for (const drawn of [constant, nothing, narrow]) {
      expect(drawn).not.toMatch(/NaN|Infinity|undefined/);
      svgToPng(drawn, { dpi: 72 });
    }
  });

  it('breaks a path where it is not finite and thins what cannot be told apart', () => {
    const n = 10_000;
    const x = Float64Array.from({ length: n }, (_, i) => (i === 5_000 ? Number.NaN : -5 + (10 * i) / n));
    const path = { ...paths[0]!, x, y: new Float64Array(n), loss: x, residual: x };
    const drawn = renderFigure(surface, [path], options(), source);
    const d = new RegExp(`<path d="([^"]*)"[^>]*stroke="${path.color}"`).exec(drawn)![1]!;
    expect(d.match(/M/g)!.length).toBe(2);
    expect(d.match(/L/g)!.length).toBeLessThan(1_500);
  });

  it('refuses a size without room, naming it', () => {
    expect(() => renderFigure(surface, paths, options({ widthMm: 25 }), source)).toThrow(
      /25 × 20\.5\d? mm leaves no room/,
    );
  });
});

describe('contours', () => {
  it('follow the circle they should', () => {
    const round = sampleSurface((x, y) => Math.hypot(x, y), [-1, 1, -1, 1], {}, 41);
    const projection = projectOnto({ x: 0, y: 0, width: 200, height: 200 }, [-1, 1, -1, 1]);
    const [ring] = createField(round, round.loss, projection).lines(0.5);
    for (const [x, y] of ring!) expect(Math.hypot(x - 100, y - 100)).toBeAllclose(50, { atol: 0.1 });
  });

  it('end at the window, not along it', () => {
    const slope = sampleSurface((x) => x, [0, 1, 0, 1], {}, 11);
    const projection = projectOnto({ x: 0, y: 0, width: 100, height: 100 }, [0, 1, 0, 1]);
    const lines = createField(slope, slope.loss, projection).lines(0.25);
    expect(lines.length).toBe(1);
    for (const [x] of lines[0]!) expect(x).toBeAllclose(25, { atol: 1e-9 });
  });

  it('keep their labels apart from each other, from the obstacles and inside the plot', () => {
    const box = { x: 0, y: 0, width: 200, height: 100 };
    const obstacles: Disc[] = [{ x: 100, y: 50, radius: 30 }];
    const placed = [40, 44, 50, 56, 60].flatMap((y) => {
      const line = Array.from({ length: 41 }, (_, i) => [5 * i, y] as const);
      const { labels, pieces } = labelLine(line, '0.5', box, obstacles);
      expect(pieces.length).toBe(labels.length + 1);
      return labels;
    });
    expect(placed.length).toBeGreaterThan(1);
    const half = textWidth('0.5', 6) / 2;
    for (const [i, a] of placed.entries()) {
      expect(Math.hypot(a.x - 100, a.y - 50)).toBeGreaterThan(30 + 3);
      expect(a.x - half).toBeGreaterThan(0);
      expect(a.x + half).toBeLessThan(200);
      for (const b of placed.slice(i + 1)) {
        expect(Math.abs(a.x - b.x) >= 2 * half || Math.abs(a.y - b.y) >= 6).toBe(true);
      }
    }
  });
});

describe('text', () => {
  it('is at least as wide in the estimate as in the font', () => {
    for (const text of ['Training loss, log scale', '−1.25', '3×10⁻⁵', 'PC 1 (71 %)', 'Momentum', '1000', 'digits']) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="999" height="99"><text y="50" font-size="20">${text}</text></svg>`;
      const fontFiles = [
        join(import.meta.dirname, '../../../node_modules/pretendard/dist/public/static/Pretendard-Regular.otf'),
      ];
      const measured = new Resvg(svg, { font: { loadSystemFonts: false, fontFiles } }).getBBox()!.width;
      expect(textWidth(text, 20)).toBeGreaterThan(0.97 * measured);
      expect(textWidth(text, 20)).toBeLessThan(1.25 * measured);
    }
  });

  it('is wrapped and cut to fit', () => {
    const lines = wrapText('one two three four five six', 9, 60);
    expect(lines.join(' ')).toBe('one two three four five six');
    for (const line of lines) expect(textWidth(line, 9)).toBeLessThanOrEqual(60);
    expect(fitText('Momentum', 9, 30)).toMatch(/^Mom?…$/);
  });
});

describe('svgToPng', () => {
  it('writes its resolution with a valid checksum', () => {
    const png = Buffer.from(svgToPng(renderFigure(surface, [], options(), source), { dpi: 300 }));
    const at = png.indexOf('pHYs');
    expect(at).toBe(37);
    expect(png.readUInt32BE(at + 4)).toBe(11_811);
    expect(png.readUInt32BE(at + 8)).toBe(11_811);
    expect(png[at + 12]).toBe(1);
    expect(png.readUInt32BE(at + 13)).toBe(crc32(png.subarray(at, at + 13)));
  });
});
