import type { Graph, GraphNode, TensorId } from '../../graph/ir';
import { panelsOf } from './commands';
import { fuse, type Purpose, type Step } from './fuse';
import { bases, encode, flags, floatWord, type Instruction, type OpName, type Place } from './instructions';
import type { PackPlan } from './packs';
import type { Plans } from './plans';

/** Instructions for one chunk of panels, and the memory they need. */
export interface Tape {
  /** All rows of a command are one chunk. */
  readonly together: boolean;
  readonly instructions: readonly Instruction[];
  readonly words: Uint32Array;
  /** Panels (of 8 examples) in a chunk; every buffer has room for this many. */
  readonly chunkPanels: number;
  /** Of each thread, for row tensors. */
  readonly scratchBytes: number;
  /** Multiplications and additions per example, elementwise functions counted as some. */
  readonly flopsPerRow: number;
}

export interface TapeRequest extends Purpose {
  readonly graph: Graph;
  readonly nodes: readonly GraphNode[];
  /** Where tensors are that the nodes do not compute, and where kept ones go. */
  readonly places: ReadonlyMap<TensorId, Place>;
  /** Instructions before the first step: gathers, the first layer on a plane. Their results are `given`. */
  readonly prologue: readonly GivenInstruction[];
  readonly packs: PackPlan;
  readonly plans: Plans;
  /** Rows that depend on each other and so have to be one chunk; left out, chunks are as large as fits the cache. */
  readonly together?: number;
}

/** An instruction that computes row tensor `out` from placed operands. */
export interface GivenInstruction {
  readonly out: TensorId;
  readonly instruction: Omit<Instruction, 'out'>;
}

/** Chunks are cut so that what a chunk touches stays in a second-level cache. */
const cacheBytes = 512 * 1024;
const maximumPanels = 64;
/** The last tensor of a chunk may be read a tile further. */
const slack = 256;

/** Elementwise steps that may write over an operand they read for the last time. */
const inPlace: ReadonlySet<OpName> = new Set([
  'activate',
  'activateGrad',
  'activateGrad2',
  'loss',
  'addBias',
  'add',
  'multiply',
  'addAlong',
  'scaleAlong',
  'standardize',
  'normalizeExamples',
  'normalizeBatch',
]);

/** Fuses the nodes, gives every row tensor a buffer that is reused once its last reader is done, and encodes. */
export function compileTape(request: TapeRequest): Tape {
  const { graph, prologue, plans, together } = request;
  const steps = fuse(graph, request.nodes, request);
  const { slots, slotOf } = assignSlots(request, steps);
  const size = (id: TensorId) => graph.tensors[id]!.size;

  const roomPerPanel = Math.max(0, ...steps.map((step) => (step.op === 'outer' ? 32 * step.m + 160 : 0)));
  const slotBytes = slots.reduce((sum, features) => sum + 32 * features, 0);
  const fixedBytes = [...new Set(steps.flatMap(operands))]
    .filter((id) => graph.tensors[id]!.rows && request.places.has(id))
    .reduce((sum, id) => sum + 32 * size(id), 0);
  const perPanel = slotBytes + roomPerPanel + fixedBytes;
  const fitting = Math.max(1, Math.min(maximumPanels, Math.floor(cacheBytes / Math.max(1, perPanel))));
  const chunkPanels = together === undefined ? fitting : panelsOf(together);
  const padded = steps.map(({ convolution: it }) => (it ? plans.convolution(it.window, it.adjoint).roomBytes : 0));

  const offsets: number[] = [];
  let end = 0;
  for (const features of slots) {
    offsets.push(end);
    end += 32 * features * chunkPanels + slack;
  }
  const room: Place = { base: bases.scratch, offset: end, step: 0 };
  end += Math.max(roomPerPanel * chunkPanels, ...padded) + slack;

  const place = (id: TensorId): Place => {
    const slot = slotOf.get(id);
    if (slot !== undefined) return { base: bases.scratch, offset: offsets[slot]!, step: 0 };
    const given = request.places.get(id);
    if (given === undefined) throw new RangeError(`${graph.tensors[id]!.name} has no place`);
    return given;
  };

  const instructions = [
    ...prologue.map(({ out, instruction }) => ({ ...instruction, out: place(out) })),
    ...steps.map((step) => toInstruction(step, place, room, request)),
  ];
  return {
    together: together !== undefined,
    instructions,
    words: encode(instructions),
    chunkPanels,
    scratchBytes: end,
    flopsPerRow: steps.reduce((sum, step) => sum + flops(step), 0),
  };
}

