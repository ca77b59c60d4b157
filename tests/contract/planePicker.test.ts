import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/main/exchange/npy';
import { writeNpz } from '../../src/main/exchange/npz';
import type { AppError, ParamsInput } from '../../src/shared/contract';
import type { ExperimentInput } from '../../src/shared/model/experiment';
import type { RunInfo } from '../../src/shared/model/run';
import { createTestEngine, ok, type TestEngine } from './testEngine';

let engine: TestEngine;
let runs: [RunInfo, RunInfo];
const size = 4 * 3 + 3;

const experiment = (seed: number): ExperimentInput => ({
  name: `iris ${seed}`,
  objective: {
    kind: 'network',
    model: { inputShape: [4], layers: [{ type: 'dense', units: 3 }], loss: 'softmaxCrossEntropy' },
    data: { source: { kind: 'builtin', name: 'iris' } },
  },
  optimizer: { name: 'adam', learningRate: 0.05 },
  training: { stop: { steps: 20 } },
  executor: 'reference',
  seed,
});

beforeAll(async () => {
  engine = createTestEngine();
  runs = [(await engine.trained(experiment(1))).run, (await engine.trained(experiment(2))).run];
});
afterAll(() => engine.dispose());

const take = (name: string, bytes: Uint8Array<ArrayBuffer>) =>
  engine.router.call('data/import', { name, bytes, purpose: 'direction' });
const vector = (length: number, factor = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    writeNpy({ shape: [length], data: Float64Array.from({ length }, (_, i) => factor * Math.sin(i + 1)) }),
  );
const plane = (spec: ParamsInput<'plane/create'>['plane']) =>
  engine.router.call('plane/create', { source: { kind: 'runs', runIds: [runs[0].id] }, plane: spec });
async function refused(result: Promise<{ ok: boolean; error?: AppError }>): Promise<AppError> {
  const { error } = await result;
  if (!error) throw new Error('it was not refused');
  return error;
}

describe('a direction from a file', () => {
  it('is taken in as .npy, .npz and .safetensors, and names its axis', async () => {
    const { path } = await ok(take('sine wave.npy', vector(size)));
    expect(path).toMatch(/^[0-9a-f]{12}\/sine-wave\.npy$/);
    const made = await ok(plane({ kind: 'file', paths: [path] }));
    expect(made.labels).toEqual(['sine-wave.npy', 'random']);
    const arrays = {
      'layers.0.weight': { shape: [3, 4], data: Float64Array.from({ length: 12 }, (_, i) => Math.cos(i)) },
      'layers.0.bias': { shape: [3], data: new Float64Array(3) },
    };
    const second = await ok(take('cosine.npz', Uint8Array.from(writeNpz(arrays))));
    const both = await ok(plane({ kind: 'file', paths: [path, second.path] }));
    expect(both.labels).toEqual(['sine-wave.npy', 'cosine.npz']);
  });

  it('of another kind, empty, of another size, broken or gone is refused, at the file it is about', async () => {
    const other = await refused(take('notes.txt', Uint8Array.of(1)));
    expect(other).toMatchObject({
      code: 'badInput',
      message: '"notes.txt" is neither .npy nor .npz nor .safetensors.',
    });
    expect(other.cure).toContain('Save the direction as NPY');
    expect((await refused(take('empty.npy', new Uint8Array()))).message).toBe('"empty.npy" is empty.');
    // Examples come as CSV or NPZ as before.
    const data = await refused(engine.router.call('data/import', { name: 'd.npy', bytes: vector(size) }));
    expect(data.message).toBe('"d.npy" is neither .csv nor .npz.');

    const good = await ok(take('good.npy', vector(size)));
    const short = await ok(take('short.npy', vector(size - 1)));
    const wrong = await refused(plane({ kind: 'file', paths: [good.path, short.path] }));
    expect(wrong).toMatchObject({ code: 'badInput', field: ['plane', 'paths', 1] });
    expect(wrong.message).toBe(`"short.npy" is [${size - 1}], ${size - 1} numbers; the model has ${size} parameters.`);

    const broken = await ok(take('broken.safetensors', Uint8Array.of(1, 2, 3, 4)));
    const toward = { kind: 'file', path: broken.path } as const;
    const turned = await refused(plane({ kind: 'turned', base: { kind: 'pca' }, toward, angle: 1 }));
    expect(turned).toMatchObject({ code: 'badInput', field: ['plane', 'toward', 'path'] });
    expect(turned.message).toContain('"broken.safetensors"');
    expect(turned.cure).toBeTruthy();

    const base = { kind: 'file', paths: [short.path] } as const;
    const random = { kind: 'random' } as const;
    const below = await refused(
      plane({ kind: 'turned', base: { ...base, paths: [...base.paths] }, toward: random, angle: 1 }),
    );
    expect(below.field).toEqual(['plane', 'base', 'paths', 0]);

    rmSync(join(engine.services.importsFolder, good.path));
    expect(await refused(plane({ kind: 'file', paths: [good.path] }))).toMatchObject({
      ...{ code: 'badInput', message: 'The file "good.npy" is not there.' },
      ...{ cure: 'Choose the file again.', field: ['plane', 'paths', 0] },
    });
  });

  it('parallel to another, or the third direction inside the plane: said which', async () => {
    const [once, twice] = [await ok(take('once.npy', vector(size))), await ok(take('twice.npy', vector(size, 2)))];
    const parallel = await refused(plane({ kind: 'file', paths: [once.path, twice.path] }));
    expect(parallel.message).toBe(
      'The directions "once.npy" and "twice.npy" are parallel (cosine 1.000000): a line, not a plane.',
    );
    const inside = await refused(
      plane({
        kind: 'turned',
        base: { kind: 'file', paths: [once.path] },
        toward: { kind: 'file', path: twice.path },
        angle: 1,
      }),
    );
    expect(inside).toMatchObject({ field: ['plane', 'toward'], cure: 'Choose another direction or another origin.' });
    expect(inside.message).toBe('The direction "file" lies in the plane already.');
  });
});

