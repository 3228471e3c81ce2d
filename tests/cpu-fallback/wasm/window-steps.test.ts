// Decoding, fixing hot pixels and warping a window as one step: the same bytes as one at a time.
import { describe, expect, it } from 'vitest';
import type { Handle, Op } from '../../../src/compute/backend.js';
import { SAMPLE_I16, SAMPLE_U8 } from '../../../src/compute/contracts/decode.js';
import { WARP_CUBIC } from '../../../src/compute/contracts/warp-cfa.js';
import { lanczosTable, WARP_BILINEAR, WARP_LANCZOS3 } from '../../../src/compute/contracts/warp.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { fuseSteps } from '../../../src/cpu-fallback/wasm/fuse-steps.js';
import { cellBlocks, type Geometry, seededRandom } from '../../helpers/kernel-runs.js';
import { opened } from './open-backends.js';
import { f32, isSame, samplesOf, SLOTS as WARPS, stacks, WHOLE } from './warped-cube.js';

interface Frame {
  readonly window: readonly [number, number];
  /** Where it begins in the frame, and how many columns and rows of that are left out at each side. */
  readonly at: readonly [number, number];
  readonly edge: number;
  readonly geometry: Geometry;
  readonly kernel: number;
  readonly pattern: number;
  /** Part of the samples that are far off, and of those that are the file's blank. */
  readonly hot: number;
  readonly blank: number;
  readonly fixes: boolean;
  /** What is fixed is left out. */
  readonly leavesOut: boolean;
}

const CELL = { width: 150, height: 90 };
const SLOTS = 2;
const BLANK = -32768;
const FRAME_SIDE = 400;

const turned =
  (angle: number, scale: number, x0: number, y0: number): Geometry =>
  (x, y) => [
    x0 + scale * (x * Math.cos(angle) - y * Math.sin(angle)),
    y0 + scale * (x * Math.sin(angle) + y * Math.cos(angle)),
  ];

const FRAME: Frame = {
  window: [170, 131],
  at: [40, 30],
  edge: 0,
  geometry: turned(0.1, 1, 45, 35),
  kernel: WARP_CUBIC,
  pattern: 0b10_01_01_00,
  hot: 0.02,
  blank: 0,
  fixes: true,
  leavesOut: false,
};

/** The operations from the file's bytes to the cube's slot; `looks` at the image that is warped, so that it has to be there. */
function program(frame: Frame, cube: Handle, looks = false, sampleType = SAMPLE_I16): Op[] {
  const random = seededRandom(17);
  const [width, height] = frame.window;
  const size = width * height;
  const bytes = Buffer.alloc(4 * Math.ceil(size / 2));
  for (let k = 0; k < size; k++) {
    const value = Math.round(-30000 + 200 * random()) + (random() < frame.hot ? 9000 : 0);
    bytes.writeInt16BE(random() < frame.blank ? BLANK : value, 2 * k);
  }
  const data = {
    map: cellBlocks(CELL.width, CELL.height, frame.geometry),
    levels: Float32Array.from({ length: 21 }, (_, i) => (i % 7 === 0 ? 1.1 : 0.5)),
    lanczos: lanczosTable(),
  };
  const [map, levels, lanczos] = Object.entries(data).map(([label, { length }]) => f32(label, length));
  const raw: Handle = { label: 'raw', element: 'u32', length: bytes.length / 4 };
  const [image, fixed] = [f32('image', size), f32('fixed', size)];
  const cfa = frame.fixes ? fixed : image;
  const made = [raw, image, ...(frame.fixes ? [fixed] : []), map, levels, lanczos];
  const [originX, originY] = frame.at;
  return [
    ...made.map((handle): Op => ({ op: 'alloc', handle })),
    { op: 'upload', handle: raw, data: new Uint8Array(bytes) },
    { op: 'upload', handle: map, data: data.map },
    { op: 'upload', handle: levels, data: data.levels },
    { op: 'upload', handle: lanczos, data: data.lanczos },
    {
      op: 'kernel',
      stem: 'decode',
      params: {
        ...{ width, height, rowSamples: width, firstSample: 0, sampleType },
        ...{ hasBlank: frame.blank > 0 ? 1 : 0, blank: BLANK, scale: 0.75, zero: 30000 },
      },
      buffers: { raw, image },
    },
    { op: 'free', handle: raw },
    ...(frame.fixes
      ? [
          {
            op: 'kernel',
            stem: 'fix-hot-pixels',
            params: {
              ...{ width, height, originX, originY, step: 2, isolation: 0.25 },
              ...{ threshold00: 900, threshold01: 700, threshold10: 700, threshold11: 800 },
              blanks: frame.leavesOut ? 1 : 0,
            },
            buffers: { image, fixed },
          } satisfies Op,
          { op: 'free', handle: image } satisfies Op,
        ]
      : []),
    {
      op: 'kernel',
      stem: 'warp-cfa',
      params: {
        ...{ cellWidth: CELL.width, cellHeight: CELL.height, windowWidth: width, windowHeight: height },
        ...{ windowX: originX - frame.edge, windowY: originY - frame.edge },
        ...{ frameWidth: FRAME_SIDE - 2 * frame.edge, frameHeight: FRAME_SIDE - 2 * frame.edge },
        ...{ slot: 1, slots: SLOTS, kernel: frame.kernel, pattern: frame.pattern },
        ...{ centreX: 200, centreY: 200, invScale: 0.005 },
      },
      buffers: { cfa, map, levels, lanczos, cube },
    },
    ...(looks ? [{ op: 'read', handle: cfa } satisfies Op] : []),
    ...[cfa, map, levels, lanczos].map((handle): Op => ({ op: 'free', handle })),
  ];
}

