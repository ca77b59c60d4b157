import { describe, expect, test } from 'vitest';
import { createTensorflowExecutor } from '../../../../../src/main/engine/executors/tensorflow';
import { loadLibrary, type TensorflowAbsent } from '../../../../../src/main/engine/executors/tensorflow/library';
import { UserError } from '../../../../../src/shared/errors';

const gpu = '@tensorflow/tfjs-node-gpu';
const cpu = '@tensorflow/tfjs-node';

/** As Node says it for `import` and for `require`. */
const notFound = (name: string) => new Error(`Cannot find package '${name}' imported from /app/out/main/cli.js`);
const notRequired = (name: string) => new Error(`Cannot find module '${name}'\nRequire stack:\n- /app/x.js`);
const noAddon = new Error(
  'The Node.js native addon module (tfjs_binding.node) can not be found at path: lib/napi-v8/tfjs_binding.node. \nPlease run',
);
/** As the loader of modules gives it: the exports of CommonJS are the default one. */
const found = (isUsingGpuDevice: boolean) => ({
  default: { backend: () => ({ isUsingGpuDevice, binding: {} }), version: { tfjs: '4.22.0' } },
});

const loading = (answers: Record<string, unknown>) => async (name: string) => {
  const answer = answers[name];
  if (answer instanceof Error) throw answer;
  return answer;
};
const failing = (answers: Record<string, Error>) =>
  createTensorflowExecutor({ load: loading(answers) }).catch((error: unknown) => error) as Promise<TensorflowAbsent>;

describe('a tensorflow executor that is not there', () => {
  test.each([
    ['imported', notFound],
    ['required', notRequired],
  ])('is not installed: %s', async (_, message) => {
    const absent = await failing({ [gpu]: message(gpu), [cpu]: message(cpu) });
    expect(absent).toBeInstanceOf(UserError);
    expect(absent.code).toBe('engine');
    expect(absent.shortfalls).toEqual([
      { package: gpu, reason: 'notInstalled', detail: expect.stringMatching(/^Cannot find .*tfjs-node-gpu/) },
      { package: cpu, reason: 'notInstalled', detail: expect.stringMatching(/^Cannot find .*tfjs-node'/) },
    ]);
    expect(absent.message).toMatch(/not installed.*tfjs-node-gpu or @tensorflow\/tfjs-node\./);
    expect(absent.cure).toMatch(/npm install.*another executor/);
  });

  test('has a binding that fails: its reason is told, not that another package is missing', async () => {
    const absent = await failing({ [gpu]: notFound(gpu), [cpu]: noAddon });
    expect(absent.shortfalls.map(({ reason }) => reason)).toEqual(['notInstalled', 'bindingFailed']);
    expect(absent.message).toMatch(/cannot be loaded on this machine: @tensorflow\/tfjs-node: .*tfjs_binding\.node$/);
    expect(absent.message).not.toContain('\n');
    expect(absent.cure).toMatch(/npm rebuild @tensorflow\/tfjs-node /);
  });

  test('lacks a package of its own', async () => {
    const absent = await failing({ [gpu]: notRequired('@mapbox/node-pre-gyp'), [cpu]: notFound(cpu) });
    expect(absent.shortfalls.map(({ reason }) => reason)).toEqual(['bindingFailed', 'notInstalled']);
    expect(absent.message).toContain('@mapbox/node-pre-gyp');
  });
});

describe('a tensorflow executor that is there', () => {
  const descriptionOf = async (answers: Record<string, unknown>) =>
    (await createTensorflowExecutor({ load: loading(answers) })).description;

  test('says what it runs on', async () => {
    expect(await descriptionOf({ [gpu]: found(true) })).toBe('tensorflow (CUDA, tfjs-node-gpu)');
    expect(await descriptionOf({ [gpu]: noAddon, [cpu]: found(false) })).toBe('tensorflow (CPU, tfjs-node)');
  });

  test('says that the GPU package finds no device, and runs on the CPU', async () => {
    const answers = { [gpu]: found(false), [cpu]: found(false) };
    expect(await descriptionOf(answers)).toBe('tensorflow (CPU, tfjs-node-gpu, without a CUDA device)');
    const { device, shortfalls } = await loadLibrary({ load: loading(answers) });
    expect(device).toBe('CPU');
    expect(shortfalls).toMatchObject([{ package: gpu, reason: 'noCuda' }]);
  });
});
