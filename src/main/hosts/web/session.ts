import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** One person's access to a browser host: a link that works once, then a cookie for as long as the host runs. */
export interface Session {
  /** The single-use token of the link. */
  token: string;
  /** True the first time the right token is given, never again. */
  redeem(token: string): boolean;
  cookie: string;
  isValid(cookieHeader: string | undefined): boolean;
}

/** @param port makes the cookie's name unique: browsers share cookies between the ports of a machine */
export function createSession(port: number): Session {
  const token = secret();
  const key = secret();
  const name = `lossAtlas${port}`;
  let used = false;
  return {
    token,
    redeem(given) {
      if (used || !isSame(given, token)) return false;
      used = true;
      return true;
    },
    cookie: `${name}=${key}; Path=/; HttpOnly; SameSite=Strict`,
    isValid: (cookieHeader) =>
      (cookieHeader ?? '').split(';').some((part) => {
        const [given, ...value] = part.trim().split('=');
        return given === name && isSame(value.join('='), key);
      }),
  };
}

const secret = () => randomBytes(32).toString('base64url');
const digest = (text: string) => createHash('sha256').update(text).digest();
/** In a time that does not depend on where the two differ. */
const isSame = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));
