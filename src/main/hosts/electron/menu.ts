import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../../shared/contract';

/** Builds the native menu; its commands go to the interface, which has the same ones as buttons and keys. */
export function installMenu(send: (command: MenuCommand) => void): void {
  // The page handles the keys itself (a letter typed into a field is not a command): the menu only shows them.
  const command = (name: MenuCommand, label: string, accelerator?: string): MenuItemConstructorOptions => ({
    id: name,
    label,
    ...(accelerator && { accelerator, registerAccelerator: false }),
    click: () => send(name),
  });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        command('newExperiment', 'New Experiment'),
        command('openExperiment', 'Open…', 'CmdOrCtrl+O'),
        separator,
        command('exportFigure', 'Export Figure…', 'CmdOrCtrl+E'),
        separator,
        { role: process.platform === 'darwin' ? 'close' : 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        command('undo', 'Undo', 'CmdOrCtrl+Z'),
        command('redo', 'Redo', 'Shift+CmdOrCtrl+Z'),
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: '&Run',
      submenu: [
        command('train', 'Train', 'T'),
        command('stop', 'Stop'),
        separator,
        command('togglePlay', 'Play or Pause', 'Space'),
      ],
    },
    {
      label: '&View',
      submenu: [
        command('topView', 'Top View', '2'),
        command('resetView', 'Reset View', '0'),
        command('toggleTheme', 'Dark or Light', 'M'),
        separator,
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : [{ role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [command('help', 'Keyboard and Mouse'), command('doctor', 'Executors…')] },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
