// Routes of runs: which are at work, start, attach, follow, stop, and the mosaic while it grows.
import { unlinkIfThere } from '../../../cleanup/journal/journal.js';
import { Memmap } from '../../../cleanup/memmap.js';
import { requestStop, stopRequestPathOf } from '../../../cleanup/journal/stop-request.js';
import { textOf, objectOf } from '../exchange.js';
import { HttpError } from '../http-error.js';
import { canvasOf, diskOf, knownRun, liveRun, liveRuns, runIn } from '../known-runs.js';
import { binInto } from '../pyramid.js';
import { followRun } from '../run-follower.js';
import { startRun } from '../start-run.js';
import type { Routes } from '../routes.js';
import { littleEndian } from './image.js';

/** A cell is asked for at about the size of a screen. */
const MOST_CELL_SAMPLES = 4 * 2 ** 20;

export const runRoutes: Routes = {
  async 'GET /api/runs'(exchange, session) {
    exchange.json((await liveRuns(session)).map(knownRun));
  },

  async 'POST /api/runs'(exchange, session) {
    const body = await exchange.body();
    const excluded: unknown = body.excluded ?? [];
    const isList =
      Array.isArray(excluded) && excluded.every((at) => typeof at === 'string' && !/[\0\r\n]/.test(at));
    if (!isList) throw new HttpError(400, 'gui_error_request', { what: 'excluded' });
    exchange.json(await startRun(session, objectOf(body, 'values'), excluded as string[]));
  },

  /** Opens the folders of a run at work to the page. */
  async 'POST /api/runs/attach'(exchange, session) {
    const run = await liveRun(session, textOf(await exchange.body(), 'runId'));
    await session.chosen.choose(run.header.outputDir);
    for (const input of run.header.inputPaths) await session.chosen.choose(input).catch(() => undefined);
    exchange.json(knownRun(run));
  },

  /** What a first Ctrl-C is in a terminal; `keep` also turns the removal of temporary files off. */
  async 'POST /api/runs/stop'(exchange, session) {
    const body = await exchange.body();
    const run = await liveRun(session, textOf(body, 'runId'));
    const request = stopRequestPathOf(run.header);
    await requestStop(request, body.keep === true ? 'keep' : 'stop');
    // A run that ended in this moment will not take it away.
    if (!(await liveRuns(session)).some(({ header }) => header.runId === run.header.runId))
      await unlinkIfThere(request);
    exchange.json({ runId: run.header.runId });
  },

  async 'GET /api/runs/events'(exchange, session) {
    const outputDir = await session.chosen.folder(exchange.query('dir'));
    await followRun(outputDir, exchange.lines(), exchange.signal);
    exchange.response.end();
  },

  async 'GET /api/runs/disk'(exchange, session) {
    const outputDir = await session.chosen.folder(exchange.query('dir'));
    exchange.json(await diskOf(outputDir, await runIn(outputDir)));
  },

  /** A rectangle of the growing mosaic, binned by `factor`: little-endian float32 `[planes, height, width]`. */
  async 'GET /api/runs/canvas'(exchange, session) {
    const run = await runIn(await session.chosen.folder(exchange.query('dir')));
    const at = run && canvasOf(run);
    if (at === undefined) throw new HttpError(404, 'gui_error_run_over');
    const [x0, y0, width, height] = ['x0', 'y0', 'width', 'height'].map((name) => exchange.count(name));
    const factor = Math.max(1, exchange.count('factor'));
    const [nx, ny] = [Math.ceil(width / factor), Math.ceil(height / factor)];
    const memmap = await Memmap.open(at, 'r');
    try {
      const inside = width > 0 && height > 0 && x0 + width <= memmap.nx && y0 + height <= memmap.ny;
      if (!inside || nx * ny > MOST_CELL_SAMPLES)
        throw new HttpError(400, 'gui_error_request', { what: 'rectangle' });
      const out = new Float32Array(memmap.planes * nx * ny);
      // A strip of rows at a time: a cell may be as large as the memory budget of its run.
      const strip = new Float32Array(width * factor);
      for (let plane = 0; plane < memmap.planes; plane++) {
        for (let y = 0; y < ny; y++) {
          const rows = Math.min(factor, height - y * factor);
          await memmap.readRegion({ plane, x0, y0: y0 + y * factor, width, height: rows }, strip);
          const from = (plane * ny + y) * nx;
          binInto(strip.subarray(0, rows * width), width, rows, factor, out.subarray(from, from + nx), nx);
        }
      }
      exchange.response.setHeader('X-Width', nx);
      exchange.response.setHeader('X-Height', ny);
      exchange.response.setHeader('X-Planes', memmap.planes);
      exchange.bytes(littleEndian(out), 'application/octet-stream');
    } finally {
      await memmap.close();
    }
  },
};
