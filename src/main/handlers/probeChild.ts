import { fork } from 'node:child_process';
import { cancelled } from '../../shared/errors';
import { type Message, message } from '../../shared/messages';
import type { ExecutorReport } from '../../shared/model/executors';
import type { ExecutorName } from '../../shared/model/experiment';
import type { ProbeMessage, ProbeOptions } from '../probeProtocol';
import { executorList } from './executorList';

/** A step that takes longer is taken for a hang: shaders compiled in software on a busy machine take half a minute. */
const silenceMs = 120_000;

/** What a report says of an executor that is not there. */
export function absentReport(
  name: ExecutorName,
  state: Exclude<ExecutorReport['state'], 'available'>,
  { text, cure, said }: { text: string; cure: string | null; said?: Message['said'] | undefined },
): ExecutorReport {
  const nothing = { precision: null, threads: null, library: null, kernels: null, devices: [], software: false };
  return {
    ...{ name, state, reason: text, cure, description: executorList[name].summary },
    ...(said && { said }),
    ...nothing,
    ...{ checks: [], unchecked: [], speeds: [] },
  };
}

/**
 * Tries one executor in a process of its own: whatever a driver does there, the answer is a report.
 * @param onStep told about every message; throws nothing
 * @throws UserError `cancelled`, when the process has been ended
 */
export async function probeExecutor(
  file: string,
  options: ProbeOptions,
  { signal, onStep = () => undefined }: { signal: AbortSignal; onStep?: () => void },
): Promise<ExecutorReport> {
  if (signal.aborted) throw cancelled();
  const { executor: name } = options;
  // Electron's binary runs a plain script where it is told so; Node does not know the variable.
  const child = fork(file, [JSON.stringify(options)], {
    // A debugger's port is taken by the engine.
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  let last: ProbeMessage['type'] | null = null;
  let report = absentReport(name, 'unknown', { text: 'It was not tried.', cure: null });
  let words = '';
  let silent = false;
  const kill = () => void child.kill('SIGKILL');
  let timer: NodeJS.Timeout | undefined;
  const awaitWord = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      silent = true;
      kill();
    }, silenceMs);
  };
  awaitWord();
  signal.addEventListener('abort', kill, { once: true });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4_000);
  });
  child.on('message', (received) => {
    const told = received as ProbeMessage;
    last = told.type;
    report = withMessage(report, told);
    awaitWord();
    onStep();
  });
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, end) => resolve(end ?? `exit code ${code}`));
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', kill);
  if (signal.aborted) throw cancelled();
  if (last === 'done') return report;
  if (last === null) return absentReport(name, 'unknown', message('probeNotStarted', { end }));
  return absentReport(name, 'crashed', crashMessage(last, silent ? 'no answer' : end, words));
}

const stages = {
  started: 'probeDiedLoading',
  unavailable: 'probeDiedMissing',
  made: 'probeDiedChecking',
  checked: 'probeDiedTiming',
  timed: 'probeDiedTiming',
} as const satisfies Record<Exclude<ProbeMessage['type'], 'done'>, string>;

/** What the process was doing, how it ended, and its last words. */
function crashMessage(last: keyof typeof stages, end: string, words: string): Message {
  const word = words.trim().split('\n').at(-1)?.slice(0, 200);
  return message(stages[last], { end, words: word ? `: ${word}` : '' });
}

function withMessage(report: ExecutorReport, told: ProbeMessage): ExecutorReport {
  switch (told.type) {
    case 'started':
    case 'done':
      return report;
    case 'unavailable':
      return absentReport(report.name, 'unavailable', { text: told.reason, cure: told.cure, said: told.said });
    case 'made':
      return { ...report, ...told.report, state: 'available', reason: null, cure: null };
    case 'checked':
      return { ...report, ...told.report };
    case 'timed':
      return told.speed ? { ...report, speeds: [...report.speeds, told.speed] } : report;
    default:
      return told satisfies never;
  }
}
