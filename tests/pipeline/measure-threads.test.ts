// How many threads measure: as many as there is work, memory and processors for.
import { expect, it } from 'vitest';
import { measureThreads, type FrameToMeasure } from '../../src/pipeline/measure-threads.js';

const seestar = {
  ...({ width: 1080, height: 1920, planes: 1, bitpix: 16 } as const),
  ...{ readableByWindows: true, wholeFileCompression: false },
} as const;
const frames = (count: number, changes: Partial<FrameToMeasure['record']> = {}, isCalibrated = false) =>
  Array.from({ length: count }, (): FrameToMeasure => ({ record: { ...seestar, ...changes }, isCalibrated }));

it.each([
  [16, 8, 2048, 0, 'too little work to load a thread for'],
  [48, 2, 2048, 1, 'the thread that asks looks as well'],
  [48, 8, 2048, 2, 'a thread for every 24 frames of 2 Mpx'],
  [1000, 8, 2048, 7, 'all processors'],
  [1000, 1, 2048, 0, 'one processor'],
  [1000, 8, 400, 2, 'a frame of 25 MB here, two with 24 MB of their own on threads, beside 256 MB'],
  [1000, 8, 250, 0, 'no memory'],
  [0, 8, 2048, 0, 'nothing to measure'],
])('%i frames on %i processors with %i MiB: %i threads (%s)', (count, processors, budget, threads) => {
  expect(measureThreads(frames(count), processors, budget)).toBe(threads);
});

it('counts samples, not frames', () => {
  expect(measureThreads(frames(4, { width: 9576, height: 6388 }), 8, 8192)).toBe(5);
});

it('starts sooner where samples are sorted: floats, tiles, what is calibrated', () => {
  expect(measureThreads(frames(5), 8, 2048)).toBe(0);
  expect(measureThreads(frames(5, { bitpix: -32 }), 8, 2048)).toBe(2);
  expect(measureThreads(frames(5, { readableByWindows: false }), 8, 2048)).toBe(2);
  expect(measureThreads(frames(5, { readableByWindows: false, wholeFileCompression: true }), 8, 2048)).toBe(
    0,
  );
  expect(measureThreads(frames(5, {}, true), 8, 2048)).toBe(2);
});

it('has a thread for every processor where the one that asks calibrates for all', () => {
  expect(measureThreads(frames(40, {}, true), 2, 2048)).toBe(2);
  expect(measureThreads(frames(40, {}, true), 1, 2048)).toBe(0);
});
