// A cell asks for a cube that is made late where a backend may guard and clip it at once, and only there.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import type { ComputeBackend, LateCubes, Op, Program } from '../../../src/compute/backend.js';
import { LEVEL_TERMS } from '../../../src/compute/constants.js';
import { fuseSteps } from '../../../src/cpu-fallback/wasm/fuse-steps.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { createFitsWriter } from '../../../src/fits/write/create-fits-writer.js';
import { FrameFiles } from '../../../src/pipeline/integrate/windows/frame-files.js';
import { integrateInParts } from '../../../src/pipeline/integrate/cell-parts.js';
import type { CellContext } from '../../../src/pipeline/integrate/integrate-cell.js';
import type { IntegrationFrame } from '../../../src/pipeline/integrate/windows/integration-frame.js';
import { StageLedger } from '../../../src/pipeline/stage-ledger.js';
import { SETTINGS } from '../../helpers/guarded-cube.js';
import { temporaryFolderForFile } from '../../helpers/temporary-folder.js';
import { lateCubesOf } from '../../helpers/late-cubes.js';

const folder = temporaryFolderForFile();
const SIDE = 40;
const file = (name: string) => path.join(folder(), `${name}.fits`);
const wcs = makeTanWcs({ crval: [20, 10], crpix: [20.5, 20.5], cd: [-1e-3, 0, 0, 1e-3] });
const grid = { nx: SIDE, ny: SIDE, wcs, centre: [20, 10] as const, scaleArcsec: 3.6, rotationDeg: 0 };

let backend: ComputeBackend;
beforeAll(async () => {
  for (const [name, planes] of [
    ['frame', []],
    ['planes', [3]],
  ] as const) {
    const shape = [...planes, SIDE, SIDE];
    const writer = await createFitsWriter(file(name));
    await writer.beginImage({ bitpix: -32, shape });
    const samples = shape.reduce((product, side) => product * side, 1);
    await writer.writeRows(Float32Array.from({ length: samples }, (_, k) => 500 + (k % 7)));
    await writer.endImage();
    await writer.commit();
  }
  backend = await createWasmBackend({ threads: 1 });
});
afterAll(() => backend.close());

const frame = (): IntegrationFrame => ({
  path: file('frame'),
  hdu: 0,
  nx: SIDE,
  ny: SIDE,
  wcs,
  sensor: { kind: 'cfa', pattern: 0b10_01_01_00 },
  hotPixelThresholds: undefined,
  levels: Array.from({ length: 3 }, () => ({ gain: 1, terms: new Float64Array(LEVEL_TERMS) })),
  weights: [1, 1, 1],
  inverseVariances: [1, 1, 1],
  varianceFactors: [1, 1, 1],
});

const inPlanes = (): IntegrationFrame => ({ ...frame(), path: file('planes'), sensor: { kind: 'rgb' } });

const BASE = { kernel: 'lanczos3', demosaic: 'direct', cfaKernel: 'cubic' } as const;

/** Four slots of the cube take 76800 bytes, the windows of the frames 1600 pixels each. */
const LITTLE = lateCubesOf({ windowPixelBytes: 6, storedPixelBytes: 17, slotBytes: 100 });

/** Whether the cubes are late, how many bytes they have, and whether their stacks are done as one. */
async function stacked(context: Partial<CellContext>, late: LateCubes | null = LITTLE, width = SIDE) {
  const programs: Program[] = [];
  const submit: ComputeBackend['submit'] = (program) => {
    programs.push(program);
    return backend.submit(program);
  };
  const files = new FrameFiles();
  const info = { ...backend.info, limits: { ...backend.info.limits, lateCubes: late ?? undefined } };
  const whole: CellContext = {
    grid,
    frames: [frame(), frame(), frame()],
    files,
    backend: Object.assign(Object.create(backend) as ComputeBackend, { submit, info }),
    settings: { ...SETTINGS, ...BASE },
    ledger: new StageLedger(),
    signal: new AbortController().signal,
    mostBytes: Infinity,
    ...context,
  };
  const rect = { x0: 0, y0: 0, width, height: SIDE };
  const cell = { rect, frames: Uint32Array.of(0, 1, 2) };
  await integrateInParts(cell, undefined, () => whole, { whenSplit: () => undefined });
  await files.close();
  const isCube = (op: Op): op is Extract<Op, { op: 'alloc' }> =>
    op.op === 'alloc' && op.handle.label === 'cube';
  const cubes = programs.flatMap(({ ops }) => ops.filter(isCube));
  const isLate = cubes.map(({ late }) => late === true);
  const isFused = programs.some(({ ops }) =>
    fuseSteps(ops).some((op) => op.op === 'kernel' && op.stem === 'guarded-stack'),
  );
  return { isLate, isFused, bytes: cubes.map(({ handle }) => 4 * handle.length) };
}

