// Defects of a sensor are learnt from frames that move on the sky, and from those alone; windows are repaired as whole frames are.
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { BLANK_LIMIT } from '../../../src/compute/constants.js';
import { SAMPLE_I16, SAMPLE_U8 } from '../../../src/compute/contracts/decode.js';
import { countedAsStored, OutlierBand } from '../../../src/photometry/outlier-band.js';
import {
  ditheredFrames,
  learnDefects,
  LEAST_FRAMES,
  sensorGroups,
} from '../../../src/pipeline/calibration/learn-defects.js';
import type { WindowRect, WindowSamples } from '../../../src/pipeline/integrate/windows/frame-window.js';
import { leaveOut } from '../../../src/pipeline/integrate/windows/leave-out.js';
import { DEFECT_REACH, repairDefects } from '../../../src/pipeline/integrate/windows/repair-defects.js';
import type { MeasuredFrame } from '../../../src/pipeline/planning/grid/placed-frame.js';
import { fitsBytes, writeFits } from '../../frames/fits-bytes.js';
import { paint, seededNormal } from '../../helpers/kernel-runs.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { SamplePasses } from '../../../src/simd/sample-passes.js';

const [width, height] = [80, 64];
const SCALE = 1e-3;

/** A frame that shows the sky moved by (dx, dy) pixels and turned by `turn` about its middle. */
function frameAt(dx: number, dy: number, turn = 0): MeasuredFrame {
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
  const wcs = makeTanWcs({
    crval: [10, 20],
    crpix: [width / 2 + dx, height / 2 + dy],
    cd: [-SCALE * cos, SCALE * sin, SCALE * sin, SCALE * cos],
  });
  return { record: { width, height }, wcs } as unknown as MeasuredFrame;
}

/** Noise of 10 on a sky of 1000, a bright star that moves from frame to frame, and defects: warm, dead, and a pair of which neither stands alone. */
function sensorFrame(k: number, starX: number, starY: number): Float32Array {
  const normal = seededNormal(100 + k);
  const defects: Record<string, number> = { '30,40': 60, '50,20': -400, '12,12': 90, '14,12': 90 };
  return paint(width, height, (x, y) => {
    const star = 8000 * Math.exp(-((x - starX) ** 2 + (y - starY) ** 2) / 3);
    return 1000 + 10 * normal() + star + (defects[`${x},${y}`] ?? 0);
  });
}

/** In bands of rows, as physical values or as the big-endian integers of a file. */
function learnt(
  frames: number,
  star: (k: number) => readonly [number, number],
  { bandRows = height, stored = false, step = 2 }: { bandRows?: number; stored?: boolean; step?: 1 | 2 } = {},
): number[] {
  const band = new OutlierBand(new SamplePasses(), width, height, bandRows, step);
  const pixels: number[] = [];
  const limits = [20, 20.5, 19.9, 20] as const;
  for (let from = 0; from < height; from += bandRows) {
    const to = Math.min(height, from + bandRows);
    band.begin(from, to);
    const { first, count: rows } = band.rowsFor(from, to);
    for (let k = 0; k < frames; k++) {
      const samples = sensorFrame(k, ...star(k))
        .subarray(first * width, (first + rows) * width)
        .map(Math.round);
      if (stored) band.addStored(bigEndian(samples), limits);
      else band.addSamples(samples, limits);
    }
    pixels.push(...band.list(frames / 2));
  }
  return pixels;
}

function bigEndian(samples: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * samples.length));
  samples.forEach((v, k) => view.setInt16(2 * k, v));
  return new Uint8Array(view.buffer);
}

const DEFECTS = [12 * width + 12, 12 * width + 14, 20 * width + 50, 40 * width + 30];

