import type { Attribute, ElementType, ProgramNode } from '../programs/graphBuilder';
import type { NativeTensor, OperatorAttribute, Tensorflow } from './library';

/** One node of a program: its inputs to its outputs. Runs within `tidy`, which ends what it leaves behind. */
export type Kernel = (inputs: readonly NativeTensor[]) => readonly NativeTensor[];

/** Integers are 32-bit here: they are rows, classes, axes and sizes. */
const dataTypes = { float32: 'TF_FLOAT', int32: 'TF_INT32', int64: 'TF_INT32', bool: 'TF_BOOL' } as const;

/** TensorFlow's names of elementwise operators that have others in programs. */
const otherNames: Readonly<Record<string, string>> = {
  Add: 'AddV2',
  Min: 'Minimum',
  Clip: 'ClipByValue',
};

/** Compiles nodes to calls of TensorFlow's operators. */
export function createKernels(tf: Tensorflow): (node: ProgramNode) => Kernel {
  const backend = tf.backend();
  const { binding } = backend;

  const type = (name: string, of: ElementType): OperatorAttribute => ({
    name,
    type: binding.TF_ATTR_TYPE!,
    value: binding[dataTypes[of]],
  });
  const bool = (name: string, value: boolean): OperatorAttribute => ({ name, type: binding.TF_ATTR_BOOL!, value });
  const attribute = (name: string, value: Attribute): OperatorAttribute => {
    if (typeof value === 'string') return { name, type: binding.TF_ATTR_STRING!, value };
    if (typeof value === 'object' && 'float' in value)
      return { name, type: binding.TF_ATTR_FLOAT!, value: value.float };
    return { name, type: binding.TF_ATTR_INT!, value };
  };
  const operator =
    (name: string, attributes: readonly OperatorAttribute[], outputs = 1): Kernel =>
    (inputs) =>
      backend.executeMultipleOutputs(name, attributes, inputs, outputs);
  const integers = (values: readonly number[], shape = [values.length]) =>
    tf.tensor(Int32Array.from(values), shape, 'int32');
  const float = (value: number) => tf.tensor(Float32Array.of(value), [], 'float32');

  return (node) => {
    const { attributes } = node;
    const [first] = node.inputs;
    const element = first?.type ?? 'float32';
    const t = type('T', element);
    switch (node.type) {
      case 'Gemm': {
        const product = operator('MatMul', [
          bool('transpose_a', attributes.transA === 1),
          bool('transpose_b', attributes.transB === 1),
          t,
        ]);
        const add = operator('AddV2', [t]);
        return ([a, b, c]) => {
          const results = product([a!, b!]);
          return c === undefined ? results : add([results[0]!, c]);
        };
      }
      // Over the last axis, which is the only one in use.
      case 'Softmax':
        return operator('Softmax', [t]);
      case 'Where':
        return operator('SelectV2', [type('T', node.inputs[1]!.type)]);
      case 'Cast':
        return operator('Cast', [type('SrcT', element), type('DstT', node.outputs[0]!.type)]);
      case 'ReduceSum':
      case 'ReduceMean':
      case 'ReduceMax':
        return operator(node.type.slice('Reduce'.length), [
          bool('keep_dims', attributes.keepdims === 1),
          t,
          type('Tidx', 'int32'),
        ]);
      case 'ArgMax': {
        const largest = operator('ArgMax', [t, type('Tidx', 'int32'), type('output_type', 'int32')]);
        return ([x]) => largest([x!, integers([attributes.axis as number], [])]);
      }
      case 'Gather': {
        const gather = operator('GatherV2', [
          type('Tparams', element),
          type('Tindices', 'int32'),
          type('Taxis', 'int32'),
          attribute('batch_dims', 0),
        ]);
        return ([x, index]) => gather([x!, index!, integers([attributes.axis as number], [])]);
      }
      case 'ScatterND':
        return operator('TensorScatterAdd', [t, type('Tindices', 'int32')]);
      case 'ConstantOfShape': {
        const fill = operator('Fill', [type('T', 'float32'), type('index_type', 'int32')]);
        return ([sizes]) => fill([sizes!, float(0)]);
      }
      case 'Reshape':
        return operator('Reshape', [t, type('Tshape', 'int32')]);
      case 'Transpose': {
        const transpose = operator('Transpose', [t, type('Tperm', 'int32')]);
        return ([x]) => transpose([x!, integers(attributes.perm as readonly number[])]);
      }
      case 'Concat': {
        if (node.inputs.length === 1) return operator('Identity', [t]);
        const concat = operator('ConcatV2', [attribute('N', node.inputs.length), t, type('Tidx', 'int32')]);
        return (parts) => concat([...parts, integers([attributes.axis as number], [])]);
      }
      case 'Size':
        return operator('Size', [t, type('out_type', 'int32')]);
      case 'HardSigmoid': {
        const { alpha, beta } = attributes as { alpha: { float: number }; beta: { float: number } };
        const [mul, add, clip] = ['Mul', 'AddV2', 'ClipByValue'].map((name) => operator(name, [t]));
        return ([x]) => {
          const ramp = add!([mul!([x!, float(alpha.float)])[0]!, float(beta.float)]);
          return clip!([ramp[0]!, float(0), float(1)]);
        };
      }
      /** x Φ(x) = x(½ + ½ erf(x/√2)) */
      case 'Gelu': {
        const [mul, add, erf] = ['Mul', 'AddV2', 'Erf'].map((name) => operator(name, [t]));
        return ([x]) => {
          const [error] = erf!([mul!([x!, float(Math.SQRT1_2)])[0]!]);
          const [distribution] = add!([mul!([error!, float(0.5)])[0]!, float(0.5)]);
          return mul!([x!, distribution!]);
        };
      }
      case 'Conv2DBackpropInput':
      case 'DepthwiseConv2dNativeBackpropInput':
      case 'AvgPoolGrad': {
        const { inputSizes, ...rest } = attributes;
        const gradient = operator(node.type, [
          t,
          ...Object.entries(rest).map(([name, value]) => attribute(name, value)),
        ]);
        return (inputs) => gradient([integers([inputs.at(-1)!.shape[0]!, ...(inputSizes as number[])]), ...inputs]);
      }
      default:
        return operator(
          otherNames[node.type] ?? node.type,
          [t, ...Object.entries(attributes).map(([name, value]) => attribute(name, value))],
          node.outputs.length,
        );
    }
  };
}
