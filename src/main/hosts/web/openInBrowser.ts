import { spawn } from 'node:child_process';

/** Opens a link in the person's browser where there is a display; where that does not work nothing happens. */
export function openInBrowser(url: string): void {
  const command = opener(url);
  if (!command) return;
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

function opener(url: string): string[] | null {
  switch (process.platform) {
    case 'darwin':
      return ['open', url];
    case 'win32':
      return ['cmd', '/c', 'start', '', url];
    default:
      return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? ['xdg-open', url] : null;
  }
}
