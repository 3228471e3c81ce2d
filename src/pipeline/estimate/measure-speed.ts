// A short measurement of what a backend does on this machine, the same for all of them.
import { GUARD_SLOPE } from '../../photometry/guard-slope.js';
import type { ComputeBackend } from '../../compute/backend.js';
import { computeTrialCell } from './trial-cell.js';

export interface BackendSpeed {
  /** Raw samples a second through decoding, hot pixels, the warp of a CFA's colours and the sigma-clipped stack: a run's defaults. */
  readonly samplesPerSecond: number;
  /** Side of the cell and number of frames of the measurement. */
  readonly sidePx: number;
  readonly frames: number;
  readonly seconds: number;
}

const FRAMES = 8;
/** Small enough for the slowest backend to end within seconds, and where the next size would tell more. */
const FIRST_SIDE = 64;
const LAST_SIDE = 1024;
/** A measurement that took this long is neither start-up nor chance. */
const ENOUGH_SECONDS = 0.4;

const SETTINGS = {
  kernel: 'lanczos3',
  demosaic: 'direct',
  cfaKernel: 'cubic',
  rejection: 'kappa_sigma',
  combine: 'mean',
  kappaLow: 3,
  kappaHigh: 3,
  guardsFew: true,
  trailReach: 0,
  guardSlope: GUARD_SLOPE,
} as const;

/** Computes cells of growing size until one takes long enough to tell; a second or two. */
export async function measureSpeed(backend: ComputeBackend): Promise<BackendSpeed> {
  const sensor = { kind: 'cfa', pattern: 0b10_01_01_00 } as const;
  // Pipelines are compiled and threads woken by the first one.
  await computeTrialCell(backend, { side: FIRST_SIDE, slots: FRAMES, sensor }, SETTINGS);
  for (let side = FIRST_SIDE; ; side *= 2) {
    const times = await computeTrialCell(backend, { side, slots: FRAMES, sensor }, SETTINGS);
    const seconds = times.warpSeconds + times.stackSeconds;
    if (seconds < ENOUGH_SECONDS && side < LAST_SIDE) continue;
    return { samplesPerSecond: (side * side * FRAMES) / seconds, sidePx: side, frames: FRAMES, seconds };
  }
}
