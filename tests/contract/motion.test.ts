import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import type { MotionRows } from '../../src/shared/model/motion';
import type { RunInfo } from '../../src/shared/model/run';
import { createTestEngine, ok } from './testEngine';

const net = (change: Partial<ExperimentInput> = {}): ExperimentInput => ({
  name: 'iris',
  objective: {
    kind: 'network',
    model: {
      inputShape: [4],
      layers: [
        { type: 'dense', units: 6, activation: 'tanh' },
        { type: 'dropout', rate: 0.2 },
        { type: 'dense', units: 3 },
      ],
      loss: 'softmaxCrossEntropy',
    },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'adam', learningRate: 0.02 },
  training: { batchSize: 16, stop: { steps: 41, gradientNorm: 1e-9, patience: 500 }, recordEvery: 4 },
  executor: 'reference',
  ...change,
});

const engine = createTestEngine();
const { router, services } = engine;
let run: RunInfo;
beforeAll(async () => {
  ({ run } = await engine.trained(net()));
});
afterAll(() => engine.dispose());

const seen = (runId: string) => ({
  runId,
  source: { kind: 'runs' as const, runIds: [runId] },
  plane: { kind: 'pca' as const },
});

describe('what moves a recorded run', () => {
  it.each(['reference', 'wasm'] as const)(
    'is told by repeating it: minibatches, dropout, rows left out (%s)',
    async (executor) => {
      const { run: own } = executor === 'reference' ? { run } : await engine.trained(net({ executor }));
      const parts: MotionRows[] = [];
      const motion = await ok(router.call('run/motion', seen(own.id), { onPartial: (part) => parts.push(part) }));
      expect([motion.rows, motion.memory, motion.adaptive]).toEqual([own.rows, 'firstMoment', true]);
      expect(parts.flatMap(({ columns }) => [...columns.velocityX])).toEqual([...motion.columns.velocityX]);
      // Where every step is recorded the steps lead from point to point of the path; here they are as long as was written.
      const metrics = services.store.metrics(own.id);
      const plane = await ok(router.call('plane/create', { source: seen(own.id).source, plane: { kind: 'pca' } }));
      const [n1, n2] = plane.norms;
      for (let row = 0; row + 1 < own.rows; row++) {
        const onPlane = Math.hypot(motion.columns.stepX[row]! * n1, motion.columns.stepY[row]! * n2);
        expect(onPlane).toBeGreaterThan(0);
        expect(onPlane).toBeLessThanOrEqual(metrics.updateNorm[row]! * (1 + 1e-6));
      }
      expect(motion.columns.stepX.at(-1)).toBeNaN();
      expect(motion.columns.descentX.every(Number.isFinite)).toBe(true);
    },
  );

  it('leads along the path where every step was recorded', async () => {
    const { run: whole } = await engine.trained(net({ training: { stop: { steps: 12 } } }));
    const motion = await ok(router.call('run/motion', seen(whole.id)));
    const { paths } = await ok(router.call('plane/create', { source: seen(whole.id).source, plane: { kind: 'pca' } }));
    const { x, y } = paths[0]!;
    for (let row = 0; row < 12; row++) {
      expect(motion.columns.stepX[row]).toBeAllclose(x[row + 1]! - x[row]!, { atol: 1e-6 });
      expect(motion.columns.stepY[row]).toBeAllclose(y[row + 1]! - y[row]!, { atol: 1e-6 });
    }
  });

  it('of a function, cancelled by hand and diverged runs too', async () => {
    const himmelblau: ExperimentInput = {
      name: 'himmelblau',
      objective: { kind: 'function', name: 'himmelblau' },
      optimizer: { name: 'momentum', learningRate: 0.01 },
      training: { stop: { steps: 30 } },
    };
    const { run: calm } = await engine.trained(himmelblau);
    const request = (runId: string) => ({ ...seen(runId), plane: { kind: 'parameters' as const } });
    const motion = await ok(router.call('run/motion', request(calm.id)));
    const theta = services.store.trajectory(calm.id).read(0, 2);
    expect([motion.columns.stepX[0], motion.columns.stepY[0]]).toBeAllclose(
      [theta[2]! - theta[0]!, theta[3]! - theta[1]!],
      {
        atol: 1e-5,
      },
    );
    const wild = await engine.trained({
      ...himmelblau,
      optimizer: { name: 'sgd', learningRate: 1 },
      training: { recordEvery: 3 },
    });
    expect(wild.run.outcome.kind).toBe('diverged');
    expect((await ok(router.call('run/motion', request(wild.run.id)))).rows).toBe(wild.run.rows);
  });

  it('is cancelled, and refused for a run that is not there', async () => {
    const signal = AbortSignal.abort();
    expect(await router.call('run/motion', seen(run.id), { signal })).toMatchObject({ error: { code: 'cancelled' } });
    expect(await router.call('run/motion', { ...seen(run.id), runId: 'none' })).toMatchObject({ ok: false });
  });
});

it('the plane of a trained curve tells where the bends are', async () => {
  const { run: other } = await engine.trained(net({ seed: 3 }));
  const runIds: [string, string] = [run.id, other.id];
  const made = await ok(router.call('connection/compute', { runIds, curve: 'bezier', steps: 20, points: 7 }));
  const plane = { kind: 'connection' as const, id: made.id, axes: 'given' as const };
  const { curve } = await ok(router.call('plane/create', { source: { kind: 'runs', runIds }, plane }));
  // Axes: toward the other end and toward the bend.
  expect([...curve!.bends.x, ...curve!.bends.y]).toBeAllclose([0, 1], { atol: 1e-6 });
  // φ(½) of a Bezier curve is (A + 2C + B)/4.
  expect([curve!.x[3], curve!.y[3]]).toBeAllclose([0.25, 0.5], { atol: 1e-5 });
});
