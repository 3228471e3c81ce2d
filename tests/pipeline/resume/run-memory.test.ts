// What a run's memory keeps of failures, and where it looks.
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Solution, SolveResult } from '../../../src/astrometry/solver/solve-types.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { RunMemory } from '../../../src/pipeline/resume/run-memory.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const folder = temporaryFolder();
const reason = { code: 'solve_reject_no_match', params: {} };
const failed = { solved: false, reason, ms: 1 } as unknown as SolveResult;
const wcs = makeTanWcs({ crval: [10, 20], crpix: [1, 1], cd: [-1e-3, 0, 0, 1e-3], shape: [10, 10] });
const placed: Solution = { wcs, matched: 9, rmsPx: 0.1, logOdds: 50 } as Solution;
const solved: SolveResult = { ...placed, solved: true, ms: 1 };

async function rememberedBy(keepsFailures: boolean, then: (memory: RunMemory) => Promise<void>) {
  const first = await RunMemory.open(folder(), { keepsFailures });
  await then(first);
  await first.close();
  return RunMemory.open(folder(), { keepsFailures });
}

it('a memory that keeps no failures forgets refused frames and places that were not found', async () => {
  const memory = await rememberedBy(false, async (first) => {
    await first.keepSeen('a', { reason });
    await first.keepPlaces(
      new Map([
        ['a', failed],
        ['b', solved],
      ]),
    );
  });
  expect(memory.seen('a')).toBeUndefined();
  expect(memory.place('a')).toBeUndefined();
  expect(memory.place('b')).toMatchObject({ solved: true, matched: 9 });
  await memory.close();
});

it('one that keeps them takes a place that is found later', async () => {
  const memory = await rememberedBy(true, async (first) => {
    await first.keepPlaces(new Map([['a', failed]]));
  });
  expect(memory.place('a')).toMatchObject({ solved: false });
  await memory.keepPlaces(
    new Map([
      ['a', solved],
      ['b', solved],
    ]),
  );
  await memory.close();
  const again = await RunMemory.open(folder());
  expect(again.place('a')).toMatchObject({ solved: true });
  expect(again.place('b')).toMatchObject({ solved: true });
  await again.close();
});

it('finds what an earlier run remembered under its own key', async () => {
  const first = await RunMemory.open(folder(), { keyOf: (at) => `${at} first` });
  await first.keepSeen('a', { reason });
  await first.flushSeen();
  await first.close();
  const second = await RunMemory.open(path.join(folder()), { keyOf: (at) => `${at} second` });
  expect(second.seen('a')).toBeUndefined();
  expect(second.seenUnder('a first')).toEqual({ reason });
  await second.close();
});
