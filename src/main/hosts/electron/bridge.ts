import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { app, type BrowserWindow, dialog, type IpcMainEvent, type IpcMainInvokeEvent, ipcMain } from 'electron';
import { channels, type SaveAnswer } from '../../../shared/channels';
import { maxMessageBytes } from '../../../shared/codec';
import type { EnginePort } from '../../enginePort';
import { toAppError } from '../../router';
import { isAppUrl } from './appProtocol';

/** Carries messages between a window and the engine and writes the files it saves. Returns the undo. */
export function connectWindow(window: BrowserWindow, engine: EnginePort): () => void {
  const { webContents } = window;
  const client = engine.connect((message) => {
    if (!webContents.isDestroyed()) webContents.send(channels.fromEngine, message);
  });
  const receive = (event: IpcMainEvent, message: unknown) => {
    if (isOwnPage(event, window)) client.send(message);
  };
  ipcMain.on(channels.toEngine, receive);
  ipcMain.handle(channels.saveFile, (event, name: unknown, bytes: unknown) => {
    if (!isOwnPage(event, window)) throw new Error('Refused: not a page of the app.');
    return saveFile(window, name, bytes);
  });
  return () => {
    ipcMain.off(channels.toEngine, receive);
    ipcMain.removeHandler(channels.saveFile);
    client.close();
  };
}

/** Only the window's own top frame, and only while it shows the app. */
function isOwnPage(event: IpcMainEvent | IpcMainInvokeEvent, window: BrowserWindow): boolean {
  const { sender, senderFrame } = event;
  return sender === window.webContents && senderFrame?.parent === null && isAppUrl(senderFrame.url);
}

async function saveFile(window: BrowserWindow, name: unknown, bytes: unknown): Promise<SaveAnswer> {
  if (typeof name !== 'string' || name.length === 0 || name.length > 255) return { error: 'The file needs a name.' };
  if (!(bytes instanceof Uint8Array) || bytes.byteLength > maxMessageBytes) {
    return { error: `${name} is not a file of at most ${maxMessageBytes / 2 ** 20} MiB.` };
  }
  // Only the last part: a page may suggest a name, not a place.
  const defaultPath = join(app.getPath('documents'), basename(name));
  const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath });
  if (canceled || !filePath) return { path: null };
  const unfinished = `${filePath}.${process.pid}.part`;
  try {
    await writeFile(unfinished, bytes);
    await rename(unfinished, filePath);
    return { path: filePath };
  } catch (error) {
    await rm(unfinished, { force: true });
    const { message, cure } = toAppError(error);
    return { error: [message, cure].filter(Boolean).join(' ') };
  }
}
