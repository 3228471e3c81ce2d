// The program that combines a cell's cube and brings the result back.
import type { Handle, Op } from '../../../compute/backend.js';
import type { RadialShape } from '../../../compute/contracts/coadd-radial.js';
import { fromWordSum, wordSum } from '../../../compute/word-sum.js';
import { type CubeShape, guardProgram, type GuardSettings } from './guard-program.js';
import {
  drizzleProgram,
  type DrizzleSettings,
  type FrameDrops,
  guardWider,
  rawOverWarped,
  toDrizzled,
} from './drizzle-program.js';
import { type FramePlace, radialProgram, toRadialMean } from './radial-program.js';
import { type Rejection, rejectionCall } from './rejection.js';

export type StackSettings = GuardSettings &
  Rejection & {
    readonly combine: 'mean' | 'median';
    /** How a mean's weights fall towards the edges of the frames. */
    readonly radial?: RadialShape;
    /** Raw samples are dropped onto the grid, and the stack only says which of them are rejected. */
    readonly drizzle?: DrizzleSettings;
    /** Numbers of rejected samples are wanted for every pixel; else in all. */
    readonly mapsRejected?: boolean;
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
  /** Where weights fall towards the edges of frames, their sum as they fell: what further frames are averaged with. */
  readonly radialWeight?: Float32Array;
  /** Of `used`, those that this run has sampled; all of them unless told. */
  readonly sampled?: Uint32Array;
  /** Samples rejected below and above, in all. */
  readonly rejected: RejectedCounts<number>;
  /** The same, `[planes, pixels]`, where they are kept. */
  readonly rejectedMaps?: RejectedCounts<Uint32Array>;
}

export interface RejectedCounts<T> {
  readonly low: T;
  readonly high: T;
}

/** Operations over a full cube: upload of the weights, stack, reads in the order of `stackResult`, frees (the cube's too). */
export function stackProgram(
  cube: Handle,
  cell: CubeShape,
  { weights: frameWeights, inverseVariances, places, drops }: CubeWeights,
  asked: StackSettings,
): Op[] {
  const { planes, slots } = cell;
  const settings = withKappas(asked, asked.drizzle && drops ? rawOverWarped(drops) : 1);
  const guarding = withKappas(settings, asked.drizzle ? guardWider(asked.drizzle) : 1);
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
  const guard = guards(settings) ? guardProgram(cube, cell, inverseVariances, guarding) : undefined;
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
    ...[outputs.mean, outputs.weight, outputs.used].map((h): Op => ({ op: 'read', handle: h })),
    ...[rejected_low, rejected_high, ...counts].map((h): Op => ({
      op: 'read',
      handle: h,
      sum: !settings.mapsRejected,
    })),
    ...sums.map((h): Op => ({ op: 'read', handle: h })),
    ...[cube, ...all, ...sums, ...counts].map((h): Op => ({ op: 'free', handle: h })),
  ];
}

function withKappas(settings: StackSettings, factor: number): StackSettings {
  const { kappaLow, kappaHigh } = settings;
  return { ...settings, kappaLow: factor * kappaLow, kappaHigh: factor * kappaHigh };
}

/** True where guards run before the stack, which needs a slot to spare, the cube's first: where anything is rejected at all. */
export function guards({
  guardsFew,
  trailReach,
  rejection,
}: Pick<StackSettings, 'guardsFew' | 'trailReach' | 'rejection'>): boolean {
  return (guardsFew || trailReach > 0) && rejection !== 'none';
}

/** True where all that is done with a cube of these settings is one guard and one clip, which a backend may do as one. */
export function isStackedAtOnce({ trailReach, rejection, drizzle, radial }: StackSettings): boolean {
  const clips = rejection === 'kappa_sigma' || rejection === 'winsorized_sigma_clip';
  return clips && trailReach === 0 && !drizzle && !radial;
}

/** The reads of `stackProgram` of these settings by name; what the guard took out counts as rejected. */
export function stackResult(
  reads: readonly (Float32Array | Uint32Array)[],
  settings: Pick<StackSettings, 'radial' | 'drizzle' | 'mapsRejected'> & Parameters<typeof guards>[0],
): StackResult {
  const [mean, weight, used] = reads as [Float32Array, Float32Array, Uint32Array];
  const counted = guards(settings) ? 7 : 5;
  const [low, high, guardedLow, guardedHigh] = reads.slice(3, counted) as Uint32Array[];
  const sums = reads.slice(counted) as Float32Array[];
  // what the stack judged, whether or not a drop of it falls into the pixel
  const sampled = settings.drizzle ? { sampled: used.slice() } : undefined;
  if (settings.drizzle) toDrizzled(mean, weight, used, sums);
  else if (settings.radial) toRadialMean(mean, weight, sums);
  const radialWeight = settings.radial && !settings.drizzle ? { radialWeight: sums[1] } : undefined;
  const result = { mean, weight, used, ...radialWeight, ...sampled };
  if (!settings.mapsRejected) {
    const sum = (counts: Uint32Array, more?: Uint32Array) =>
      fromWordSum(counts) + (more ? fromWordSum(more) : 0);
    return { ...result, rejected: { low: sum(low, guardedLow), high: sum(high, guardedHigh) } };
  }
  if (guardedLow) addTo(low, guardedLow);
  if (guardedHigh) addTo(high, guardedHigh);
  return { ...result, ...rejectedByPixel(low, high) };
}

/** Maps and what they add up to. */
export function rejectedByPixel(
  low: Uint32Array,
  high: Uint32Array,
): Required<Pick<StackResult, 'rejected' | 'rejectedMaps'>> {
  const sum = (counts: Uint32Array) => fromWordSum(wordSum(counts));
  return { rejected: { low: sum(low), high: sum(high) }, rejectedMaps: { low, high } };
}

function addTo(counts: Uint32Array, more: Uint32Array): void {
  for (let i = 0; i < counts.length; i++) counts[i] += more[i];
}
