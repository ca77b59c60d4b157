import { commandWords, field, frameBytes, panelsOf, sumsBytes } from './commands';
import { encode, type Instruction } from './instructions';
import type { Machine } from './machine';
import type { Tape } from './tape';

/** A tape in kernel memory with the command block that runs it. */
export interface Program {
  readonly tape: Tape;
  /** Addresses. */
  readonly command: number;
  readonly tapeAddress: number;
  readonly packTape: number;
  readonly packCount: number;
  free(): void;
}

export function loadProgram({ memory }: Machine, tape: Tape, packing: readonly Instruction[]): Program {
  const packWords = encode(packing);
  const command = memory.allocate(commandBytes + sumsBytes + tape.words.byteLength + packWords.byteLength);
  const tapeAddress = command + commandBytes + sumsBytes;
  const packTape = tapeAddress + tape.words.byteLength;
  const { words } = memory;
  words.fill(0, command / 4, command / 4 + commandWords);
  words.set(tape.words, tapeAddress / 4);
  words.set(packWords, packTape / 4);
  const at = command / 4;
  words[at + field.packTape] = packTape;
  words[at + field.packCount] = packing.length;
  words[at + field.tape] = tapeAddress;
  words[at + field.tapeCount] = tape.instructions.length;
  words[at + field.result] = resultAddress(command);
  return {
    tape,
    command,
    tapeAddress,
    packTape,
    packCount: packing.length,
    free: () => memory.free(command),
  };
}

/** Sums are float64. */
const commandBytes = 8 * Math.ceil(commandWords / 2);
const resultAddress = (command: number) => command + commandBytes;

/** Where a run over rows reads and writes; addresses, 0 where there is none. */
export interface RowsRun {
  readonly rows: number;
  readonly index: number;
  readonly params: number;
  readonly tangents: number;
  /** Packed weights; the workspace's where left out. */
  readonly packs: number;
  readonly out: number;
  /** Floats of `out`. */
  readonly dimension: number;
  /** Which dropout masks. */
  readonly draw: number;
}

/** A command worth splitting does at least this many flops in each shard, some 80 µs. */
const shardFlops = 4e6;
const maximumShards = 16;
/** Below this many flops for each of its entries a shard's own gradient costs more to add up than the threads gain. */
const flopsPerEntry = 540;

/**
 * The number of shards depends on the job alone, so that the bytes of a sum do not depend on the threads.
 *
 * @param dimension entries of the vector every shard sums by itself, 0 where there is none
 */
export function shardCount(rows: number, flopsPerRow: number, dimension: number): number {
  const flops = rows * flopsPerRow;
  const wanted = Math.min(flops / shardFlops, flops / (flopsPerEntry * dimension), rows / 8);
  let shards = 1;
  while (shards < maximumShards && 2 * shards <= wanted) shards *= 2;
  return shards;
}

/** Runs a program over rows; the sums over examples are in `resultOf` until its next run. */
export function runRows(machine: Machine, program: Program, run: RowsRun): void {
  const { memory, workspace } = machine;
  const { tape } = program;
  const panels = panelsOf(run.rows);
  const dimension = run.out === 0 ? 0 : run.dimension;
  const shardPanels = tape.together ? panels : Math.ceil(panels / shardCount(run.rows, tape.flopsPerRow, dimension));
  const shards = Math.ceil(panels / shardPanels);
  const chunks = Math.ceil(shardPanels / tape.chunkPanels);
  const partialBytes = align(4 * run.dimension + 64);
  const scratchBytes = align(frameBytes + tape.scratchBytes);

  const scratch = workspace.region('scratch', machine.threads * scratchBytes);
  const partials = run.out === 0 ? 0 : workspace.region('partials', shards * partialBytes);
  const sums = workspace.region('sums', shards * sumsBytes);

  const { words } = memory;
  const at = program.command / 4;
  words[at + field.rows] = run.rows;
  words[at + field.index] = run.index;
  words[at + field.shards] = shards;
  words[at + field.shardPanels] = shardPanels;
  words[at + field.chunkPanels] = Math.ceil(shardPanels / chunks);
  words[at + field.params] = run.params;
  words[at + field.tangents] = run.tangents;
  words[at + field.packs] = run.packs;
  words[at + field.partials] = partials;
  words[at + field.partialBytes] = partialBytes;
  words[at + field.sums] = sums;
  words[at + field.out] = run.out;
  words[at + field.dimension] = run.dimension;
  words[at + field.scratch] = scratch;
  words[at + field.scratchBytes] = scratchBytes;
  words[at + field.draw] = run.draw;
  machine.run(program.command, shards > 1);
}

export interface PointsRun {
  readonly rows: number;
  readonly index: number;
  readonly origin: number;
  readonly first: number;
  readonly second: number;
  readonly dimension: number;
  /** The first parameter that is formed at every point. */
  readonly tailStart: number;
  readonly packBytes: number;
  readonly coordinates: Float64Array;
  readonly draw: number;
}

const maximumBlockPoints = 16;
/** The points of a block are read again for every chunk of examples. */
const blockBytes = 1024 * 1024;

/** Runs a program at every point of a plane; three float64 sums a point. */
export function runPoints(machine: Machine, program: Program, run: PointsRun): Float64Array {
  const { memory, workspace } = machine;
  const { tape } = program;
  const count = run.coordinates.length / 2;
  const tailCount = run.dimension - run.tailStart;
  const pointBytes = align(4 * tailCount + 64 + run.packBytes);
  const blockPoints = Math.max(
    1,
    Math.min(maximumBlockPoints, Math.floor(blockBytes / pointBytes), Math.ceil(count / (2 * machine.threads))),
  );
  const pointOffset = align(frameBytes + tape.scratchBytes);
  const scratchBytes = pointOffset + blockPoints * pointBytes;
  const panels = panelsOf(run.rows);
  const chunks = Math.ceil(panels / tape.chunkPanels);

  const scratch = workspace.region('scratch', machine.threads * scratchBytes);
  const points = workspace.region('points', 16 * count + sumsBytes * count);
  const pointSums = points + 16 * count;

  const { words, doubles } = memory;
  doubles.set(run.coordinates, points / 8);
  const at = program.command / 4;
  words[at + field.rows] = run.rows;
  words[at + field.index] = run.index;
  words[at + field.chunkPanels] = Math.ceil(panels / chunks);
  words[at + field.scratch] = scratch;
  words[at + field.scratchBytes] = scratchBytes;
  words[at + field.points] = points;
  words[at + field.pointCount] = count;
  words[at + field.pointSums] = pointSums;
  words[at + field.blockPoints] = blockPoints;
  words[at + field.origin] = run.origin;
  words[at + field.first] = run.first;
  words[at + field.second] = run.second;
  words[at + field.tailStart] = run.tailStart;
  words[at + field.tailCount] = tailCount;
  words[at + field.packBytes] = run.packBytes;
  words[at + field.pointOffset] = pointOffset;
  words[at + field.draw] = run.draw;
  machine.run(program.command, count * run.rows * tape.flopsPerRow >= 2 * shardFlops);
  return doubles.slice(pointSums / 8, pointSums / 8 + 3 * count);
}

/** Σℓ, Σℓ² and the number right of the program's last run over rows. */
export function resultOf({ memory }: Machine, program: Program): [number, number, number] {
  const at = resultAddress(program.command) / 8;
  const { doubles } = memory;
  return [doubles[at]!, doubles[at + 1]!, doubles[at + 2]!];
}

const align = (bytes: number) => Math.ceil(bytes / 64) * 64;
