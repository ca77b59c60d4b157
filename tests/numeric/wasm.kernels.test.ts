import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { activations } from '../../src/main/engine/executors/reference/activations';
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from '../../src/main/engine/executors/reference/conv2d';
import { activationKinds } from '../../src/main/engine/executors/wasm/instructions';
import { type KernelName, selectKernels } from '../../src/main/engine/executors/wasm/kernels';
import { createMachine, type Machine } from '../../src/main/engine/executors/wasm/machine';
import { adjointOf, type Correlation, correlationOf, noWeight } from '../../src/main/engine/executors/wasm/windows';
import { slideFilters, type WindowSpec } from '../../src/main/engine/graph/window';
import { createRng } from '../../src/main/engine/random';

const load = (kernel: KernelName) => readFile(new URL(`../../out/kernels/kernels.${kernel}.wasm`, import.meta.url));

/** The kernels that are tested one by one; commands reach them through a tape. */
interface SingleKernels {
  activate(kind: number, x: number, out: number, bytes: number): void;
  activateGrad(kind: number, s: number, dy: number, out: number, bytes: number, add: boolean): void;
  activateGrad2(kind: number, s: number, rx: number, dy: number, out: number, bytes: number, add: boolean): void;
  packTiles(a: number, m: number, k: number, i0: number, i1: number, out: number): void;
  dense(
    panels: number,
    m: number,
    k: number,
    a: number,
    step: number,
    tileStep: number,
    x: number,
    out: number,
    start: number,
    bias: number,
    relu: boolean,
  ): void;
  outer(panels: number, m: number, n: number, x: number, y: number, out: number, add: boolean, room: number): void;
  sumRows(panels: number, m: number, x: number, out: number, add: boolean): void;
  correlate(
    plan: number,
    panels: number,
    x: number,
    weights: number,
    out: number,
    start: number,
    bias: number,
    relu: boolean,
    room: number,
  ): void;
  correlateWeights(plan: number, panels: number, x: number, dy: number, out: number, add: boolean, room: number): void;
}

/** [rows, features] to panels. */
function toPanels(values: Float32Array, features: number): Float32Array {
  return values.map((_, at) => {
    const [place, lane] = [at >> 3, at & 7];
    return values[(8 * Math.floor(place / features) + lane) * features + (place % features)]!;
  });
}

/** [channels, height, width], filters, and how the window slides. */
const convolutions: [string, number[], number, boolean, WindowSpec][] = [
  ['3 × 3', [3, 7, 6], 5, false, { kernel: 3, stride: 1, padding: 'valid' }],
  ['images of several blocks', [2, 40, 37], 6, false, { kernel: 3, stride: 1, padding: 'same' }],
  ['strides', [2, 9, 8], 4, false, { kernel: [3, 2], stride: [2, 3], padding: 'valid' }],
  ['strides beyond the kernel', [1, 9, 8], 2, false, { kernel: [1, 2], stride: [3, 3], padding: 'valid' }],
  ['strides with zeros around', [3, 9, 9], 7, false, { kernel: 4, stride: 2, padding: 'same' }],
  ['one place', [4, 3, 3], 9, false, { kernel: 3, stride: 1, padding: 'valid' }],
  ['1 × 1', [5, 4, 3], 8, false, { kernel: 1, stride: 1, padding: 'same' }],
  ['depthwise', [3, 6, 7], 1, true, { kernel: 3, stride: 1, padding: 'same' }],
  ['depthwise, two filters each, strides', [3, 30, 41], 2, true, { kernel: [2, 3], stride: 2, padding: 'valid' }],
  ['depthwise of one channel', [1, 6, 7], 4, true, { kernel: 3, stride: 1, padding: 'valid' }],
];

const kinds = Object.keys(activationKinds) as (keyof typeof activationKinds)[];
const resultBased = new Set(['relu', 'leakyRelu', 'tanh', 'sigmoid', 'elu']);
const extremes = [0, -0, 1e-38, -1e-38, 1e-20, -1e-20, 1e-6, -1e-6, 50, -50, 100, -100, 1e4, -1e4, 3e38, -3e38];

/** Every magnitude from 1e-6 to 100, both signs, and what the functions are about. */
const samples = Float32Array.from([
  ...Array.from({ length: 4_000 }, (_, i) => -20 + i / 100),
  ...Array.from({ length: 1_600 }, (_, i) => 10 ** (-6 + i / 200)),
  ...Array.from({ length: 1_600 }, (_, i) => -(10 ** (-6 + i / 200))),
]);

