import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { sayError, type UserError } from '../../../../shared/errors';
import { createGraphBuilder } from '../programs/graphBuilder';
import type { Runtime } from '../programs/runtime';
import { encodeModel } from './encode';
import { createWindows } from './windows';

type Provider = 'cpu' | 'webgpu';

/** ONNX Runtime with its settings. */
interface OnnxRuntime extends Runtime {
  readonly provider: Provider;
  readonly threads: number;
  /** Of the library. */
  readonly version: string;
}

export interface RuntimeOptions {
  readonly provider?: Provider;
  /** Threads of one operator; one per core, at most 8, when left out. */
  readonly threads?: number;
  /** For tests: how the library is loaded. */
  readonly load?: () => Promise<typeof import('onnxruntime-node')>;
}

const maximumThreads = 8;

/** @throws UserError engine where the library is not installed, its binary cannot be loaded or there is no adapter */
export async function loadRuntime(options: RuntimeOptions = {}): Promise<OnnxRuntime> {
  const { provider = 'cpu', load = () => import('onnxruntime-node') } = options;
  const threads = options.threads ?? Math.min(maximumThreads, availableParallelism());
  const library = await load().catch((error: unknown) => {
    throw loadError(error);
  });
  const { InferenceSession, Tensor } = library;
  const settings: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Each session has threads of its own, which otherwise go on waiting busily while another session runs.
    extra: { session: { force_spinning_stop: '1' } },
  };
  const runtime: OnnxRuntime = {
    provider,
    threads,
    windows: createWindows,
    version: library.env.versions.node ?? library.env.versions.common,
    floats: (data, shape) => new Tensor('float32', data, shape),
    constant: (data, shape) =>
      data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int32', data, shape),
    async prepare(graph) {
      const session = await InferenceSession.create(encodeModel(graph), settings);
      const names = graph.inputs.map(({ name }) => name);
      const outputs = graph.outputs.map(({ name }) => name);
      return {
        graph,
        async run(all, into = {}) {
          const feeds: Record<string, OnnxTensor> = {};
          const fetches: Record<string, OnnxTensor | null> = {};
          // Every tensor comes from this runtime.
          for (const name of names) feeds[name] = all[name] as OnnxTensor;
          for (const name of outputs) fetches[name] = (into[name] ?? null) as OnnxTensor | null;
          const results = await session.run(feeds, fetches);
          return outputs.map((name) => into[name] ?? results[name]!);
        },
        release: () => session.release(),
      };
    },
  };
  if (provider === 'webgpu') await checkAdapter(runtime);
  return runtime;
}

/** An adapter is asked for only when a session is made. */
async function checkAdapter(runtime: Runtime): Promise<void> {
  const builder = createGraphBuilder();
  const graph = builder.graph([builder.node('Neg', [builder.input('x', 'float32', [1])])]);
  const program = await runtime.prepare(graph).catch((error: Error) => {
    throw sayError('engine', 'noGraphicsAdapter', { detail: lastSentence(error.message) });
  });
  await program.release();
}

/** The library's messages begin with a place in its source. */
function lastSentence(message: string): string {
  return message.trim().split('. ').at(-1)!;
}

/** Node's error codes and the words of the dynamic loader, told apart. */
function loadError(error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND' || /Cannot find (module|package) '?onnxruntime-node/.test(message)) {
    return sayError('engine', 'onnxNotInstalled', {});
  }
  return sayError('engine', 'onnxNotLoaded', { detail: message });
}
