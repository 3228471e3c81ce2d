// The inputs of the known answer: small, and each with what makes its kernel go all of its ways.
import { BLANK_VALUE } from './constants.js';
import { radialTable } from './contracts/coadd-radial.js';
import type { KernelStem } from './contracts/index.js';
import { lanczosTable } from './contracts/warp.js';
import { esdCritical } from './esd-critical.js';

interface KnownCase {
  readonly params: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, Float32Array | Uint32Array>>;
}

const image = (width: number, height: number, value: (x: number, y: number) => number) =>
  Float32Array.from({ length: width * height }, (_, k) => value(k % width, Math.floor(k / width)));

/** Red at even x and y, blue at odd ones. */
const RGGB = 0b10_01_01_00;

/** Two rows of five 16-bit samples, big-endian, one of them the blank. */
function rawSamples(): Uint32Array {
  const bytes = new DataView(new ArrayBuffer(20));
  for (let k = 0; k < 10; k++) bytes.setUint16(2 * k, k === 3 ? 0x8000 : (k * 7919 + 5) % 65536, false);
  return new Uint32Array(bytes.buffer);
}

/** A gentle slope with a hot sample, a cold one, a star of two samples and a blank. */
function blemished(x: number, y: number): number {
  const planted: Record<string, number> = {
    '3,2': 500,
    '5,3': -200,
    '1,4': 400,
    '2,4': 390,
    '6,0': BLANK_VALUE,
  };
  return planted[`${x},${y}`] ?? 100 + 3 * x + 2 * y + ((x * y) % 5);
}

const rough = (x: number, y: number) => ((x * 31 + y * 17 + x * x * y) % 23) + 10;

/** Two planes with a star that makes the clamp work and a blank. */
function starPlanes(): Float32Array {
  const planes = [0, 1].map((c) =>
    image(9, 8, (x, y) => {
      if (x === 4 && y === 3) return 700 * (c + 1);
      if (x === 6 && y === 5) return BLANK_VALUE;
      return ((x * 13 + y * 29 + c * 7 + x * y * 3) % 41) + 100 * (c + 1);
    }),
  );
  return Float32Array.from([...planes[0], ...planes[1]]);
}

/** Seven samples of six pixels: without outliers by kappa-sigma only, with outliers on both sides, half blank, blank, two alone. */
function stackCube(): Float32Array {
  return image(6, 7, (pixel, slot) => {
    const v = ((slot * 37 + pixel * 11) % 17) + 100 * (pixel + 1);
    if (pixel === 4 || (pixel === 3 && slot % 2 === 0) || (pixel === 5 && slot > 1)) return BLANK_VALUE;
    const planted: Record<string, number> = {
      '2,1': 1000,
      '6,2': 1000,
      '4,1': -700,
      '3,2': 40,
      '5,0': 20,
      '6,0': 34,
    };
    return v + (planted[`${slot},${pixel}`] ?? 0);
  });
}

const guardMedian = (x: number, y: number) => 100 + (x === 1 && y === 6 ? 20 : 0) + ((x * 3 + y * 5) % 2);

/** The last of three slots: outliers alone, beside each other, beside a star, of a pair, where frames are too few or too many or some are gone already. */
function guardCube(): Float32Array {
  const planted: Record<string, number> = {
    '0,0': 130,
    '2,0': 130,
    '3,0': 130,
    '1,2': 60,
    '3,2': 130,
    '4,2': 104.2,
    '3,3': 104.2,
    '1,4': 160,
    '2,6': 110,
    '0,6': 90,
    '4,5': 94.5,
    '3,7': BLANK_VALUE,
  };
  const last = image(
    5,
    8,
    (x, y) => planted[`${x},${y}`] ?? guardMedian(x, y) + ((x * 7 + y * 3) % 5) * 0.2 - 0.4,
  );
  const cube = new Float32Array(120).fill(-7);
  cube.set(last, 80);
  return cube;
}

const TRAIL_CELL = { width: 30, height: 12 };
const trailMedian = (x: number, y: number) => 100 + ((x * 3 + y * 5) % 2);

/** A line of slope 1/4 with two gaps, something bright and something dark beside it, and a blank. */
function trailSample(x: number, y: number): number {
  const planted: Record<string, number> = { '16,0': BLANK_VALUE, '2,5': 90 };
  const onLine = y === ((2 * x + 40) >> 3) - 3 && x !== 5 && x !== 11;
  const more = (onLine ? 30 : 0) + (x === 3 && y === 10 ? 50 : 0);
  return planted[`${x},${y}`] ?? trailMedian(x, y) + ((x * 7 + y * 3) % 5) * 0.2 - 0.4 + more;
}

/** A Bayer window with a star and a blank. */
const colouredStar = () =>
  image(12, 11, (x, y) => (x === 7 && y === 4 ? 900 : x === 9 && y === 8 ? BLANK_VALUE : rough(x, y) + 100));

const colourLevels = () =>
  Float32Array.from([
    ...[1.5, 2, 3, -4, 1, 0.5, -2],
    ...[0.75, -5, 1, 2, 0.5, -1, 4],
    ...[1, 7, -1, 1, 0, 0.25, 0.5],
  ]);

