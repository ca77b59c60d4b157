import { expect, it } from 'vitest';
import { isAllowedLink } from '../../../src/main/hosts/electron/externalLinks';

it('allows https links to the sites on the list', () => {
  expect(isAllowedLink('https://arxiv.org/abs/1712.09913')).toBe(true);
  expect(isAllowedLink('https://doi.org/10.1103/x?y#z')).toBe(true);
});

it.each([
  'http://arxiv.org/',
  'https://arxiv.org.example.com/',
  'https://evil-arxiv.org/',
  'https://arxiv.org:8443/',
  'https://user@arxiv.org/',
  'https://example.com/arxiv.org',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'smb://arxiv.org/share',
  'arxiv.org',
  '',
])('refuses %s', (address) => {
  expect(isAllowedLink(address)).toBe(false);
});
