// How many threads measure: as many as there is work, memory and processors for.
import { expect, it } from 'vitest';
import { looksItself, measureThreads, type FrameToMeasure } from '../../src/pipeline/measure-threads.js';

const seestar = {
  ...({ width: 1080, height: 1920, planes: 1, bitpix: 16 } as const),
  ...{ readableByWindows: true, wholeFileCompression: false },
} as const;
const frames = (count: number, changes: Partial<FrameToMeasure['record']> = {}, isCalibrated = false) =>
  Array.from({ length: count }, (): FrameToMeasure => ({ record: { ...seestar, ...changes }, isCalibrated }));

it.each([
  [16, 2, 2048, 0, 'too little work to load a thread for'],
  [48, 2, 2048, 1, 'the thread that asks looks as well'],
  [40, 2, 2048, 1, 'a thread for every 24 frames of 2 Mpx'],
  [2, 8, 2048, 0, 'too little work even where processors have nothing to do'],
  [16, 8, 2048, 5, 'a thread for every 3 frames of 2 Mpx where they would have nothing to do'],
  [48, 4, 2048, 3, 'all processors of a few'],
  [40, 16, 2048, 13, 'a thread for every 3 frames of 2 Mpx'],
  [1000, 16, 2048, 15, 'as many as one can hand out frames to'],
  [1000, 8, 2048, 7, 'all processors'],
  [1000, 1, 2048, 0, 'one processor'],
  [1000, 8, 400, 2, 'a frame of 25 MB here, two with 24 MB of their own on threads, beside 256 MB'],
  [1000, 8, 250, 0, 'no memory'],
  [0, 8, 2048, 0, 'nothing to measure'],
])('%i frames on %i processors with %i MiB: %i threads (%s)', (count, processors, budget, threads) => {
  expect(measureThreads(frames(count), processors, budget)).toBe(threads);
});

it('counts samples, not frames', () => {
  expect(measureThreads(frames(4, { width: 9576, height: 6388 }), 2, 8192)).toBe(1);
  expect(measureThreads(frames(1, { width: 9576, height: 6388 }), 16, 8192)).toBe(10);
});

it('starts sooner where samples are sorted: floats, tiles, what is calibrated', () => {
  expect(measureThreads(frames(2), 8, 2048)).toBe(0);
  expect(measureThreads(frames(2, { bitpix: -32 }), 8, 2048)).toBe(6);
  expect(measureThreads(frames(2, { readableByWindows: false }), 8, 2048)).toBe(6);
  expect(measureThreads(frames(2, { readableByWindows: false, wholeFileCompression: true }), 8, 2048)).toBe(
    0,
  );
  expect(measureThreads(frames(5, {}, true), 8, 2048)).toBe(8);
  expect(measureThreads(frames(5, { bitpix: -32 }), 2, 2048)).toBe(1);
  expect(measureThreads(frames(5, {}, true), 2, 2048)).toBe(2);
});

it('has a thread for every processor where the one that asks calibrates for all', () => {
  expect(measureThreads(frames(40, {}, true), 2, 2048)).toBe(2);
  expect(measureThreads(frames(40, {}, true), 1, 2048)).toBe(0);
});

it('looks itself beside a few threads, not where it calibrates for them, nor beside many', () => {
  expect(looksItself(frames(48), 0)).toBe(true);
  expect(looksItself(frames(48), 3)).toBe(true);
  expect(looksItself(frames(48), 4)).toBe(false);
  expect(looksItself(frames(48, {}, true), 0)).toBe(true);
  expect(looksItself(frames(48, {}, true), 1)).toBe(false);
});
