import { type ClientMessage, type RequestName, requests, type ServerMessage } from '../shared/contract';

/** What a host sends its engine process. A client is one window or one browser tab, numbered by the host. */
export type ToEngine =
  | { type: 'message'; client: number; message: ClientMessage }
  /** The client is gone: what it was waiting for is cancelled. */
  | { type: 'left'; client: number }
  /** Finish writing and exit. */
  | { type: 'quit' };

/** What the engine process sends back; `client: null` is for all of them. */
export interface FromEngine {
  client: number | null;
  message: ServerMessage;
}

/** What an engine process is started with (its first argument, as JSON). */
export interface EngineOptions {
  /** Runs, settings and imported files. */
  dataFolder: string;
  /** The data sets and experiments that come with the app. */
  resourcesFolder: string;
  /** The built WebAssembly kernels. */
  kernelsFolder: string;
  /** The built entry of the process that tries an executor. */
  probeFile: string;
  /** Settings and measurements, where they are not in the data folder. */
  settingsFolder?: string | undefined;
  host: 'electron' | 'browser' | 'cli';
  version: string;
}

/**
 * A message from an interface, about which nothing is trusted: null when it is not one. Whether the params fit the
 * method is the router's question.
 */
export function parseClientMessage(value: unknown): ClientMessage | null {
  if (typeof value !== 'object' || value === null) return null;
  const { type, id, method, params } = value as Record<string, unknown>;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return null;
  switch (type) {
    case 'cancel':
      return { type, id };
    case 'request':
      if (typeof method !== 'string' || !Object.hasOwn(requests, method)) return null;
      return { type, id, method: method as RequestName, params };
    default:
      return null;
  }
}

/** The id to answer a refused message with, if it has one. */
export function idOf(value: unknown): number | null {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : null;
}