describe('kept curves', () => {
  it('are listed oldest first with what tells them apart; a file that is none is named with the reason', async () => {
    const [a, b] = runs;
    expect(await ok(engine.router.call('connection/saved', { runId: a.id }))).toEqual({
      connections: [],
      unreadable: [],
    });
    const line = await ok(engine.router.call('connection/compute', { runIds: [a.id, b.id], curve: 'line', points: 5 }));
    const request = { runIds: [a.id, b.id], curve: 'bezier', steps: 5, points: 5 } as const;
    const curve = await ok(engine.router.call('connection/compute', { ...request, runIds: [a.id, b.id] }));
    const folder = join(engine.services.store.folder, `${a.id}.lossrun`, 'connections');
    expect(existsSync(folder)).toBe(true);
    writeFileSync(join(folder, 'broken.json'), '{');
    writeFileSync(join(folder, 'broken.npz'), '');
    writeFileSync(join(folder, 'foreign.json'), '{"curve": "circle"}');
    writeFileSync(join(folder, 'foreign.npz'), '');
    writeFileSync(join(folder, 'alone.json'), '{}');
    expect(readdirSync(folder)).toHaveLength(9);

    const { connections, unreadable } = await ok(engine.router.call('connection/saved', { runId: a.id }));
    expect(connections.map(({ id, curve: kind }) => [id, kind])).toEqual([
      [line.id, 'line'],
      [curve.id, 'bezier'],
    ]);
    expect(connections[1]?.ends.map(({ runId }) => runId)).toEqual([a.id, b.id]);
    expect(connections[1]?.trained?.barrier.height).toBe(curve.trained?.barrier.height);
    expect(unreadable.map(({ path, reason }) => [path.split('/').at(-1), reason])).toEqual([
      ['alone.json', '"alone.npz" with its curve is missing'],
      ['broken.json', expect.stringContaining('JSON')],
      ['foreign.json', expect.stringContaining('ends')],
    ]);
  });
});