const stems = (ops: readonly Op[]) => fuseSteps(ops).flatMap((op) => (op.op === 'kernel' ? [op.stem] : []));

/** The slot of the cube, made of the window in one way or the other. */
async function warped(frame: Frame, looks: boolean) {
  const backend = opened(await createWasmBackend({ threads: 2 }));
  const cube = f32('cube', 3 * SLOTS * CELL.width * CELL.height);
  await backend.submit({ label: 'alloc', ops: [{ op: 'alloc', handle: cube }] });
  await backend.submit({ label: 'warp', ops: program(frame, cube, looks) });
  const fixes = backend.takeProfile().find(({ stem }) => stem === 'fix-hot-pixels');
  const read = await backend.submit({ label: 'read', ops: [{ op: 'read', handle: cube }] });
  const samples = 3 * CELL.width * CELL.height;
  return {
    fixes,
    samples: (read.reads[0] as Float32Array).slice(samples),
    handles: backend.resident().handles,
  };
}

describe('windows that are decoded for their warp alone', () => {
  it.each<[string, Partial<Frame>]>([
    ['as most are', {}],
    ['without fixes', { fixes: false }],
    ['left out in place of fixed', { leavesOut: true }],
    ['with blanks', { blank: 0.01 }],
    ['with blanks everywhere', { blank: 1 }],
    ['many defects', { hot: 0.3 }],
    ['bilinear', { kernel: WARP_BILINEAR, blank: 0.003 }],
    ['Lanczos-3', { kernel: WARP_LANCZOS3, blank: 0.003 }],
    ['odd places', { at: [41, 33], geometry: turned(-0.3, 1, 60, 70) }],
    ['edges of the frame left out', { edge: 44 }],
    ['another pattern', { pattern: 0b01_00_10_01 }],
    ['and another', { pattern: 0b01_10_00_01, at: [39, 30] }],
    ['on a coarse grid', { geometry: turned(0.8, 2.6, 60, 40), window: [260, 240] }],
    ['on a fine grid', { geometry: turned(3, 0.3, 120, 90) }],
    ['small', { window: [9, 7], at: [60, 60] }],
    ['a pixel', { window: [1, 1], at: [60, 60] }],
    ['a column', { window: [1, 90], at: [60, 30] }],
  ])('%s', async (_, change) => {
    const frame = { ...FRAME, ...change };
    const [once, apart] = [await warped(frame, false), await warped(frame, true)];
    expect(isSame(once.samples, apart.samples)).toBe(true);
    const blank = once.samples.filter((v) => v < -1e30).length;
    if (change.blank !== 1) expect(blank).toBeLessThan(once.samples.length);
    expect(once.handles).toBe(1);
    expect(once.fixes?.calls ?? 0).toBe(frame.fixes ? 1 : 0);
  });

  it('is one step', () => {
    const cube = f32('cube', 1);
    expect(stems(program(FRAME, cube))).toEqual(['warp-window']);
    expect(stems(program({ ...FRAME, fixes: false }, cube))).toEqual(['warp-window']);
  });

  it('are decoded where somebody looks at them, and where their samples are others', () => {
    const cube = f32('cube', 1);
    const all = ['decode', 'fix-hot-pixels', 'warp-window'];
    expect(stems(program(FRAME, cube, true))).toEqual(all);
    expect(stems(program(FRAME, cube, false, SAMPLE_U8))).toEqual(all);
  });

  it('are decoded where the fixes are those of other windows', () => {
    const ops = program(FRAME, f32('cube', 1)).map((op): Op =>
      op.op === 'kernel' && op.stem === 'fix-hot-pixels' ? { ...op, params: { ...op.params, step: 1 } } : op,
    );
    expect(stems(ops)).toContain('decode');
  });

  it('are decoded where their bytes change before the warp, or stay for others', () => {
    const cube = f32('cube', 1);
    const ops = program(FRAME, cube);
    const upload = ops.find((op) => op.op === 'upload' && op.handle.label === 'raw')!;
    const freed = ops.findIndex((op) => op.op === 'free' && op.handle.label === 'raw');
    const others = ops.toSpliced(freed, 1);
    const [last] = ops.slice(freed, freed + 1);
    const all = ['decode', 'fix-hot-pixels', 'warp-window'];
    expect(stems(others)).toEqual(all);
    expect(stems([...others.toSpliced(freed, 0, upload), last])).toEqual(all);
    expect(stems([...others, upload, last])).toEqual(all);
    expect(stems([...others, last])).toEqual(['warp-window']);
  });

  it('are one step beside a guarded stack', () => {
    const [cube, other] = [f32('cube', (WARPS + 1) * samplesOf(WHOLE)), f32('other', 1)];
    const ops = [...stacks(cube, WHOLE), ...program(FRAME, other)];
    expect(stems(ops)).toEqual(['guarded-stack', 'warp-window']);
  });
});
