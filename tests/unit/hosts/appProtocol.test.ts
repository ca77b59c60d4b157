import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isAppUrl, resolveAppFile, serveAppFile } from '../../../src/main/hosts/electron/appProtocol';

const outer = mkdtempSync(join(tmpdir(), 'app-protocol-'));
const folder = join(outer, 'renderer');
mkdirSync(join(folder, 'assets'), { recursive: true });
mkdirSync(join(outer, 'renderer-other'));
writeFileSync(join(folder, 'index.html'), '<p>');
writeFileSync(join(folder, 'assets', 'a b.js'), '1');
writeFileSync(join(outer, 'secret.json'), '{}');
writeFileSync(join(outer, 'renderer-other', 'x.js'), '2');
afterAll(() => rmSync(outer, { recursive: true, force: true }));

describe('app protocol', () => {
  it('finds the files of the interface', () => {
    expect(resolveAppFile(folder, 'app://loss-atlas/')).toMatchObject({ path: join(folder, 'index.html') });
    expect(resolveAppFile(folder, 'app://loss-atlas/assets/a%20b.js?v=1#x')).toEqual({
      path: join(folder, 'assets', 'a b.js'),
      mediaType: 'text/javascript; charset=utf-8',
    });
  });

  it.each([
    'app://loss-atlas/../secret.json',
    'app://loss-atlas/..%2fsecret.json',
    'app://loss-atlas/%2e%2e%2fsecret.json',
    'app://loss-atlas/assets/..%2f..%2fsecret.json',
    'app://loss-atlas/..%5csecret.json',
    'app://loss-atlas/..%2frenderer-other/x.js',
    'app://loss-atlas/%00.js',
    'app://loss-atlas/%',
    'app://loss-atlas/assets/',
    'app://loss-atlas/assets/file.exe',
    'app://other/index.html',
    'app://user@loss-atlas/index.html',
    'https://loss-atlas/index.html',
    'file:///etc/passwd',
    'nonsense',
  ])('finds nothing at %s', async (address) => {
    const found = resolveAppFile(folder, address);
    if (found) expect(found.path.startsWith(`${folder}/`)).toBe(true);
    const answer =
      address === 'nonsense' ? null : await serveAppFile(folder, { url: address, method: 'GET' } as Request);
    expect(answer?.status ?? 404).toBe(404);
  });

  it('answers with the policy, and only to GET', async () => {
    const answer = await serveAppFile(folder, new Request('app://loss-atlas/index.html'));
    expect(await answer.text()).toBe('<p>');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const posted = await serveAppFile(folder, new Request('app://loss-atlas/index.html', { method: 'POST' }));
    expect(posted.status).toBe(404);
  });

  it('knows its own pages', () => {
    expect(isAppUrl('app://loss-atlas/any?x#y')).toBe(true);
    for (const other of [
      'app://loss-atlas.example/',
      'app://x@loss-atlas/',
      'apps://loss-atlas/',
      'https://loss-atlas/',
    ]) {
      expect(isAppUrl(other), other).toBe(false);
    }
  });
});
