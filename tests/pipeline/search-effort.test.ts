// Frames that fail like others before them are searched for less, and none that can be found is lost by it.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { fromPlane, planeBasis } from '../../src/astrometry/solver/plane/plane-basis.js';
import { SearchHere } from '../../src/astrometry/solver/search/search-here.js';
import type { SolveImage, SolveResult } from '../../src/astrometry/solver/solve-types.js';
import { skyPosition, unitVector } from '../../src/astrometry/wcs/sphere.js';
import type { Workspace } from '../../src/cleanup/workspace.js';
import { CONFIG_ROWS } from '../../src/config/table.js';
import type { FrameRecord } from '../../src/frames/frame-record.js';
import { FramePlacer } from '../../src/pipeline/phases/frame-placer.js';
import { RunSolver } from '../../src/pipeline/phases/run-solver.js';
import { SearchEffort } from '../../src/pipeline/phases/search-effort.js';
import { RunMemory } from '../../src/pipeline/resume/run-memory.js';
import type { RunContext } from '../../src/pipeline/run-context.js';
import { NO_STARS } from '../../src/pipeline/star-memory.js';
import { randomField, randomNumbers, syntheticField } from '../astrometry/solver/synthetic-field.js';

const S50 = { width: 1080, height: 1920, scaleArcsec: 2.375 };

type Frame = readonly [FrameRecord, typeof NO_STARS];
type Pointing = readonly [raDeg: number, decDeg: number];

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

let frames = 0;
function frameOf({ width, height, stars }: SolveImage, [raDeg, decDeg]: Pointing): Frame {
  const ones = new Float32Array(stars.count).fill(1);
  const record = {
    path: `frame ${frames++}`,
    width,
    height,
    pointing: { raDeg, decDeg },
    pixelScaleArcsec: S50.scaleArcsec,
  } as FrameRecord;
  return [record, { ...NO_STARS, ...stars, fwhm: ones, snr: ones }];
}

/** A place `degrees` north of another. */
function northOf([raDeg, decDeg]: Pointing, degrees: number): Pointing {
  const basis = planeBasis(unitVector(raDeg, decDeg));
  return skyPosition(fromPlane(basis, 0, Math.tan((degrees * Math.PI) / 180)));
}

/** Random numbers of which the first two have a synthetic field lie at a place. */
function towards([raDeg, decDeg]: Pointing, random: () => number): () => number {
  const first = [(Math.sin((decDeg * Math.PI) / 180) + 1) / 2, raDeg / 360];
  return () => first.shift() ?? random();
}

/** A frame of the sky, and frames of none that point beside it, as its own header says: `offDeg` from the truth. */
function session(offDeg: number, seed = 20261127) {
  const random = randomNumbers(seed);
  const { image, truth } = syntheticField(catalogue, random, S50);
  const at = northOf(truth.centre, offDeg);
  const blank = (stars: number): Frame => frameOf(randomField(random, S50.width, S50.height, stars), at);
  return { at, image, frame: frameOf(image, at), blank, blanks: Array.from({ length: 12 }, () => blank(40)) };
}

async function solved(solver: RunSolver, asked: readonly Frame[]): Promise<SolveResult[]> {
  const answers = asked.map((frame) => solver.solve(...frame));
  await solver.flush();
  return Promise.all(answers);
}

const solverOfARun = () => new RunSolver(new AbortController().signal, 1);

describe('a run of frames at one place that fail', () => {
  it('searches less for each, and says so', async () => {
    const results = await solved(solverOfARun(), session(0.5).blanks);
    const [first, ...others] = results;
    const code = (result: SolveResult) => !result.solved && result.reason.code;
    expect([first, results[1]].map(code)).toEqual(['solve_reject_no_match', 'solve_reject_no_match']);
    for (const [f, result] of results.entries()) {
      if (f < 2) continue;
      expect(result).toMatchObject({ reason: { code: 'solve_reject_like_others', params: { failed: f } } });
      expect(result.workMs).toBeLessThan(0.5 * first.workMs!);
    }
    expect(others).toHaveLength(11);
  });

  it('finds the one among them that lies where it points', async () => {
    const { blanks, frame } = session(1.5);
    const results = await solved(solverOfARun(), [...blanks, frame]);
    expect(results.map((result) => result.solved)).toEqual([...blanks.map(() => false), true]);
  });

  it('finds the one far from where it points once it is the richest, when all are through', async () => {
    const { blanks, blank, frame } = session(7);
    const solver = solverOfARun();
    const asked = [...blanks, frame, blank(47)];
    expect((await solved(solver, asked)).some((result) => result.solved)).toBe(false);
    // no more than those that were searched for in full
    const poor = blanks.slice(2).map(([record, stars]) => ({ record, stars }));
    expect(solver.worthInFull(poor)).toEqual([]);
    const chosen = solver.worthInFull(asked.map(([record, stars]) => ({ record, stars })));
    expect(chosen.map(({ record }) => record.path)).toEqual([frame[0].path]);
    const again = solver.solveInFull(...frame);
    await solver.flush();
    expect((await again).solved).toBe(true);
  });

  it('counts no frame that shows too little to be searched for', async () => {
    const { blank } = session(0.5);
    // behind others in its wave, too
    const asked = [...Array.from({ length: 6 }, () => blank(3)), blank(40), blank(3), blank(40)];
    const codes = (await solved(solverOfARun(), asked)).map((result) => !result.solved && result.reason.code);
    expect(codes[6]).toBe('solve_reject_no_match');
    expect(codes[8]).toBe('solve_reject_no_match');
    expect(codes.filter((code) => code === 'solve_reject_few_stars')).toHaveLength(7);
  });

  it('leaves frames at other places all of their search', async () => {
    const { blanks } = session(7);
    const other = session(7, 5);
    const results = await solved(solverOfARun(), [...blanks, other.frame]);
    expect(results.at(-1)).toMatchObject({ solved: true });
  });

  it('looks far away for two of them', async () => {
    const { blanks, blank } = session(0.5);
    const reason = { code: 'solve_reject_no_match', params: { count: 40 } } as const;
    const search = vi
      .spyOn(SearchHere.prototype, 'search')
      .mockResolvedValue({ solved: false, reason, ms: 1, workMs: 1 });
    const solver = solverOfARun();
    const wide = [];
    for (const frame of blanks.slice(0, 4)) wide.push(await solver.solveWide(...frame));
    expect(wide.map((result) => result?.solved)).toEqual([false, false, undefined, undefined]);
    const [record, stars] = blank(40);
    const elsewhere = { ...record, pointing: { raDeg: 10, decDeg: 10 } };
    expect(await solver.solveWide(elsewhere, stars)).toMatchObject({ solved: false });
    search.mockRestore();
  });
});

