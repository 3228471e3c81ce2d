import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { frameMemoryBytes } from '../../../src/pipeline/planning/frames/frame-memory.js';
import {
  BASE_MEMORY_BYTES,
  MemoryBudgetError,
  planMosaic,
  type MosaicPlan,
} from '../../../src/pipeline/planning/mosaic-plan.js';
import type { PlacedFrame } from '../../../src/pipeline/planning/grid/placed-frame.js';
import { configOf } from '../../end-to-end/support.js';
import { lateCubesOf } from '../../helpers/late-cubes.js';

const LIMITS = { maxResidentBytes: Infinity, maxBufferBytes: Infinity, onHost: true };
const FRAME_BYTES = frameMemoryBytes(subs(1)[0].record, 2000);

/** Subs of one field in colour, as a Seestar takes them. */
function subs(count: number): PlacedFrame[] {
  const [width, height, s] = [1080, 1920, 2.4 / 3600];
  const wcs = makeTanWcs({ crval: [200, 30], crpix: [540.5, 960.5], cd: [-s, 0, 0, s] });
  const sensor = { kind: 'cfa', pattern: 'GRBG', sites: [1, 0, 2, 1] };
  const record = { width, height, planes: 1, bitpix: 16, sensor };
  return Array.from({ length: count }, () => ({ record, wcs }) as unknown as PlacedFrame);
}

function planned(
  frames: readonly PlacedFrame[],
  budgetMb: number,
  cellSizePx = 0,
  limits = LIMITS,
): MosaicPlan {
  const config = configOf({
    input_dir: 'in',
    output_dir: 'out',
    memory_budget_mb: String(budgetMb),
    cell_size_px: String(cellSizePx),
  });
  return planMosaic(frames, config, limits);
}

const half = (frames: number, budgetMb: number) =>
  (budgetMb * 2 ** 20 - BASE_MEMORY_BYTES - frames * FRAME_BYTES) / 2;

describe('the canvas', () => {
  const device = { ...LIMITS, onHost: false };

  it('is held where cells lie in the memory of a device, if it takes half of what is left at most', () => {
    const plan = planned(subs(20), 700, 64, device);
    expect(plan.canvasBytes).toBeLessThan(half(20, 700));
    expect(plan.holdsCanvas).toBe(true);
    expect(plan.memoryBytes).toBeLessThanOrEqual(700 * 2 ** 20);
    expect(planned(subs(20), 355, 64, device).holdsCanvas).toBe(false);
  });

  it('is a file where cells lie in the same memory', () => {
    const plan = planned(subs(20), 1536, 64);
    expect(plan.holdsCanvas).toBe(false);
    expect(plan.memoryBytes).toBeLessThanOrEqual(1536 * 2 ** 20);
  });

  it('of many frames is not held at the price of their memory', () => {
    const plan = planned(subs(1200), 410, 64, device);
    expect(plan.canvasBytes).toBeLessThan(half(20, 410));
    expect(plan.canvasBytes).toBeGreaterThan(half(1200, 410));
    expect(plan.holdsCanvas).toBe(false);
    expect(plan.memoryBytes).toBeLessThanOrEqual(410 * 2 ** 20);
  });

  it('is not held where no cell fits beside it', () => {
    const [least, enough] = [1530, 1600].map((budgetMb) => planned(subs(60), budgetMb, 1024, device));
    expect(least.canvasBytes).toBeLessThan(half(60, 1530));
    expect(least.holdsCanvas).toBe(false);
    expect(least.memoryBytes).toBeLessThanOrEqual(1530 * 2 ** 20);
    expect(enough.holdsCanvas).toBe(true);
  });
});

