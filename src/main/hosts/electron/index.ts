import { join } from 'node:path';
import { app, type BrowserWindow, protocol, session } from 'electron';
import { channels } from '../../../shared/channels';
import { createEnginePort } from '../../enginePort';
import { appFolders, defaultDataFolder } from '../../folders';
import { appScheme, serveAppFile } from './appProtocol';
import { connectWindow } from './bridge';
import { forkUtility } from './forkUtility';
import { installMenu } from './menu';
import { confineContents, denyPermissions } from './security';
import { openWindow } from './window';

/** Entry of the desktop app: one window, one engine. */
const folders = appFolders();
const dataFolder = defaultDataFolder();
let window: BrowserWindow | null = null;

app.setName('Loss Atlas');
// The window's own things (cache, place on the screen) beside the runs; also what "one instance" is counted by.
app.setPath('userData', join(dataFolder, 'window'));
app.enableSandbox();
protocol.registerSchemesAsPrivileged([
  { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
confineContents();

if (app.requestSingleInstanceLock()) void app.whenReady().then(start);
else app.quit();

function start(): void {
  denyPermissions(session.defaultSession);
  protocol.handle(appScheme, (request) => serveAppFile(folders.renderer, request));
  const engine = createEnginePort(() =>
    forkUtility(folders.engine, {
      dataFolder,
      resourcesFolder: folders.resources,
      kernelsFolder: folders.kernels,
      probeFile: folders.probe,
      host: 'electron',
      version: app.getVersion(),
    }),
  );
  installMenu((command) => window?.webContents.send(channels.menu, command));

  const open = () => {
    const opened = openWindow(folders.preload, join(app.getPath('userData'), 'window.json'));
    const disconnect = connectWindow(opened, engine);
    opened.once('closed', () => {
      disconnect();
      window = null;
    });
    window = opened;
  };
  open();

  app.on('second-instance', () => {
    if (!window) return open();
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on('activate', () => {
    if (!window) open();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let stopped = false;
  app.on('will-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    void engine.stop().then(() => {
      stopped = true;
      app.quit();
    });
  });
}
