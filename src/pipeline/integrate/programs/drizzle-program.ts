// The operations that drop the raw samples of a cell's frames onto it, once the stack has said which of them are rejected.
import type { Handle, Op } from '../../../compute/backend.js';
import { BLANK_VALUE } from '../../../compute/constants.js';
import { RADIAL_TABLE_SIZE, radialTable, type RadialShape } from '../../../compute/contracts/coadd-radial.js';
import { medianOf } from '../../../photometry/mesh-repair.js';
import { GUARD_AROUND } from '../../../compute/contracts/guard-few.js';
import type { WindowRect } from '../windows/frame-window.js';
import type { CubeShape } from './guard-program.js';
import { levelCoordinates, levelData, type IntegrationFrame } from '../windows/integration-frame.js';

/** Arrays per pixel and plane that it holds: sums of values, weights, squares, and frames. */
export const DRIZZLE_ARRAYS = 4;

export interface DrizzleSettings {
  /** Side of a drop over that of a raw pixel. */
  readonly pixfrac: number;
  /** Pixels of the mosaic along a raw one. */
  readonly scale: number;
}

/** What a frame of the cube drops. */
export interface FrameDrops {
  readonly frame: Pick<IntegrationFrame, 'nx' | 'ny' | 'sensor' | 'levels' | 'weights' | 'varianceFactors'>;
  /** The cell's pixel map, block by block. */
  readonly map: Float32Array;
  /** Its raw samples, calibrated and repaired, `[planes, height, width]` of the window; freed here. */
  readonly image: Handle;
  readonly rect: WindowRect;
}

export interface DrizzleProgram {
  readonly ops: readonly Op[];
  /** The four sums, to be read and freed by the caller. */
  readonly sums: readonly Handle[];
}

/** `dropped` must have taken what the stack rejected out of the cube; one entry a slot. `radial`: how weights fall towards the edges of frames, where they do. */
export function drizzleProgram(
  cube: Handle,
  { width, height, planes, slots }: CubeShape,
  frames: readonly FrameDrops[],
  { pixfrac }: DrizzleSettings,
  radial: RadialShape | undefined,
): DrizzleProgram {
  const handle = (label: string, length: number): Handle => ({
    label: `drizzle ${label}`,
    element: 'f32',
    length,
  });
  const table = radial ? radialTable(radial) : new Float32Array(RADIAL_TABLE_SIZE + 2).fill(1);
  // of raw samples, not of warped ones, whose noise the kernel has smoothed
  const weightData = Float32Array.from(
    frames.flatMap(({ frame }) => frame.weights.map((weight, c) => weight * frame.varianceFactors[c])),
  );
  const shared = {
    radial: handle('radial', table.length),
    frame_weights: handle('weights', weightData.length),
  };
  const sums = handle('sums', DRIZZLE_ARRAYS * planes * width * height);
  const ops: Op[] = [
    ...[shared.radial, shared.frame_weights, sums].map((h): Op => ({ op: 'alloc', handle: h })),
    { op: 'upload', handle: shared.radial, data: table },
    { op: 'upload', handle: shared.frame_weights, data: weightData },
    ...frames.flatMap(({ frame, map: mapData, image, rect }, slot): Op[] => {
      const levelValues = levelData(frame.levels);
      const map = handle(`map ${slot}`, mapData.length);
      const levels = handle(`levels ${slot}`, levelValues.length);
      return [
        ...[map, levels].map((h): Op => ({ op: 'alloc', handle: h })),
        { op: 'upload', handle: map, data: mapData },
        { op: 'upload', handle: levels, data: levelValues },
        {
          op: 'kernel',
          stem: 'drizzle',
          params: {
            ...{ cellWidth: width, cellHeight: height, slot, slots, planes, pixfrac },
            ...{ windowWidth: rect.width, windowHeight: rect.height, windowX: rect.x0, windowY: rect.y0 },
            bayer: frame.sensor.kind === 'cfa' ? 1 : 0,
            pattern: frame.sensor.kind === 'cfa' ? frame.sensor.pattern : 0,
            ...levelCoordinates(frame.nx, frame.ny),
            invRadius: 2 / Math.hypot(frame.nx, frame.ny),
          },
          buffers: { ...shared, image, map, levels, cube, sums },
        },
        ...[image, map, levels].map((h): Op => ({ op: 'free', handle: h })),
      ];
    }),
    ...Object.values(shared).map((h): Op => ({ op: 'free', handle: h })),
  ];
  return { ops, sums: [sums] };
}

/** From this scale on a pixel's neighbours show the same raw sample as it does. */
const NEIGHBOURS_SHARE = 1.5;

/** How much wider the guard's limits must be besides: where neighbours share the sample, its rule for rims holds for whatever stands alone. */
export function guardWider({ scale }: DrizzleSettings): number {
  return scale >= NEIGHBOURS_SHARE ? 1 / GUARD_AROUND : 1;
}

/**
 * How much wider than for warped samples the limits of a rejection must be that judges raw samples by them: a warp between sites has less noise than one on a site, where a drop is
 * that raw sample. Without it raw noise would be cut shorter than the limits say, and UNCERTAINTY be too large.
 */
export function rawOverWarped(frames: readonly Pick<FrameDrops, 'frame'>[]): number {
  return Math.max(1, Math.sqrt(1 / medianOf(frames.flatMap(({ frame }) => frame.varianceFactors))));
}

/** In place: the stack's mean, weight and count become those of the drops; blank where none fell. */
export function toDrizzled(
  mean: Float32Array,
  weight: Float32Array,
  used: Uint32Array,
  [sums]: readonly Float32Array[],
): void {
  const size = mean.length;
  for (let k = 0; k < size; k++) {
    const weights = sums[size + k];
    mean[k] = weights > 0 ? sums[k] / weights : BLANK_VALUE;
    weight[k] = weights > 0 ? weights ** 2 / sums[2 * size + k] : 0;
    used[k] = sums[3 * size + k];
  }
}
