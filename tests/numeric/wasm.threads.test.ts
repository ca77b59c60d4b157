import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { createWasmExecutor, type KernelName, type LoadKernel } from '../../src/main/engine/executors/wasm';
import { selectKernels } from '../../src/main/engine/executors/wasm/kernels';
import { createMachine, type Machine } from '../../src/main/engine/executors/wasm/machine';
import { control } from '../../src/main/engine/executors/wasm/memory';
import { createWasmObjective } from '../../src/main/engine/executors/wasm/objective';
import { shardCount } from '../../src/main/engine/executors/wasm/program';
import { type BuildOptions, buildNetwork } from '../../src/main/engine/graph/build';
import type { Objective } from '../../src/main/engine/objectives/objective';
import { createRng } from '../../src/main/engine/random';
import { modelSchema } from '../../src/shared/model/experiment';
import { type Case, makeCase, normalVector, randomTargets, relativeError } from './networks';

const load: LoadKernel = (kernel) => readFile(new URL(`../../out/kernels/kernels.${kernel}.wasm`, import.meta.url));

/** Large enough to be split into shards, odd enough to leave every kind of remainder. */
const big = makeCase({ activation: 'tanh', loss: 'softmaxCrossEntropy', sizes: [61, 50, 33, 7], examples: 1_013 });

