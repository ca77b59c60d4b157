import { addAlong, scaleAlong, standardize, sumAlong } from './along';
import { activate, activateGrad, activateGrad2 } from './activations';
import { correlate, correlateWeights } from './convolution';
import { loss, lossGrad2, Sums } from './losses';
import { moments, normalizeBatch, normalizeExamples } from './normalization';
import { pool } from './pooling';
import { dense, FROM_BIAS, gather, outer, packTiles, sumRows } from './products';
import { planeSum } from './plane';
import { copyFeatures, embed, embedGrad, mask, multiply, permute, zero } from './rows';
import { beat } from './threads';

/*
 * A command is a tape of instructions the driver has written into memory, run once for every chunk of examples.
 * An operand is (base, offset, step): its address is bases[base] + offset + step·(first panel of the chunk).
 */

/** What the offsets of operands count from. */
export const BASE_ZERO: u32 = 0;
export const BASE_SCRATCH: u32 = 1;
export const BASE_PARAMS: u32 = 2;
export const BASE_TANGENTS: u32 = 3;
export const BASE_PARTIAL: u32 = 4;
export const BASE_PACKS: u32 = 5;
/** No address: the number of the dropout masks. */
export const BASE_DRAW: u32 = 6;

const OP_GATHER: u32 = 0;
const OP_DENSE: u32 = 1;
const OP_OUTER: u32 = 2;
const OP_SUM_ROWS: u32 = 3;
const OP_ACTIVATE: u32 = 4;
const OP_ACTIVATE_GRAD: u32 = 5;
const OP_ACTIVATE_GRAD2: u32 = 6;
const OP_LOSS: u32 = 7;
const OP_LOSS_GRAD2: u32 = 8;
const OP_ADD: u32 = 9;
const OP_ADD_BIAS: u32 = 10;
const OP_PLANE: u32 = 11;
const OP_PACK: u32 = 12;
const OP_MASK: u32 = 13;
const OP_PERMUTE: u32 = 14;
const OP_CORRELATE: u32 = 15;
const OP_CORRELATE_WEIGHTS: u32 = 16;
const OP_POOL: u32 = 17;
const OP_ADD_ALONG: u32 = 18;
const OP_SCALE_ALONG: u32 = 19;
const OP_SUM_ALONG: u32 = 20;
const OP_STANDARDIZE: u32 = 21;
const OP_NORMALIZE_EXAMPLES: u32 = 22;
const OP_NORMALIZE_BATCH: u32 = 23;
const OP_MOMENTS: u32 = 24;
const OP_MULTIPLY: u32 = 25;
const OP_EMBED: u32 = 26;
const OP_EMBED_GRAD: u32 = 27;
const OP_COPY: u32 = 28;
const OP_ZERO: u32 = 29;

/** A chunk of more panels holds all rows of a command, which may take long: signs of life come from within. */
const LONGEST_CHUNK: u32 = 64;

const FLAG_START: u32 = 3;
const FLAG_RELU: u32 = 4;
/** Add to the output even in the first chunk of a shard (the second term of a sum). */
const FLAG_ALWAYS_ADD: u32 = 8;

/** The driver writes these 23 words; see `instructions.ts`. */
@unmanaged
export class Instruction {
  op: u32;
  kind: u32;
  flags: u32;
  m: u32;
  k: u32;
  step: u32;
  tileStep: u32;
  /** Address of a plan of windows. */
  plan: u32;
  xBase: u32;
  xOffset: u32;
  xStep: u32;
  yBase: u32;
  yOffset: u32;
  yStep: u32;
  zBase: u32;
  zOffset: u32;
  zStep: u32;
  wBase: u32;
  wOffset: u32;
  wStep: u32;
  outBase: u32;
  outOffset: u32;
  outStep: u32;
}
export const INSTRUCTION_BYTES: u32 = 92;

// @ts-ignore: decorator
@inline
function address(bases: usize, base: u32, offset: u32, step: u32, panel: u32): usize {
  return load<u32>(bases + (base << 2)) + offset + step * panel;
}

/**
 * Runs `count` instructions on `panels` panels from panel `first`, of which `rows` rows are examples.
 * @param index row numbers of the examples, 0 for all in order
 * @param add whether sums over examples add to what an earlier chunk left
 */
