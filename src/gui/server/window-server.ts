// The window's server: this machine's own address alone, a gate before everything, then a table of routes.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError } from '../../errors.js';
import { codedMessageOf } from '../../report/render-error.js';
import { Exchange } from './exchange.js';
import { Gate } from './gate.js';
import { HttpError } from './http-error.js';
import { loadPage, type PageFile } from './page-files.js';
import type { Routes } from './routes.js';
import { artifactRoutes } from './routes/artifacts.js';
import { configRoutes } from './routes/config.js';
import { folderRoutes } from './routes/folders.js';
import { frameRoutes } from './routes/frames.js';
import { imageRoutes } from './routes/image.js';
import { runRoutes } from './routes/runs.js';
import { openSession, type WindowOptions, type WindowSession } from './session.js';

const ROUTES: Routes = {
  ...configRoutes,
  ...folderRoutes,
  ...frameRoutes,
  ...runRoutes,
  ...imageRoutes,
  ...artifactRoutes,
};

/** The port that is asked for is taken, or may not be listened on. */
export class PortError extends CodedError {}

export interface RunningWindow {
  /** Address with the token: what a browser is to open. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the window. `port` 0 takes any that is free. @throws PortError, PageError */
export async function startWindow(options: WindowOptions, port: number): Promise<RunningWindow> {
  const page = await loadPage();
  const session = openSession(options);
  const gate = new Gate();
  let own = port;
  const server = http.createServer(
    { maxHeaderSize: 16 * 1024, requestTimeout: 60_000 },
    (request, response) => {
      gate.dress(response);
      const exchange = new Exchange(request, response);
      answer(exchange, gate, session, page, own).catch((error: unknown) => refuse(exchange, error));
    },
  );
  // A client that speaks no HTTP is told so and gone.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new PortError('gui_error_port', { port, reason: cause.code ?? '' }, { cause })),
    );
    server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
  });
  own = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${own}/#${gate.token}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, session.close()]);
    },
  };
}

async function answer(
  exchange: Exchange,
  gate: Gate,
  session: WindowSession,
  page: ReadonlyMap<string, PageFile>,
  port: number,
): Promise<void> {
  const { request, url } = exchange;
  gate.checkAddress(request, port);
  const method = request.method ?? '';
  if (!url.pathname.startsWith('/api/')) {
    // The files of the page hold no secret: they are the same in every installation.
    const file = page.get(url.pathname);
    if (!file) throw new HttpError(404, 'gui_error_no_such_page');
    if (method !== 'GET') throw new HttpError(405, 'gui_error_request', { what: 'method' });
    exchange.bytes(file.content, file.type);
    return;
  }
  gate.checkToken(request);
  const route = Object.hasOwn(ROUTES, `${method} ${url.pathname}`) && ROUTES[`${method} ${url.pathname}`];
  if (!route) throw new HttpError(404, 'gui_error_no_such_page');
  await route(exchange, session);
}

function refuse(exchange: Exchange, error: unknown): void {
  const { response, request } = exchange;
  if (exchange.signal.aborted) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof HttpError ? error.status : error instanceof CodedError ? 422 : 500;
  // What is left of a refused body is not read.
  if (!request.complete) response.setHeader('Connection', 'close');
  const details = error instanceof Error && 'details' in error ? error.details : undefined;
  exchange.json({ error: { ...codedMessageOf(error), details } }, status);
}
