import { Sums } from './losses';
import {
  BASE_DRAW,
  BASE_PACKS,
  BASE_PARAMS,
  BASE_PARTIAL,
  BASE_SCRATCH,
  BASE_TANGENTS,
  BASE_ZERO,
  INSTRUCTION_BYTES,
  runTape,
} from './tape';
import { beat } from './threads';

/** One whole command, as the driver writes it; see `commands.ts`. All fields are 32-bit words. */
@unmanaged
export class Command {
  /** Packing of weights, once before the rows (on a plane: once a point). */
  packTape: u32;
  packCount: u32;
  /** What is done to each chunk of rows. */
  tape: u32;
  tapeCount: u32;

  rows: u32;
  /** Row numbers of the examples, or 0 for all in order. */
  index: u32;
  shards: u32;
  shardPanels: u32;
  chunkPanels: u32;

  params: u32;
  tangents: u32;
  packs: u32;

  /** One gradient or product and one `Sums` per shard. */
  partials: u32;
  partialBytes: u32;
  sums: u32;

  /** Where the reduced partials, divided by the rows, go; 0: nowhere. */
  out: u32;
  dimension: u32;
  /** `Sums` over all shards. */
  result: u32;

  /** Private memory of each thread: bases, sums, row tensors, then the points of a plane. */
  scratch: u32;
  scratchBytes: u32;

  /** Plane: coordinates (two float64 a point) and one `Sums` a point; 0 points: not a plane. */
  points: u32;
  pointCount: u32;
  pointSums: u32;
  blockPoints: u32;
  origin: u32;
  first: u32;
  second: u32;
  /** The floats of θ that are formed for each point, and the offset of the first of them. */
  tailStart: u32;
  tailCount: u32;
  packBytes: u32;
  /** Offset of a thread's points in its scratch. */
  pointOffset: u32;
  /** Which dropout masks. */
  draw: u32;
}

export const SUMS_BYTES: u32 = 24;
/** Row tensors start here in a thread's scratch, after the bases and the sums. */
const FRAME_BYTES: u32 = 128;
const FRAME_SUMS: u32 = 64;
/** Parameters one reduction task adds up. */
const REDUCE_FLOATS: u32 = 8192;

export const TASK_PACK: u32 = 0;
export const TASK_SHARD: u32 = 1;
export const TASK_REDUCE: u32 = 2;
export const TASK_PLANE: u32 = 3;

// @ts-ignore: decorator
@inline
function setBase(frame: usize, base: u32, address: u32): void {
  store<u32>(frame + (base << 2), address);
}

function openFrame(command: Command, thread: u32): usize {
  const frame: usize = command.scratch + thread * command.scratchBytes;
  setBase(frame, BASE_ZERO, 0);
  setBase(frame, BASE_SCRATCH, <u32>frame + FRAME_BYTES);
  setBase(frame, BASE_PARAMS, command.params);
  setBase(frame, BASE_TANGENTS, command.tangents);
  setBase(frame, BASE_PACKS, command.packs);
  setBase(frame, BASE_DRAW, command.draw);
  return frame;
}

// @ts-ignore: decorator
@inline
function clear(sums: Sums): void {
  sums.loss = 0;
  sums.squares = 0;
  sums.correct = 0;
}

// @ts-ignore: decorator
@inline
function addSums(to: Sums, from: Sums): void {
  to.loss += from.loss;
  to.squares += from.squares;
  to.correct += from.correct;
}

export function runTask(command: Command, kind: u32, task: u32, thread: u32): void {
  if (kind == TASK_SHARD) runShard(command, task, thread);
  else if (kind == TASK_PACK) pack(command, task, thread);
  else if (kind == TASK_REDUCE) reduce(command, task);
  else runPoints(command, task, thread);
}

function pack(command: Command, task: u32, thread: u32): void {
  const frame = openFrame(command, thread);
  const at = command.packTape + task * INSTRUCTION_BYTES;
  runTape(at, 1, frame, 0, 0, 0, 0, false, changetype<Sums>(frame + FRAME_SUMS), 0, 0);
}

function runShard(command: Command, shard: u32, thread: u32): void {
  const frame = openFrame(command, thread);
  setBase(frame, BASE_PARTIAL, command.partials + shard * command.partialBytes);
  const sums = changetype<Sums>(frame + FRAME_SUMS);
  clear(sums);
  const panels = (command.rows + 7) >> 3;
  const start = shard * command.shardPanels;
  const end = min(start + command.shardPanels, panels);
  for (let panel = start; panel < end; panel += command.chunkPanels) {
    const count = min(command.chunkPanels, end - panel);
    const rows = min(count << 3, command.rows - (panel << 3));
    runTape(command.tape, command.tapeCount, frame, command.index, panel, count, rows, panel != start, sums, 0, 0);
    beat();
  }
  memory.copy(command.sums + shard * SUMS_BYTES, frame + FRAME_SUMS, SUMS_BYTES);
}

