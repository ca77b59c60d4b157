import { decode, encode, maxMessageBytes } from '../../shared/codec';
import type { AppError, Bridge, ClientMessage, ServerMessage } from '../../shared/contract';

/** The part of a WebSocket that is used, so that tests can stand in for it. */
export type Socket = Pick<WebSocket, 'send' | 'readyState' | 'binaryType' | 'onopen' | 'onclose' | 'onmessage'>;

/** `WebSocket.OPEN`: a socket whose other end is gone closes a while before it says so. */
const isOpen = 1;

/** Pauses between attempts to connect again, in milliseconds; the last one repeats. */
const pauses = [250, 500, 1_000, 2_000, 5_000];

/**
 * The bridge of the browser host: one WebSocket, opened again when it is lost. What was asked for on a lost connection
 * is answered with an error; what is asked while there is none waits for the next.
 */
export function createWebBridge(open: () => Socket): Bridge {
  const messageListeners = new Set<(message: ServerMessage) => void>();
  const connectionListeners = new Set<(connected: boolean) => void>();
  /** Requests sent on this connection and not answered yet. */
  const inFlight = new Set<number>();
  let queue: { id: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
  let socket: Socket | null = null;
  let attempts = 0;

  function connect(): void {
    const opening = open();
    opening.binaryType = 'arraybuffer';
    opening.onopen = () => {
      socket = opening;
      attempts = 0;
      for (const listener of connectionListeners) listener(true);
      const waiting = queue;
      queue = [];
      for (const { id, bytes } of waiting) transmit(opening, id, bytes);
    };
    opening.onmessage = ({ data }) => tell(decode(data as ArrayBuffer) as ServerMessage);
    opening.onclose = () => {
      const wasOpen = socket === opening;
      socket = null;
      if (wasOpen) {
        for (const listener of connectionListeners) listener(false);
        for (const id of [...inFlight]) fail(id, connectionLost);
      }
      setTimeout(connect, pauses[Math.min(attempts++, pauses.length - 1)]);
    };
  }

  function tell(message: ServerMessage): void {
    if (message.type === 'reply') inFlight.delete(message.id);
    for (const listener of [...messageListeners]) listener(message);
  }

  function fail(id: number, error: AppError): void {
    tell({ type: 'reply', id, result: { ok: false, error } });
  }

  function transmit(to: Socket, id: number, bytes: Uint8Array<ArrayBuffer>): void {
    inFlight.add(id);
    to.send(bytes);
  }

  connect();
  return {
    host: 'browser',
    send(message: ClientMessage) {
      if (message.type === 'cancel') {
        if (queue.some(({ id }) => id === message.id)) {
          queue = queue.filter(({ id }) => id !== message.id);
          fail(message.id, { code: 'cancelled', message: 'Cancelled.' });
        } else if (inFlight.has(message.id) && socket?.readyState === isOpen) socket.send(encode(message));
        return;
      }
      const bytes = encode(message);
      if (bytes.length > maxMessageBytes) fail(message.id, tooLarge(bytes.length));
      else if (socket?.readyState === isOpen) transmit(socket, message.id, bytes);
      else queue.push({ id: message.id, bytes });
    },
    onMessage: (listener) => addTo(messageListeners, listener),
    onConnection(listener) {
      listener(socket !== null);
      return addTo(connectionListeners, listener);
    },
    async saveFile(name, bytes) {
      const url = URL.createObjectURL(new Blob([bytes.slice()]));
      const link = Object.assign(document.createElement('a'), { href: url, download: name });
      link.click();
      // The download has taken its own hold of the blob by then.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      return name;
    },
    onMenu: () => () => undefined,
  };
}

function addTo<T>(set: Set<T>, value: T): () => void {
  set.add(value);
  return () => void set.delete(value);
}

const connectionLost: AppError = {
  code: 'engine',
  message: 'The connection to the engine was lost.',
  cure: 'It is being opened again. If that does not succeed, start Loss Atlas again.',
};

function tooLarge(bytes: number): AppError {
  const megabytes = (value: number) => `${Math.ceil(value / 2 ** 20)} MiB`;
  return {
    code: 'badInput',
    message: `${megabytes(bytes)} are too large to send.`,
    cure: `Use a file of at most ${megabytes(maxMessageBytes - 2 ** 20)}.`,
  };
}
