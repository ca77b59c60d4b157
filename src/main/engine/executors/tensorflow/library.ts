import { UserError } from '../../../../shared/errors';
import { message } from '../../../../shared/messages';

/** What is used of @tensorflow/tfjs-node; its own types are only there where it is installed. */
export interface Tensorflow {
  tensor(values: Float32Array | Int32Array, shape: readonly number[], type: 'float32' | 'int32'): NativeTensor;
  /** Disposes of the tensors made by `f`, whatever it throws, apart from those it returns and those kept. */
  tidy<T>(f: () => T): T;
  keep<T extends NativeTensor>(tensor: T): T;
  memory(): { readonly numTensors: number };
  /** Of tfjs and its parts, by name. */
  readonly version: Readonly<Record<string, string>>;
  backend(): Backend;
}

/** A handle to numbers in the memory of TensorFlow. */
export interface NativeTensor {
  readonly shape: readonly number[];
  readonly isDisposed: boolean;
  dataSync(): Float32Array | Int32Array;
  dispose(): void;
}

/** The C library's eager mode: one operator at a time, without tfjs's own kernels around it. */
interface Backend {
  /** TensorFlow's TF_DataType and TF_AttrType. */
  readonly binding: Readonly<Record<`TF_${Uppercase<string>}`, number>>;
  readonly isUsingGpuDevice: boolean;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OperatorAttribute[],
    inputs: readonly NativeTensor[],
    outputs: number,
  ): NativeTensor[];
}

export interface OperatorAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** In the order of preference. */
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;
export type PackageName = (typeof packages)[number];

/** Why a package is not used, or not as it could be: noCuda, where the GPU package finds no device. */
export interface Shortfall {
  readonly package: PackageName;
  readonly reason: 'notInstalled' | 'bindingFailed' | 'noCuda';
  /** In the library's words. */
  readonly detail: string;
}

export interface Library {
  readonly tf: Tensorflow;
  readonly package: PackageName;
  readonly device: 'CPU' | 'CUDA';
  readonly shortfalls: readonly Shortfall[];
}

export interface LibraryOptions {
  /** For tests: how a package is loaded. */
  readonly load?: (name: PackageName) => Promise<unknown>;
}

/** None of the packages can be used. */
export class TensorflowAbsent extends UserError {
  readonly shortfalls: readonly Shortfall[];

  constructor(shortfalls: readonly Shortfall[]) {
    const failed = shortfalls.filter(({ reason }) => reason === 'bindingFailed');
    const { text, cure, said } =
      failed.length === 0
        ? message('tensorflowNotInstalled', { gpu: packages[0], cpu: packages[1] })
        : message('tensorflowNotLoaded', {
            detail: failed.map((each) => `${each.package}: ${each.detail}`).join('; '),
            package: failed[0]!.package,
          });
    super('engine', text, { ...(cure !== null && { cure }), said });
    this.shortfalls = shortfalls;
  }
}

/**
 * The GPU package where it is installed, else the one for CPUs. Lives once in a process: the binding cannot be loaded
 * by a second thread.
 *
 * @throws TensorflowAbsent where there is none
 */
export async function loadLibrary({ load = importPackage }: LibraryOptions = {}): Promise<Library> {
  // The C library reports its choice of instructions on stderr; errors are still reported.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  const shortfalls: Shortfall[] = [];
  for (const name of packages) {
    try {
      const tf = fromModule(await load(name));
      const device = tf.backend().isUsingGpuDevice ? 'CUDA' : 'CPU';
      if (name === packages[0] && device === 'CPU') {
        shortfalls.push({ package: name, reason: 'noCuda', detail: 'no CUDA device is found' });
      }
      return { tf, package: name, device, shortfalls };
    } catch (error) {
      shortfalls.push(shortfallOf(name, error as NodeJS.ErrnoException));
    }
  }
  throw new TensorflowAbsent(shortfalls);
}

/** The name stays out of the bundler's sight, as the package is not everywhere. */
const importPackage = (name: PackageName): Promise<unknown> => import(/* @vite-ignore */ name);

/** CommonJS, whose exports are the default one. */
function fromModule(module: unknown): Tensorflow {
  const { default: exported } = module as { default?: Tensorflow };
  return exported ?? (module as Tensorflow);
}

function shortfallOf(name: PackageName, { message }: NodeJS.ErrnoException): Shortfall {
  const missing = new RegExp(`Cannot find (module|package) '?${name}'?(\\s|$)`);
  const [detail] = message.trim().split(/\.?\s*\n/) as [string];
  return { package: name, reason: missing.test(message) ? 'notInstalled' : 'bindingFailed', detail };
}
