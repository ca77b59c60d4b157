import { Command, reduceTasks, runTask, TASK_PACK, TASK_PLANE, TASK_REDUCE, TASK_SHARD, total } from './command';

/*
 * One engine thread and any number of helpers share a job: `limit` tasks of one kind, claimed one by one. The claim
 * word holds the job's number above the next task, so a helper that wakes late can only claim from the job that is
 * open; what a task computes does not depend on who runs it.
 */

/** Shared by all threads; the driver zeroes it once. `claim` is 8-byte aligned. */
@unmanaged
class Control {
  claim: u64;
  limit: u32;
  kind: u32;
  command: u32;
  completed: u32;
  /** Number of the job; helpers sleep on it. */
  job: u32;
  sleepers: u32;
  /** The engine thread sleeps on `completed`. */
  waiting: u32;
  /** Moves whenever any helper gets something done. */
  heartbeat: u32;
  quit: u32;
  /** A helper ended in an error. */
  failed: u32;
}

/** No task of a job has this number: the job is closed. */
const CLOSED: u64 = 0xffffffff;
/** Looks at the job before a helper sleeps, about 50 µs; it bridges the gaps inside and between commands. */
const HELPER_SPINS: u32 = 20000;
/** The same for the engine thread before it sleeps. */
const ENGINE_SPINS: u32 = 40000;

let control: usize = 0;
let helper: bool = false;

/** Sleeps a moment on the engine thread; true: the helpers are dead, give up. */
@external('env', 'stalled')
declare function stalled(completed: u32): bool;

export function beat(): void {
  if (helper) atomic.add<u32>(control + offsetof<Control>('heartbeat'), 1);
}

export function attach(address: usize): void {
  control = address;
}

/** Runs open tasks until none is left. */
function drain(thread: u32): void {
  const shared = changetype<Control>(control);
  while (true) {
    const claim = atomic.load<u64>(control);
    const next = claim & 0xffffffff;
    if (next == CLOSED || next >= <u64>atomic.load<u32>(control + offsetof<Control>('limit'))) return;
    if (atomic.cmpxchg<u64>(control, claim, claim + 1) != claim) continue;
    runTask(changetype<Command>(shared.command), shared.kind, <u32>next, thread);
    const done = atomic.add<u32>(control + offsetof<Control>('completed'), 1) + 1;
    if (helper && atomic.load<u32>(control + offsetof<Control>('waiting')) != 0 && done == shared.limit) {
      atomic.notify(control + offsetof<Control>('completed'), 1);
    }
  }
}

/** A helper thread's whole life. */
export function help(thread: u32): void {
  helper = true;
  const job = control + offsetof<Control>('job');
  const sleepers = control + offsetof<Control>('sleepers');
  let seen = atomic.load<u32>(job);
  while (atomic.load<u32>(control + offsetof<Control>('quit')) == 0) {
    drain(thread);
    let spins: u32 = 0;
    while (spins < HELPER_SPINS && atomic.load<u32>(job) == seen) spins++;
    if (atomic.load<u32>(job) == seen) {
      atomic.add<u32>(sleepers, 1);
      atomic.wait<i32>(job, <i32>seen, -1);
      atomic.sub<u32>(sleepers, 1);
    }
    seen = atomic.load<u32>(job);
  }
}

/** Runs all tasks of a job; false: given up. */
function job(command: Command, kind: u32, tasks: u32, shared: bool): bool {
  if (!shared || tasks < 2) {
    for (let task: u32 = 0; task < tasks; task++) runTask(command, kind, task, 0);
    return true;
  }
  const state = changetype<Control>(control);
  const number = state.job + 1;
  atomic.store<u64>(control, (<u64>number << 32) | CLOSED);
  state.kind = kind;
  state.command = <u32>changetype<usize>(command);
  atomic.store<u32>(control + offsetof<Control>('limit'), tasks);
  atomic.store<u32>(control + offsetof<Control>('completed'), 0);
  atomic.store<u64>(control, <u64>number << 32);
  atomic.store<u32>(control + offsetof<Control>('job'), number);
  if (atomic.load<u32>(control + offsetof<Control>('sleepers')) != 0) {
    atomic.notify(control + offsetof<Control>('job'), -1);
  }
  drain(0);
  const completed = control + offsetof<Control>('completed');
  let spins: u32 = 0;
  let done = atomic.load<u32>(completed);
  while (done < tasks) {
    if (++spins > ENGINE_SPINS) {
      atomic.store<u32>(control + offsetof<Control>('waiting'), 1);
      done = atomic.load<u32>(completed);
      if (done < tasks && stalled(done)) return false;
      atomic.store<u32>(control + offsetof<Control>('waiting'), 0);
    }
    done = atomic.load<u32>(completed);
  }
  return true;
}

/**
 * Runs a command on the engine thread, with the helpers where `shared`.
 * @returns false where the helpers died on the way; then nothing the command wrote counts
 */
export function run(address: usize, shared: bool): bool {
  const command = changetype<Command>(address);
  if (command.pointCount != 0) {
    return job(command, TASK_PLANE, (command.pointCount + command.blockPoints - 1) / command.blockPoints, shared);
  }
  if (!job(command, TASK_PACK, command.packCount, shared)) return false;
  if (!job(command, TASK_SHARD, command.shards, shared)) return false;
  total(command);
  return command.out == 0 || job(command, TASK_REDUCE, reduceTasks(command), shared);
}
