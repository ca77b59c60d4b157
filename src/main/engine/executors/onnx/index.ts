import { message } from '../../../../shared/messages';
import type { Executor, Support } from '../executor';
import { createProgramExecutor } from '../programs';
import { loadRuntime, type RuntimeOptions } from './runtime';

/**
 * Float32 by ONNX Runtime: each program is one session.
 *
 * @throws UserError engine where the library or the provider is not there
 */
export async function createOnnxExecutor(options: RuntimeOptions = {}): Promise<Executor> {
  const runtime = await loadRuntime(options);
  const { provider, threads } = runtime;
  const onCpu = `onnx (CPU, ${threads} thread${threads === 1 ? '' : 's'})`;
  return createProgramExecutor(runtime, {
    name: provider === 'cpu' ? 'onnx' : 'webgpu',
    description: provider === 'cpu' ? onCpu : 'webgpu (ONNX Runtime)',
    details: { threads, library: { name: 'onnxruntime-node', version: runtime.version } },
    // ONNX Runtime's WebGPU provider gives no places of the largest values, which the gradient of the pool needs.
    supports: ({ model }) =>
      provider === 'webgpu' && model.layers.some(({ type }) => type === 'maxPool2d')
        ? lacking('maxPool2d')
        : { ok: true },
  });
}

function lacking(layer: string): Support {
  const { text, said } = message('lacksLayer', { layer });
  return { ok: false, reason: text, said };
}
