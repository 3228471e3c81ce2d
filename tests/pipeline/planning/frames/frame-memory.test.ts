import { describe, expect, it } from 'vitest';
import { serialize } from 'node:v8';
import { detectStars } from '../../../../src/astrometry/stars/detect-stars.js';
import { starArrays } from '../../../../src/astrometry/stars/star-arrays.js';
import { starsFound } from '../../../../src/astrometry/stars/brightest-stars.js';
import { MAX_STARS } from '../../../../src/astrometry/stars/star-finder.js';
import { openFits } from '../../../../src/fits/open-fits.js';
import { scanFile } from '../../../../src/frames/frame-record.js';
import { listFiles } from '../../../../src/frames/list-files.js';
import { framePixels } from '../../../../src/frames/look-at-frame.js';
import { measureFrame } from '../../../../src/frames/measure-frame.js';
import { storedBytes } from '../../../../src/pipeline/array-store.js';
import {
  frameMemoryBytes,
  keptStars,
  meshBytes,
  starBytes,
} from '../../../../src/pipeline/planning/frames/frame-memory.js';
import type { MeasuredFrame } from '../../../../src/pipeline/planning/grid/placed-frame.js';
import { plannedFrames } from '../../../../src/pipeline/planning/frames/planned-frames.js';
import { sharedOfEach, shareStars } from '../../../../src/pipeline/planning/frames/shared-stars.js';
import { placeFrame } from '../../../../src/pipeline/phases/ingest.js';
import { FrameStore } from '../../../../src/pipeline/phases/stored-frame.js';
import { makeSmallSession } from '../../../end-to-end/support.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const folder = temporaryFolder();

/** Bytes of all memory that arrays below `value` hold on to, each buffer once and as a whole. */
function arrayBytes(value: unknown): number {
  const buffers = new Set<ArrayBufferLike>();
  const visit = (at: unknown): void => {
    if (ArrayBuffer.isView(at)) buffers.add(at.buffer);
    else if (typeof at === 'object' && at !== null) Object.values(at).forEach(visit);
  };
  visit(value);
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** A frame of a small session, as the measure pass leaves it. */
async function measuredFrame(): Promise<MeasuredFrame> {
  await makeSmallSession(folder(), { panels: [1, 1], subs: 1, extras: false });
  const scanned = await scanFile(
    (await listFiles(folder())).files.find(({ path }) => /\.fits?$/.test(path))!,
  );
  if (scanned.kind !== 'light') throw new Error(scanned.kind);
  const { record } = scanned;
  const placed = await placeFrame(record);
  if ('reason' in placed) throw new Error(placed.reason.code);
  const fits = await openFits(record.path);
  const outcome = await measureFrame(fits, record);
  if ('reason' in outcome) throw new Error(outcome.reason.code);
  const stars = detectStars(await framePixels(fits, record, outcome));
  await fits.close();
  return { ...placed, readPath: record.path, measure: outcome.measure, stars };
}

/** A list `times` as long. */
function repeated({ stars, ...frame }: MeasuredFrame, times: number): MeasuredFrame {
  const longer = <T extends Float32Array | Float64Array | Uint8Array>(values: T): T => {
    const out = new (values.constructor as new (length: number) => T)(times * values.length);
    for (let t = 0; t < times; t++) out.set(values, t * values.length);
    return out;
  };
  const { x, y, flux, channelFlux, snr, fwhm, ellipticity, saturated } = stars;
  return {
    ...frame,
    stars: {
      ...stars,
      count: times * stars.count,
      x: longer(x),
      y: longer(y),
      flux: longer(flux),
      channelFlux: channelFlux.map(longer),
      snr: longer(snr),
      fwhm: longer(fwhm),
      ellipticity: longer(ellipticity),
      saturated: longer(saturated),
    },
  };
}

describe('what is kept of a frame', () => {
  it('is its stars, its mesh and little more, as the plan counts it', async () => {
    const { record, measure, stars } = await measuredFrame();
    const { width, height } = record;
    expect(stars.count).toBeGreaterThan(20);
    expect(arrayBytes(stars)).toBe(starBytes(stars.count, 3));
    expect(arrayBytes(measure)).toBe(meshBytes(width, height, 3));
    expect(arrayBytes(record)).toBe(0);
    expect(serialize(record).length).toBeLessThan(3000);
    // objects, the allocator's own, stars, pixels that are left out of them
    const of = (frames: number) => frameMemoryBytes(record, frames) - meshBytes(width, height, 3);
    expect(of(1000)).toBe(11e3 + starBytes(400, 3) + 6e3);
    expect(of(10_000)).toBe(11e3 + starBytes(100, 3) + 1.5e3);
  });

  it('has its words about its place once', async () => {
    const { record, wcs } = await measuredFrame();
    expect(wcs.describe()).toBe(record.wcs!.description);
  });

  it('has the stars that are matched alone, and the plan no more than a million of all frames', async () => {
    expect([12, 2500, 3000, 10_000].map(sharedOfEach)).toEqual([400, 400, 334, 100]);
    // solvers look at all stars of few frames
    expect([12, 1250, 1251, 10_000].map(keptStars)).toEqual([MAX_STARS, MAX_STARS, 400, 100]);
    const few = await measuredFrame();
    const frame = repeated(few, Math.ceil(700 / few.stars.count));
    const sound = ({ stars }: MeasuredFrame) => stars.saturated.reduce((n, flag) => n + 1 - flag, 0);
    const store = new FrameStore(new Array<MeasuredFrame['record']>(10_000).fill(frame.record));
    for (const kept of [store.stored(frame), store.shortened(frame)]) {
      expect(sound(kept)).toBe(100);
      expect(starsFound(kept.stars)).toBe(frame.stars.count);
      expect([...kept.stars.x]).toEqual([...frame.stars.x.subarray(0, kept.stars.count)]);
    }
    const { stars, measure } = store.stored(few);
    expect(measure).toEqual(few.measure);
    // meshes go with the plan
    expect(measure.background.grid.level[0].buffer).not.toBe(stars.x.buffer);
    const all = new FrameStore([frame.record]).stored(frame);
    expect(all.stars).toEqual(frame.stars);
    expect(starsFound(all.stars)).toBe(frame.stars.count);
  });

  it('shrinks after the plan to the stars that are matched', async () => {
    const few = await measuredFrame();
    const frame = repeated(few, Math.ceil(700 / few.stars.count));
    const [kept, same] = plannedFrames([frame, few]);
    const saturated = kept.stars.saturated.reduce((sum, flag) => sum + flag, 0);
    expect(kept.stars.count - saturated).toBe(400);
    // one block for both, of nothing but their arrays
    const bytes = [kept, same].flatMap(({ stars }) => starArrays(stars));
    expect(arrayBytes([kept.stars, same.stars])).toBe(storedBytes(bytes));
    expect(arrayBytes(kept.measure)).toBe(0);
    const { level, noise } = few.measure.background;
    const { grid } = same.measure.background;
    expect([grid.nx, grid.ny]).toEqual([1, 1]);
    expect([...grid.level, ...grid.noise].map(([value]) => value)).toEqual(
      [...level, ...noise].map(Math.fround),
    );
    expect(same.stars).toEqual(few.stars);
    const grids = { wcs: frame.wcs };
    expect(shareStars(grids, [kept, same])).toEqual(shareStars(grids, [frame, few]));
  });

  it('stays where it is where it has no more stars than that', async () => {
    const few = await measuredFrame();
    expect(plannedFrames([few])[0].stars).toBe(few.stars);
  });
});
