import type { ParameterBlock } from '../../../shared/model/run';
import type { BufferBlock, DropoutMask, GraphNode, Op, Pass, Tensor, TensorId } from './ir';

/** The four tensors that belong to one block of the layout. */
export interface Parameter {
  readonly value: TensorId;
  /** The part of the direction v. */
  readonly tangent: TensorId;
  /** The part of ∇L, emitted by the layer's backward pass. */
  readonly gradient: TensorId;
  /** The part of Hv, emitted by the layer's R-backward pass. */
  readonly product: TensorId;
}

/** Collects tensors, parameters and nodes while layers and losses emit themselves. */
export interface GraphBuilder {
  /** A tensor nobody computes: the input, the target. */
  tensor(name: string, rows: boolean, shape: readonly number[]): TensorId;
  /** A mask tensor for dropout. */
  mask(name: string, shape: readonly number[], rate: number): TensorId;
  /** Appends one block to the layout. */
  parameter(name: string, shape: readonly number[], role: ParameterBlock['role']): Parameter;
  /** Appends one block of numbers that are not trained; returns the tensor that holds them. */
  buffer(name: string, shape: readonly number[], options: Pick<BufferBlock, 'initial' | 'momentum'>): TensorId;
  /** The tensor that computes the block's statistic from the rows, `op`; blocks and statistics come in one order. */
  statistic(name: string, shape: readonly number[], op: Op): void;
  /** Appends a node whose result is a new row tensor. */
  emit(pass: Pass, name: string, shape: readonly number[], op: Op): TensorId;
  /** Appends a node whose result is the plain tensor `out`, a gradient or a product of a parameter. */
  emitInto(pass: Pass, out: TensorId, op: Op): void;
  /** The same for out ← the sum of the ops' results. */
  emitSumInto(pass: Pass, out: TensorId, ops: readonly Op[]): void;
  readonly tensors: readonly Tensor[];
  readonly parameters: readonly Parameter[];
  readonly layout: readonly ParameterBlock[];
  readonly bufferLayout: readonly BufferBlock[];
  readonly buffers: readonly TensorId[];
  readonly masks: readonly DropoutMask[];
  readonly statistics: readonly TensorId[];
  /** All nodes so far: forward, backward, R-forward, R-backward, each in the order it was emitted. */
  nodes(): GraphNode[];
}

const passes: readonly Pass[] = ['forward', 'backward', 'rForward', 'rBackward'];

export function createGraphBuilder(): GraphBuilder {
  const tensors: Tensor[] = [];
  const parameters: Parameter[] = [];
  const layout: ParameterBlock[] = [];
  const bufferLayout: BufferBlock[] = [];
  const buffers: TensorId[] = [];
  const masks: DropoutMask[] = [];
  const statistics: TensorId[] = [];
  const nodes: GraphNode[] = [];

  const tensor = (name: string, rows: boolean, shape: readonly number[]): TensorId => {
    const id = tensors.length;
    tensors.push({ id, name, rows, shape, size: shape.reduce((a, b) => a * b, 1) });
    return id;
  };
  const emitInto = (pass: Pass, out: TensorId, op: Op): void => {
    nodes.push({ ...op, out, pass });
  };

  return {
    tensors,
    parameters,
    layout,
    bufferLayout,
    buffers,
    masks,
    statistics,
    tensor,
    emitInto,
    mask(name, shape, rate) {
      const id = tensor(name, true, shape);
      masks.push({ tensor: id, rate, stream: masks.length });
      return id;
    },
    parameter(name, shape, role) {
      const parameter = {
        value: tensor(name, false, shape),
        tangent: tensor(`v(${name})`, false, shape),
        gradient: tensor(`d(${name})`, false, shape),
        product: tensor(`Rd(${name})`, false, shape),
      };
      const last = layout.at(-1);
      const size = (tensors[parameter.value] as Tensor).size;
      layout.push({ name, shape: [...shape], offset: last ? last.offset + last.size : 0, size, role });
      parameters.push(parameter);
      return parameter;
    },
    buffer(name, shape, options) {
      const id = tensor(name, false, shape);
      const last = bufferLayout.at(-1);
      const size = (tensors[id] as Tensor).size;
      bufferLayout.push({ name, shape: [...shape], offset: last ? last.offset + last.size : 0, size, ...options });
      buffers.push(id);
      return id;
    },
    statistic(name, shape, op) {
      const id = tensor(name, false, shape);
      statistics.push(id);
      emitInto('forward', id, op);
    },
    emit(pass, name, shape, op) {
      const out = tensor(name, true, shape);
      emitInto(pass, out, op);
      return out;
    },
    emitSumInto(pass, out, ops) {
      const { name, shape } = tensors[out] as Tensor;
      const [first, ...rest] = ops as [Op, ...Op[]];
      if (rest.length === 0) {
        emitInto(pass, out, first);
        return;
      }
      const term = (op: Op, i: number): TensorId => {
        const id = tensor(`${name}.${i}`, false, shape);
        emitInto(pass, id, op);
        return id;
      };
      let sum = term(first, 0);
      rest.forEach((op, i) => {
        const b = term(op, i + 1);
        const to = i === rest.length - 1 ? out : tensor(`${name}.0-${i + 1}`, false, shape);
        emitInto(pass, to, { op: 'add', a: sum, b });
        sum = to;
      });
    },
    nodes: () => passes.flatMap((pass) => nodes.filter((node) => node.pass === pass)),
  };
}
