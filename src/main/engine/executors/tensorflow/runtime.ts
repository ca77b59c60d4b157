import type { ProgramGraph } from '../programs/graphBuilder';
import type { Program, Runtime, Tensor, Tensors } from '../programs/runtime';
import { createKernels, type Kernel } from './kernels';
import type { NativeTensor, Tensorflow } from './library';
import { createWindows } from './windows';

/** A tensor as an input. */
interface Feed extends Tensor {
  /** Asked for within a run. */
  native(): NativeTensor;
}

/** One node with the places of its inputs and outputs, and of the values nobody reads after it. */
interface Step {
  readonly kernel: Kernel;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly last: readonly number[];
}

export function createTensorflowRuntime(tf: Tensorflow): Runtime {
  const kernels = createKernels(tf);
  return {
    windows: createWindows,
    floats: (data, shape): Feed => ({ data, native: () => tf.tensor(data, shape, 'float32'), dispose() {} }),
    constant: (data, shape) => createConstant(tf, data, shape),
    async prepare(graph) {
      return createProgram(tf, graph, kernels);
    },
  };
}

function createConstant(tf: Tensorflow, data: Float32Array | Int32Array, shape: readonly number[]): Feed {
  const type = data instanceof Float32Array ? 'float32' : 'int32';
  let copy: NativeTensor | null = null;
  let disposed = false;
  return {
    data,
    native() {
      if (disposed) throw new Error('the tensor is disposed');
      copy ??= tf.keep(tf.tensor(data, shape, type));
      return copy;
    },
    dispose() {
      disposed = true;
      copy?.dispose();
      copy = null;
    },
  };
}

function createResult(native: NativeTensor): Feed {
  return {
    get data() {
      return native.dataSync();
    },
    native: () => native,
    dispose: () => native.dispose(),
  };
}

/** Results are disposed of after their last reader, so that a program needs no more memory than its widest place. */
function createProgram(tf: Tensorflow, graph: ProgramGraph, kernels: ReturnType<typeof createKernels>): Program {
  const places = new Map<string, number>();
  const placeOf = (name: string): number => {
    const place = places.get(name) ?? places.size;
    places.set(name, place);
    return place;
  };
  const constants = graph.constants.map(({ value, data }) => {
    const ofType = value.type === 'float32' ? Float32Array.from(data) : Int32Array.from(data);
    return { place: placeOf(value.name), feed: createConstant(tf, ofType, value.shape as number[]) };
  });
  const inputs = graph.inputs.map(({ name }) => ({ name, place: placeOf(name) }));
  const steps = planSteps(graph, kernels, placeOf);
  const outputs = graph.outputs.map(({ name }) => ({ name, place: placeOf(name) }));
  let released = false;

  return {
    graph,
    async run(feeds: Tensors, into: Tensors = {}) {
      if (released) throw new Error('the program is released');
      const results = tf.tidy(() => {
        const values: NativeTensor[] = new Array(places.size);
        // Every tensor comes from this runtime.
        for (const { name, place } of inputs) values[place] = (feeds[name] as Feed).native();
        for (const { place, feed } of constants) values[place] = feed.native();
        for (const step of steps) {
          const made = step.kernel(step.inputs.map((place) => values[place]!));
          for (const [i, place] of step.outputs.entries()) values[place] = made[i]!;
          for (const place of step.last) values[place]!.dispose();
        }
        return outputs.map(({ name, place }) => {
          const target = into[name];
          if (target === undefined) return values[place]!;
          (target.data as Float32Array).set(values[place]!.dataSync());
          return null;
        });
      });
      return results.map((result, i) => (result === null ? into[outputs[i]!.name]! : createResult(result)));
    },
    async release() {
      released = true;
      for (const { feed } of constants) feed.dispose();
    },
  };
}

function planSteps(
  graph: ProgramGraph,
  kernels: ReturnType<typeof createKernels>,
  placeOf: (name: string) => number,
): Step[] {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs).map(({ name }) => name));
  const read = new Set(graph.outputs.map(({ name }) => name));
  const steps = graph.nodes.toReversed().map((node): Step => {
    const names = [...new Set([...node.inputs, ...node.outputs].map(({ name }) => name))];
    const last = names.filter((name) => made.has(name) && !read.has(name));
    for (const name of names) read.add(name);
    return {
      kernel: kernels(node),
      inputs: node.inputs.map(({ name }) => placeOf(name)),
      outputs: node.outputs.map(({ name }) => placeOf(name)),
      last: last.map(placeOf),
    };
  });
  return steps.reverse();
}
