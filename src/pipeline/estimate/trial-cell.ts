// A made-up cell that a backend computes for real: what the estimate of a run's time and the speed of a backend are measured with.
import { makeTanWcs } from '../../astrometry/wcs/tan-wcs.js';
import type { ComputeBackend, Handle } from '../../compute/backend.js';
import { SAMPLE_I16 } from '../../compute/contracts/decode.js';
import { lanczosTable } from '../../compute/contracts/warp.js';
import { LEVEL_TERMS } from '../../compute/constants.js';
import { frameProgram, LANCZOS_LENGTH, type WarpSettings } from '../integrate/programs/frame-program.js';
import type { WindowSamples } from '../integrate/windows/frame-window.js';
import { GUARD_SLOTS } from '../integrate/programs/guard-program.js';
import { InFlight } from '../integrate/in-flight.js';
import type { IntegrationFrame, SensorLayout } from '../integrate/windows/integration-frame.js';
import { guards, stackProgram, type StackSettings } from '../integrate/programs/stack-program.js';
import { pixelMap } from '../planning/grid/pixel-map.js';

export interface TrialCell {
  /** Side of the cell and of the windows, pixels. */
  readonly side: number;
  readonly slots: number;
  readonly sensor: SensorLayout;
}

export interface TrialTimes {
  /** From raw samples to the cube, all slots together. */
  readonly warpSeconds: number;
  readonly stackSeconds: number;
}

/** Frames under way at once, as in an integration. */
const IN_FLIGHT = 3;

/** Warps `slots` windows of 16-bit samples into a cell and combines them, drops and weights by place included; leaves nothing resident. */
export async function computeTrialCell(
  backend: ComputeBackend,
  { side, slots, sensor }: TrialCell,
  settings: WarpSettings & StackSettings,
): Promise<TrialTimes> {
  const planes = sensor.kind === 'mono' ? 1 : 3;
  const rect = { x0: 0, y0: 0, width: side, height: side };
  const scale = 1e-3;
  const wcs = makeTanWcs({ crval: [0, 0], crpix: [side / 2, side / 2], cd: [-scale, 0, 0, scale] });
  // A quarter of a pixel off and slightly turned, so that every tap of the kernel counts.
  const turned = makeTanWcs({
    crval: [0, 0],
    crpix: [side / 2 + 0.25, side / 2 + 0.25],
    cd: [-scale, scale * 0.02, scale * 0.02, scale],
  });
  const grid = { nx: side, ny: side, wcs, centre: [0, 0] as const, scaleArcsec: 3.6, rotationDeg: 0 };
  const { blocks } = pixelMap(grid, turned, rect);
  const frame: IntegrationFrame = {
    path: '',
    hdu: 0,
    nx: side,
    ny: side,
    wcs: turned,
    sensor,
    hotPixelThresholds: [60, 60, 60, 60],
    levels: Array.from({ length: planes }, () => ({ gain: 1, terms: new Float64Array(LEVEL_TERMS) })),
    weights: new Array<number>(planes).fill(1),
    inverseVariances: new Array<number>(planes).fill(1),
    varianceFactors: new Array<number>(planes).fill(1),
  };
  const samples = Array.from({ length: slots }, (_, slot) => madeUpSamples(side, slot, sensor));
  const spare = guards(settings) ? GUARD_SLOTS : 0;
  const handles = { slots: slots + spare };
  const cube: Handle = { label: 'trial cube', element: 'f32', length: handles.slots * planes * side * side };
  const lanczos: Handle = { label: 'trial lanczos', element: 'f32', length: LANCZOS_LENGTH };
  await backend.submit({
    label: 'trial',
    ops: [
      { op: 'alloc', handle: cube },
      { op: 'alloc', handle: lanczos },
      { op: 'upload', handle: lanczos, data: lanczosTable() },
    ],
  });
  const kept: Handle[] = [];
  const keep = settings.drizzle ? (image: Handle) => void kept.push(image) : undefined;
  const start = performance.now();
  const flight = new InFlight(IN_FLIGHT);
  for (let slot = 0; slot < slots; slot++) {
    const item = { frame, slot: slot + spare, rect, samples: samples[slot], map: blocks, keep };
    await flight.start(() =>
      backend.submit({
        label: 'trial',
        ops: frameProgram(rect, { ...handles, cube, lanczos }, item, settings),
      }),
    );
  }
  await flight.settle();
  // A read is what waits for a device that runs on by itself.
  await backend.submit({ label: 'trial', ops: [{ op: 'read', handle: cube, length: 1 }] });
  const warped = performance.now();
  const shape = { width: side, height: side, planes, slots };
  const even = new Float32Array(slots * planes).fill(1);
  const weights = {
    weights: even,
    inverseVariances: even,
    places: samples.map(() => ({ map: blocks, nx: side, ny: side })),
    ...(keep && { drops: kept.map((image) => ({ frame, map: blocks, image, rect })) }),
  };
  const stack = stackProgram(cube, shape, weights, settings);
  await backend.submit({ label: 'trial', ops: [...stack, { op: 'free', handle: lanczos }] });
  return { warpSeconds: (warped - start) / 1000, stackSeconds: (performance.now() - warped) / 1000 };
}

/** A sky of 1000 with some scatter: a plane of 16-bit samples as a file holds them, or three of floats. */
function madeUpSamples(side: number, slot: number, sensor: SensorLayout): WindowSamples {
  const value = (i: number) => 1000 + (((i + slot) * 2654435761) % 97);
  const pixels = side * side;
  if (sensor.kind === 'rgb') {
    return { form: 'physical', values: Float32Array.from({ length: 3 * pixels }, (_, i) => value(i)) };
  }
  const bytes = new Uint8Array(2 * pixels);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < pixels; i++) view.setInt16(2 * i, value(i));
  return { form: 'stored', bytes, sampleType: SAMPLE_I16, scale: 1, zero: 0, blank: undefined };
}
