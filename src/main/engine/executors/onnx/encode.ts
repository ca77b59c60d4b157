import { PbfWriter } from 'pbf';
import type {
  Attribute,
  Dimension,
  ElementType,
  ProgramConstant,
  ProgramGraph,
  ProgramNode,
  ProgramValue,
} from '../programs/graphBuilder';

/** ONNX 1.15 and its intermediate representation: `Gelu` is an operator since then. */
const irVersion = 9;
const operatorSet = 20;

/** TensorProto.DataType */
const elementTypes: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** AttributeProto.AttributeType */
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 };

/** A graph as the bytes of an .onnx file: a ModelProto of onnx.proto, whose field numbers these functions write. */
export function encodeModel(graph: ProgramGraph): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, irVersion);
  pbf.writeMessage(7, writeGraph, graph);
  pbf.writeMessage(8, writeOperatorSet, operatorSet);
  return pbf.finish();
}

function writeOperatorSet(version: number, pbf: PbfWriter): void {
  pbf.writeStringField(1, '');
  pbf.writeVarintField(2, version);
}

function writeGraph({ nodes, constants, inputs, outputs }: ProgramGraph, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, 'graph');
  for (const constant of constants) pbf.writeMessage(5, writeConstant, constant);
  for (const value of inputs) pbf.writeMessage(11, writeValue, value);
  for (const value of outputs) pbf.writeMessage(12, writeValue, value);
}

function writeNode({ type, inputs, outputs, attributes }: ProgramNode, pbf: PbfWriter): void {
  for (const { name } of inputs) pbf.writeStringField(1, name);
  for (const { name } of outputs) pbf.writeStringField(2, name);
  pbf.writeStringField(4, type);
  for (const attribute of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute([name, value]: [string, Attribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'number') {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, attributeTypes.int);
  } else if (typeof value === 'string') {
    pbf.writeStringField(4, value);
    pbf.writeVarintField(20, attributeTypes.string);
  } else if ('float' in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, attributeTypes.float);
  } else {
    for (const item of value) pbf.writeVarintField(8, item);
    pbf.writeVarintField(20, attributeTypes.ints);
  }
}

function writeConstant({ value: { name, type, shape }, data }: ProgramConstant, pbf: PbfWriter): void {
  for (const size of shape as readonly number[]) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, elementTypes[type]);
  if (type === 'float32') pbf.writePackedFloat(4, [...data]);
  else if (type === 'int64') pbf.writePackedVarint(7, [...data]);
  else pbf.writePackedVarint(5, [...data]);
  pbf.writeStringField(8, name);
}

function writeValue({ name, type, shape }: ProgramValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(
    2,
    (_: null, typePbf) => {
      typePbf.writeMessage(
        1,
        (__: null, tensorPbf) => {
          tensorPbf.writeVarintField(1, elementTypes[type]);
          tensorPbf.writeMessage(2, writeShape, shape);
        },
        null,
      );
    },
    null,
  );
}

function writeShape(shape: readonly Dimension[], pbf: PbfWriter): void {
  for (const size of shape) pbf.writeMessage(1, writeDimension, size);
}

function writeDimension(size: Dimension, pbf: PbfWriter): void {
  if (typeof size === 'number') pbf.writeVarintField(1, size);
  else pbf.writeStringField(2, size);
}
