import type { GraphNode, TensorId } from '../../graph/ir';
import { prune } from '../../graph/prune';
import type { PlaneTile, PlaneValues, Rows, Vector } from '../../objectives/objective';
import { panelsOf } from './commands';
import { tensorsRead } from './fuse';
import { createHoldings } from './holdings';
import { bases, flags, type Place } from './instructions';
import { compileProgram, countRows, type Loaded, maskInstructions, placeRows, toMeasure } from './loaded';
import { runPoints, runRows } from './program';
import type { GivenInstruction } from './tape';

/** Values on planes of parameters; keeps what points of the same plane and rows share. */
export interface PlaneEvaluator {
  values(tile: PlaneTile, rows?: Rows): PlaneValues;
  free(): void;
}

/** X·W₀, X·D₁ and X·D₂ are kept for as many rows as fit in this; more rows are taken slice by slice, if they can be. */
const productBytes = 256 * 2 ** 20;

/**
 * On θ = origin + a·d₁ + b·d₂ a product of the input with a weight is X·W₀ + a·X·D₁ + b·X·D₂: three products serve
 * every point. The parameters behind them are formed and packed once a point, then panels of examples that stay in
 * cache run through the remaining layers.
 */
export function createPlane(loaded: Loaded): PlaneEvaluator {
  const { network } = loaded;
  const { graph } = network;
  const parts = splitFirstLayer(loaded);
  const bytesPerPanel = 3 * 32 * parts.products.reduce((sum, { out }) => sum + graph.tensors[out]!.size, 0);
  let slice: Slice | null = null;

  const sumsOn = (tile: PlaneTile, rows: Rows | undefined): Float64Array => {
    if (slice?.matches(tile, rows) !== true) {
      slice?.free();
      slice = null;
      slice = createSlice(loaded, parts, tile, rows);
    }
    return slice.sums(tile.coordinates);
  };

  return {
    values(tile, rows) {
      for (const vector of [tile.origin, tile.d1, tile.d2]) {
        if (vector.length === loaded.dimension) continue;
        throw new RangeError(`${vector.length} parameters given, the network has ${loaded.dimension}`);
      }
      const count = countRows(loaded, rows);
      const sliceRows = 8 * Math.max(1, Math.floor(productBytes / Math.max(1, bytesPerPanel)));
      if (count <= sliceRows || network.coupled) return toValues(sumsOn(tile, rows), count, graph.correct !== null);
      const total = new Float64Array(3 * (tile.coordinates.length / 2));
      for (let start = 0; start < count; start += sliceRows) {
        const length = Math.min(sliceRows, count - start);
        const part = rows?.subarray(start, start + length) ?? Int32Array.from({ length }, (_, i) => start + i);
        const sums = sumsOn(tile, part);
        for (let i = 0; i < total.length; i++) total[i] = total[i]! + sums[i]!;
      }
      return toValues(total, count, graph.correct !== null);
    },
    free() {
      slice?.free();
      slice = null;
    },
  };
}

/** The measure's nodes: products of the input with weights, each with what fuses into it, and the rest. */
interface Parts {
  readonly products: readonly FirstProduct[];
  readonly rest: readonly GraphNode[];
}

interface FirstProduct {
  readonly node: GraphNode;
  /** Where product + bias, or relu of it, goes. */
  readonly out: TensorId;
  readonly bias: TensorId | null;
  readonly relu: boolean;
}

function splitFirstLayer({ network: { graph } }: Loaded): Parts {
  const nodes = prune(graph, graph.correct === null ? [graph.loss] : [graph.loss, graph.correct]);
  const taken = new Set<GraphNode>();
  const products = nodes
    .filter((node) => node.op === 'matmul' && node.a === graph.input)
    .map((node): FirstProduct => {
      taken.add(node);
      let { out } = node;
      const onlyReader = () => {
        const readers = nodes.filter((other) => tensorsRead(other).includes(out));
        return readers.length === 1 ? readers[0]! : null;
      };
      let bias: TensorId | null = null;
      let reader = onlyReader();
      if (reader?.op === 'addBias') {
        taken.add(reader);
        ({ out, bias } = reader);
        reader = onlyReader();
      }
      const relu = reader?.op === 'activation' && reader.kind === 'relu';
      if (relu) {
        taken.add(reader!);
        out = reader!.out;
      }
      return { node, out, bias, relu };
    });
  return { products, rest: nodes.filter((node) => !taken.has(node)) };
}

/** One plane over one set of rows, ready for any of its points. */
interface Slice {
  matches(tile: PlaneTile, rows: Rows | undefined): boolean;
  sums(coordinates: Float64Array): Float64Array;
  free(): void;
}

