// The image that stars are sought on: sky removed, colours joined, nothing resampled.
import type { DetectionScratch } from './detection-scratch.js';
import type { FramePixels } from './frame-pixels.js';
import { SkyRows } from './sky-rows.js';

/** `[height, width]`, ADU above the sky, blank samples 0. */
export interface DetectionImage {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
  /** FITS coordinate of sample index 0 along both axes. */
  readonly origin: number;
  /** Samples of the frame that one sample of this image adds up along each axis: 2 on a CFA, else 1. */
  readonly box: 1 | 2;
  /** Standard deviation that one raw sample adds to this image, per cell of the frame's grid. */
  readonly noise: Float32Array;
}

/**
 * Mono: the plane less its sky. RGB: the sum of the planes. CFA: every sample is the sum over the 2x2 raw samples that begin there, less their sky:
 * whatever the phase, such a block holds one red, two green and one blue sample, so no pattern of colours is left and the sampling stays
 * that of the sensor. Its centre lies half a raw pixel to the right and below. The sum over a star of samples of one colour, 2 pixels apart, has
 * no first-moment bias as long as the star is sampled well enough (FWHM of 2 raw pixels), and so has their sum.
 * The samples lie in `scratch`: they hold until its next use.
 */
export function detectionImage(frame: FramePixels, scratch: DetectionScratch): DetectionImage {
  const { width, height, planes, cfa, grid } = frame;
  const data = scratch.image(width * height);
  if (cfa) {
    const sky = new SkyRows(grid, [1, 2, 1], 0.5, width - 1);
    for (let y = 0; y + 1 < height; y++) {
      sky.at(y + 0.5);
      for (let s = 0; s < sky.segments; s++)
        sumBlocks(planes[0], y * width, width, sky.start[s], sky.end[s], sky.value[s], sky.slope[s], data);
      data[y * width + width - 1] = 0;
    }
    data.fill(0, (height - 1) * width);
  } else {
    const weights = planes.map(() => 1);
    const sky = new SkyRows(grid, weights, 0, width);
    const [first, second = first, third = first] = planes;
    const others = planes.length === 3 ? 1 : 0;
    for (let y = 0; y < height; y++) {
      const at = y * width;
      sky.at(y);
      for (let s = 0; s < sky.segments; s++) {
        const value = sky.value[s];
        const slope = sky.slope[s];
        for (let x = sky.start[s]; x < sky.end[s]; x++) {
          const k = at + x;
          const v = first[k] + others * (second[k] + third[k]) - (value + slope * x);
          data[k] = v === v ? v : 0;
        }
      }
    }
  }
  // a quarter of the raw samples is red, half green, a quarter blue
  const shares = cfa ? [0.25, 0.5, 0.25] : planes.map(() => 1);
  const noise = new Float32Array(grid.nx * grid.ny);
  for (let k = 0; k < noise.length; k++) {
    let variance = 0;
    shares.forEach((share, c) => (variance += share * grid.noise[c][k] ** 2));
    noise[k] = Math.sqrt(variance);
  }
  return { width, height, data, origin: cfa ? 1.5 : 1, box: cfa ? 2 : 1, noise };
}

/** Sums of 2x2 samples less the sky `value + slope * x`, for the columns from `start` to `end` of the row that begins at `at`. */
function sumBlocks(
  raw: Float32Array,
  at: number,
  width: number,
  start: number,
  end: number,
  value: number,
  slope: number,
  data: Float32Array,
): void {
  let left = raw[at + start] + raw[at + width + start];
  for (let x = start; x < end; x++) {
    const k = at + x;
    const right = raw[k + 1] + raw[k + width + 1];
    const v = left + right - (value + slope * x);
    data[k] = v === v ? v : 0;
    left = right;
  }
}