/** out[i] = Σ partials[i] / rows, in the order of the shards. */
function reduce(command: Command, task: u32): void {
  const from = task * REDUCE_FLOATS;
  const to = min(from + REDUCE_FLOATS, command.dimension);
  const rows = f32x4.splat(<f32>command.rows);
  let i = from;
  for (; i + 4 <= to; i += 4) {
    let at: usize = command.partials + (i << 2);
    let sum = v128.load(at);
    for (let shard: u32 = 1; shard < command.shards; shard++) {
      at += command.partialBytes;
      sum = f32x4.add(sum, v128.load(at));
    }
    v128.store(command.out + (i << 2), f32x4.div(sum, rows));
  }
  for (; i < to; i++) {
    let at: usize = command.partials + (i << 2);
    let sum = load<f32>(at);
    for (let shard: u32 = 1; shard < command.shards; shard++) {
      at += command.partialBytes;
      sum += load<f32>(at);
    }
    store<f32>(command.out + (i << 2), sum / <f32>command.rows);
  }
}

/** A block of the plane's points: their tail parameters formed and packed once, then every chunk at every point. */
function runPoints(command: Command, block: u32, thread: u32): void {
  const frame = openFrame(command, thread);
  const start = block * command.blockPoints;
  const end = min(start + command.blockPoints, command.pointCount);
  const tailBytes = command.tailCount << 2;
  const stride = (tailBytes + 64 + command.packBytes + 63) & ~63;
  const memory0 = frame + command.pointOffset;
  const frameSums = changetype<Sums>(frame + FRAME_SUMS);

  for (let point = start; point < end; point++) {
    const tail = memory0 + (point - start) * stride;
    const at: usize = command.points + (point << 4);
    formTail(command, <f32>load<f64>(at), <f32>load<f64>(at, 8), tail);
    bindPoint(command, frame, tail, tailBytes);
    runTape(command.packTape, command.packCount, frame, 0, 0, 0, 0, false, frameSums, 0, 0);
    clear(changetype<Sums>(command.pointSums + point * SUMS_BYTES));
  }

  const panels = (command.rows + 7) >> 3;
  for (let panel: u32 = 0; panel < panels; panel += command.chunkPanels) {
    const count = min(command.chunkPanels, panels - panel);
    const rows = min(count << 3, command.rows - (panel << 3));
    for (let point = start; point < end; point++) {
      bindPoint(command, frame, memory0 + (point - start) * stride, tailBytes);
      const at: usize = command.points + (point << 4);
      const a = <f32>load<f64>(at);
      const b = <f32>load<f64>(at, 8);
      clear(frameSums);
      runTape(command.tape, command.tapeCount, frame, command.index, panel, count, rows, false, frameSums, a, b);
      addSums(changetype<Sums>(command.pointSums + point * SUMS_BYTES), frameSums);
    }
    beat();
  }
}

function bindPoint(command: Command, frame: usize, tail: usize, tailBytes: u32): void {
  setBase(frame, BASE_PARAMS, <u32>tail - (command.tailStart << 2));
  setBase(frame, BASE_PACKS, <u32>tail + ((tailBytes + 64) & ~63));
}

/** θ = origin + a·first + b·second from `tailStart` on; reads up to 3 floats past the end. */
function formTail(command: Command, a: f32, b: f32, out: usize): void {
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const start = command.tailStart << 2;
  const bytes = command.tailCount << 2;
  for (let i: u32 = 0; i < bytes; i += 16) {
    const moved = f32x4.add(
      v128.load(command.origin + start + i),
      f32x4.add(
        f32x4.mul(as, v128.load(command.first + start + i)),
        f32x4.mul(bs, v128.load(command.second + start + i)),
      ),
    );
    v128.store(out + i, moved);
  }
}

/** The sums of all shards, in their order. */
export function total(command: Command): void {
  const result = changetype<Sums>(command.result);
  clear(result);
  for (let shard: u32 = 0; shard < command.shards; shard++) {
    addSums(result, changetype<Sums>(command.sums + shard * SUMS_BYTES));
  }
}

// @ts-ignore: decorator
@inline
export function reduceTasks(command: Command): u32 {
  return (command.dimension + REDUCE_FLOATS - 1) / REDUCE_FLOATS;
}
