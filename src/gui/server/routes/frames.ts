// Routes before a run: the plan, and a look at single frames.
import { once } from 'node:events';
import { objectOf } from '../exchange.js';
import { HttpError } from '../http-error.js';
import { commandLine, eachLine, startProgram } from '../program.js';
import type { Routes } from '../routes.js';

export const frameRoutes: Routes = {
  /** `zemosaic plan --json`, its lines handed on; a client that leaves ends it. */
  async 'POST /api/plan'(exchange, session) {
    const values = objectOf(await exchange.body(), 'values');
    const child = startProgram(session, await commandLine(session, 'plan', values), false);
    const stop = () => child.kill('SIGTERM');
    exchange.signal.addEventListener('abort', stop);
    if (exchange.signal.aborted) stop();
    const ended = once(child, 'close');
    child.stderr?.resume();
    const write = exchange.lines();
    if (child.stdout) await eachLine(child.stdout, write);
    await ended;
    exchange.signal.removeEventListener('abort', stop);
    exchange.response.end();
  },

  async 'GET /api/frames/look'(exchange, session) {
    const file = await session.chosen.file(exchange.query('path'));
    if (session.looker.waiting > 200) throw new HttpError(409, 'gui_error_busy');
    const look = await session.looker.look(file, exchange.signal);
    if (look) exchange.json(look);
  },
};