for (const name of ['simd', 'relaxed'] as const) {
  describe(`${name} kernels`, () => {
    let machine: Machine;
    let kernels: SingleKernels;
    beforeAll(async () => {
      machine = await createMachine(await selectKernels(load, name), 1);
      kernels = machine.exports as unknown as SingleKernels;
    });

    const place = (values: ArrayLike<number>): number => {
      const address = machine.memory.allocate(4 * values.length);
      machine.memory.floats.set(values, address / 4);
      return address;
    };
    const read = (address: number, length: number) => machine.memory.floats.slice(address / 4, address / 4 + length);
    const apply = (kind: keyof typeof activationKinds, values: ArrayLike<number>): Float32Array => {
      const padded = new Float32Array(Math.ceil(values.length / 4) * 4);
      padded.set(values);
      const x = place(padded);
      const out = place(padded);
      kernels.activate(activationKinds[kind], x, out, 4 * padded.length);
      return read(out, values.length);
    };

    test.each(kinds)('%s is right to 8 units in the last place, a few more in far tails', (kind) => {
      const got = apply(kind, samples);
      let worst = 0;
      samples.forEach((x, i) => {
        const want = activations[kind].value(x);
        // e^u of a float32 u is no better than |u| units; results below 1e-36 may be flushed to zero.
        const exponent = kind === 'gelu' ? (x * x) / 2 : Math.abs(x);
        const tail = Math.max(1, exponent / 4);
        worst = Math.max(worst, (Math.abs(got[i]! - want) - 1e-36) / Math.abs(want) / tail);
      });
      expect(worst).toBeLessThan(8 * 2 ** -24);
    });

    test.each(kinds)('%s at extremes: finite where it should be, NaN in NaN out', (kind) => {
      const got = apply(kind, [...extremes, Number.NaN]);
      expect(got.at(-1)).toBeNaN();
      extremes.forEach((x, i) => {
        const want = Math.fround(activations[kind].value(Math.fround(x)));
        expect(got[i], `f(${x})`).toBeAllclose(want, { rtol: 1e-6, atol: 1e-36 });
      });
    });

    test.each(kinds)("%s: f' and f'' times what they are applied to, written and added", (kind) => {
      const { derivative, secondDerivative } = activations[kind];
      const x = Float32Array.from({ length: 160 }, (_, i) => -8 + i / 10 + 0.05);
      const rng = createRng(3, 'factors');
      const dy = x.map(() => Math.fround(rng.normal()));
      const rx = x.map(() => Math.fround(rng.normal()));
      const s = resultBased.has(kind) ? apply(kind, x) : x;
      const [sAt, dyAt, rxAt] = [place(s), place(dy), place(rx)];
      const out = place(new Float32Array(x.length).fill(9));
      // 1 − y² of a float32 y near 1 is exact to its units, not its own.
      const close = { rtol: 4e-6, atol: 1e-6 };

      kernels.activateGrad(activationKinds[kind], sAt, dyAt, out, 4 * x.length, false);
      const first = x.map((v, i) => derivative(v) * dy[i]!);
      expect(read(out, x.length)).toBeAllclose(first, close);
      if (kind === 'relu' || kind === 'leakyRelu') return;
      kernels.activateGrad2(activationKinds[kind], sAt, rxAt, dyAt, out, 4 * x.length, true);
      expect(read(out, x.length)).toBeAllclose(
        x.map((v, i) => first[i]! + secondDerivative(v) * rx[i]! * dy[i]!),
        { rtol: 4e-6, atol: 4e-6 },
      );
    });

    test.each(convolutions)('convolutions and both adjoints: %s', (label, image, filters, depthwise, spec) => {
      const window = slideFilters(image, spec, filters, depthwise);
      const rng = createRng(9, label);
      const random = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
      const places = window.outHeight * window.outWidth;
      const [inputs, outputs] = [window.channels * window.height * window.width, window.filters * places];
      const weights = (window.filters * window.channels * window.kernelHeight * window.kernelWidth) / window.groups;
      const rows = 16;
      const [x, dy, w, bias] = [random(rows * inputs), random(rows * outputs), random(weights), random(window.filters)];
      const exact = [x, dy, w].map((values) => Float64Array.from(values)) as [Float64Array, Float64Array, Float64Array];
      const [xAt, dyAt] = [place(toPanels(x, inputs)), place(toPanels(dy, outputs))];
      const sentinel = (n: number) => place(new Float32Array(n + 64).fill(77));
      const put = ({ words, permutation, roomBytes }: Correlation) => {
        const plan = machine.memory.allocate(4 * words.length);
        machine.memory.words.set(words, plan / 4);
        const packed = place(permutation.map((i) => (i === noWeight ? 0 : w[i]!)));
        return { plan, packed, room: machine.memory.allocate(roomBytes) };
      };
      const close = (terms: number) => ({ rtol: 1e-6, atol: 2e-6 * Math.sqrt(terms) });
      const forward = put(correlationOf(window));
      const back = put(adjointOf(window));
      const taps = weights / window.filters;

      const y = sentinel(rows * outputs);
      kernels.correlate(forward.plan, 2, xAt, forward.packed, y, 1, place(bias), true, forward.room);
      const wantedY = new Float64Array(rows * outputs);
      conv2d(window, rows, exact[0], exact[2], wantedY);
      const activated = wantedY.map((v, i) => Math.max(0, v + bias[Math.floor(i / places) % window.filters]!));
      expect(read(y, rows * outputs)).toBeAllclose(toPanels(Float32Array.from(activated), outputs), close(taps));
      expect(read(y, rows * outputs + 64).slice(rows * outputs)).toEqual(new Float32Array(64).fill(77));

      const dx = sentinel(rows * inputs);
      for (const start of [0, 2]) {
        kernels.correlate(back.plan, 2, dyAt, back.packed, dx, start, 0, false, back.room);
      }
      const wantedX = new Float64Array(rows * inputs);
      conv2dInputGrad(window, rows, exact[1], exact[2], wantedX);
      const twice = Float32Array.from(wantedX, (v) => 2 * v);
      expect(read(dx, rows * inputs)).toBeAllclose(toPanels(twice, inputs), close(2 * taps * window.filters));
      expect(read(dx, rows * inputs + 64).slice(rows * inputs)).toEqual(new Float32Array(64).fill(77));

      const dw = sentinel(weights);
      for (const add of [false, true]) kernels.correlateWeights(forward.plan, 2, xAt, dyAt, dw, add, forward.room);
      const wantedW = new Float64Array(weights);
      conv2dWeightGrad(window, rows, exact[1], exact[0], wantedW);
      expect(read(dw, weights)).toBeAllclose(
        wantedW.map((v) => 2 * v),
        close(2 * rows * places),
      );
      expect(read(dw, weights + 64).slice(weights)).toEqual(new Float32Array(64).fill(77));
    });

    test.each([
      [1, 1, 1],
      [1, 4, 3],
      [2, 5, 7],
      [3, 10, 13],
      [2, 33, 18],
      [5, 70, 3],
      [1, 3, 1_100],
    ])('products of %i panels, %i × %i, against float64 loops', (panels, m, k) => {
      const rng = createRng(panels * m * k, 'products');
      const random = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
      const rows = 8 * panels;
      const [w, b, x, d] = [random(m * k), random(m), random(rows * k), random(rows * m)];
      const feature = (values: Float32Array, size: number, row: number, i: number) =>
        values[((row >> 3) * size + i) * 8 + (row & 7)]!;
      const wAt = place(w);
      const xAt = place(x);
      const dAt = place(d);
      const packed = place(new Float32Array(4 * Math.ceil(m / 4) * k));
      kernels.packTiles(wAt, m, k, 0, m, packed);

      // A sentinel behind each result shows stores past its end.
      const out = place(new Float32Array(rows * m + 64).fill(77));
      kernels.dense(panels, m, k, packed, 16, 16 * k, xAt, out, 1, place(b), true);
      const forward = new Float64Array(rows * m);
      const scale = Math.sqrt(k);
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < m; i++) {
          let sum = b[i]!;
          for (let p = 0; p < k; p++) sum += w[i * k + p]! * feature(x, k, r, p);
          forward[((r >> 3) * m + i) * 8 + (r & 7)] = Math.max(0, sum);
        }
      }
      expect(read(out, rows * m)).toBeAllclose(forward, { rtol: 1e-6, atol: 1e-6 * scale });
      expect(read(out, rows * m + 64).slice(rows * m)).toEqual(new Float32Array(64).fill(77));

      const back = place(new Float32Array(rows * k + 64).fill(77));
      kernels.dense(panels, k, m, wAt, 4 * k, 16, dAt, back, 0, 0, false);
      kernels.dense(panels, k, m, wAt, 4 * k, 16, dAt, back, 2, 0, false);
      const backward = new Float64Array(rows * k);
      for (let r = 0; r < rows; r++) {
        for (let p = 0; p < k; p++) {
          let sum = 0;
          for (let i = 0; i < m; i++) sum += w[i * k + p]! * feature(d, m, r, i);
          backward[((r >> 3) * k + p) * 8 + (r & 7)] = 2 * sum;
        }
      }
      expect(read(back, rows * k)).toBeAllclose(backward, { rtol: 1e-6, atol: 1e-6 * Math.sqrt(m) });
      expect(read(back, rows * k + 64).slice(rows * k)).toEqual(new Float32Array(64).fill(77));

      const room = place(new Float32Array(panels * (32 * m + 160)));
      const grad = place(new Float32Array(m * k + 64).fill(77));
      const sums = place(new Float32Array(m + 64).fill(77));
      for (const add of [false, true]) {
        kernels.outer(panels, m, k, dAt, xAt, grad, add, room);
        kernels.sumRows(panels, m, dAt, sums, add);
      }
      const wanted = new Float64Array(m * k);
      const wantedSums = new Float64Array(m);
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < m; i++) {
          wantedSums[i] = wantedSums[i]! + 2 * feature(d, m, r, i);
          for (let p = 0; p < k; p++) wanted[i * k + p]! += 2 * feature(d, m, r, i) * feature(x, k, r, p);
        }
      }
      expect(read(grad, m * k)).toBeAllclose(wanted, { rtol: 1e-6, atol: 1e-5 });
      expect(read(sums, m)).toBeAllclose(wantedSums, { rtol: 1e-6, atol: 1e-5 });
      expect(read(grad, m * k + 64).slice(m * k)).toEqual(new Float32Array(64).fill(77));
      expect(read(sums, m + 64).slice(m)).toEqual(new Float32Array(64).fill(77));
    });
  });
}