describe('defects of a sensor', () => {
  it('are what stands out while stars move on, in bands as in one piece', () => {
    const moving = (k: number) => [8 + 6 * (k % 8), 10 + 6 * Math.floor(k / 2)] as const;
    expect(learnt(12, moving)).toEqual(DEFECTS);
    expect(learnt(12, moving, { bandRows: 7 })).toEqual(DEFECTS);
    expect(learnt(12, moving, { stored: true })).toEqual(DEFECTS);
  });

  it.each([
    [1, 77, 64],
    [2, 80, 64],
    [2, 83, 9],
    [1, 83, 9],
  ] as const)(
    'are counted in 16 bits as they are counted plainly (step %i, %i columns, bands of %i)',
    (step, columns, bandRows) => {
      const normal = seededNormal(step + columns);
      const rows = 40;
      // noise that reaches beyond 16 bits where it is clipped, so that differences of any size are there
      const frames = Array.from({ length: 5 }, () =>
        Float32Array.from({ length: columns * rows }, () =>
          Math.max(-32768, Math.min(32767, Math.round(20_000 * normal()))),
        ),
      );
      const limits = [9000.5, 12_000, 8000, 32_767.9] as const;
      const listed = (stored: boolean) => {
        const band = new OutlierBand(new SamplePasses(), columns, rows, bandRows, step);
        return Array.from({ length: Math.ceil(rows / bandRows) }, (_, b) => {
          const to = Math.min(rows, (b + 1) * bandRows);
          band.begin(b * bandRows, to);
          const { first, count: there } = band.rowsFor(b * bandRows, to);
          for (const frame of frames) {
            const samples = frame.subarray(first * columns, (first + there) * columns);
            if (stored) band.addStored(bigEndian(samples), limits);
            else band.addSamples(samples, limits);
          }
          return [...band.list(1)];
        }).flat();
      };
      expect(countedAsStored(limits)).toBe(true);
      expect(countedAsStored([1, 1, 1, 32768])).toBe(false);
      expect(listed(true)).toEqual(listed(false));
      expect(listed(true).length).toBeGreaterThan(50);
    },
  );

  it('would be the cores of stars that stay, which is why such frames are not asked', () => {
    expect(learnt(12, () => [40, 40]).length).toBeGreaterThan(DEFECTS.length);
    const still = Array.from({ length: 40 }, (_, k) => frameAt(0.1 * k, -0.05 * k));
    expect(ditheredFrames(still).length).toBeLessThan(3);
    // turned about its middle, where a star stays
    const turning = Array.from({ length: 40 }, (_, k) => frameAt(0, 0, 0.5 * k));
    expect(ditheredFrames(turning)).toHaveLength(1);
    const moving = Array.from({ length: 40 }, (_, k) => frameAt(3.1 * (k % 6), 3.1 * Math.floor(k / 6)));
    expect(ditheredFrames(moving).length).toBeGreaterThanOrEqual(LEAST_FRAMES);
  });
});

const folder = temporaryFolder();

it('samples of float frames that are no levels are blank, and no defects', async () => {
  const frames: MeasuredFrame[] = [];
  for (let k = 0; k < LEAST_FRAMES; k++) {
    const samples = sensorFrame(k, 8 + 6 * k, 10 + 4 * k);
    samples[33 * width + 33] = 2e15;
    const file = path.join(folder(), `${k}.fits`);
    await writeFits(
      file,
      fitsBytes([width, height], { BITPIX: -32 }, (i) => samples[i]),
    );
    const frame = frameAt(6 * k, 0);
    const record = {
      path: file,
      width,
      height,
      hdu: 0,
      bitpix: -32,
      sensor: { kind: 'cfa', sites: [0, 1, 1, 2] },
    };
    const measure = { background: { noise: [10, 10, 10] } };
    frames.push({ ...frame, record, measure, readPath: file } as unknown as MeasuredFrame);
  }
  const context = {
    config: { learn_bad_pixels: true, hot_pixel_correction: true },
    sink: { emit: () => undefined },
    ledger: {
      time: async (_: string, __: string, act: () => Promise<{ result: unknown }>) => (await act()).result,
    },
    signal: new AbortController().signal,
  } as unknown as Parameters<typeof learnDefects>[0];
  const map = (await learnDefects(context, frames)).get(frames[0])!;
  expect([...map.pixels]).toEqual(DEFECTS);
});

describe('frames of one sensor', () => {
  const record = { path: 'a', width, height, sensor: { kind: 'mono' } };
  const frame = (more: object) => ({ ...frameAt(0, 0), record, ...more }) as unknown as MeasuredFrame;

  it('are new ones and those of a mosaic that are read again; no tile, none with a dark', () => {
    const [added, again] = [frame({}), frame({ held: { readable: true } })];
    const others = [
      frame({ held: { readable: false } }),
      frame({ tile: {} }),
      frame({ calibration: { dark: {} } }),
    ];
    expect(sensorGroups([again, ...others, added])).toEqual([[again, added]]);
  });
});

