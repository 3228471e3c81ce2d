// Who may speak to the window: only pages that it served itself, to this address, with the token that it printed.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from './http-error.js';

const HEADERS = {
  // Everything comes from here; data: holds the pictures that the page makes itself. No eval, no inline script or style.
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export class Gate {
  /** 256 random bits; they reach the page behind the # of the address, which browsers send to nobody. */
  readonly token = randomBytes(32).toString('base64url');

  /** Marks every answer. */
  dress(response: ServerResponse): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  }

  /**
   * Refuses what does not come from a page of this very address: another Host is a name that was turned to us (DNS rebinding),
   * another Origin is another site's script. @throws HttpError
   */
  checkAddress({ headers }: IncomingMessage, port: number): void {
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    if (!hosts.includes(headers.host ?? '')) throw new HttpError(421, 'gui_error_address');
    if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
      throw new HttpError(403, 'gui_error_address');
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      throw new HttpError(403, 'gui_error_address');
  }

  /** @throws HttpError */
  checkToken({ headers }: IncomingMessage): void {
    const given = Buffer.from(/^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
    const wanted = Buffer.from(this.token);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      throw new HttpError(401, 'gui_error_token');
  }
}
