import type { ParameterBlock } from '../../../shared/model/run';
import type { GraphNode, Op, Pass, Tensor, TensorId } from './ir';

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
  /** Appends one block to the layout. */
  parameter(name: string, shape: readonly number[], role: ParameterBlock['role']): Parameter;
  /** Appends a node whose result is a new row tensor. */
  emit(pass: Pass, name: string, shape: readonly number[], op: Op): TensorId;
  /** Appends a node whose result is the plain tensor `out`, a gradient or a product of a parameter. */
  emitInto(pass: Pass, out: TensorId, op: Op): void;
  /** The same for out ← opA + opB. */
  emitSumInto(pass: Pass, out: TensorId, opA: Op, opB: Op): void;
  readonly tensors: readonly Tensor[];
  readonly parameters: readonly Parameter[];
  readonly layout: readonly ParameterBlock[];
  /** All nodes so far: forward, backward, R-forward, R-backward, each in the order it was emitted. */
  nodes(): GraphNode[];
}

const passes: readonly Pass[] = ['forward', 'backward', 'rForward', 'rBackward'];

export function createGraphBuilder(): GraphBuilder {
  const tensors: Tensor[] = [];
  const parameters: Parameter[] = [];
  const layout: ParameterBlock[] = [];
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
    tensor,
    emitInto,
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
    emit(pass, name, shape, op) {
      const out = tensor(name, true, shape);
      emitInto(pass, out, op);
      return out;
    },
    emitSumInto(pass, out, opA, opB) {
      const { name, shape } = tensors[out] as Tensor;
      const a = tensor(`${name}.a`, false, shape);
      const b = tensor(`${name}.b`, false, shape);
      emitInto(pass, a, opA);
      emitInto(pass, b, opB);
      emitInto(pass, out, { op: 'add', a, b });
    },
    nodes: () => passes.flatMap((pass) => nodes.filter((node) => node.pass === pass)),
  };
}
