// How long a run will take here: one small cell is computed for real and its cost scaled to the plan.
import { performance } from 'node:perf_hooks';
import { makeTanWcs } from '../astrometry/wcs/tan-wcs.js';
import type { ComputeBackend, Handle } from '../compute/backend.js';
import { lanczosTable } from '../compute/contracts/warp.js';
import { LEVEL_TERMS } from '../compute/constants.js';
import { frameProgram, LANCZOS_LENGTH, type WarpSettings } from './integrate/frame-program.js';
import type { IntegrationFrame } from './integrate/integration-frame.js';
import { stackProgram, type StackSettings } from './integrate/stack-program.js';
import type { MosaicPlan } from './planning/mosaic-plan.js';
import type { PlacedFrame } from './planning/placed-frame.js';
import { pixelMap } from './planning/pixel-map.js';

/** Side of the trial cell, and most frames in it: about a megasample, enough for caches and pipelines to be warm. */
const SIDE = 256;
const MAX_SLOTS = 6;
/** Seconds a pixel for what the backend does not do: measuring a raw sample, writing a value of the products. Measured on one core of 2020. */
const MEASURE_SECONDS = 1.1e-7;
const SAVE_SECONDS = 7e-8;

/** Seconds, to a factor of about 1.5. */
export async function estimateSeconds(
  backend: ComputeBackend,
  plan: MosaicPlan,
  frames: readonly PlacedFrame[],
  settings: WarpSettings & StackSettings,
): Promise<number> {
  const slots = Math.max(1, Math.min(MAX_SLOTS, plan.cells.maxFrames));
  await trial(backend, frames[0], plan.planes, 1, settings);
  const { warpSeconds, stackSeconds } = await trial(backend, frames[0], plan.planes, slots, settings);
  backend.takeProfile();
  const raw = frames.reduce((sum, { record }) => sum + record.width * record.height, 0);
  const windows = raw * plan.cells.readAmplification;
  const trialPixels = SIDE * SIDE * slots;
  return (
    (warpSeconds * windows) / trialPixels +
    (stackSeconds * raw) / trialPixels +
    MEASURE_SECONDS * raw +
    SAVE_SECONDS * plan.grid.nx * plan.grid.ny * (2 * plan.planes + 1)
  );
}

/** Seconds of warping `slots` windows of a frame like `model` and of combining them, on made-up samples. */
async function trial(
  backend: ComputeBackend,
  model: PlacedFrame,
  planes: number,
  slots: number,
  settings: WarpSettings & StackSettings,
): Promise<{ warpSeconds: number; stackSeconds: number }> {
  const cell = { x0: 0, y0: 0, width: SIDE, height: SIDE };
  const scale = 1e-3;
  const wcs = makeTanWcs({ crval: [0, 0], crpix: [SIDE / 2, SIDE / 2], cd: [-scale, 0, 0, scale] });
  // A quarter of a pixel off and slightly turned, so that every tap of the kernel counts.
  const turned = makeTanWcs({
    crval: [0, 0],
    crpix: [SIDE / 2 + 0.25, SIDE / 2 + 0.25],
    cd: [-scale, scale * 0.02, scale * 0.02, scale],
  });
  const grid = { nx: SIDE, ny: SIDE, wcs, centre: [0, 0] as const, scaleArcsec: 3.6, rotationDeg: 0 };
  const { blocks } = pixelMap(grid, turned, cell);
  const sensor = model.record.sensor;
  const frame: IntegrationFrame = {
    path: '',
    hdu: 0,
    nx: SIDE,
    ny: SIDE,
    wcs: turned,
    sensor: sensor.kind === 'cfa' ? { kind: 'cfa', pattern: 0b10_01_01_00 } : sensor,
    hotPixelThresholds: [60, 60, 60, 60],
    levels: Array.from({ length: planes }, () => ({ gain: 1, terms: new Float64Array(LEVEL_TERMS) })),
    weights: new Array<number>(planes).fill(1),
  };
  const cube: Handle = { label: 'trial cube', element: 'f32', length: slots * planes * SIDE * SIDE };
  const lanczos: Handle = { label: 'trial lanczos', element: 'f32', length: LANCZOS_LENGTH };
  const rect = { x0: 0, y0: 0, width: SIDE, height: SIDE };
  await backend.submit({
    label: 'trial',
    ops: [
      { op: 'alloc', handle: cube },
      { op: 'alloc', handle: lanczos },
      { op: 'upload', handle: lanczos, data: lanczosTable() },
    ],
  });
  const start = performance.now();
  for (let slot = 0; slot < slots; slot++) {
    const values = Float32Array.from(
      { length: (frame.sensor.kind === 'rgb' ? 3 : 1) * SIDE * SIDE },
      (_, i) => 1000 + (((i + slot) * 2654435761) % 97),
    );
    const item = { frame, slot, rect, samples: { form: 'physical', values } as const, map: blocks };
    const ops = frameProgram(cell, { cube, lanczos, slots }, item, settings);
    await backend.submit({ label: 'trial', ops });
  }
  // A read is what waits for a device that runs on by itself.
  await backend.submit({ label: 'trial', ops: [{ op: 'read', handle: cube, length: 1 }] });
  const warped = performance.now();
  const shape = { pixels: SIDE * SIDE, planes, slots };
  await backend.submit({
    label: 'trial',
    ops: [
      ...stackProgram(cube, shape, new Float32Array(slots * planes).fill(1), settings),
      { op: 'free', handle: lanczos },
    ],
  });
  return { warpSeconds: (warped - start) / 1000, stackSeconds: (performance.now() - warped) / 1000 };
}
