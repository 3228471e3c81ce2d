// A server that speaks like the web service of astrometry.net, on this machine alone.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeService {
  readonly url: string;
  /** What it was asked: path, and the JSON that came with it. */
  readonly asked: {
    readonly path: string;
    readonly request: Record<string, unknown>;
    readonly bytes: number;
    readonly authorization: string | undefined;
  }[];
  close(): Promise<void>;
}

/** Answers by path; a function may answer differently each time. Unknown paths are 404, `undefined` is never answered. */
export async function fakeService(
  answers: Readonly<Record<string, unknown>>,
  wcs: Uint8Array = new Uint8Array(0),
): Promise<FakeService> {
  const asked: FakeService['asked'] = [];
  const server: Server = createServer((request, response) => {
    // who asks may go away before all is said
    const answer = (body: Buffer): void => {
      const path = request.url!.replace(/^\/api\//, '');
      const json = /name="request-json"\r\n\r\n(.*?)\r\n--/s.exec(body.toString('latin1'))?.[1];
      asked.push({
        path,
        request: JSON.parse(json ?? '{}') as Record<string, unknown>,
        bytes: body.length,
        authorization: request.headers.authorization,
      });
      if (path === '/wcs_file/77') return void response.end(wcs);
      if (!(path in answers)) return void response.writeHead(404).end();
      const next = answers[path];
      const value: unknown = typeof next === 'function' ? (next as () => unknown)() : next;
      if (value !== undefined) response.end(typeof value === 'string' ? value : JSON.stringify(value));
    };
    bodyOf(request).then(answer, () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