const options = { inputShape: [2, 20, 24], loss: 'softmaxCrossEntropy' };
const image = [
  { type: 'conv2d', filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' },
  { type: 'maxPool2d', poolSize: 2 },
  { type: 'depthwiseConv2d', kernelSize: 3, multiplier: 2, stride: 2 },
  { type: 'flatten' },
];
/** Windows and dropout, large enough to be split. */
const windows = randomCase(
  { ...options, layers: [...image, { type: 'dropout', rate: 0.3 }, { type: 'dense', units: 5 }] },
  { dropout: true },
);
/** All rows of a command at once. */
const coupled = randomCase({ ...options, layers: [{ type: 'batchNorm' }, ...image, { type: 'dense', units: 5 }] }, {});

function randomCase(model: unknown, build: BuildOptions): Case {
  const network = buildNetwork(modelSchema.parse(model), build);
  const examples = 333;
  const rng = createRng(5, 'windows');
  const size = network.layout.reduce((sum, block) => sum + block.size, 0);
  return {
    name: '',
    network,
    data: {
      x: Float32Array.from({ length: examples * 960 }, () => rng.normal()),
      y: randomTargets(rng, 'softmaxCrossEntropy', 5, examples),
      examples,
    },
    params: Float64Array.from({ length: size }, () => Math.fround(rng.normal() / 4)),
  };
}

/** Every number every command gives, as one array. */
function everything(objective: Objective, item: Case): number[] {
  const { params } = item;
  const n = params.length;
  const rows = Int32Array.from({ length: 777 }, (_, i) => (i * 37) % item.data.examples);
  const out = objective.allocate();
  const numbers: number[] = [];
  for (const chosen of [undefined, rows]) {
    numbers.push(objective.value(params, chosen) as number);
    numbers.push(objective.gradient(params, out, chosen) as number, ...out);
    numbers.push(...(Object.values(objective.measure(params, chosen)) as number[]));
    for (const matrix of ['hessian', 'gaussNewton'] as const) {
      const operator = objective[matrix]!(params, chosen) as Exclude<
        ReturnType<Objective['hessian']>,
        Promise<unknown>
      >;
      operator.apply(normalVector(n, 1), out);
      numbers.push(...out);
      operator.dispose();
    }
    const coordinates = Float64Array.from({ length: 26 }, (_, i) => Math.sin(i));
    const tile = { origin: params, d1: normalVector(n, 2), d2: normalVector(n, 3), coordinates };
    const plane = objective.plane(tile, chosen) as Exclude<ReturnType<Objective['plane']>, Promise<unknown>>;
    numbers.push(...plane.loss, ...plane.standardError, ...plane.accuracy);
  }
  return numbers;
}

async function machineWith(threads: number, kernel: KernelName = 'simd'): Promise<Machine> {
  const machine = await createMachine(await selectKernels(load, kernel), threads);
  onTestFinished(() => machine.dispose());
  return machine;
}

describe('threads', () => {
  test.each(['simd', 'relaxed'] as const)(
    '%s: the same bytes with 1, 2, 3 and 5 threads, and again',
    async (kernels) => {
      const runs: number[][] = [];
      for (const threads of [1, 2, 2, 3, 5]) {
        const executor = await createWasmExecutor({ load, kernels, threads });
        expect(executor.description).toContain(threads === 1 ? '1 thread)' : `${threads} threads)`);
        const objective = await executor.load(big.network, big.data);
        runs.push(everything(objective, big));
        runs.push(everything(objective, big));
        executor.dispose();
      }
      for (const run of runs.slice(1)) expect(run).toEqual(runs[0]);
    },
  );

  test.each([
    ['windows and dropout', windows],
    ['rows that depend on each other', coupled],
  ] as const)('the same bytes with 1 and 3 threads: %s', async (_, item) => {
    const runs: number[][] = [];
    for (const threads of [1, 3]) {
      const machine = await machineWith(threads);
      const objective = createWasmObjective(machine, item.network, item.data, '');
      objective.redraw?.(3);
      runs.push(everything(objective, item));
      objective.dispose();
      machine.workspace.release();
      expect(machine.memory.used).toBe(0);
    }
    expect(runs[1]).toEqual(runs[0]);
    const reference = await createReferenceExecutor().load(item.network, item.data);
    reference.redraw?.(3);
    const out = new Float64Array(item.params.length);
    const loss = await reference.gradient(item.params, out);
    // value, loss of the gradient, gradient: as far as all rows go.
    expect(relativeError(runs[0]!.slice(0, 2 + out.length), [loss, loss, ...out])).toBeLessThan(1e-5);
  });

  test('the job of that test is split into shards', () => {
    const flops = 6 * big.params.length;
    expect(shardCount(big.data.examples, flops, big.params.length)).toBeGreaterThan(2);
    expect(shardCount(128, 6 * 354, 354)).toBe(1);
  });

  test('helpers that are gone between commands are not missed', async () => {
    const machine = await machineWith(2);
    const objective = createWasmObjective(machine, big.network, big.data, '');
    const before = everything(objective, big);
    Atomics.store(machine.memory.ints, control.quit, 1);
    Atomics.add(machine.memory.ints, control.job, 1);
    Atomics.notify(machine.memory.ints, control.job);
    await delay(50);
    expect(everything(objective, big)).toEqual(before);
  });

  test('a helper that dies holding a task costs one repetition, on one thread from then on', async () => {
    const machine = await machineWith(2);
    const objective = createWasmObjective(machine, big.network, big.data, '');
    const before = everything(objective, big);
    // A thief claims tasks as a helper would and dies with the first it gets.
    const thief = new Worker(
      `const { workerData: { memory, address, failed } } = require('node:worker_threads');
      const claims = new BigUint64Array(memory.buffer, address, 1);
      for (;;) {
        const claim = Atomics.load(claims, 0);
        if ((claim & 0xffffffffn) !== 1n) continue;
        if (Atomics.compareExchange(claims, 0, claim, claim + 1n) === claim) break;
      }
      Atomics.store(new Int32Array(memory.buffer), failed, 1);`,
      {
        eval: true,
        workerData: { memory: machine.memory.memory, address: control.address, failed: control.failed },
      },
    );
    let left = false;
    thief.once('exit', () => {
      left = true;
    });
    const out = objective.allocate();
    const deadline = performance.now() + 20_000;
    while (!left && performance.now() < deadline) {
      objective.gradient(big.params, out);
      await delay(1);
    }
    expect(left).toBe(true);
    expect(machine.threads).toBe(1);
    expect(everything(objective, big)).toEqual(before);
  });
});

describe('memory', () => {
  test('disposing gives everything back, however often', async () => {
    const machine = await machineWith(2);
    let size = 0;
    for (let cycle = 0; cycle < 12; cycle++) {
      const objective = createWasmObjective(machine, big.network, big.data, '');
      everything(objective, big);
      objective.hessian(big.params);
      objective.dispose();
      objective.dispose();
      machine.workspace.release();
      expect(machine.memory.used).toBe(0);
      if (cycle === 0) size = machine.memory.memory.buffer.byteLength;
      expect(machine.memory.memory.buffer.byteLength).toBe(size);
    }
  });

  test('a disposed objective or Hessian says so', async () => {
    const machine = await machineWith(1);
    const objective = createWasmObjective(machine, big.network, big.data, '');
    const hessian = objective.hessian(big.params) as {
      apply(v: Float32Array, out: Float32Array): void;
      dispose(): void;
    };
    hessian.dispose();
    const v = new Float32Array(big.params.length);
    expect(() => hessian.apply(v, v.slice())).toThrow('disposed');
    objective.dispose();
    expect(() => objective.value(big.params)).toThrow('disposed');
  });

  test('arrays of allocate are zero, used in place, and survive a growth of the memory', async () => {
    const machine = await machineWith(1);
    const objective = createWasmObjective(machine, big.network, big.data, '');
    const params = objective.allocate();
    expect(params.every((value) => value === 0)).toBe(true);
    params.set(big.params);
    const gradient = objective.allocate();
    const loss = objective.gradient(params, gradient);
    const hold = machine.memory.allocate(64 * 2 ** 20);
    const again = objective.allocate();
    expect(objective.gradient(params, again)).toBe(loss);
    expect(again).toEqual(gradient);
    const foreign = new Float64Array(params.length);
    objective.gradient(big.params, foreign);
    expect(Float32Array.from(foreign)).toEqual(Float32Array.from(gradient));
    machine.memory.free(hold);
  });

  test('rows and vectors of the wrong size are refused', async () => {
    const machine = await machineWith(1);
    const objective = createWasmObjective(machine, big.network, big.data, '');
    expect(() => objective.value(big.params, Int32Array.of(1_013))).toThrow('example 1013 of 1013');
    expect(() => objective.value(big.params, Int32Array.of(-1))).toThrow(RangeError);
    expect(() => objective.value(big.params, new Int32Array(0))).toThrow('at least one example');
    expect(() => objective.value(new Float32Array(3))).toThrow('3 parameters given');
  });
});

describe('a plane', () => {
  test('never answers from products of another origin, direction or subset', async () => {
    const machine = await machineWith(1);
    const small = makeCase({ activation: 'relu', loss: 'softmaxCrossEntropy', sizes: [9, 12, 4], examples: 60 });
    const objective = createWasmObjective(machine, small.network, small.data, '');
    const reference = await createReferenceExecutor().load(small.network, small.data);
    const origin = Float32Array.from(small.params);
    const d1 = Float32Array.from(normalVector(origin.length, 1));
    const d2 = Float32Array.from(normalVector(origin.length, 2));
    const rows = Int32Array.of(5, 1, 7);
    const coordinates = Float64Array.of(0.3, -0.2, 0, 0);
    const check = async () => {
      const tile = { origin, d1, d2, coordinates };
      for (const chosen of [undefined, rows, undefined]) {
        const got = (await objective.plane(tile, chosen)).loss;
        expect(relativeError(got, (await reference.plane(tile, chosen)).loss)).toBeLessThan(1e-5);
      }
    };
    await check();
    for (const array of [origin, d1, d2]) {
      array[3] = array[3]! + 1;
      await check();
    }
    rows[1] = 2;
    await check();
  });
});
