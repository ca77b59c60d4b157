import type {
  PathBuffers,
  Playhead,
  SceneMark,
  SceneModel,
  ScenePath,
  SceneSurface,
} from '../../src/renderer/scene/model';
import { plainLayer } from '../../src/renderer/scene/model';
import type { Domain } from '../../src/shared/model/experiment';

/** Analytic surfaces and paths computed here, so that the gallery needs no engine. */

type Fn = (x: number, y: number) => number;

const himmelblau: Fn = (x, y) => (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2;
const rosenbrock: Fn = (x, y) => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
/** A bowl that is undefined in a disc and beyond a line: two kinds of gap. */
const torn: Fn = (x, y) =>
  Math.hypot(x - 0.9, y - 0.7) < 0.55 || x + y < -2.4
    ? Number.NaN
    : Math.sin(2 * x) * Math.cos(1.7 * y) + 0.3 * (x * x + y * y);
/** What a network's loss near its end looks like: a narrow ravine in a wide bowl, never zero. */
const ravine: Fn = (x, y) =>
  0.31 + 2.1 * Math.log1p(0.6 * (x + 0.35 * y) ** 2 + 9 * (y - 0.25 * Math.sin(1.4 * x)) ** 2);

export function gridOf(fn: Fn, range: Domain, n: number, version = 1): SceneSurface {
  const [x0, x1, y0, y1] = range;
  const xs = Float64Array.from({ length: n }, (_, i) => x0 + ((x1 - x0) * i) / (n - 1));
  const ys = Float64Array.from({ length: n }, (_, j) => y0 + ((y1 - y0) * j) / (n - 1));
  const loss = new Float64Array(n * n);
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) loss[j * n + i] = fn(xs[i]!, ys[j]!);
  return { version, range, xs, ys, loss };
}

type Step = (g: [number, number], t: number) => [number, number];

function gradient(fn: Fn, x: number, y: number): [number, number] {
  const h = 1e-5;
  return [(fn(x + h, y) - fn(x - h, y)) / (2 * h), (fn(x, y + h) - fn(x, y - h)) / (2 * h)];
}

function descend(fn: Fn, start: [number, number], steps: number, step: Step): PathBuffers {
  const buffers: PathBuffers = {
    x: new Float64Array(steps),
    y: new Float64Array(steps),
    loss: new Float64Array(steps),
    residual: new Float64Array(steps),
  };
  let [x, y] = start;
  for (let t = 0; t < steps; t++) {
    buffers.x[t] = x;
    buffers.y[t] = y;
    buffers.loss[t] = fn(x, y);
    const [dx, dy] = step(gradient(fn, x, y), t);
    x += dx;
    y += dy;
  }
  return buffers;
}

const sgd =
  (rate: number): Step =>
  (g) => [-rate * g[0], -rate * g[1]];
const momentum = (rate: number, beta: number): Step => {
  let vx = 0;
  let vy = 0;
  return (g) => {
    vx = beta * vx + g[0];
    vy = beta * vy + g[1];
    return [-rate * vx, -rate * vy];
  };
};
const adam = (rate: number): Step => {
  const m = [0, 0];
  const v = [0, 0];
  return (g, t) =>
    [0, 1].map((k) => {
      m[k] = 0.9 * m[k]! + 0.1 * g[k]!;
      v[k] = 0.999 * v[k]! + 0.001 * g[k]! ** 2;
      return (-rate * (m[k]! / (1 - 0.9 ** (t + 1)))) / (Math.sqrt(v[k]! / (1 - 0.999 ** (t + 1))) + 1e-8);
    }) as [number, number];
};

const palette = { dark: ['#f0a63a', '#63bff0', '#2fc79a'], light: ['#b8720a', '#1b7fb8', '#00805c'] };

function paths(fn: Fn, starts: [number, number][], steps: Step[], rows: number, theme: 'dark' | 'light'): ScenePath[] {
  return ['SGD', 'Momentum', 'Adam'].map((label, k) => ({
    id: label,
    label,
    color: palette[theme][k]!,
    buffers: { current: descend(fn, starts[k % starts.length]!, rows, steps[k]!) },
    count: { current: rows },
    visible: true,
  }));
}

