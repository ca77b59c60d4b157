import { expect, test } from 'vitest';
import { colorMap, colorMapNames, colorTable, cssColor } from '../../../../src/shared/math/colorMaps';

/** CIE L* of an sRGB colour (0 … 255). */
function lightness([r, g, b]: readonly [number, number, number]): number {
  const linear = (level: number) => {
    const v = level / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  };
  const y = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  return y > (6 / 29) ** 3 ? 116 * Math.cbrt(y) - 16 : (y * 116) / (3 * (6 / 29) ** 2);
}

test.each([
  // matplotlib's and Crameri's own end colours.
  ['viridis', [68, 1, 84], [253, 231, 37]],
  ['cividis', [0, 32, 81], [253, 234, 69]],
  ['magma', [0, 0, 4], [252, 253, 191]],
  ['batlow', [1, 25, 89], [250, 204, 250]],
] as const)('%s begins and ends as published', (name, first, last) => {
  const map = colorMap(name);
  expect(map(0)).toBeAllclose(first, { atol: 4 });
  expect(map(1)).toBeAllclose(last, { atol: 4 });
});

test('batlow holds the published colours in between', () => {
  // Rows 64, 128 and 191 of batlow.txt, times 255.
  const map = colorMap('batlow');
  expect(map(64 / 255)).toBeAllclose([33.99, 95.7, 96.75], { atol: 0.51 });
  expect(map(128 / 255)).toBeAllclose([130.37, 130.28, 49.29], { atol: 0.51 });
  expect(map(191 / 255)).toBeAllclose([241.39, 156.62, 107.04], { atol: 0.51 });
});

test.each(colorMapNames)('%s grows lighter all the way, in even steps', (name) => {
  const map = colorMap(name);
  const levels = Array.from({ length: 33 }, (_, i) => lightness(map(i / 32)));
  const mean = (levels.at(-1)! - levels[0]!) / 32;
  expect(mean).toBeGreaterThan(1.5);
  for (let i = 1; i < levels.length; i++) {
    const step = levels[i]! - levels[i - 1]!;
    expect(step).toBeGreaterThan(0.2 * mean);
    expect(step).toBeLessThan(2.2 * mean);
  }
});

test('the map of signed values is lightest at 0, darker to both sides, blue below and not above', () => {
  const map = colorMap('purpleOrange');
  const levels = Array.from({ length: 17 }, (_, i) => lightness(map(i / 16)));
  expect(levels.indexOf(Math.max(...levels))).toBe(8);
  for (let i = 1; i <= 8; i++) {
    expect(levels[8 - i]!).toBeLessThan(levels[9 - i]!);
    expect(levels[8 + i]!).toBeLessThan(levels[7 + i]!);
  }
  // ColorBrewer's PuOr: what tells the sides apart is blue against yellow, which most colour-blind people see.
  const [red, , blue] = map(0.1);
  expect(blue).toBeGreaterThan(red);
  const [red2, , blue2] = map(0.9);
  expect(blue2).toBeLessThan(0.3 * red2);
});

test('a table has 256 opaque colours, the map interpolates and clamps', () => {
  const table = colorTable('viridis');
  expect(table).toHaveLength(1024);
  expect(table.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  const map = colorMap('viridis');
  expect(map(10 / 255)).toBeAllclose(table.slice(40, 43), { atol: 1e-9 });
  const between = map(10.25 / 255);
  expect(between).toBeAllclose(
    [0, 1, 2].map((c) => 0.75 * table[40 + c]! + 0.25 * table[44 + c]!),
    { atol: 1e-9 },
  );
  expect(map(-3)).toEqual(map(0));
  expect(map(7)).toEqual(map(1));
  expect(cssColor([67.6, 1, 84.4])).toBe('rgb(68, 1, 84)');
});
