/** The element types of ONNX tensors that the executor uses. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

/** A size, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

/** The name of the number of rows. */
export const rowCount = 'N';

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** An integer, a list of integers, or a float where ONNX asks for one. */
export type Attribute = number | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly OnnxValue[];
  readonly output: OnnxValue;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A value known when the graph is written. */
export interface OnnxConstant {
  readonly value: OnnxValue;
  readonly data: readonly number[];
}

/** A graph of ONNX operators, each with one output; nodes are in execution order. */
export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly constants: readonly OnnxConstant[];
  readonly nodes: readonly OnnxNode[];
  readonly outputs: readonly OnnxValue[];
}

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** The broadcast shape of the inputs when left out. */
  readonly shape?: readonly Dimension[];
  /** That of the first input when left out. */
  readonly type?: ElementType;
}

/** Collects nodes; a node that exists already is not added again, so whole expressions can be asked for twice. */
export interface GraphBuilder {
  input(name: string, type: ElementType, shape: readonly Dimension[]): OnnxValue;
  constant(type: ElementType, shape: readonly number[], data: readonly number[]): OnnxValue;
  scalar(value: number): OnnxValue;
  node(type: string, inputs: readonly OnnxValue[], options?: NodeOptions): OnnxValue;
  /** What `outputs` need, and no more. */
  graph(outputs: readonly OnnxValue[]): OnnxGraph;
}

export function createGraphBuilder(): GraphBuilder {
  const inputs: OnnxValue[] = [];
  const constants = new Map<string, OnnxConstant>();
  const nodes = new Map<string, OnnxNode>();

  const constant: GraphBuilder['constant'] = (type, shape, data) => {
    const key = `${type}[${shape}]:${data}`;
    const known = constants.get(key);
    if (known !== undefined) return known.value;
    const value: OnnxValue = { name: `c${constants.size}`, type, shape };
    constants.set(key, { value, data });
    return value;
  };

  return {
    input(name, type, shape) {
      const value = { name, type, shape };
      inputs.push(value);
      return value;
    },
    constant,
    scalar: (value) => constant('float32', [], [value]),
    node(type, from, { attributes = {}, shape = broadcast(from), type: elements = from[0]!.type } = {}) {
      const key = `${type}(${from.map(({ name }) => name)})${JSON.stringify(attributes)}${elements}`;
      const known = nodes.get(key);
      if (known !== undefined) return known.output;
      const output: OnnxValue = { name: `n${nodes.size}`, type: elements, shape };
      nodes.set(key, { type, inputs: from, output, attributes });
      return output;
    },
    graph: (outputs) => pruned({ inputs, constants: [...constants.values()], nodes: [...nodes.values()], outputs }),
  };
}

/** The parts of a graph that do and do not depend on some of its inputs. */
export interface SplitGraph {
  /** Run once: its outputs are what `moving` reads of it. */
  readonly fixed: OnnxGraph;
  /** Run for every new value of those inputs; what `fixed` gives is among its inputs. */
  readonly moving: OnnxGraph;
}

/** Splits a graph by whether a value depends on one of the inputs named. */
export function splitGraph(graph: OnnxGraph, names: ReadonlySet<string>): SplitGraph {
  const dependent = new Set(names);
  for (const { inputs, output } of graph.nodes) {
    if (inputs.some(({ name }) => dependent.has(name))) dependent.add(output.name);
  }
  const moving = graph.nodes.filter(({ output }) => dependent.has(output.name));
  const read = new Set([...moving.flatMap(({ inputs }) => inputs), ...graph.outputs].map(({ name }) => name));
  const kept = graph.nodes.map(({ output }) => output).filter(({ name }) => read.has(name) && !dependent.has(name));
  return {
    fixed: pruned({ ...graph, outputs: kept }),
    moving: pruned({ ...graph, inputs: [...graph.inputs, ...kept], nodes: moving }),
  };
}

function pruned({ inputs, constants, nodes, outputs }: OnnxGraph): OnnxGraph {
  const needed = new Set(outputs.map(({ name }) => name));
  const kept = nodes.toReversed().filter(({ inputs: from, output }) => {
    if (!needed.has(output.name)) return false;
    for (const { name } of from) needed.add(name);
    return true;
  });
  return {
    inputs: inputs.filter(({ name }) => needed.has(name)),
    constants: constants.filter(({ value }) => needed.has(value.name)),
    nodes: kept.reverse(),
    outputs,
  };
}

/** How many numbers one row of row tensors holds. */
export function valuesPerRow(values: readonly OnnxValue[]): number {
  return values
    .filter(({ shape }) => shape[0] === rowCount)
    .reduce((sum, { shape }) => sum + (shape.slice(1) as number[]).reduce((a, b) => a * b, 1), 0);
}

/** NumPy's rule, from the last dimension; a named size equals only itself and 1. */
function broadcast(values: readonly OnnxValue[]): Dimension[] {
  const rank = Math.max(...values.map(({ shape }) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = values.map(({ shape }) => shape[shape.length - rank + i] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}
