// Searches of a run side by side: the same answers whatever the number of threads, and an end when the run is to stop.
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { SearchPool } from '../../src/astrometry/solver/search/search-pool.js';
import type { SolveHint, SolveImage, SolveResult } from '../../src/astrometry/solver/solve-types.js';
import type { FrameRecord } from '../../src/frames/frame-record.js';
import type * as StartThread from '../../src/start-thread.js';
import { RunSolver } from '../../src/pipeline/phases/run-solver.js';
import { NO_STARS } from '../../src/pipeline/star-memory.js';
import { otherSky } from '../astrometry/solver/false-fields.js';
import { randomField, randomNumbers, syntheticField } from '../astrometry/solver/synthetic-field.js';

const started = vi.hoisted(() => ({ threads: 0 }));
vi.mock('../../src/start-thread.js', async (original) => {
  const { startThread, ...others } = await original<typeof StartThread>();
  return {
    ...others,
    startThread(...start: Parameters<typeof startThread>) {
      started.threads++;
      return startThread(...start);
    },
  };
});
beforeEach(() => {
  started.threads = 0;
});

const S50 = { width: 1080, height: 1920, scaleArcsec: 2.375 };
const S30 = { width: 1080, height: 1920, scaleArcsec: 3.96 };

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

type Frame = readonly [FrameRecord, typeof NO_STARS];

function frameOf({ width, height, stars }: SolveImage, { pointing, scaleArcsec }: SolveHint): Frame {
  const ones = new Float32Array(stars.count).fill(1);
  const record = { path: '', width, height, pointing, pixelScaleArcsec: scaleArcsec } as FrameRecord;
  return [record, { ...NO_STARS, ...stars, fwhm: ones, snr: ones }];
}

/** Two telescopes in turn, one frame in eleven of no sky, and those not long to search for. */
function session(count: number): Frame[] {
  const random = randomNumbers(20261126);
  return Array.from({ length: count }, (_, i) => {
    const optics = i % 3 === 0 ? S30 : S50;
    const { image, hint } = syntheticField(catalogue, random, { ...optics, pointingErrorDeg: 0.4 });
    const shown = i % 11 === 8 ? randomField(random, optics.width, optics.height, 16) : image;
    return frameOf(shown, { ...hint, scaleArcsec: optics.scaleArcsec });
  });
}

async function solveAll(
  frames: readonly Frame[],
  threads: number,
): Promise<{ results: SolveResult[]; isThreaded: boolean }> {
  const solver = new RunSolver(new AbortController().signal, threads);
  try {
    const answers = frames.map((frame) => solver.solve(...frame));
    await solver.flush();
    const results = await Promise.all(answers);
    const again = frames.map((frame, f) => (results[f].solved ? undefined : solver.retry(...frame)));
    await solver.flush();
    const last = await Promise.all(results.map(async (result, f) => (await again[f]) ?? result));
    return { results: last, isThreaded: solver.isThreaded };
  } finally {
    await solver.close();
  }
}

/** All of an answer but the time that it took. */
const told = (result: SolveResult) =>
  result.solved ? { ...result, wcs: result.wcs.describe(), ms: 0 } : { ...result, ms: 0 };

