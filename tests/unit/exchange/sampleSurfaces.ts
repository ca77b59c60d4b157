import type { FigurePath } from '../../../src/main/exchange/figure';
import type { Surface } from '../../../src/shared/model/landscape';

const linspace = (from: number, to: number, count: number) =>
  Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

/** A surface of f over a window, as the engine would give it. */
export function sampleSurface(
  f: (x: number, y: number) => number,
  [x0, x1, y0, y1]: [number, number, number, number],
  overrides: Partial<Surface> = {},
  count = 51,
): Surface {
  const xs = linspace(x0, x1, count);
  const ys = linspace(y0, y1, count);
  const loss = Float64Array.from({ length: count * count }, (_, i) => {
    const value = f(xs[i % count]!, ys[Math.floor(i / count)]!);
    return Number.isFinite(value) ? value : Number.NaN;
  });
  const finite = loss.filter((value) => Number.isFinite(value));
  return {
    id: 'sample',
    xs,
    ys,
    loss,
    standardError: null,
    accuracy: null,
    min: Math.min(...finite),
    max: Math.max(...finite),
    masked: loss.length - finite.length,
    evaluations: loss.length,
    seconds: 0.5,
    executor: 'reference',
    executorSelection: null,
    subset: { kind: 'full' },
    split: 'train',
    examples: 0,
    plane: {
      spec: { kind: 'parameters', indices: [0, 1], origin: 'final' },
      dimension: 2,
      norms: [1, 1],
      axisCosine: 0,
      explainedVarianceRatio: null,
      labels: ['x', 'y'],
      range: [x0, x1, y0, y1],
    },
    ...overrides,
  };
}

/** Gradient descent with momentum on f by central differences, as a path. */
export function samplePath(
  f: (x: number, y: number) => number,
  start: [number, number],
  settings: { rate: number; momentum?: number; steps: number; label: string; color: string },
): FigurePath {
  const { rate, momentum = 0, steps, label, color } = settings;
  const path = { x: new Float64Array(steps), y: new Float64Array(steps), loss: new Float64Array(steps) };
  let [x, y] = start;
  let [u, v] = [0, 0];
  const e = 1e-5;
  for (let t = 0; t < steps; t++) {
    path.x[t] = x;
    path.y[t] = y;
    path.loss[t] = f(x, y);
    u = momentum * u - (rate * (f(x + e, y) - f(x - e, y))) / (2 * e);
    v = momentum * v - (rate * (f(x, y + e) - f(x, y - e))) / (2 * e);
    x += u;
    y += v;
  }
  return { runId: label, ...path, residual: new Float64Array(steps), label, color };
}

export const himmelblau = (x: number, y: number) => (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2;