const stackShape = { pixels: 6, planes: 1, slots: 7 };
const stackInputs = {
  cube: stackCube(),
  frame_weights: Float32Array.from({ length: 7 }, (_, s) => 1 + ((s * 5) % 4) * 0.5),
};
const clipping = { ...stackShape, kappaLow: 1.75, kappaHigh: 1.82, maxIterations: 5, combine: 0 };

/** What each kernel is given; `frozenAnswers` has what comes of it. */
export const knownCases: Readonly<Record<KernelStem, KnownCase>> = {
  decode: {
    params: {
      width: 3,
      height: 2,
      rowSamples: 5,
      firstSample: 1,
      sampleType: 0,
      hasBlank: 1,
      blank: -32768,
      scale: 2,
      zero: 100,
    },
    inputs: { raw: rawSamples() },
  },
  calibrate: {
    params: { pixels: 4, planes: 2, biasScale: -0.5, darkScale: 1.5, hasFlat: 1 },
    inputs: {
      image: image(4, 2, (x, y) => (x === 1 && y === 0 ? BLANK_VALUE : 1000 + 250 * x + 100 * y)),
      bias: image(4, 2, (x, y) => (x === 2 && y === 0 ? BLANK_VALUE : 64 + 3 * x + 5 * y)),
      dark: image(4, 2, (x, y) => (x === 0 && y === 1 ? BLANK_VALUE : 80 + 7 * x * y)),
      flat: image(4, 2, (x, y) => (x === 1 && y === 1 ? 0 : 0.75 + 0.125 * x - 0.25 * y)),
    },
  },
  'fix-hot-pixels': {
    params: {
      width: 7,
      height: 6,
      originX: 1,
      originY: 0,
      step: 2,
      threshold00: 50,
      threshold01: 60,
      threshold10: 70,
      threshold11: 80,
      isolation: 0.4,
      blanks: 0,
    },
    inputs: { image: image(7, 6, blemished) },
  },
  'demosaic-bilinear': {
    params: { width: 5, height: 4, originX: 1, originY: 0, pattern: RGGB },
    inputs: { cfa: image(5, 4, (x, y) => (x === 2 && y === 1 ? BLANK_VALUE : rough(x, y))) },
  },
  'demosaic-edge-aware': {
    params: { width: 7, height: 6, originX: 0, originY: 1, pattern: RGGB },
    inputs: { cfa: image(7, 6, (x, y) => (x === 0 && y === 5 ? BLANK_VALUE : rough(x, y))) },
  },
  warp: {
    params: {
      cellWidth: 5,
      cellHeight: 3,
      windowWidth: 9,
      windowHeight: 8,
      windowX: 1,
      windowY: 2,
      frameWidth: 8,
      frameHeight: 11,
      planes: 2,
      slot: 1,
      slots: 2,
      kernel: 2,
      clampThreshold: 0.3,
      centreX: 5.5,
      centreY: 5,
      invScale: 0.25,
    },
    inputs: {
      planes: starPlanes(),
      map: Float32Array.from([
        ...[-1, 5],
        ...[33.125, 31.75, 0.25, -3.0625, 0.015625, 0, 0.0625, 0, 0],
        ...[31.5, 2.03125, 0, 31.25, 0, 0.03125, -0.125, 0, 0],
      ]),
      levels: Float32Array.from([...[1.5, 2, 3, -4, 1, 0.5, -2], ...[0.75, -5, 1, 2, 0.5, -1, 4]]),
      lanczos: lanczosTable(),
    },
  },
  'warp-cfa': {
    params: {
      cellWidth: 5,
      cellHeight: 3,
      windowWidth: 12,
      windowHeight: 11,
      windowX: 3,
      windowY: 4,
      frameWidth: 14,
      frameHeight: 17,
      slot: 1,
      slots: 2,
      kernel: 3,
      pattern: RGGB,
      centreX: 5.5,
      centreY: 5,
      invScale: 0.25,
    },
    inputs: {
      cfa: colouredStar(),
      map: Float32Array.from([
        ...[2, 3],
        ...[36.125, 31.75, 0.25, -3.0625, 0.015625, 0, 0.0625, 0, 0],
        ...[34.5, 2.03125, 0, 31.25, 0, 0.03125, -0.125, 0, 0],
      ]),
      levels: colourLevels(),
      lanczos: lanczosTable(),
    },
  },
  'guard-few': {
    params: {
      width: 5,
      height: 4,
      planes: 2,
      slots: 3,
      slot: 1,
      maxSamples: 6,
      kappaLow: 3,
      kappaHigh: 2.5,
      slope: 1,
      pairSlope: 1,
    },
    inputs: {
      cube: guardCube(),
      frame_weights: Float32Array.of(9, 9, 0.25, 0.5),
      median: image(5, 8, (x, y) => (x === 4 && y === 3 ? BLANK_VALUE : guardMedian(x, y))),
      weight: image(5, 8, (x, y) => 1 + ((x + y) % 3) * 0.5),
      used: Uint32Array.from({ length: 40 }, (_, k) => [1, 5, 2, 7][k] ?? 5),
      rejected_low: Uint32Array.from({ length: 40 }, (_, k) => (k === 21 ? 1 : 0)),
      rejected_high: new Uint32Array(40),
    },
  },
  'guard-trails': {
    params: { ...TRAIL_CELL, planes: 1, slots: 2, slot: 1, frame: 0, kappa: 1.5, slope: 0.7, reach: 2 },
    inputs: {
      cube: image(30, 24, (x, y) => (y < 12 ? -7 : trailSample(x, y - 12))),
      frame_weights: Float32Array.of(0.25),
      median: image(30, 12, trailMedian),
      weight: image(30, 12, (x) => 2 + (x % 3)),
      used: Uint32Array.from(image(30, 12, (x, y) => (x === 8 && y === 5 ? 2 : 3 + ((x * y) % 3)))),
      rejected_low: Uint32Array.from(image(30, 12, (x, y) => ((x + y) % 6 === 0 ? 1 : 0))),
      rejected_high: new Uint32Array(360),
    },
  },
  'stack-mean': { params: stackShape, inputs: stackInputs },
  'stack-median': { params: stackShape, inputs: stackInputs },
  'stack-kappa-sigma': { params: clipping, inputs: stackInputs },
  'stack-winsorised': { params: clipping, inputs: stackInputs },
  'stack-linear-fit': { params: { ...clipping, kappaLow: 1.6, kappaHigh: 1.6 }, inputs: stackInputs },
  'stack-mad': { params: clipping, inputs: stackInputs },
  'stack-esd': {
    params: { ...stackShape, mostPerMille: 600, combine: 0 },
    inputs: { ...stackInputs, critical: esdCritical(7, 0.05) },
  },
  'stack-percentile': {
    params: { ...clipping, kappaLow: 0.08, kappaHigh: 0.06, maxIterations: 1 },
    inputs: stackInputs,
  },
  'stack-min-max': { params: { ...stackShape, dropLow: 1, dropHigh: 2, combine: 0 }, inputs: stackInputs },
  'coadd-accumulate': {
    params: { ...stackShape, slot: 3 },
    inputs: {
      ...stackInputs,
      sum: new Float32Array(6).fill(10),
      weight: new Float32Array(6).fill(2),
      used: new Uint32Array(6).fill(1),
    },
  },
  'coadd-normalise': {
    params: { pixels: 6, planes: 1 },
    inputs: {
      sum: Float32Array.from({ length: 6 }, (_, i) => i * 10 + 5),
      weight: Float32Array.from({ length: 6 }, (_, i) => i * 0.5),
    },
  },
  'drop-rejected': {
    params: stackShape,
    inputs: {
      cube: stackCube(),
      rejected_low: Uint32Array.of(1, 2, 0, 1, 0, 0),
      rejected_high: Uint32Array.of(1, 0, 2, 0, 0, 0),
    },
  },
  'coadd-radial': {
    params: {
      ...{ width: 6, height: 1, planes: 1, slots: 7, slot: 3 },
      ...{ centreX: 30, centreY: 10, invRadius: 1 / 40 },
    },
    inputs: {
      ...stackInputs,
      map: Float32Array.from([
        ...[-1, 5],
        ...[33.125, 31.75, 0.25, -3.0625, 0.015625, 0, 0.0625, 0, 0],
        ...[31.5, 2.03125, 0, 31.25, 0, 0.03125, -0.125, 0, 0],
      ]),
      radial: radialTable({ featherFraction: 0.8, power: 2, floor: 0.05 }),
      mean: Float32Array.from({ length: 6 }, (_, i) => 100 * (i + 1) + 8),
      sum: new Float32Array(6).fill(10),
      weight: new Float32Array(6).fill(2),
      square: new Float32Array(6).fill(1),
    },
  },
  drizzle: {
    params: {
      ...{ cellWidth: 5, cellHeight: 3, windowWidth: 12, windowHeight: 11, windowX: 19, windowY: 19 },
      ...{ slot: 1, slots: 2, planes: 3, bayer: 1, pattern: RGGB, pixfrac: 0.8 },
      ...{ centreX: 24.5, centreY: 21, invScale: 0.25, invRadius: 1 / 30 },
    },
    inputs: {
      image: colouredStar(),
      map: Float32Array.from([
        ...[2, 3],
        ...[36.125, 15.75, 0.25, -3.0625, 0.015625, 0, 0.0625, 0, 0],
        ...[34.5, 2.03125, 0, 15.25, 0, 0.03125, -0.125, 0, 0],
      ]),
      levels: colourLevels(),
      radial: radialTable({ featherFraction: 0.8, power: 2, floor: 0.05 }),
      frame_weights: Float32Array.of(9, 9, 9, 0.5, 2, 1.5),
      cube: Float32Array.from({ length: 90 }, (_, k) => (k === 67 ? BLANK_VALUE : k)),
      sums: Float32Array.from({ length: 180 }, (_, k) => [10, 2, 1, 3][Math.floor(k / 45)]),
    },
  },
};