describe('a known defect', () => {
  const map = { pixels: Uint32Array.from([...DEFECTS, 41 * width + 31, 42 * width + 30]).sort(), digest: '' };
  const whole: WindowRect = { x0: 0, y0: 0, width, height };

  it('gets the median of its neighbours that are sound', () => {
    const values = sensorFrame(1, 70, 50);
    const before = values.slice();
    repairDefects({ form: 'physical', values }, whole, width, 2, map);
    const around = [-2, 0, 2]
      .flatMap((j) => [-2, 0, 2].map((i) => [30 + i, 40 + j]))
      .filter(([x, y]) => !(x === 30 && (y === 40 || y === 42)))
      .map(([x, y]) => before[y * width + x])
      .sort((a, b) => a - b);
    expect(values[40 * width + 30]).toBe(around[3]);
    expect(values[20 * width + 50]).toBeGreaterThan(950);
    const changed = [...values].flatMap((v, k) => (v === before[k] ? [] : [k]));
    expect(changed).toEqual([...map.pixels]);
  });

  it('is the same in a window, in the bytes of 16-bit samples too', () => {
    const rect = { x0: 26, y0: 30, width: 20, height: 25 };
    const stored = (r: WindowRect): WindowSamples => {
      const bytes = new Uint8Array(2 * r.width * r.height);
      const view = new DataView(bytes.buffer);
      const all = sensorFrame(1, 70, 50);
      for (let y = 0; y < r.height; y++) {
        for (let x = 0; x < r.width; x++)
          view.setInt16(2 * (y * r.width + x), all[(r.y0 + y) * width + r.x0 + x] - 500);
      }
      return { form: 'stored', bytes, sampleType: SAMPLE_I16, scale: 1, zero: 500, blank: undefined };
    };
    const [part, all] = [stored(rect), stored(whole)];
    repairDefects(part, rect, width, 2, map);
    repairDefects(all, whole, width, 2, map);
    if (part.form !== 'stored' || all.form !== 'stored') throw new Error('stored samples expected');
    const [a, b] = [new DataView(part.bytes.buffer), new DataView(all.bytes.buffer)];
    for (let y = DEFECT_REACH; y < rect.height - DEFECT_REACH; y++) {
      for (let x = DEFECT_REACH; x < rect.width - DEFECT_REACH; x++) {
        const there = (rect.y0 + y) * width + rect.x0 + x;
        expect(a.getInt16(2 * (y * rect.width + x))).toBe(b.getInt16(2 * there));
      }
    }
    expect(b.getInt16(2 * (40 * width + 30))).toBeLessThan(540);
  });

  it('is left out where samples are dropped one by one, with a value that no other sample has', () => {
    const values = sensorFrame(1, 70, 50);
    const left = leaveOut({ form: 'physical', values: values.slice() }, whole, width, map.pixels);
    if (left.form !== 'physical') throw new Error('physical samples expected');
    expect([...left.values].flatMap((v, k) => (v > BLANK_LIMIT ? [] : [k]))).toEqual([...map.pixels]);
    const bytes = new Uint8Array(2 * width * height);
    const view = new DataView(bytes.buffer);
    values.forEach((v, k) => view.setInt16(2 * k, k === 0 ? -32768 : v));
    const stored = { form: 'stored', bytes, scale: 1, zero: 0, blank: undefined } as const;
    const shorts = leaveOut({ ...stored, sampleType: SAMPLE_I16 }, whole, width, map.pixels);
    if (shorts.form !== 'stored') throw new Error('stored samples expected');
    const blanks = Array.from({ length: width * height }, (_, k) => k).filter(
      (k) => view.getInt16(2 * k) === shorts.blank,
    );
    expect(blanks).toEqual([...map.pixels]);
    // bytes of which every value is taken have none to spare
    const every = Uint8Array.from({ length: width * height }, (_, k) => k);
    const full = leaveOut(
      { ...stored, bytes: every, zero: 7, sampleType: SAMPLE_U8 },
      whole,
      width,
      map.pixels,
    );
    if (full.form !== 'physical') throw new Error('physical samples expected');
    expect(full.values[5]).toBe(12);
    expect(full.values[map.pixels[0]]).toBeLessThan(BLANK_LIMIT);
  });
});
