// What the guards share: the products of a median over all frames beside the cube, and how far from that median a sample may lie.
import type { BufferRole } from '../contract.js';

/** Variance of a median of normal samples, in units of that of their weighted mean (pi/2 for many). */
export const MEDIAN_VARIANCE = 1.6;
/** Steps between medians of neighbours count from this many of their standard deviations on: the largest of four is about as large by noise alone. */
export const GUARD_STEP_NOISE = 2;

export interface GuardShape {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  readonly slots: number;
}

/** The buffers as the twins see them. */
export interface GuardBuffers {
  readonly cube: Float32Array;
  readonly frame_weights: Float32Array;
  readonly median: Float32Array;
  readonly weight: Float32Array;
  readonly used: Uint32Array;
  readonly rejected_low: Uint32Array;
  readonly rejected_high: Uint32Array;
}

const perPixel = (p: GuardShape) => p.planes * p.width * p.height;

/**
 * `cube[slots, planes, height, width]`, blanks as BLANK_VALUE; `frame_weights[frame*planes + c]` > 0 of as many frames as `frames` says; `[planes, height, width]`:
 * median, weight and used, the products of stack-median over all frames, and the counts of what was rejected below and above it.
 */
export function guardBuffers<P extends GuardShape>(frames: (p: P) => number): readonly BufferRole<P>[] {
  return [
    {
      name: 'cube',
      element: 'f32',
      access: 'update',
      length: (p) => p.slots * perPixel(p),
      touched: (p) => 2 * perPixel(p),
    },
    {
      name: 'frame_weights',
      element: 'f32',
      access: 'read',
      length: (p) => frames(p) * p.planes,
      touched: (p) => p.planes,
    },
    { name: 'median', element: 'f32', access: 'read', length: perPixel },
    { name: 'weight', element: 'f32', access: 'read', length: perPixel },
    { name: 'used', element: 'u32', access: 'read', length: perPixel },
    { name: 'rejected_low', element: 'u32', access: 'update', length: perPixel },
    { name: 'rejected_high', element: 'u32', access: 'update', length: perPixel },
  ];
}

/**
 * How far from the median a sample of variance `variance` may lie, where the samples of its pixel weigh `weight` together and `step` is the greatest step of the
 * median to a direct neighbour: kappa sqrt(variance + M) + slope max(0, step - GUARD_STEP_NOISE sqrt(M)), M = MEDIAN_VARIANCE / weight. Stars are sharper in one
 * frame than in the next, and shifted by parts of a pixel (after Fruchter & Hook 2002, section 4).
 */
export function guardLimit(
  kappa: number,
  variance: number,
  weight: number,
  slope: number,
  step: number,
): number {
  const ofMedian = MEDIAN_VARIANCE / weight;
  const steep = Math.max(0, step - GUARD_STEP_NOISE * Math.sqrt(ofMedian));
  return kappa * Math.sqrt(variance + ofMedian) + slope * steep;
}