function createSlice(loaded: Loaded, parts: Parts, tile: PlaneTile, rows: Rows | undefined): Slice {
  const { machine, network, dimension, examples, vectors } = loaded;
  const { memory } = machine;
  const { graph } = network;
  const { programs, allocate, free } = createHoldings(memory);

  try {
    const count = rows?.length ?? examples.count;
    const index = rows === undefined ? 0 : placeRows(examples, rows, allocate(rows.byteLength));
    const chosen = rows?.slice();
    const panels = rows === undefined ? examples.panels() : null;
    const points = [tile.origin, tile.d1, tile.d2].map((vector) => {
      const address = allocate(4 * dimension);
      memory.floats.set(vector, address / 4);
      return address;
    });

    // Once for all points, what is read at each of them.
    const readsInput = parts.rest.some((node) => tensorsRead(node).includes(graph.input));
    const read = readsInput ? [graph.input, graph.target] : [graph.target];
    const data = read.map((id): [TensorId, Place] => {
      return [id, panels?.get(id) ?? gather(loaded, id, index, count, allocate)];
    });
    const given = parts.products.map(({ node, out, bias, relu }): GivenInstruction => {
      const places = points.map((vector) => multiply(loaded, node, vector, { count, index, panels }, allocate));
      const start = bias === null ? flags.fromZero : flags.fromBias;
      return {
        out,
        instruction: {
          op: 'plane',
          flags: start | (relu ? flags.relu : 0),
          m: graph.tensors[out]!.size,
          x: places[0]!,
          y: places[1]!,
          z: places[2]!,
          ...(bias !== null && { w: vectors.get(bias)! }),
        },
      };
    });

    const { program, packs } = compileProgram(loaded, count, {
      nodes: parts.rest,
      places: new Map([...vectors, ...data]),
      prologue: [...given, ...maskInstructions(loaded)],
      loss: true,
      kept: new Set(),
    });
    programs.push(program);
    const tailStart = firstParameter(loaded, parts);

    return {
      matches: (other, otherRows) =>
        sameRows(chosen, otherRows) &&
        [other.origin, other.d1, other.d2].every((vector, i) =>
          sameFloats(vector, memory.floats.subarray(points[i]! / 4, points[i]! / 4 + dimension)),
        ),
      sums: (coordinates) =>
        runPoints(machine, program, {
          rows: count,
          index,
          origin: points[0]!,
          first: points[1]!,
          second: points[2]!,
          dimension,
          tailStart,
          packBytes: packs.bytes,
          coordinates,
          draw: loaded.draw,
        }),
      free,
    };
  } catch (error) {
    free();
    throw error;
  }
}

/** The input or the target of the rows, in panels. */
function gather(
  { network: { graph }, examples }: Loaded,
  id: TensorId,
  index: number,
  count: number,
  allocate: (bytes: number) => number,
): Place {
  const step = 32 * graph.tensors[id]!.size;
  const offset = allocate(step * panelsOf(count));
  examples.gather(id, index, count, offset);
  return { base: bases.zero, offset, step };
}

/** The product of a first-layer node with its weight taken from `vector`, kept for all rows. */
function multiply(
  loaded: Loaded,
  node: GraphNode,
  vector: number,
  rows: { count: number; index: number; panels: ReadonlyMap<TensorId, Place> | null },
  allocate: (bytes: number) => number,
): Place {
  const { machine, network, examples, vectors } = loaded;
  const { graph } = network;
  const step = 32 * graph.tensors[node.out]!.size;
  const place: Place = { base: bases.zero, offset: allocate(step * panelsOf(rows.count)), step };
  const { program, packs } = compileProgram(loaded, rows.count, {
    nodes: [node],
    places: new Map([...vectors, ...(rows.panels ?? []), [node.out, place]]),
    prologue: rows.panels === null ? examples.gathers.filter(({ out }) => out === graph.input) : [],
    loss: false,
    kept: new Set([node.out]),
  });
  try {
    const packed = machine.workspace.region('packs', packs.bytes);
    runRows(machine, program, {
      rows: rows.count,
      index: rows.index,
      params: vector,
      tangents: 0,
      packs: packed,
      out: 0,
      dimension: 0,
      draw: 0,
    });
  } finally {
    program.free();
  }
  return place;
}

/** Offset in θ of the first parameter read at each point; those before it are in the products. */
function firstParameter({ network: { graph, layout }, dimension }: Loaded, { products, rest }: Parts): number {
  const read = new Set([...rest.flatMap(tensorsRead), ...products.map(({ bias }) => bias)]);
  const offsets = layout.filter((_, i) => read.has(graph.parameters[i]!)).map(({ offset }) => offset);
  return Math.min(dimension, ...offsets);
}

function toValues(sums: Float64Array, count: number, classifies: boolean): PlaneValues {
  const points = sums.length / 3;
  const values: PlaneValues = {
    loss: new Float64Array(points).fill(Number.NaN),
    standardError: new Float64Array(points).fill(Number.NaN),
    accuracy: new Float64Array(points).fill(Number.NaN),
  };
  for (let point = 0; point < points; point++) {
    const measure = toMeasure([sums[3 * point]!, sums[3 * point + 1]!, sums[3 * point + 2]!], count, classifies);
    if (!Number.isFinite(measure.loss)) continue;
    values.loss[point] = measure.loss;
    values.standardError[point] = measure.standardError;
    values.accuracy[point] = measure.accuracy;
  }
  return values;
}

function sameRows(a: Rows | undefined, b: Rows | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((row, i) => row === b[i]);
}

function sameFloats(vector: Vector, kept: Float32Array): boolean {
  for (let i = 0; i < kept.length; i++) if (!Object.is(Math.fround(vector[i]!), kept[i])) return false;
  return true;
}
