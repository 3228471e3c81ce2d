// Whole runs on small generated sessions, for the tests of this folder.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ComputeBackend } from '../../src/compute/backend.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { ConfigKey, RunConfig } from '../../src/config/table.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import { makeSession } from '../../src/demo/make-session.js';
import type { SessionOptions, SessionTruth } from '../../src/demo/session-truth.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import type { ChosenBackend } from '../../src/pipeline/backend-provider.js';
import { runMosaic } from '../../src/pipeline/run-mosaic.js';
import type { EventSink, RunEvent } from '../../src/report/events.js';
import type { RunReport } from '../../src/report/run-report.js';

/** A session that integrates in a second: two overlapping panels of four subs, a frame without WCS and a stacked image. */
export const SMALL: SessionOptions = { panels: [2, 1], subs: 4, size: [240, 320], seed: 5 };

export function makeSmallSession(dir: string, options: SessionOptions = {}): Promise<SessionTruth> {
  return makeSession(dir, { ...SMALL, ...options });
}

/** A configuration from texts as the command line gives them. */
export function configOf(argv: Partial<Record<ConfigKey, string | boolean>>): RunConfig {
  return resolveConfig({ argv }).config;
}

/** Listens to a run; `onEvent` may act on what it hears. */
export function recordingSink(onEvent: (event: RunEvent) => void = () => undefined) {
  const events: RunEvent[] = [];
  const sink: EventSink = {
    emit(event) {
      events.push(event);
      onEvent(event);
    },
  };
  return { events, sink };
}

export interface RunOptions {
  readonly onEvent?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
  readonly backend?: () => Promise<ComputeBackend> | ComputeBackend;
  /** What takes over when the backend fails, in order; none: it was asked for by name. */
  readonly successors?: readonly (() => Promise<ComputeBackend> | ComputeBackend)[];
}

/** Runs the pipeline; the backend is the reference unless told. */
export async function run(
  argv: Partial<Record<ConfigKey, string | boolean>>,
  options: RunOptions = {},
): Promise<{ report: RunReport; events: RunEvent[] }> {
  const { events, sink } = recordingSink(options.onEvent);
  const report = await runMosaic(configOf(argv), sink, options.signal ?? new AbortController().signal, {
    version: '0.0.0-test',
    provideBackend: () => chosen([options.backend ?? createReferenceBackend, ...(options.successors ?? [])]),
  });
  return { report, events };
}

async function chosen([first, ...others]: readonly (() =>
  Promise<ComputeBackend> | ComputeBackend)[]): Promise<ChosenBackend> {
  const successor = () => chosen(others);
  return { backend: await first(), notices: [], ...(others.length > 0 && { successor }) };
}

/** Everything below a folder, relative, sorted; folders end with `/`. */
export async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => {
      const at = path.relative(dir, path.join(entry.parentPath, entry.name));
      return entry.isDirectory() ? `${at}/` : at;
    })
    .sort();
}

/** One digest of all files below a folder, names and contents. */
export async function digestOf(dir: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await filesBelow(dir)) {
    hash.update(file);
    if (!file.endsWith('/')) hash.update(await readFile(path.join(dir, file)));
  }
  return hash.digest('hex');
}

/** A plane of an image HDU of a FITS file. */
export async function readPlane(
  file: string,
  plane: number,
  hduName = 'PRIMARY',
): Promise<{ data: Float32Array; nx: number; ny: number }> {
  const fits = await openFits(file);
  try {
    const hdu = fits.hdus.find(({ name }) => name === hduName)!;
    const [ny, nx] = hdu.image!.shape.slice(-2);
    return { data: await readWindow(fits, hdu, { plane, x0: 0, y0: 0, width: nx, height: ny }), nx, ny };
  } finally {
    await fits.close();
  }
}

/** Flux-weighted centroid (0-based) in a square of half side `r` about a position, above the square's border. */
export function centroid(image: { data: Float32Array; nx: number }, x: number, y: number, r = 4) {
  const [cx, cy] = [Math.round(x), Math.round(y)];
  const at = (i: number, j: number) => image.data[(cy + j) * image.nx + cx + i];
  const border: number[] = [];
  for (let j = -r; j <= r; j++) {
    for (let i = -r; i <= r; i++) if (Math.max(Math.abs(i), Math.abs(j)) === r) border.push(at(i, j));
  }
  const level = border.sort((a, b) => a - b)[border.length >> 1];
  let [sum, sx, sy] = [0, 0, 0];
  for (let j = 1 - r; j < r; j++) {
    for (let i = 1 - r; i < r; i++) {
      const v = at(i, j) - level;
      sum += v;
      sx += v * i;
      sy += v * j;
    }
  }
  return { x: cx + sx / sum, y: cy + sy / sum, flux: sum };
}
