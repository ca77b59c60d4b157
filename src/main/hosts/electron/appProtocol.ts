import { readFile } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import { pageHeaders } from '../pagePolicy';

/** The interface's own origin: files of the app, nothing else, with the headers a file:// page could not have. */
export const appScheme = 'app';
export const appOrigin = `${appScheme}://loss-atlas`;

/** What the bundler emits. */
const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** The file an address of the app stands for; null for anything outside the folder or of an unknown type. */
export function resolveAppFile(folder: string, address: string): { path: string; mediaType: string } | null {
  if (!isAppUrl(address)) return null;
  try {
    const name = decodeURIComponent(new URL(address).pathname);
    if (name.includes('\0') || name.includes('\\')) return null;
    const path = resolve(folder, `.${name === '/' ? '/index.html' : name}`);
    const mediaType = mediaTypes[extname(path)];
    return path.startsWith(resolve(folder) + sep) && mediaType ? { path, mediaType } : null;
  } catch {
    return null;
  }
}

/** Answers a request for the app's scheme from a folder of built files. */
export async function serveAppFile(folder: string, request: Request): Promise<Response> {
  const file = request.method === 'GET' ? resolveAppFile(folder, request.url) : null;
  const content = file && (await readFile(file.path).catch(() => null));
  const headers = pageHeaders();
  if (!content) return new Response('There is nothing here.\n', { status: 404, headers });
  return new Response(new Uint8Array(content), { headers: { ...headers, 'Content-Type': file.mediaType } });
}

/** True for the app's own pages. */
export function isAppUrl(address: string): boolean {
  try {
    const { protocol, host, username } = new URL(address);
    return protocol === `${appScheme}:` && `${protocol}//${host}` === appOrigin && username === '';
  } catch {
    return false;
  }
}