describe('a run', () => {
  it('has the same answers, bit for bit, from 1, 4 and 8 threads', async () => {
    const frames = session(27);
    const one = await solveAll(frames, 1);
    expect(one.isThreaded).toBe(false);
    expect(one.results.map(({ solved }) => solved)).toEqual(frames.map((_, f) => f % 11 !== 8));
    for (const threads of [4, 8]) {
      const { results, isThreaded } = await solveAll(frames, threads);
      expect(isThreaded).toBe(true);
      expect(results.map(told)).toEqual(one.results.map(told));
    }
  });

  it('starts no threads on two processors where all frames are found at once, and starts them where more would have nothing to do', async () => {
    const frames = session(33).filter((_, f) => f % 11 !== 8);
    const [two, four] = [await solveAll(frames, 2), await solveAll(frames, 4)];
    expect(two.results.every(({ solved }) => solved)).toBe(true);
    expect([two.isThreaded, four.isThreaded]).toEqual([false, true]);
    expect(four.results.map(told)).toEqual(two.results.map(told));
  });

  it('checks headers on a thread of their own where there is a processor for it, with the same answers', async () => {
    const frames = session(9);
    const answers = async (threads: number) => {
      const solver = new RunSolver(new AbortController().signal, threads);
      const results: SolveResult[] = [];
      for (const [record, stars] of frames)
        results.push(await solver.check({ ...record }, stars, undefined, record.pointing));
      await solver.close();
      await expect(solver.check(...frames[0])).rejects.toMatchObject({ code: 'solve_thread_died' });
      return results.map(told);
    };
    const here = await answers(2);
    expect(started.threads).toBe(0);
    expect(here.map(({ solved }) => solved)).toEqual(frames.map((_, f) => f % 11 !== 8));
    expect(await answers(4)).toEqual(here);
    expect(started.threads).toBe(2);
  });

  it('begins checks before their turn, which are of no use once one before them has found its frame', async () => {
    const random = randomNumbers(20261127);
    const seek = (found: boolean) => {
      const { image, hint } = syntheticField(catalogue, random, { ...S50, pointingErrorDeg: 0.4 });
      const [record, stars] = frameOf(found ? image : randomField(random, 1080, 1920, 16), {
        ...hint,
        scaleArcsec: S50.scaleArcsec,
      });
      return [{ ...record, wcs: { centre: hint.pointing } } as FrameRecord, stars] as const;
    };
    const frames = [false, false, true, true, false, true].map(seek);
    const answers = async (threads: number, ahead: boolean) => {
      const searches = vi.spyOn(SearchPool.prototype, 'search');
      const solver = new RunSolver(new AbortController().signal, threads);
      if (ahead) for (const [record, stars] of frames) solver.checkAhead(record, stars, 100);
      const results: SolveResult[] = [];
      for (const [record, stars] of frames) results.push(await solver.check(record, stars, 100));
      await solver.close();
      const count = searches.mock.calls.length;
      searches.mockRestore();
      return { results: results.map(told), count };
    };
    const here = await answers(2, true);
    expect(here.count).toBe(0);
    expect(here.results.map(({ solved }) => solved)).toEqual([false, false, true, true, false, true]);
    const inTurn = await answers(8, false);
    expect(inTurn).toEqual({ results: here.results, count: 6 });
    // six ahead, of which the first three are asked for; then each in its turn, by what the third has taught
    expect(await answers(8, true)).toEqual({ results: here.results, count: 9 });
  });

  it.each([0, 300])('that closes its solver after %i ms has an end to all that was asked', async (ms) => {
    const solver = new RunSolver(new AbortController().signal, 2);
    const random = randomNumbers(5);
    const ask = () => solver.solve(...frameOf(otherSky(random, S50).image, {}));
    const ends = Promise.allSettled(Array.from({ length: 12 }, ask));
    await sleep(ms);
    await solver.close();
    for (const end of await ends) expect(end).toMatchObject({ reason: { code: 'solve_thread_died' } });
    await expect(ask()).rejects.toMatchObject({ code: 'solve_thread_died' });
    expect(solver.isThreaded).toBe(false);
  });

  it('that is stopped ends all searches with the reason', async () => {
    const stop = new AbortController();
    const solver = new RunSolver(stop.signal, Math.max(2, availableParallelism()));
    const random = randomNumbers(3);
    const answers = Array.from({ length: 20 }, () => {
      const { image } = otherSky(random, S50);
      return solver.solve(...frameOf(image, {}));
    });
    const ends = Promise.allSettled(answers);
    setTimeout(() => stop.abort(new Error('enough')), 200);
    await solver.flush();
    for (const end of await ends) expect(end).toMatchObject({ reason: { message: 'enough' } });
    await solver.close();
  });
});

it('a thread that cannot work ends what it was asked for with the cause', async () => {
  const broken = { bytes: new Uint8Array(new SharedArrayBuffer(10)), name: 'broken' } as StarCatalogue;
  const pool = new SearchPool(broken, 1, new AbortController().signal);
  const { image, hint } = otherSky(randomNumbers(1), S50);
  const task = { image, hint, learnt: undefined, scope: 'whole', budgetMs: 1, maxRadiusDeg: 2 } as const;
  await expect(pool.search(task)).rejects.toMatchObject({ code: 'solve_thread_died' });
  await expect(pool.search(task)).rejects.toMatchObject({ code: 'solve_thread_died' });
  await pool.close();
});
