import { setFlagsFromString } from 'node:v8';
import { UserError } from '../../../../shared/errors';

/** The two builds of the same sources; `relaxed` fuses multiply and add. */
export type KernelName = 'simd' | 'relaxed';
export type KernelChoice = 'auto' | KernelName;
export type LoadKernel = (kernel: KernelName) => Promise<Uint8Array>;

/** What the driver calls of `assembly/index.ts`; addresses are bytes. */
export interface KernelExports {
  attach(control: number): void;
  /** Runs the command at `address`; 0 where the helpers died. */
  run(address: number, shared: boolean): number;
  gather(data: number, features: number, index: number, first: number, panels: number, rows: number, out: number): void;
}

export interface Kernels {
  readonly name: KernelName;
  readonly module: WebAssembly.Module;
}

/**
 * The relaxed build where this V8 runs it, else the plain one.
 *
 * @throws UserError engine where the build asked for does not run here
 */
export async function selectKernels(load: LoadKernel, choice: KernelChoice): Promise<Kernels> {
  if (choice !== 'simd') {
    const bytes = source(await load('relaxed'));
    if (supported(bytes)) return { name: 'relaxed', module: await WebAssembly.compile(bytes) };
    if (choice === 'relaxed') {
      throw new UserError('engine', 'This Node.js has no relaxed SIMD.', { cure: "Choose the 'simd' kernels." });
    }
  }
  const bytes = source(await load('simd'));
  if (!WebAssembly.validate(bytes)) {
    throw new UserError('engine', 'This Node.js has no WebAssembly SIMD with threads.', {
      cure: 'Use Node.js 20 or newer, or the reference executor.',
    });
  }
  return { name: 'simd', module: await WebAssembly.compile(bytes) };
}

/**
 * V8 11.3 (Node 20) has the finished instructions one release before they were on by default. Feature flags are read
 * at every compilation, so this changes nothing but what validates; a V8 without the flag ignores it.
 */
function supported(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (WebAssembly.validate(bytes)) return true;
  if (process.versions.v8.startsWith('11.3.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(bytes);
}

/** WebAssembly takes no view of shared memory. */
function source(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
