// The map of a sensor's defects, learnt from the lights themselves where they have no dark: what stands out at the same pixel while the sky moves across the sensor.
import { createHash } from 'node:crypto';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { readStoredIntegers } from '../../fits/read/read-integers.js';
import { readLevels } from '../../frames/read-levels.js';
import { countedAsStored, OutlierBand } from '../../photometry/outlier-band.js';
import type { OutlierLimits } from '../../photometry/outlier-counts.js';
import { withPasses, type SamplePasses } from '../../simd/sample-passes.js';
import { FrameFiles } from '../integrate/windows/frame-files.js';
import { readOfFrame } from '../integrate/windows/lost-frame-error.js';
import type { DefectMap } from '../integrate/windows/repair-defects.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import { readingAhead } from '../besides.js';
import type { RunContext } from '../run-context.js';
import { sensorDifference } from './same-setup.js';

/** Fewer frames tell a defect from noise too seldom; more than the most tell nothing new. */
export const LEAST_FRAMES = 8;
const MOST_FRAMES = 16;
/** Two frames see the sky at different pixels where every place moved by this much: a star lies above five of a pixel's neighbours within 2 pixels of its middle, where three such frames find room. */
const DITHER_PX = 3;
/** Noise of a frame by which a sample must stand out. Half of the frames do so by chance at one pixel in millions. */
const STANDS_OUT = 2;
/** A map of more than this part of the pixels is no map of defects. */
const MOST_DEFECTS = 0.02;
/** Samples in a band of rows that is counted in all frames before the next: it stays in the caches. */
const BAND_SAMPLES = 2 ** 19;

/** What was learnt: one entry for each frame that is repaired. Memory: some MB for a band of rows, and four bytes for each defect. */
export async function learnDefects(
  { config, sink, ledger, signal }: Pick<RunContext, 'config' | 'sink' | 'ledger' | 'signal'>,
  frames: readonly MeasuredFrame[],
): Promise<ReadonlyMap<MeasuredFrame, DefectMap>> {
  const learnt = new Map<MeasuredFrame, DefectMap>();
  if (!config.learn_bad_pixels || !config.hot_pixel_correction) return learnt;
  const notice = (code: string, params: Record<string, number>) =>
    sink.emit({ type: 'notice', message: { code, params } });
  for (const group of sensorGroups(frames)) {
    const chosen = ditheredFrames(group);
    if (chosen.length < LEAST_FRAMES) {
      if (group.length >= LEAST_FRAMES)
        notice('calibration_defects_undithered', {
          frames: group.length,
          apart: chosen.length,
          need: LEAST_FRAMES,
        });
      continue;
    }
    const pixels = await ledger.time('defects', 'host', async () => ({
      result: await defectsOf(chosen, signal),
      bytes: chosen.length * 2 * chosen[0].record.width * chosen[0].record.height,
    }));
    const { width, height } = chosen[0].record;
    if (pixels.length > MOST_DEFECTS * width * height) {
      notice('calibration_defects_too_many', { count: pixels.length });
      continue;
    }
    notice('calibration_defects_learnt', { count: pixels.length, frames: chosen.length });
    if (pixels.length === 0) continue;
    const digest = createHash('sha256').update(pixels).digest('hex');
    for (const frame of group) learnt.set(frame, { pixels, digest });
  }
  return learnt;
}

/**
 * Frames of one sensor each. Left out are those that have a dark, finished tiles, and frames of a mosaic that cannot be read again; such that can are
 * integrated anew beside the ones that are added, and repaired like them.
 */
export function sensorGroups(frames: readonly MeasuredFrame[]): MeasuredFrame[][] {
  const groups: MeasuredFrame[][] = [];
  for (const frame of frames) {
    const { record, calibration, tile, held } = frame;
    if (record.sensor.kind === 'rgb' || calibration?.dark || tile) continue;
    if (held && !held.readable) continue;
    const group = groups.find(([first]) => sensorDifference(first.record, record) === undefined);
    if (group) group.push(frame);
    else groups.push([frame]);
  }
  return groups;
}

