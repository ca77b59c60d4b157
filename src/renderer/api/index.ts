import type { Bridge } from '../../shared/contract';
import { errorInWords } from '../i18n/said';
import { type Client, createClient } from './client';
import { createWebBridge } from './webBridge';

declare global {
  interface Window {
    /** The preload's, in the desktop app. */
    readonly lossAtlas?: Bridge;
  }
}

/** Found or made at first use, so that tests without a page can import what uses it. */
let connection: { bridge: Bridge; client: Client } | null = null;

function connected(): { bridge: Bridge; client: Client } {
  if (!connection) {
    const bridge = window.lossAtlas ?? createWebBridge(openSocket);
    connection = { bridge, client: createClient(bridge) };
  }
  return connection;
}

function openSocket(): WebSocket {
  const url = new URL('/engine', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url);
}

/** Asks the engine; never rejects: what went wrong is in the result, in the language of the window. */
export const request: Client['request'] = async (...call) => {
  const result = await connected().client.request(...call);
  return result.ok ? result : { ok: false, error: errorInWords(result.error) };
};

/** Listens to the engine's events. Returns the undo. */
export const subscribe: Client['subscribe'] = (...call) => connected().client.subscribe(...call);

/** Told at once and whenever the connection to the engine is lost or found. Returns the undo. */
export const onConnection: Bridge['onConnection'] = (listener) => connected().bridge.onConnection(listener);

/** Commands of the native menu; a browser has none. Returns the undo. */
export const onMenu: Bridge['onMenu'] = (listener) => connected().bridge.onMenu(listener);

/** Asks where to save and writes, or downloads; null when the person cancelled. */
export const saveFile: Bridge['saveFile'] = (name, bytes) => connected().bridge.saveFile(name, bytes);