/** A playhead that the page or a test moves. */
export class FakePlayhead implements Playhead {
  current = 0;
  private readonly listeners = new Set<() => void>();
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  move(row: number): void {
    this.current = row;
    for (const listener of this.listeners) listener();
  }
}

export interface Fixture {
  model: SceneModel;
  row: number;
}

export const fixtureNames = ['himmelblau', 'rosenbrock', 'gaps', 'network', 'coarse', 'flat', 'critical'] as const;
export type FixtureName = (typeof fixtureNames)[number];

export function fixture(name: FixtureName, theme: 'dark' | 'light', view: SceneModel['view']): Fixture {
  const base = {
    labels: { x: 'x', y: 'y', loss: 'f(x, y)' },
    heightScale: 'linear',
    colorMap: 'viridis',
    theme,
    view,
    showContours: true,
    showShadows: true,
    marks: [],
    layer: plainLayer,
    section: null,
  } as const satisfies Partial<SceneModel>;
  switch (name) {
    case 'himmelblau':
      return {
        model: {
          ...base,
          surface: gridOf(himmelblau, [-5, 5, -5, 5], 97),
          paths: paths(
            himmelblau,
            [
              [-0.6, -4.2],
              [0.4, 4.6],
              [4.4, -4.6],
            ],
            [sgd(0.004), momentum(0.0022, 0.9), adam(0.12)],
            120,
            theme,
          ),
        },
        row: 22.4,
      };
    case 'rosenbrock':
      return {
        model: {
          ...base,
          heightScale: 'log',
          surface: gridOf(rosenbrock, [-2, 2, -1, 3], 97),
          paths: paths(rosenbrock, [[-1.6, 2.6]], [sgd(0.0011), momentum(0.0006, 0.9), adam(0.05)], 400, theme),
        },
        row: 180.5,
      };
    case 'gaps':
      return {
        model: {
          ...base,
          surface: gridOf(torn, [-2, 2, -2, 2], 65),
          paths: paths(
            torn,
            [
              [-1.7, 1.7],
              [1.8, -1.6],
              [1.9, 1.6],
            ],
            [sgd(0.05), momentum(0.03, 0.9), adam(0.06)],
            90,
            theme,
          ),
        },
        row: 30,
      };
    case 'network':
      return {
        model: {
          ...base,
          labels: { x: 'PC 1 (81 %)', y: 'PC 2 (12 %)', loss: 'Training loss' },
          surface: gridOf(ravine, [-3.2, 3.2, -2.1, 2.1], 51),
          colorMap: 'batlow',
          paths: paths(ravine, [[-2.8, 1.9]], [sgd(0.05), momentum(0.02, 0.9), adam(0.07)], 160, theme),
        },
        row: 60.2,
      };
    case 'coarse':
      return { model: { ...base, surface: gridOf(himmelblau, [-5, 5, -5, 5], 7), paths: [] }, row: 0 };
    case 'flat':
      return { model: { ...base, surface: gridOf(() => 0.5, [0, 1, 0, 1], 9), paths: [] }, row: 0 };
    case 'critical':
      return {
        model: { ...base, surface: gridOf(himmelblau, [-5, 5, -5, 5], 97), paths: [], marks: criticalPoints },
        row: 0,
      };
    default:
      return name satisfies never;
  }
}

/** Those of Himmelblau's function; the maximum stands out, as a point beside the plane would. */
const criticalPoints = (
  [
    ['minimum', 3, 2],
    ['minimum', -2.805118, 3.131313],
    ['minimum', -3.77931, -3.283186],
    ['minimum', 3.584428, -1.848127],
    ['saddle', 0.086678, 2.884255],
    ['saddle', 3.385154, 0.073852],
    ['saddle', -3.073026, -0.081353],
    ['saddle', -0.127961, -1.953715],
    ['maximum', -0.270845, -0.923039],
    ['degenerate', 4, 4.5],
    ['notCritical', -4.5, 1.5],
  ] as const
).map(([kind, x, y], i): SceneMark => {
  const chosen = kind === 'maximum';
  return { id: String(i), kind, x, y, label: chosen ? 'Maximum  181.6' : '', chosen, drop: chosen ? 0.1 : 0 };
});
