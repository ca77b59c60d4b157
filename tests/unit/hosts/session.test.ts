import { describe, expect, it } from 'vitest';
import { createSession } from '../../../src/main/hosts/web/session';

describe('session of a browser host', () => {
  it('takes its token once, and no other', () => {
    const session = createSession(4_000);
    expect(session.redeem('')).toBe(false);
    expect(session.redeem(`${session.token}x`)).toBe(false);
    expect(session.redeem(session.token)).toBe(true);
    expect(session.redeem(session.token)).toBe(false);
  });

  it('knows its cookie among others, and no other', () => {
    const session = createSession(4_000);
    const pair = session.cookie.split(';')[0] ?? '';
    expect(session.isValid(pair)).toBe(true);
    expect(session.isValid(`a=b; ${pair}; c=d`)).toBe(true);
    for (const header of [undefined, '', 'lossAtlas4000', `${pair}x`, pair.replace('4000', '4001'), `x${pair}`]) {
      expect(session.isValid(header), header).toBe(false);
    }
    expect(createSession(4_000).isValid(pair)).toBe(false);
  });
});
