import { describe, expect, it } from 'vitest';
import { clippedTicks, heightExtent, levelsBetween } from '../../../../src/renderer/scene/layer';
import { plainLayer } from '../../../../src/renderer/scene/model';
import { Stage } from '../../../../src/renderer/scene/stage';
import { heightTransform } from '../../../../src/shared/math/heightTransform';
import { lossTicks } from '../../../../src/shared/math/ticks';

const values = Float64Array.of(1, 2, Number.NaN, 10);

describe('the heights of a layer', () => {
  it('end at the cut, reach over the band, and are the same on both sides of 0', () => {
    expect(heightExtent(values, plainLayer, 'linear')).toEqual([1, 10]);
    expect(heightExtent(values, { ...plainLayer, clip: 5 }, 'linear')).toEqual([1, 5]);
    const band = Float64Array.of(2, 2, Number.NaN, 3);
    expect(heightExtent(values, { ...plainLayer, band }, 'linear')).toEqual([-1, 13]);
    // A logarithm was made for positive losses: its foot stays.
    expect(heightExtent(values, { ...plainLayer, band }, 'log')).toEqual([1, 13]);
    const signed = { ...plainLayer, signed: true };
    expect(heightExtent(Float64Array.of(-3, 1), signed, 'linear')).toEqual([-3, 3]);
    expect(heightExtent(Float64Array.of(-3, 1), { ...signed, clip: 2 }, 'linear')).toEqual([-2, 2]);
    expect(heightExtent(Float64Array.of(Number.NaN), plainLayer, 'linear')).toBeNull();
  });

  it('are flat above the cut, with a tick that says so and no line over the flat', () => {
    const stage = new Stage(5);
    const axis = Float64Array.of(0, 1, 2, 3, 4);
    const loss = Float64Array.from({ length: 25 }, (_, k) => k % 5);
    stage.update({ version: 1, range: [0, 4, 0, 4], xs: axis, ys: axis, loss }, 'linear', { ...plainLayer, clip: 2 });
    expect(Array.from(stage.field!.heights.subarray(0, 5))).toEqual([0, 0.5, 1, 1, 1]);
    expect(stage.lossAxis.at(-1)).toMatchObject({ value: 2, height: 1, label: '≥ 2' });
    expect(stage.levels.every(({ height }) => height < 1)).toBe(true);
    expect(stage.uniforms.uClip.value.toArray()).toEqual([0, 1]);
    // Without the cut all is as it was.
    const before = stage.revision;
    stage.update(stage.surface, 'linear', plainLayer);
    expect(stage.revision).toBe(before + 1);
    expect(stage.lossAxis.at(-1)?.label).toBe('4');
    stage.update(stage.surface, 'linear', { ...plainLayer });
    expect(stage.revision).toBe(before + 1);
  });

  it('say both ends of cut signed heights', () => {
    const transform = heightTransform('linear', -2, 2);
    const ticks = clippedTicks(lossTicks(transform, 5), { clip: 2, signed: true });
    expect([ticks[0]?.label, ticks.at(-1)?.label]).toEqual(['≤ −2', '≥ 2']);
  });

  it('of shares of n examples have their lines between two terraces', () => {
    const transform = heightTransform('linear', 0, 1);
    const levels = lossTicks(transform, 10);
    const shifted = levelsBetween(levels, { low: false, high: false }, transform, 1 / 50);
    expect(shifted.map(({ value }) => value)).toEqual(levels.map(({ value }) => value).filter((value) => value > 0));
    for (const { value, height } of shifted) expect(height).toBeCloseTo(value - 0.01, 12);
  });
});
