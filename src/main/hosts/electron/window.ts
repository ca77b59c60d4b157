import { BrowserWindow, dialog, nativeTheme, screen } from 'electron';
import { appOrigin } from './appProtocol';
import { readWindowState, rememberWindowState } from './windowState';

/** The interface's own background colours, so that the window never flashes white. */
const background = () => (nativeTheme.shouldUseDarkColors ? '#0e1116' : '#f6f7f9');

/** Opens the window on the interface; it is shown when there is something to see. */
export function openWindow(preload: string, stateFile: string): BrowserWindow {
  const { x, y, width, height, maximized } = readWindowState(
    stateFile,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    width,
    height,
    ...(x !== undefined && y !== undefined && { x, y }),
    minWidth: 960,
    minHeight: 600,
    title: 'Loss Atlas',
    show: false,
    backgroundColor: background(),
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  rememberWindowState(window, stateFile);
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  window.webContents.on('render-process-gone', (_event, { reason }) => void offerReload(window, reason));
  void window.loadURL(`${appOrigin}/`);
  return window;
}

/** Runs live in the engine and on disk, so that a page that died loses nothing. */
async function offerReload(window: BrowserWindow, reason: string): Promise<void> {
  if (reason === 'clean-exit' || window.isDestroyed()) return;
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: `The window's page stopped (${reason}).`,
    detail: 'Your runs are intact.',
    buttons: ['Reload', 'Close'],
    cancelId: 1,
  });
  if (window.isDestroyed()) return;
  if (response === 0) window.webContents.reload();
  else window.close();
}
