import type { AppError, ServerMessage } from '../shared/contract';
import { type FromEngine, idOf, parseClientMessage, type ToEngine } from './engineProtocol';

/** An engine process as its supervisor sees it, whoever forked it. */
export interface EngineChild {
  post(message: ToEngine): void;
  /** Ends the process at once. */
  kill(): void;
  onMessage(listener: (message: FromEngine) => void): void;
  /** `reason` in words, e.g. "exit code 134". Called once. */
  onExit(listener: (reason: string) => void): void;
}

/** One window or tab. */
export interface EngineClient {
  /** Anything: what is not a message of the contract is answered with an error, or dropped where it has no id. */
  send(message: unknown): void;
  /** Cancels what it was waiting for. */
  close(): void;
}

export interface EnginePort {
  connect(listener: (message: ServerMessage) => void): EngineClient;
  /** Asks the engine to finish, and ends it after a grace time. */
  stop(): Promise<void>;
}

export interface SupervisionOptions {
  /** Time to finish writing on quit, in milliseconds. */
  graceMs?: number;
  /** This many deaths within `crashWindowMs` and the engine stays down until the window has passed. */
  crashLimit?: number;
  crashWindowMs?: number;
}

/** The engine process, started at once and again when it dies; requests in flight then are answered with an error. */
export function createEnginePort(fork: () => EngineChild, options: SupervisionOptions = {}): EnginePort {
  const { graceMs = 2_000, crashLimit = 3, crashWindowMs = 30_000 } = options;
  const clients = new Map<number, { listener: (message: ServerMessage) => void; waiting: Set<number> }>();
  let nextClient = 1;
  let deaths: number[] = [];
  let lastReason = '';
  let child: EngineChild | null = null;
  let stopping = false;
  let stopped: Promise<void> | null = null;
  let onStopped: () => void = () => undefined;

  function start(): EngineChild {
    const started = fork();
    started.onMessage(deliver);
    started.onExit((reason) => onExit(started, reason));
    child = started;
    return started;
  }

  function deliver({ client, message }: FromEngine): void {
    if (client === null) {
      broadcast(message);
      return;
    }
    const target = clients.get(client);
    if (message.type === 'reply') target?.waiting.delete(message.id);
    target?.listener(message);
  }

  function broadcast(message: ServerMessage): void {
    for (const { listener } of [...clients.values()]) listener(message);
  }

  function onExit(ended: EngineChild, reason: string): void {
    if (child !== ended) return;
    child = null;
    if (stopping) {
      onStopped();
      return;
    }
    lastReason = reason;
    deaths = [...deaths, performance.now()].slice(-crashLimit);
    for (const { listener, waiting } of clients.values()) {
      for (const id of waiting) listener(failedReply(id, died(reason)));
      waiting.clear();
    }
    if (isDown()) return;
    start();
    broadcast({ type: 'event', name: 'engine/restarted', payload: { reason } });
  }

  function isDown(): boolean {
    return deaths.length >= crashLimit && performance.now() - (deaths[0] ?? 0) < crashWindowMs;
  }

  start();
  return {
    connect(listener) {
      const client = nextClient++;
      const waiting = new Set<number>();
      clients.set(client, { listener, waiting });
      return {
        send(value) {
          if (stopping || !clients.has(client)) return;
          const message = parseClientMessage(value);
          if (!message) {
            const id = idOf(value);
            if (id !== null && !waiting.has(id)) listener(failedReply(id, notInContract(value)));
            return;
          }
          if (message.type === 'request') {
            if (waiting.has(message.id)) return;
            if (!child && isDown()) {
              listener(failedReply(message.id, staysDown(lastReason)));
              return;
            }
            waiting.add(message.id);
          }
          (child ?? start()).post({ type: 'message', client, message });
        },
        close() {
          if (clients.delete(client) && !stopping) child?.post({ type: 'left', client });
        },
      };
    },

    stop() {
      stopping = true;
      stopped ??= new Promise((resolve) => {
        if (!child) return resolve();
        const timer = setTimeout(() => child?.kill(), graceMs);
        onStopped = () => {
          clearTimeout(timer);
          resolve();
        };
        child.post({ type: 'quit' });
      });
      return stopped;
    },
  };
}

function failedReply(id: number, error: AppError): ServerMessage {
  return { type: 'reply', id, result: { ok: false, error } };
}

function died(reason: string): AppError {
  return {
    code: 'engine',
    message: `The engine stopped unexpectedly (${reason}).`,
    cure: 'It was started again: repeat what you did. What was recorded before is intact.',
  };
}

function staysDown(reason: string): AppError {
  return {
    code: 'engine',
    message: `The engine keeps stopping (${reason}).`,
    cure: 'Wait half a minute and try again, or restart the app.',
  };
}

function notInContract(value: unknown): AppError {
  const method = (value as { method?: unknown }).method;
  return { code: 'badInput', message: `Unknown request "${String(method).slice(0, 100)}".` };
}
