import { describe, expect, test } from 'vitest';
import { createOnnxExecutor } from '../../../../../src/main/engine/executors/onnx';
import { UserError } from '../../../../../src/shared/errors';

const failing = (error: Error) => createOnnxExecutor({ load: () => Promise.reject(error) }).catch((e: unknown) => e);

describe('an onnx executor that is not there', () => {
  test('says that the package is not installed', async () => {
    const error = Object.assign(new Error("Cannot find package 'onnxruntime-node' imported from x.js"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    const reason = (await failing(error)) as UserError;
    expect(reason).toBeInstanceOf(UserError);
    expect(reason.code).toBe('engine');
    expect(reason.message).toMatch(/not installed.*onnxruntime-node/);
    expect(reason.cure).toMatch(/npm ci/);
  });

  test.each([
    "Cannot find module '../bin/napi-v6/freebsd/x64/onnxruntime_binding.node'",
    "libonnxruntime.so.1: version `GLIBC_2.32' not found",
  ])('says why its binary cannot be loaded: %s', async (message) => {
    const reason = (await failing(Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND' }))) as UserError;
    expect(reason).toBeInstanceOf(UserError);
    expect(reason.message).toContain(message);
    expect(reason.message).not.toContain('not installed');
    expect(reason.cure).toMatch(/another executor/);
  });
});

test('says what it runs on', async () => {
  const executor = await createOnnxExecutor({ threads: 1 });
  expect(executor.description).toBe('onnx (CPU, 1 thread)');
  executor.dispose();
});