it.each<[string, () => Partial<CellContext>]>([
  ['demosaicing', () => ({ settings: { ...SETTINGS, ...BASE, demosaic: 'bilinear' } })],
  ['a frame of planes', () => ({ frames: [frame(), frame(), inPlanes()] })],
])('not where warps cannot wait: %s', async (_, context) => {
  expect(await stacked(context())).toMatchObject({ isLate: [false], isFused: true });
});

it.each<[string, Partial<CellContext>, boolean]>([
  ['guard and clip', {}, true],
  ['another clip', { settings: { ...SETTINGS, ...BASE, rejection: 'mad_clip' } }, false],
  ['trails', { settings: { ...SETTINGS, ...BASE, trailReach: 3 } }, false],
  ['no guard', { settings: { ...SETTINGS, ...BASE, guardsFew: false } }, false],
  ['products that are kept', { keepProduct: () => Promise.resolve() }, false],
])('%s', async (_, context, wanted) => {
  expect(await stacked(context)).toMatchObject({ isLate: [wanted], isFused: wanted });
});

it.each<[string, LateCubes, boolean]>([
  ['as little', { ...LITTLE, slotBytes: 15_900 }, true],
  ['more for a warp', { ...LITTLE, slotBytes: 16_100 }, false],
  ['more for a pixel', { ...LITTLE, windowPixelBytes: 17, storedPixelBytes: 1, slotBytes: 0 }, false],
  ['as little in hand', { ...LITTLE, handBytes: 15_800, handMostBytes: 47_400 }, true],
  ['more in hand', { ...LITTLE, handBytes: 16_000, handMostBytes: 48_000 }, false],
  ['not more than that in hand', { ...LITTLE, handBytes: 16_000, handMostBytes: 47_400 }, true],
  ['more for parts of windows', { ...LITTLE, slotBytes: 15_900, partPixelBytes: 0.1 }, false],
])('only where a backend takes less than the cube for it: %s', async (_, late, wanted) => {
  expect(await stacked({}, late)).toMatchObject({ isLate: [wanted], isFused: true });
});

it('not where a backend does not say what it takes', async () => {
  expect(await stacked({}, null)).toMatchObject({ isLate: [false], isFused: true });
});

const WIDE = 128;
/** What the cube of a wide cell takes. */
const WIDE_BYTES = 4 * 4 * 3 * WIDE * SIDE;

it.each<[string, Partial<CellContext>, LateCubes | null, number]>([
  ['a backend that has cubes', {}, null, WIDE_BYTES],
  // results of guard and stack, on the device and on the host: 31 arrays beside the four slots
  ['products that are kept', { keepProduct: () => Promise.resolve() }, LITTLE, ((4 + 31) / 4) * WIDE_BYTES],
])(
  'a cell whose plan counted on none is halved where it takes more than it may: %s',
  async (_, context, late, bytes) => {
    const wide = { ...context, grid: { ...grid, nx: WIDE } };
    const enough = await stacked({ ...wide, mostBytes: bytes }, late, WIDE);
    expect(enough).toMatchObject({ isLate: [false], bytes: [WIDE_BYTES] });
    const less = await stacked({ ...wide, mostBytes: bytes - 1 }, late, WIDE);
    // the frames lie in the first half
    expect(less).toMatchObject({ isLate: [false], bytes: [WIDE_BYTES / 2] });
    // nothing is less than a block
    const least = await stacked({ ...wide, mostBytes: 1 }, late, WIDE);
    expect(least.bytes).toEqual([WIDE_BYTES / 2]);
  },
);