it('searches of the whole sky are a quarter as long with each that failed, and two are whole', () => {
  const effort = new SearchEffort();
  const field = (stars: number) => ({ image: randomField(randomNumbers(1), 480, 640, stars), hint: {} });
  const { image, hint } = field(50);
  const fail = (workMs: number) => {
    const given = effort.of(image, hint, 60_000, 0);
    effort.addFailure(image, hint, given, workMs);
    expect(given.scope).toBe('whole');
    return given.budgetMs;
  };
  expect([fail(16_000), fail(4_000), fail(1_000), fail(250), fail(200)]).toEqual([
    60_000, 4_000, 1_000, 250, 200,
  ]);
  // others of its kind beside it count as if they had failed
  expect(new SearchEffort().of(image, hint, 60_000, 2)).toEqual({
    scope: 'whole',
    budgetMs: 3_750,
    afterFailures: 2,
  });
  const frames = [field(30), field(40), field(35)];
  expect(effort.worthInFull(frames)).toEqual([1]);
  effort.addFailure(frames[1].image, hint, { scope: 'whole', budgetMs: 60_000 });
  expect(effort.worthInFull(frames)).toEqual([]);
  expect(effort.worthInFull([...frames, field(61)])).toEqual([3]);
  // of thousands of frames as many stars are at hand of a rich one as of a poor one
  const { image: short } = field(50);
  const rich = { image: { ...short, stars: { ...short.stars, found: 70 } }, hint };
  expect(effort.worthInFull([...frames, field(61), rich])).toEqual([4]);
  effort.addFailure(rich.image, hint, { scope: 'whole', budgetMs: 60_000 });
  expect(effort.worthInFull([...frames, field(61), field(80)])).toEqual([]);
});

/** Which of the frames a run places that searches no more sky than a mount's error explains. */
async function placed(frames: readonly Frame[]): Promise<boolean[]> {
  const context = {
    signal: new AbortController().signal,
    config: {
      ...Object.fromEntries(CONFIG_ROWS.map((row) => [row.key, row.default])),
      num_processing_workers: 1,
    },
    sink: { emit: () => undefined },
    ledger: {
      add: () => undefined,
      time: async (_: string, __: string, act: () => Promise<{ result: unknown }>) => (await act()).result,
    },
  } as unknown as RunContext;
  const wide = vi.spyOn(RunSolver.prototype, 'solveWide').mockResolvedValue(undefined);
  const placer = new FramePlacer(context, RunMemory.none());
  for (const [record, stars] of frames)
    placer.add({
      record,
      stars,
      measure: { background: { level: [1], noise: [1] } },
    } as unknown as Parameters<FramePlacer['add']>[0]);
  await placer.finish({} as Workspace);
  await placer.close();
  wide.mockRestore();
  return placer.frames.map(({ wcs }) => wcs !== undefined);
}

it('what the richest frame teaches at the end places those that were searched for too shortly', async () => {
  const { blanks, frame, image, at } = session(7);
  // the same sky a little poorer than the blank frames, and the whole of it
  const count = 36;
  const stars = { ...image.stars, count };
  for (const key of ['x', 'y'] as const) Object.assign(stars, { [key]: image.stars[key].slice(0, count) });
  const poorer = frameOf({ ...image, stars }, at);
  expect(await placed([...blanks, poorer, frame])).toEqual([...blanks.map(() => false), true, true]);
});

it('a rich frame of no sky is not the only one that is searched for once more', async () => {
  const random = randomNumbers(20261128);
  const one = syntheticField(catalogue, random, S50);
  const { image: other } = syntheticField(catalogue, towards(northOf(one.truth.centre, 8), random), S50);
  // all headers tell the middle of both places: what one teaches says nothing of the other, which is found after sisters that were
  const at = northOf(one.truth.centre, 4);
  const sisters = Array.from({ length: 5 }, () => frameOf(one.image, at));
  const blank = randomField(random, S50.width, S50.height, other.stars.count + 20);
  const found = await placed([...sisters, frameOf(blank, at), frameOf(other, at)]);
  expect(found).toEqual([...sisters.map(() => true), false, true]);
});