describe('the memory of a plan', () => {
  it('holds what is kept of every frame, for which cells make room', () => {
    const budget = 512 * 2 ** 20;
    const [some, many] = [200, 2000].map((count) => planned(subs(count), 512));
    const left = (count: number) => budget - BASE_MEMORY_BYTES - count * FRAME_BYTES;
    expect(some.cells.cellBytes).toBeGreaterThan(0.4 * left(2000));
    expect(many.cells.cellBytes).toBeLessThanOrEqual(left(2000));
    expect(many.memoryBytes).toBeLessThanOrEqual(budget);
    expect(many.memoryBytes).toBeGreaterThanOrEqual(BASE_MEMORY_BYTES + 2000 * FRAME_BYTES);
  });

  it('is of this process where it is not a device that has the cells', () => {
    const [here, there] = [true, false].map((onHost) => planned(subs(1000), 1536, 64, { ...LIMITS, onHost }));
    expect(here.processBytes).toBe(here.memoryBytes);
    const { grid, canvasBytes, cells } = there;
    const largest = Math.max(...cells.cells.map(({ rect }) => rect.width * rect.height));
    const fixed = BASE_MEMORY_BYTES + 1000 * FRAME_BYTES + canvasBytes;
    expect(there.processBytes).toBeCloseTo(
      fixed + 2 ** 26 + (2 * canvasBytes * largest) / (grid.nx * grid.ny),
      0,
    );
  });

  it('that frames alone would exceed is refused with what they need', () => {
    expect(() => planned(subs(6000), 400)).toThrow(MemoryBudgetError);
  });
});

describe('the cells of a backend that warps with the stack', () => {
  const lateCubes = lateCubesOf({ windowPixelBytes: 6, storedPixelBytes: 2, slotBytes: 1000 });
  const late = { ...LIMITS, lateCubes };
  const of = (sensor: unknown, samples: object = {}): PlacedFrame[] =>
    subs(40).map((frame) => ({ ...frame, record: { ...frame.record, ...samples, sensor } }) as PlacedFrame);
  const CFA = subs(1)[0].record.sensor;
  const bytes = (
    limits: typeof LIMITS,
    sensor: unknown,
    more: Parameters<typeof configOf>[0] = {},
    base = false,
    samples: object = {},
  ) => {
    const config = configOf({ input_dir: 'in', output_dir: 'out', cell_size_px: '512', ...more });
    const frames = of(sensor, samples);
    const { grid } = planMosaic(frames, config, limits);
    return planMosaic(frames, config, limits, base ? { base: grid } : {}).cells.cellBytes;
  };

  it('take less where it can', () => {
    expect(bytes(late, CFA)).toBeLessThan(0.7 * bytes(LIMITS, CFA));
    expect(bytes(late, CFA, { save_rejection_maps: 'true' })).toBeGreaterThan(bytes(late, CFA));
  });

  it('take what int16 samples take where these are all that waits', () => {
    const stored = { bitpix: 16, readableByWindows: true } as const;
    const floats = { bitpix: -32, readableByWindows: true } as const;
    expect(bytes(late, CFA, {}, false, stored)).toBeLessThan(bytes(late, CFA, {}, false, floats));
    const calibrated = { calibration_darks: 'darks' };
    const plain = bytes(late, CFA, calibrated, false, floats);
    expect(bytes(late, CFA, calibrated, false, stored)).toBe(plain);
  });

  it('take parts of windows by the pixels of a frame under a block', () => {
    const more = (arcsec: string) => {
      const wide = { global_wcs_scale_arcsec: arcsec };
      const parts = { ...LIMITS, lateCubes: { ...lateCubes, partPixelBytes: 8 } };
      return bytes(parts, CFA, wide) - bytes(late, CFA, wide);
    };
    // frames that lie as the grid does
    expect(more('2.4')).toBeCloseTo(8 * 64 ** 2, -2);
    expect(more('1.2')).toBeCloseTo(8 * 32 ** 2, -2);
  });

  it('take their cube where they are not warped from the colours of the sensor, but no medians', () => {
    const mono = { kind: 'mono' };
    const cube = 4 * 512 ** 2 * 41;
    expect(bytes(late, mono)).toBeLessThan(bytes(LIMITS, mono));
    expect(bytes(late, mono)).toBeGreaterThan(cube);
    expect(bytes(late, CFA, { demosaic_method: 'bilinear' })).toBeGreaterThan(3 * cube);
  });

  it.each<[string, Parameters<typeof configOf>[0], boolean?]>([
    ['another clip', { stacking_rejection_algorithm: 'mad_clip' }],
    ['nothing is rejected', { stacking_rejection_algorithm: 'none' }],
    ['drizzle', { drizzle: 'true' }],
    ['trails', { large_scale_rejection: 'true' }],
    ['weights fall towards edges', { apply_radial_weight: 'true' }],
    ['nothing is guarded', { few_frames_guard: 'false' }],
    ['a mosaic that frames are added to', {}, true],
  ])('take as much as anywhere else: %s', (_, more, base) => {
    expect(bytes(late, CFA, more, base)).toBe(bytes(LIMITS, CFA, more, base));
  });
});
