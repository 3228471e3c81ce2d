// The program that combines a cell's cube and brings the result back.
import type { Handle, Op } from '../../compute/backend.js';
import type { RadialShape } from '../../compute/contracts/coadd-radial.js';
import { type CubeShape, guardProgram, type GuardSettings } from './guard-program.js';
import { drizzleProgram, type DrizzleSettings, type FrameDrops, toDrizzled } from './drizzle-program.js';
import { type FramePlace, radialProgram, toRadialMean } from './radial-program.js';
import { type Rejection, rejectionCall } from './rejection.js';

export type StackSettings = GuardSettings &
  Rejection & {
    readonly combine: 'mean' | 'median';
    /** How a mean's weights fall towards the edges of the frames. */
    readonly radial?: RadialShape;
    /** Raw samples are dropped onto the grid, and the stack only says which of them are rejected. */
    readonly drizzle?: DrizzleSettings;
  };

/** Of the frames in the cube, `[slot * planes + plane]`. */
export interface CubeWeights {
  /** How a frame counts in the mean. */
  readonly weights: Float32Array;
  /** What is known of its noise. */
  readonly inverseVariances: Float32Array;
  /** Where the frames lie, one a slot: needed where weights fall towards their edges. */
  readonly places?: readonly FramePlace[];
  /** What the frames drop, one a slot: needed where raw samples are dropped. */
  readonly drops?: readonly FrameDrops[];
}

/** Results of a stack per plane and pixel, `[planes, pixels]`. */
export interface StackResult {
  /** BLANK_VALUE where no sample survived. */
  readonly mean: Float32Array;
  readonly weight: Float32Array;
  readonly used: Uint32Array;
  /** Of `used`, those that this run has sampled; all of them unless told. */
  readonly sampled?: Uint32Array;
  readonly rejectedLow: Uint32Array;
  readonly rejectedHigh: Uint32Array;
}

/** Operations over a full cube: upload of the weights, stack, reads in the order of `stackResult`, frees (the cube's too). */
export function stackProgram(
  cube: Handle,
  cell: CubeShape,
  { weights: frameWeights, inverseVariances, places, drops }: CubeWeights,
  settings: StackSettings,
): Op[] {
  const { planes, slots } = cell;
  const shape = { pixels: cell.width * cell.height, planes, slots };
  const perPixel = shape.pixels * planes;
  const handle = (label: string, length: number, element: 'f32' | 'u32'): Handle => ({
    label: `stack ${label}`,
    element,
    length,
  });
  const weights = handle('frame weights', frameWeights.length, 'f32');
  const outputs = {
    mean: handle('mean', perPixel, 'f32'),
    weight: handle('weight', perPixel, 'f32'),
    used: handle('used', perPixel, 'u32'),
    rejected_low: handle('rejected low', perPixel, 'u32'),
    rejected_high: handle('rejected high', perPixel, 'u32'),
  };
  const call = rejectionCall(settings, slots);
  const critical = call.critical && handle('critical values', call.critical.length, 'f32');
  const all = [weights, ...Object.values(outputs), ...(critical ? [critical] : [])];
  const guard = guards(settings) ? guardProgram(cube, cell, inverseVariances, settings) : undefined;
  const counts = guard ? [guard.rejectedLow, guard.rejectedHigh] : [];
  const { mean, rejected_low, rejected_high } = outputs;
  const again =
    settings.drizzle && drops
      ? drizzleProgram(cube, cell, drops, settings.drizzle, settings.radial)
      : settings.radial && places
        ? radialProgram(cube, cell, weights, mean, places, settings.radial)
        : undefined;
  const sums = again?.sums ?? [];
  return [
    ...all.map((h): Op => ({ op: 'alloc', handle: h })),
    { op: 'upload', handle: weights, data: frameWeights },
    ...(critical ? [{ op: 'upload', handle: critical, data: call.critical! } as const] : []),
    ...(guard?.ops ?? []),
    {
      op: 'kernel',
      stem: call.stem,
      params: { ...shape, ...call.params },
      buffers: { cube, frame_weights: weights, ...outputs, ...(critical && { critical }) },
    },
    ...(again
      ? [
          {
            op: 'kernel',
            stem: 'drop-rejected',
            params: shape,
            buffers: { cube, rejected_low, rejected_high },
          } as const,
          ...again.ops,
        ]
      : []),
    ...[...Object.values(outputs), ...sums, ...counts].map((h): Op => ({ op: 'read', handle: h })),
    ...[cube, ...all, ...sums, ...counts].map((h): Op => ({ op: 'free', handle: h })),
  ];
}

/** True where guards run before the stack, which needs a slot to spare, the cube's first: where anything is rejected at all. */
export function guards({
  guardsFew,
  trailReach,
  rejection,
}: Pick<StackSettings, 'guardsFew' | 'trailReach' | 'rejection'>): boolean {
  return (guardsFew || trailReach > 0) && rejection !== 'none';
}

/** The reads of `stackProgram` by name; what the guard took out counts as rejected. `again` says what it was told of: places and a radial shape, or drops. */
export function stackResult(
  reads: readonly (Float32Array | Uint32Array)[],
  again?: Pick<StackSettings, 'radial' | 'drizzle'>,
): StackResult {
  const [mean, weight, used, rejectedLow, rejectedHigh, ...more] = reads;
  const [values, weights] = [mean as Float32Array, weight as Float32Array];
  if (again?.drizzle) toDrizzled(values, weights, used as Uint32Array, more.splice(0, 1) as Float32Array[]);
  else if (again?.radial) toRadialMean(values, weights, more.splice(0, 3) as Float32Array[]);
  const [guardedLow, guardedHigh] = more;
  if (guardedLow) addTo(rejectedLow, guardedLow);
  if (guardedHigh) addTo(rejectedHigh, guardedHigh);
  return {
    mean: mean as Float32Array,
    weight: weight as Float32Array,
    used: used as Uint32Array,
    rejectedLow: rejectedLow as Uint32Array,
    rejectedHigh: rejectedHigh as Uint32Array,
  };
}

function addTo(counts: Float32Array | Uint32Array, more: Float32Array | Uint32Array): void {
  for (let i = 0; i < counts.length; i++) counts[i] += more[i];
}
