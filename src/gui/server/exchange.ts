// One request and its answer: bodies with a limit, JSON out, streams of JSON lines that end when the client goes.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from './http-error.js';

/** Largest body that is read: a list of ten thousand frames has room. */
const MAX_BODY_BYTES = 8 * 2 ** 20;

export class Exchange {
  readonly url: URL;
  readonly #closed = new AbortController();

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {
    // The host was checked before; of the target only path and query are used.
    this.url = new URL(request.url ?? '/', 'http://window');
    response.on('close', () => this.#closed.abort());
  }

  /** Aborted when the client is gone, or the answer complete. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** A text of the query. @throws HttpError when it is missing. */
  query(name: string): string {
    const value = this.url.searchParams.get(name);
    if (value === null) throw new HttpError(400, 'gui_error_request', { what: name });
    return value;
  }

  /** A whole number of the query that is at least 0. @throws HttpError */
  count(name: string): number {
    const text = this.query(name);
    if (!/^\d{1,9}$/.test(text)) throw new HttpError(400, 'gui_error_request', { what: name });
    return Number(text);
  }

  /** The body, an object. @throws HttpError for another type, too many bytes, malformed JSON. */
  async body(): Promise<Record<string, unknown>> {
    if (!/^application\/json\b/i.test(this.request.headers['content-type'] ?? ''))
      throw new HttpError(415, 'gui_error_request', { what: 'content-type' });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) throw new HttpError(413, 'gui_error_too_large', { limit: MAX_BODY_BYTES });
      chunks.push(chunk);
    }
    let value: unknown;
    try {
      value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch {
      throw new HttpError(400, 'gui_error_request', { what: 'json' });
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new HttpError(400, 'gui_error_request', { what: 'json' });
    return value as Record<string, unknown>;
  }

  json(value: unknown, status = 200): void {
    this.bytes(Buffer.from(JSON.stringify(value)), 'application/json; charset=utf-8', status);
  }

  bytes(content: Uint8Array, type: string, status = 200): void {
    this.response.writeHead(status, { 'Content-Type': type, 'Content-Length': content.byteLength });
    this.response.end(content);
  }

  /** Begins an answer of JSON lines; the returned function writes one and waits while the client is slow. */
  lines(): (line: string) => Promise<void> {
    this.response.writeHead(200, { 'Content-Type': 'application/x-ndjson; charset=utf-8' });
    this.response.flushHeaders();
    return (line) => {
      if (this.signal.aborted || this.response.write(`${line}\n`)) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          this.response.off('drain', done);
          this.signal.removeEventListener('abort', done);
          resolve();
        };
        this.response.once('drain', done);
        this.signal.addEventListener('abort', done);
      });
    };
  }
}

/** A text of a body. @throws HttpError */
export function textOf(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value.includes('\0'))
    throw new HttpError(400, 'gui_error_request', { what: name });
  return value;
}

/** An object of a body. @throws HttpError */
export function objectOf(body: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = body[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HttpError(400, 'gui_error_request', { what: name });
  return value as Record<string, unknown>;
}