it('a cube that is late takes nothing that the cell may not', async () => {
  const wide = { grid: { ...grid, nx: WIDE }, mostBytes: 1 };
  expect(await stacked(wide, LITTLE, WIDE)).toMatchObject({ isLate: [true], bytes: [WIDE_BYTES] });
});

it('tells by what windows of int16 samples take', async () => {
  const int16 = () => ({ ...frame(), isInt16: true });
  const stored = [int16(), int16(), int16()];
  const late = (storedPixelBytes: number) => ({
    ...LITTLE,
    windowPixelBytes: 17,
    storedPixelBytes,
    slotBytes: 0,
  });
  expect(await stacked({ frames: stored }, late(6))).toMatchObject({ isLate: [true] });
  expect(await stacked({ frames: stored }, late(17))).toMatchObject({ isLate: [false] });
  expect(await stacked({ frames: [...stored.slice(1), frame()] }, late(6))).toMatchObject({
    isLate: [false],
  });
});

describe('a stack that is lent in bands of rows', () => {
  const BANDS = [
    { first: 0, count: 16 },
    { first: 16, count: 24 },
  ];

  /** What `takeStack` is given by a backend that lends in bands where it may. */
  async function taken(mapsRejected: boolean) {
    const submit: ComputeBackend['submit'] = async ({ lend, lendsRows, ...program }) => {
      const { reads } = await backend.submit(program);
      if (!lend) return { reads };
      const rowsOf = (read: Float32Array | Uint32Array, { first, count }: (typeof BANDS)[0]) => {
        // a sum: all of it is the first band's
        if (read.length === 2) return first === 0 ? read : new Uint32Array(2);
        const planes = Array.from({ length: 3 }, (_, c) =>
          Array.from(read.subarray((c * SIDE + first) * SIDE, (c * SIDE + first + count) * SIDE)),
        );
        return read instanceof Float32Array
          ? Float32Array.from(planes.flat())
          : Uint32Array.from(planes.flat());
      };
      if (!lendsRows) await lend(reads);
      else
        for (const band of BANDS)
          await lend(
            reads.map((read) => rowsOf(read, band)),
            band,
          );
      return { reads: [] };
    };
    const parts: { y0: number; height: number; mean: number[]; high: number; low: number }[] = [];
    const leftOut = { pixels: Uint32Array.of(5 * SIDE + 5, 30 * SIDE + 20) };
    await stacked({
      frames: [frame(), frame(), { ...frame(), leftOut: leftOut.pixels }],
      backend: Object.assign(Object.create(backend) as ComputeBackend, { submit }),
      settings: { ...SETTINGS, ...BASE, mapsRejected },
      takeStack: ({ y0, height }, { mean, rejected: { low, high } }) =>
        Promise.resolve(void parts.push({ y0, height, mean: [...mean], low, high })),
    });
    return parts;
  }

  it('is taken by rows, with what is left out of frames counted once', async () => {
    const parts = await taken(false);
    const [whole] = await taken(true);
    expect(parts.map(({ y0, height }) => [y0, height])).toEqual([
      [0, 16],
      [16, 24],
    ]);
    expect([whole.y0, whole.height]).toEqual([0, SIDE]);
    parts.forEach(({ y0, height, mean }) => {
      const rows = Array.from({ length: 3 }, (_, c) =>
        whole.mean.slice((c * SIDE + y0) * SIDE, (c * SIDE + y0 + height) * SIDE),
      );
      expect(mean).toEqual(rows.flat());
    });
    const sum = parts.reduce((all, { low, high }) => all + low + high, 0);
    expect(whole.low + whole.high).toBeGreaterThan(0);
    expect(sum).toBe(whole.low + whole.high);
  });
});