export function runTape(
  tape: usize,
  count: u32,
  bases: usize,
  index: usize,
  first: u32,
  panels: u32,
  rows: u32,
  add: bool,
  sums: Sums,
  a: f32,
  b: f32,
): void {
  const end = tape + count * INSTRUCTION_BYTES;
  for (; tape < end; tape += INSTRUCTION_BYTES) {
    const it = changetype<Instruction>(tape);
    const x = address(bases, it.xBase, it.xOffset, it.xStep, first);
    const y = address(bases, it.yBase, it.yOffset, it.yStep, first);
    const z = address(bases, it.zBase, it.zOffset, it.zStep, first);
    const w = address(bases, it.wBase, it.wOffset, it.wStep, first);
    const out = address(bases, it.outBase, it.outOffset, it.outStep, first);
    const always = (it.flags & FLAG_ALWAYS_ADD) != 0;
    const bytes = (panels * it.m) << 5;
    switch (it.op) {
      case OP_GATHER:
        gather(x, it.m, index, first << 3, panels, (first << 3) + rows, out);
        break;
      case OP_DENSE:
        dense(panels, it.m, it.k, y, it.step, it.tileStep, x, out, it.flags & FLAG_START, z, (it.flags & FLAG_RELU) != 0);
        break;
      case OP_OUTER:
        outer(panels, it.m, it.k, x, y, out, add || always, z);
        break;
      case OP_SUM_ROWS:
        sumRows(panels, it.m, x, out, add || always);
        break;
      case OP_ACTIVATE:
        activate(it.kind, x, out, bytes);
        break;
      case OP_ACTIVATE_GRAD:
        activateGrad(it.kind, x, y, out, bytes, always);
        break;
      case OP_ACTIVATE_GRAD2:
        activateGrad2(it.kind, x, z, y, out, bytes, always);
        break;
      case OP_LOSS:
        loss(it.kind, it.flags, rows, it.m, x, y, out, sums);
        break;
      case OP_LOSS_GRAD2:
        lossGrad2(it.kind, rows, it.m, x, y, z, out);
        break;
      case OP_ADD:
        addRows(x, y, out, bytes);
        break;
      case OP_ADD_BIAS:
        addBias(panels, it.m, x, y, out);
        break;
      case OP_PLANE:
        planeSum(panels, it.m, x, y, z, a, b, w, (it.flags & FLAG_START) == FROM_BIAS, (it.flags & FLAG_RELU) != 0, out);
        break;
      case OP_PACK:
        packTiles(x, it.m, it.k, it.step, it.tileStep, out);
        break;
      case OP_MASK: {
        const draw = load<u32>(bases + (BASE_DRAW << 2));
        const kept = reinterpret<f32>(it.step);
        mask(panels, it.m, index, first << 3, (first << 3) + rows, it.kind, draw, it.k, kept, out);
        break;
      }
      case OP_PERMUTE:
        permute(it.m, x, y, out);
        break;
      case OP_CORRELATE:
        correlate(it.plan, panels, x, y, out, it.flags & FLAG_START, z, (it.flags & FLAG_RELU) != 0, w);
        break;
      case OP_CORRELATE_WEIGHTS:
        correlateWeights(it.plan, panels, x, y, out, add || always, w);
        break;
      case OP_POOL:
        pool(it.kind, it.plan, panels, x, y, out);
        break;
      case OP_ADD_ALONG:
        addAlong(panels, it.m, it.k, it.step, x, y, out);
        break;
      case OP_SCALE_ALONG:
        scaleAlong(panels, it.m, it.k, it.step, x, y, out);
        break;
      case OP_SUM_ALONG:
        sumAlong(panels, it.m, it.k, it.step, x, out, add || always);
        break;
      case OP_STANDARDIZE:
        standardize(panels, it.m, it.k, it.step, x, y, z, reinterpret<f32>(it.tileStep), out);
        break;
      case OP_NORMALIZE_EXAMPLES:
        normalizeExamples(it.kind, panels, it.m, it.k, x, y, z, reinterpret<f32>(it.tileStep), out);
        break;
      case OP_NORMALIZE_BATCH:
        normalizeBatch(it.kind, rows, it.m, it.k, it.step, x, y, z, reinterpret<f32>(it.tileStep), out);
        break;
      case OP_MOMENTS:
        moments(it.kind != 0, rows, it.m, it.k, it.step, x, out);
        break;
      case OP_MULTIPLY:
        multiply(x, y, out, bytes);
        break;
      case OP_EMBED:
        embed(panels, it.m, it.k, x, y, out);
        break;
      case OP_EMBED_GRAD:
        embedGrad(panels, it.m, it.k, it.step, x, y, out, add || always);
        break;
      case OP_COPY:
        copyFeatures(panels, it.m, it.k, x, it.step, out);
        break;
      case OP_ZERO:
        zero(out, it.m);
        break;
      default:
        unreachable();
    }
    if (panels > LONGEST_CHUNK) beat();
  }
}

function addRows(x: usize, y: usize, out: usize, bytes: u32): void {
  const end = x + bytes;
  for (; x < end; x += 16, y += 16, out += 16) v128.store(out, f32x4.add(v128.load(x), v128.load(y)));
}

function addBias(panels: u32, m: u32, x: usize, bias: usize, out: usize): void {
  for (let panel: u32 = 0; panel < panels; panel++) {
    for (let i: u32 = 0; i < m; i++) {
      const value = v128.load32_splat(bias + (i << 2));
      v128.store(out, f32x4.add(v128.load(x), value));
      v128.store(out, f32x4.add(v128.load(x, 16), value), 16);
      x += 32;
      out += 32;
    }
  }
}
