import { checkExamples } from '../checkExamples';
import type { Executor } from '../executor';
import { load } from './loaded';
import { createOnnxObjective } from './objective';
import { loadRuntime, type RuntimeOptions } from './runtime';

/**
 * Float32 by ONNX Runtime: a network's passes written as ONNX graphs, one session each, made when first needed.
 * Commands answer with promises; each occupies the thread for one chunk of examples at a time.
 *
 * @throws UserError engine where the library or the provider is not there
 */
export async function createOnnxExecutor(options: RuntimeOptions = {}): Promise<Executor> {
  const runtime = await loadRuntime(options);
  const loads = new Set<{ dispose(): void }>();
  const { provider, threads } = runtime;
  const onCpu = `onnx (CPU, ${threads} thread${threads === 1 ? '' : 's'})`;
  const description = provider === 'cpu' ? onCpu : 'webgpu (ONNX Runtime)';
  return {
    name: provider === 'cpu' ? 'onnx' : 'webgpu',
    description,
    precision: 'float32',
    details: { threads, library: { name: 'onnxruntime-node', version: runtime.version } },
    // ONNX Runtime's WebGPU provider gives no places of the largest values, which the gradient of the pool needs.
    supports: ({ model }) =>
      provider === 'webgpu' && model.layers.some(({ type }) => type === 'maxPool2d')
        ? { ok: false, reason: 'has no maxPool2d' }
        : { ok: true },
    load(network, data) {
      checkExamples(network, data);
      const objective = createOnnxObjective(load(runtime, network, data), description);
      loads.add(objective);
      return {
        ...objective,
        dispose() {
          objective.dispose();
          loads.delete(objective);
        },
      };
    },
    dispose() {
      for (const objective of loads) objective.dispose();
      loads.clear();
    },
  };
}
