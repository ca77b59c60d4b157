import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/main/hosts/cli/program';
import { recordedTerminal } from '../unit/cli/sample';
import { commandLine } from './commandLine';
import { createTestEngine, ok } from './testEngine';

const folder = mkdtempSync(join(tmpdir(), 'loss-atlas-curvature-'));
const run = join(folder, 'iris.lossrun');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { atlas, json } = commandLine(join(folder, 'data'), ['hessian', run]);
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

beforeAll(async () => {
  const experiment = {
    name: 'iris',
    objective: {
      kind: 'network',
      model: {
        inputShape: [4],
        layers: [
          { type: 'dense', units: 6, activation: 'tanh' },
          { type: 'dense', units: 3 },
        ],
        loss: 'softmaxCrossEntropy',
      },
      data: { source: { kind: 'builtin', name: 'iris' } },
    },
    optimizer: { name: 'adam', learningRate: 0.02 },
    training: { stop: { steps: 60 }, recordEvery: 2 },
    executor: 'reference',
  };
  writeFileSync(join(folder, 'iris.json'), JSON.stringify(experiment));
  const { code, err } = await atlas('train', join(folder, 'iris.json'), '--out', run);
  expect([code, err]).toEqual([0, '']);
});

/** A path so long, and a network so large, that nothing of it is done in half a second. */
const digits = join(folder, 'digits.lossrun');
beforeAll(async () => {
  const experiment = {
    objective: {
      kind: 'network',
      model: {
        inputShape: [64],
        layers: [
          { type: 'dense', units: 24, activation: 'tanh' },
          { type: 'dense', units: 10 },
        ],
        loss: 'softmaxCrossEntropy',
      },
      data: { source: { kind: 'builtin', name: 'digits' } },
    },
    optimizer: { name: 'sgd', learningRate: 0.1 },
    training: { stop: { steps: 100 } },
  };
  writeFileSync(join(folder, 'digits.json'), JSON.stringify(experiment));
  const { code, err } = await atlas('train', join(folder, 'digits.json'), '--out', digits);
  expect([code, err]).toEqual([0, '']);
});

