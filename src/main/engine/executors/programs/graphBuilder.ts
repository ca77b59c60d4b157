/** The element types of tensors. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

/** A size, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

/** The name of the number of rows. */
export const rowCount = 'N';

export interface ProgramValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** An integer, a list of integers, a word, or a float where an operator asks for one. */
export type Attribute = number | readonly number[] | string | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface ProgramNode {
  readonly type: string;
  readonly inputs: readonly ProgramValue[];
  readonly outputs: readonly ProgramValue[];
  readonly attributes: Attributes;
}

/** A value known when the graph is written. */
export interface ProgramConstant {
  readonly value: ProgramValue;
  readonly data: readonly number[];
}

/**
 * A graph of operators with the names, inputs and attributes of ONNX's operator set 20, apart from those that a runtime's
 * `windows` writes for itself; nodes are in execution order.
 */
export interface ProgramGraph {
  readonly inputs: readonly ProgramValue[];
  readonly constants: readonly ProgramConstant[];
  readonly nodes: readonly ProgramNode[];
  readonly outputs: readonly ProgramValue[];
}

export interface NodeOptions {
  readonly attributes?: Attributes;
  /** The broadcast shape of the inputs when left out. */
  readonly shape?: readonly Dimension[];
  /** That of the first input when left out. */
  readonly type?: ElementType;
}

/** Collects nodes; a node that exists already is not added again, so whole expressions can be asked for twice. */
export interface GraphBuilder {
  input(name: string, type: ElementType, shape: readonly Dimension[]): ProgramValue;
  constant(type: ElementType, shape: readonly number[], data: readonly number[]): ProgramValue;
  scalar(value: number): ProgramValue;
  /** An operator with one output. */
  node(type: string, inputs: readonly ProgramValue[], options?: NodeOptions): ProgramValue;
  /** An operator with an output for each of `results`. */
  nodes(
    type: string,
    inputs: readonly ProgramValue[],
    results: readonly Omit<ProgramValue, 'name'>[],
    attributes?: Attributes,
  ): readonly ProgramValue[];
  /** The same numbers in another shape of the same size; at most one size may be a name. */
  reshape(x: ProgramValue, shape: readonly Dimension[]): ProgramValue;
  /** The same under a name of its own: no two outputs of a graph may have one name. */
  copy(x: ProgramValue): ProgramValue;
  /** What `outputs` need, and no more. */
  graph(outputs: readonly ProgramValue[]): ProgramGraph;
}

export function createGraphBuilder(): GraphBuilder {
  const inputs: ProgramValue[] = [];
  const constants = new Map<string, ProgramConstant>();
  const nodes = new Map<string, ProgramNode>();
  /** What a reshaped value was before, so that its next shape starts from there. */
  const origins = new Map<string, ProgramValue>();

  const constant: GraphBuilder['constant'] = (type, shape, data) => {
    const key = `${type}[${shape}]:${data}`;
    const known = constants.get(key);
    if (known !== undefined) return known.value;
    const value: ProgramValue = { name: `c${constants.size}`, type, shape };
    constants.set(key, { value, data });
    return value;
  };
  const add = (
    key: string,
    type: string,
    from: readonly ProgramValue[],
    results: readonly Omit<ProgramValue, 'name'>[],
    attributes: Attributes,
  ): readonly ProgramValue[] => {
    const known = nodes.get(key);
    if (known !== undefined) return known.outputs;
    const outputs = results.map((result, i) => ({ name: `n${nodes.size}_${i}`, ...result }));
    nodes.set(key, { type, inputs: from, outputs, attributes });
    return outputs;
  };
  const addUnlessKnown: GraphBuilder['nodes'] = (type, from, results, attributes = {}) => {
    const key = JSON.stringify([type, from.map(({ name }) => name), attributes, results]);
    return add(key, type, from, results, attributes);
  };
  const node: GraphBuilder['node'] = (type, from, options = {}) => {
    const { attributes, shape = broadcast(from), type: elements = from[0]!.type } = options;
    return addUnlessKnown(type, from, [{ type: elements, shape }], attributes)[0]!;
  };

  return {
    input(name, type, shape) {
      const value = { name, type, shape };
      inputs.push(value);
      return value;
    },
    constant,
    scalar: (value) => constant('float32', [], [value]),
    node,
    nodes: addUnlessKnown,
    reshape(x, shape) {
      const origin = origins.get(x.name) ?? x;
      if (sameShape(origin.shape, shape)) return origin;
      const sizes = shape.map((size) => (typeof size === 'number' ? size : -1));
      const reshaped = node('Reshape', [origin, constant('int64', [sizes.length], sizes)], { shape });
      origins.set(reshaped.name, origin);
      return reshaped;
    },
    copy: (x) => add(`copy ${nodes.size}`, 'Identity', [x], [{ type: x.type, shape: x.shape }], {})[0]!,
    graph: (outputs) => pruned({ inputs, constants: [...constants.values()], nodes: [...nodes.values()], outputs }),
  };
}

/** The parts of a graph that do and do not depend on some of its inputs. */
export interface SplitGraph {
  /** Run once: its outputs are what `moving` reads of it. */
  readonly fixed: ProgramGraph;
  /** Run for every new value of those inputs; what `fixed` gives is among its inputs. */
  readonly moving: ProgramGraph;
}

/** Splits a graph by whether a value depends on one of the inputs named. */
export function splitGraph(graph: ProgramGraph, names: ReadonlySet<string>): SplitGraph {
  const dependent = new Set(names);
  for (const { inputs, outputs } of graph.nodes) {
    if (inputs.some(({ name }) => dependent.has(name))) for (const { name } of outputs) dependent.add(name);
  }
  const moving: ProgramNode[] = [];
  const results = new Set(graph.outputs.map(({ name }) => name));
  const read = new Set(results);
  for (const node of graph.nodes.toReversed()) {
    const { type, inputs, outputs } = node;
    const [{ name: output }] = outputs as [ProgramValue];
    // Another shape costs nothing, so what is kept is the value it was made from; an output cannot be an input as well.
    const again = (type === 'Reshape' && read.has(output)) || results.has(output);
    if (!again && !dependent.has(output)) continue;
    moving.unshift(node);
    for (const { name } of inputs) read.add(name);
  }
  const made = new Set(moving.flatMap(({ outputs }) => outputs).map(({ name }) => name));
  const kept = graph.nodes.flatMap(({ outputs }) => outputs).filter(({ name }) => read.has(name) && !made.has(name));
  return {
    fixed: pruned({ ...graph, outputs: kept }),
    moving: pruned({ ...graph, inputs: [...graph.inputs, ...kept], nodes: moving }),
  };
}

function pruned({ inputs, constants, nodes, outputs }: ProgramGraph): ProgramGraph {
  const needed = new Set(outputs.map(({ name }) => name));
  const kept = nodes.toReversed().filter(({ inputs: from, outputs: results }) => {
    if (!results.some(({ name }) => needed.has(name))) return false;
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

function sameShape(a: readonly Dimension[], b: readonly Dimension[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** How many numbers one row of row tensors holds. */
export function valuesPerRow(values: readonly ProgramValue[]): number {
  return values
    .filter(({ shape }) => shape[0] === rowCount)
    .reduce((sum, { shape }) => sum + (shape.slice(1) as number[]).reduce((a, b) => a * b, 1), 0);
}

/** NumPy's rule, from the last dimension; a named size equals only itself and 1. */
function broadcast(values: readonly ProgramValue[]): Dimension[] {
  const rank = Math.max(...values.map(({ shape }) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = values.map(({ shape }) => shape[shape.length - rank + i] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}