/** Frames any two of which show every place of the sky at different pixels; from all over the session. */
export function ditheredFrames(frames: readonly MeasuredFrame[]): MeasuredFrame[] {
  const chosen: MeasuredFrame[] = [];
  for (const frame of spreadOut(frames)) {
    if (chosen.length === MOST_FRAMES) break;
    if (chosen.every((other) => liesApart(frame, other))) chosen.push(frame);
  }
  return chosen;
}

/** All of them, in an order whose beginnings are spread over the whole: every 16th, then those between. */
function spreadOut<T>(items: readonly T[]): T[] {
  const stride = Math.max(1, Math.floor(items.length / MOST_FRAMES));
  return Array.from({ length: stride }, (_, first) => items.filter((_, k) => k % stride === first)).flat();
}

function liesApart(a: MeasuredFrame, b: MeasuredFrame): boolean {
  const { width, height } = a.record;
  for (const y of [0, 0.25, 0.5, 0.75, 1]) {
    for (const x of [0, 0.25, 0.5, 0.75, 1]) {
      if (displacement(a.wcs, b.wcs, 1 + x * (width - 1), 1 + y * (height - 1)) < DITHER_PX) return false;
    }
  }
  return true;
}

/** How far from (x, y) the second frame shows what the first has there, pixels. */
function displacement(a: CelestialWcs, b: CelestialWcs, x: number, y: number): number {
  const sky = a.pixelToSky(x, y);
  const there = sky && b.skyToPixel(...sky);
  return there ? Math.hypot(there[0] - x, there[1] - y) : Infinity;
}

/** @throws LostFrameError, and the signal's reason. */
const defectsOf = (frames: readonly MeasuredFrame[], signal: AbortSignal): Promise<Uint32Array> =>
  withPasses((room) => defectsIn(room, frames, signal));

async function defectsIn(
  room: SamplePasses,
  frames: readonly MeasuredFrame[],
  signal: AbortSignal,
): Promise<Uint32Array> {
  const { width, height, sensor } = frames[0].record;
  const rows = Math.min(height, Math.max(1, Math.floor(BAND_SAMPLES / width)));
  const band = new OutlierBand(room, width, height, rows, sensor.kind === 'cfa' ? 2 : 1);
  const least = Math.max(5, Math.ceil(frames.length / 2));
  const files = new FrameFiles();
  const pixels: Uint32Array[] = [];
  const limits = frames.map(outlierLimits);
  const bandOf = (turn: number) => {
    const from = rows * Math.floor(turn / frames.length);
    return [from, Math.min(height, from + rows)] as const;
  };
  const read = async (turn: number) => {
    signal.throwIfAborted();
    const { record, readPath } = frames[turn % frames.length];
    const { first, count } = band.rowsFor(...bandOf(turn));
    const window = { x0: 0, y0: first, width, height: count };
    return readOfFrame(record.path, () =>
      files.use(readPath, async (fits) => {
        const hdu = fits.hdus[record.hdu];
        const isCounted = countedAsStored(limits[turn % frames.length]);
        const stored = isCounted ? await readStoredIntegers(fits, hdu, window, files.buffers) : undefined;
        return stored ?? (await readLevels(fits, hdu, window));
      }),
    );
  };
  const count = (samples: Uint8Array | Float32Array, turn: number) => {
    const f = turn % frames.length;
    if (f === 0) band.begin(...bandOf(turn));
    if (samples instanceof Uint8Array) {
      band.addStored(samples, limits[f]);
      files.buffers.give(samples);
    } else band.addSamples(samples, limits[f]);
    if (f === frames.length - 1) pixels.push(band.list(least));
  };
  try {
    await readingAhead(frames.length * Math.ceil(height / rows), read, count);
  } finally {
    await files.close();
  }
  const all = new Uint32Array(pixels.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of pixels) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

function outlierLimits({ record, measure }: MeasuredFrame): OutlierLimits {
  const sites = record.sensor.kind === 'cfa' ? record.sensor.sites : undefined;
  const limit = (site: number) => STANDS_OUT * measure.background.noise[sites ? sites[site] : 0];
  return [limit(0), limit(1), limit(2), limit(3)];
}