describe('atlas hessian', () => {
  it('has density, trace and layers that agree with every eigenvalue', async () => {
    const value = await json('--all', '--density', '--trace', '--layers', '--top', '2');
    const { all, density, trace, layers, eigenvalues } = value;
    expect(value).toMatchObject({ method: 'dense', parameters: 51, matrix: 'hessian', kind: 'notCritical' });
    expect(all.values).toHaveLength(51);
    expect(all.values.at(-1)).toBe(eigenvalues[0].value);

    expect(density).toMatchObject({ method: 'exact', products: 51, parameters: 51, samples: 120, row: 30, step: 60 });
    expect(density.mass).toBeAllclose(1, { atol: 1e-6 });
    expect(density.moments[0].value).toBeAllclose(sum(all.values) / 51, { rtol: 1e-9 });
    expect(trace).toMatchObject({ method: 'exact', products: 51 });
    expect(trace.value).toBeAllclose(sum(all.values), { rtol: 1e-9 });

    expect(
      layers.layers.map(({ name, parameters }: { name: string; parameters: number }) => [name, parameters]),
    ).toEqual([
      ['layers.0', 30],
      ['layers.1', 21],
    ]);
    expect(layers.eigenvectors[0].value).toBeAllclose(eigenvalues[0].value, { rtol: 1e-3 });
    // Interlacing: no block has a larger eigenvalue than the whole.
    for (const { eigenvalues: block } of layers.layers) expect(block[0].value).toBeLessThan(eigenvalues[0].value);
  });

  it('finds eigenvalues around a shift', async () => {
    const { around, all } = await json('--around', '0.01', '--all');
    const nearest = all.values.toSorted((a: number, b: number) => Math.abs(a - 0.01) - Math.abs(b - 0.01));
    expect(around.eigenvalues.map(({ value }: { value: number }) => value)).toEqual(nearest.slice(0, 3));
    expect((await atlas('hessian', run, '--around', 'x')).code).toBe(2);
  });

  it('follows the sharpness along the path, the last row included', async () => {
    const { alongPath, eigenvalues } = await json('--along-path', '8', '--tolerance', '1e-6');
    const { points } = alongPath;
    expect(points.map(({ step }: { step: number }) => step)).toEqual([0, 16, 32, 48, 60]);
    expect(points.at(-1).value).toBeAllclose(eigenvalues[0].value, { rtol: 1e-5 });
    // No step was taken from the last row.
    expect(points.map(({ learningRate }: { learningRate: number }) => learningRate)).toEqual([
      ...new Array(4).fill(0.02),
      null,
    ]);
    expect(points.every(({ converged }: { converged: boolean }) => converged)).toBe(true);
  });

  it('has a standard error on a subset and on minibatches, none on everything', async () => {
    expect((await json('--top', '1')).eigenvalues[0].standardError).toBeNull();
    const subset = await json('--subset', '60', '--trace', '--top', '1');
    expect(subset).toMatchObject({ samples: 60, subset: { kind: 'random', examples: 60, seed: 0 } });
    expect(subset.eigenvalues[0].standardError).toBeGreaterThan(0);
    expect(subset.trace.samplingStandardError).toBeGreaterThan(0);
    expect(subset.trace.standardError).toBe(subset.trace.samplingStandardError);
    const batches = await json('--batches', '3', '--batch-size', '20', '--along-path', '30', '--density', '--layers');
    expect(batches).toMatchObject({ samples: 60, subset: { kind: 'batches', batches: 3, batchSize: 20 } });
    for (const { standardError } of batches.alongPath.points) expect(standardError).toBeGreaterThan(0);
    expect(batches.density.moments[0].samplingStandardError).toBeGreaterThan(0);
    const epoch = await json('--batches', '6', '--batch-size', '20', '--trace', '--top', '1');
    // A whole epoch is everything.
    expect([epoch.samples, epoch.eigenvalues[0].standardError]).toEqual([120, 0]);
  });

  it('puts the Gauss–Newton and the empirical Fisher matrix beside the Hessian', async () => {
    const args = [
      '--ggn',
      '--fisher',
      '--executor',
      'onnx',
      '--trace',
      '--products',
      '51',
      '--top',
      '2',
      '--bottom',
      '1',
    ];
    const { gaussNewton, empiricalFisher, matrix, eigenvalues } = await json(...args);
    expect([matrix, gaussNewton.matrix, empiricalFisher.matrix]).toEqual(['hessian', 'gaussNewton', 'empiricalFisher']);
    for (const { all, trace } of [gaussNewton, empiricalFisher]) {
      // Both are positive semidefinite.
      expect(all.values[0]).toBeGreaterThan(-1e-6 * all.values.at(-1));
      expect(trace.value).toBeAllclose(sum(all.values), { rtol: 1e-4 });
    }
    const { code, out } = await atlas('hessian', run, ...args);
    expect(code).toBe(0);
    expect(out).toMatch(/^side by side +Hessian +Gauss–Newton matrix +empirical Fisher matrix$/m);
    const row = /^λ1 +(\S+) +(\S+) +(\S+)$/m.exec(out)!.slice(1).map(Number);
    const first = [eigenvalues, gaussNewton.eigenvalues, empiricalFisher.eigenvalues].map(([{ value }]) => value);
    expect(row).toBeAllclose(first, { rtol: 1e-5 });
    expect(out).toContain('For this loss the Gauss–Newton matrix is the Fisher information.');
  });

  it('refuses more minibatches than an epoch has, and two kinds of subset at once', async () => {
    const { code, err } = await atlas('hessian', run, '--batches', '7', '--batch-size', '20');
    expect([code, err]).toEqual([2, expect.stringMatching(/7 minibatches of 20.*120 examples.*at most 6/s)]);
    expect((await atlas('hessian', run, '--batches', '2', '--subset', '10')).code).toBe(2);
  });

  it('says all of it in lines for people', async () => {
    const { code, out, err } = await atlas(
      ...['hessian', run, '--density', '--trace', '--layers', '--along-path', '15', '--subset', '60', '--around', '1'],
    );
    expect([code, err]).toEqual([0, '']);
    for (const text of [
      /^step 60: not a critical point/,
      /^eigenvalue +residual +standard error +of gradient/m,
      /^nearest to 1$/m,
      /^trace .* ± .* \(summed exactly, 51 products\)\n {2}95 % interval .* to /m,
      /^layers\.0 +30 /m,
      /^density from .* to .* \(all eigenvalues, 59 products\)\n {2}mass 1, /m,
      /^sharpness along the path/m,
      /^ *30 .* 100 +converged$/m,
    ]) {
      expect(out).toMatch(text);
    }
    expect(out).not.toMatch(/NaN|undefined|null/);
  });

  it('measures functions too, and says why they have no Gauss–Newton matrix', async () => {
    const experiment = {
      objective: { kind: 'function', name: 'himmelblau', start: [0, 0] },
      optimizer: { name: 'sgd', learningRate: 0.01 },
      training: { stop: { steps: 50 } },
    };
    const himmelblau = join(folder, 'himmelblau.lossrun');
    writeFileSync(join(folder, 'himmelblau.json'), JSON.stringify(experiment));
    await atlas('train', join(folder, 'himmelblau.json'), '--out', himmelblau);
    const { code, out, err } = await atlas(
      ...['hessian', himmelblau, '--density', '--trace', '--layers', '--along-path', '25', '--json'],
    );
    expect([code, err]).toEqual([0, '']);
    const { trace, density, layers, alongPath, eigenvalues, bottom } = JSON.parse(out);
    expect(trace.value).toBeAllclose(eigenvalues[0].value + eigenvalues[1].value, { rtol: 1e-9 });
    expect(density.moments[0].value).toBeAllclose(trace.value / 2, { rtol: 1e-9 });
    expect(layers.layers.map(({ name }: { name: string }) => name)).toEqual(['x', 'y']);
    expect(alongPath.points.at(-1).value).toBeAllclose(eigenvalues[0].value, { rtol: 1e-9 });
    expect(bottom).toHaveLength(2);
    const refused = await atlas('hessian', himmelblau, '--ggn');
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/no Gauss–Newton products/)]);
  });

  it.each([
    ['every eigenvalue', ['--all']],
    ['a density', ['--density', '--starts', '200']],
    ['a trace', ['--trace', '--products', '5000']],
    ['layers', ['--layers', '--products', '5000']],
    ['a path', ['--along-path', '1', '--tolerance', '1e-12']],
    ['an interior eigenvalue', ['--around', '0.001', '--max-products', '5000', '--tolerance', '1e-12']],
  ])('is interrupted in the middle of %s', async (_, options) => {
    const terminal = recordedTerminal();
    let asked = 0;
    const args = [
      'hessian',
      digits,
      '--executor',
      'reference',
      '--top',
      '1',
      '--bottom',
      '0',
      ...options,
      '--data-folder',
      join(folder, 'data'),
    ];
    const ended = runCommandLine(args, terminal);
    setTimeout(() => {
      asked = performance.now();
      terminal.interrupt();
    }, 400);
    expect(await ended).toBe(1);
    // 100 ms on a machine of one's own; this one may be shared with other tests.
    expect(performance.now() - asked).toBeLessThan(400);
    expect([terminal.out, terminal.err]).toEqual(['', expect.stringContaining('Cancelled')]);
  });

  it('keeps every measurement in the run, and has it read back', async () => {
    const files = readdirSync(join(run, 'spectra'));
    for (const measurement of ['spectrum', 'density', 'trace', 'layers', 'alongPath']) {
      expect(files.filter((name) => name.startsWith(`${measurement}-row-30`))).not.toEqual([]);
    }
    const engine = createTestEngine();
    try {
      const { id } = await ok(engine.router.call('run/attach', { path: run }));
      const { results, unreadable } = await ok(engine.router.call('curvature/saved', { runId: id }));
      expect(unreadable).toEqual([]);
      expect(results).toHaveLength(files.length);
      const path = results.find(({ measurement }) => measurement === 'alongPath');
      if (path?.measurement !== 'alongPath') throw new Error('no path was kept');
      expect(path.result.points.at(-1)).toMatchObject({ row: 30, step: 60, learningRate: Number.NaN });
    } finally {
      await engine.dispose();
    }
  });
});
