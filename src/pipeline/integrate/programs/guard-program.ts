// The operations that take samples out of a cell's cube which stand alone where few frames overlap.
import type { Handle, Op } from '../../../compute/backend.js';
import { BLANK_VALUE } from '../../../compute/constants.js';

/** Pixels with more samples than this are left to the clip of the stack, which then sees an outlier by the samples' own scatter. */
export const GUARDED_SAMPLES = 16;
/** Slots of the cube beyond the frames': the guard moves every slot down by one. */
export const GUARD_SLOTS = 1;
/** Arrays per pixel and plane that the guard holds: median, weight, used and the two counts. */
export const GUARD_ARRAYS = 5;
/** Part of the upper kappa beyond which samples may belong to a trail: its length tells it from noise. */
const TRAIL_KAPPA = 2 / 3;

export interface CubeShape {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  /** Frames in the cube. */
  readonly slots: number;
}

export interface GuardSettings {
  readonly kappaLow: number;
  readonly kappaHigh: number;
  /** Steps to the next pixel's median by which a sample may be off. */
  readonly guardSlope: number;
  /** Steps of the other sample of a pair by which a sample may be off; as `guardSlope` unless told. */
  readonly pairSlope?: number;
  /** Samples that stand alone are taken out first where few frames overlap. */
  readonly guardsFew: boolean;
  /** Pixels around a trail that go with it; 0: trails are left to the clip. */
  readonly trailReach: number;
}

export interface GuardProgram {
  readonly ops: readonly Op[];
  /** Counts of samples taken out below and above, `[planes, pixels]`; to be read and freed by the caller. */
  readonly rejectedLow: Handle;
  readonly rejectedHigh: Handle;
}

/**
 * Medians over slots 1 .. slots of the cube, their trails taken out, then each of these slots, less its outliers, one slot down: afterwards slots 0 .. slots - 1 are what is to be
 * stacked. Slot 0 must be nobody's.
 */
export function guardProgram(
  cube: Handle,
  { width, height, planes, slots }: CubeShape,
  inverseVariances: Float32Array,
  { kappaLow, kappaHigh, guardSlope, pairSlope = guardSlope, guardsFew, trailReach }: GuardSettings,
): GuardProgram {
  const pixels = width * height;
  const handle = (label: string, length: number, element: 'f32' | 'u32' = 'f32'): Handle => ({
    label: `guard ${label}`,
    element,
    length,
  });
  const variances = handle('inverse variances', inverseVariances.length);
  const allWeights = handle('weights', planes * (slots + GUARD_SLOTS));
  const products = {
    mean: handle('median', planes * pixels),
    weight: handle('weight', planes * pixels),
    used: handle('used', planes * pixels, 'u32'),
    rejected_low: handle('rejected low', planes * pixels, 'u32'),
    rejected_high: handle('rejected high', planes * pixels, 'u32'),
  };
  const withSpare = new Float32Array(allWeights.length).fill(1);
  withSpare.set(inverseVariances, planes);
  const buffers = {
    cube,
    frame_weights: variances,
    median: products.mean,
    weight: products.weight,
    used: products.used,
    rejected_low: products.rejected_low,
    rejected_high: products.rejected_high,
  };
  const ops: Op[] = [
    ...[variances, allWeights, ...Object.values(products)].map((h): Op => ({ op: 'alloc', handle: h })),
    { op: 'upload', handle: cube, data: new Float32Array(width).fill(BLANK_VALUE), times: planes * height },
    { op: 'upload', handle: variances, data: inverseVariances },
    { op: 'upload', handle: allWeights, data: withSpare },
    {
      op: 'kernel',
      stem: 'stack-median',
      params: { pixels, planes, slots: slots + GUARD_SLOTS },
      buffers: { cube, frame_weights: allWeights, ...products },
    },
    ...Array.from({ length: trailReach > 0 ? slots : 0 }, (_, frame): Op => ({
      op: 'kernel',
      stem: 'guard-trails',
      params: {
        width,
        height,
        planes,
        slots: slots + GUARD_SLOTS,
        slot: frame + GUARD_SLOTS,
        frame,
        kappa: TRAIL_KAPPA * kappaHigh,
        slope: guardSlope,
        reach: trailReach,
      },
      buffers,
    })),
    ...Array.from({ length: slots }, (_, slot): Op => ({
      op: 'kernel',
      stem: 'guard-few',
      params: {
        width,
        height,
        planes,
        slots: slots + GUARD_SLOTS,
        slot,
        maxSamples: guardsFew ? GUARDED_SAMPLES : 0,
        kappaLow,
        kappaHigh,
        slope: guardSlope,
        pairSlope,
      },
      buffers,
    })),
    ...[variances, allWeights, products.mean, products.weight, products.used].map((h): Op => ({
      op: 'free',
      handle: h,
    })),
  ];
  return { ops, rejectedLow: products.rejected_low, rejectedHigh: products.rejected_high };
}
