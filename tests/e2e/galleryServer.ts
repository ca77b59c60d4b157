import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { build } from 'vite';

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Builds the gallery and serves it on 127.0.0.1. */
export async function startGallery(): Promise<{ origin: string; close(): void }> {
  await build({ configFile: inRoot('tests/gallery/vite.config.ts') });
  const server = createServer(sirv(inRoot('tests/output/gallery')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  };
}