function toInstruction(
  step: Step,
  place: (id: TensorId) => Place,
  room: Place,
  { packs, plans }: TapeRequest,
): Instruction {
  const { op, kind, m, k, convolution } = step;
  const base = {
    op,
    kind,
    flags: step.flags,
    m,
    k,
    ...(step.x !== null && { x: shifted(place(step.x), step.xAt) }),
    ...(step.z !== null && { z: place(step.z) }),
    ...(step.out !== null && { out: shifted(place(step.out), step.outAt) }),
  };
  const y = step.y === null ? {} : { y: place(step.y) };
  switch (op) {
    case 'dense':
      return step.packed
        ? { ...base, y: packs.place(step.y!, m, k), step: 16, tileStep: 16 * k }
        : { ...base, ...y, step: 4 * m, tileStep: 16 };
    case 'outer':
      return { ...base, ...y, z: room };
    case 'correlate':
    case 'correlateWeights': {
      const plan = plans.convolution(convolution!.window, convolution!.adjoint);
      const operand = op === 'correlate' ? { y: packs.placeConvolution(step.y!, plan) } : y;
      return { ...base, ...operand, plan: plan.address, w: room };
    }
    case 'pool':
      return { ...base, ...y, plan: plans.pooling(step.pool!) };
    default:
      return { ...base, ...y, step: step.step, tileStep: floatWord(step.epsilon) };
  }
}

const shifted = ({ base, offset, step }: Place, features: number): Place => ({
  base,
  offset: offset + 32 * features,
  step,
});

/** Row tensors an instruction reads. */
function operands(step: Step): TensorId[] {
  return [step.x, step.y, step.z].filter((id) => id !== null);
}

/** Features of each buffer, and which buffer each row tensor lives in. */
function assignSlots(
  { graph, places, prologue }: TapeRequest,
  steps: readonly Step[],
): { slots: number[]; slotOf: Map<TensorId, number> } {
  const slots: number[] = [];
  const slotOf = new Map<TensorId, number>();
  const idle: number[] = [];
  const lastRead = new Map<TensorId, number>();
  steps.forEach((step, i) => {
    for (const id of operands(step)) lastRead.set(id, i);
    if (step.out !== null && step.flags & flags.alwaysAdd) lastRead.set(step.out, i);
  });
  // What is written again later (a sum's further terms) is still alive.
  steps.forEach((step, i) => {
    if (step.out !== null) lastRead.set(step.out, Math.max(i, lastRead.get(step.out) ?? i));
  });
  const buffered = (id: TensorId) => graph.tensors[id]!.rows && !places.has(id);
  const take = (id: TensorId): void => {
    const features = graph.tensors[id]!.size;
    const fitting = idle.filter((slot) => slots[slot]! >= features).sort((a, b) => slots[a]! - slots[b]!)[0];
    if (fitting !== undefined) idle.splice(idle.indexOf(fitting), 1);
    slotOf.set(id, fitting ?? slots.push(features) - 1);
  };

  for (const { out } of prologue) if (buffered(out)) take(out);
  steps.forEach((step, i) => {
    const { out } = step;
    const dying = [...new Set(operands(step))].filter((id) => buffered(id) && lastRead.get(id) === i && id !== out);
    if (out !== null && buffered(out) && !slotOf.has(out)) {
      const heir = inPlace.has(step.op)
        ? dying.find((id) => graph.tensors[id]!.size === graph.tensors[out]!.size && slotOf.has(id))
        : undefined;
      if (heir === undefined) take(out);
      else {
        slotOf.set(out, slotOf.get(heir)!);
        dying.splice(dying.indexOf(heir), 1);
      }
    }
    for (const id of dying) if (slotOf.has(id)) idle.push(slotOf.get(id)!);
  });
  return { slots, slotOf };
}

/** An elementwise function costs about as much as this many multiply-adds. */
const functionFlops = 24;

function flops(step: Step): number {
  switch (step.op) {
    case 'dense':
    case 'outer':
      return 2 * step.m * step.k;
    case 'correlate':
    case 'correlateWeights': {
      const { filters, channels, groups, kernelHeight, kernelWidth, outHeight, outWidth } = step.convolution!.window;
      return 2 * filters * (channels / groups) * kernelHeight * kernelWidth * outHeight * outWidth;
    }
    case 'sumRows':
    case 'sumAlong':
    case 'moments':
    case 'add':
    case 'addBias':
    case 'addAlong':
    case 'scaleAlong':
    case 'standardize':
    case 'multiply':
    case 'copy':
      return step.m;
    case 'zero':
      return 0;
    case 'embed':
    case 'embedGrad':
      return 8 * step.m * step.k;
    case 'pool': {
      const { channels, kernelHeight, kernelWidth, outHeight, outWidth } = step.pool!;
      return 4 * channels * kernelHeight * kernelWidth * outHeight * outWidth;
    }
    case 'normalizeExamples':
    case 'normalizeBatch':
      return 8 * (1 + step.kind) * step.m;
    case 'activate':
    case 'activateGrad':
    case 'activateGrad2':
    case 'loss':
    case 'lossGrad2':
      return functionFlops * step.m;
    default:
      return step.op satisfies never;
  }
}
