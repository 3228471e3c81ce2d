// The image that stars are sought on: colours joined, nothing resampled. It is never made as a whole: the search needs a quarter of its filtered
// samples, and the shapes of stars need patches of it.
import { sampleGrid } from '../../photometry/background/level-grid.js';
import { sharedPasses } from '../../simd/sample-passes.js';
import type { Samples } from '../../photometry/samples.js';
import type { FramePixels } from './frame-pixels.js';

/**
 * Mono: the plane. RGB: the sum of the planes. CFA: every sample is the sum over the 2x2 raw samples that begin there: whatever the phase, such a
 * block holds one red, two green and one blue sample, so no pattern of colours is left and the sampling stays that of the sensor. Its centre lies
 * half a raw pixel to the right and below. The sum over a star of samples of one colour, 2 pixels apart, has no first-moment bias as long as the
 * star is sampled well enough (FWHM of 2 raw pixels), and so has their sum. Blank samples count as sky.
 */
export interface DetectionImage {
  readonly frame: FramePixels;
  /** Those of the frame. */
  readonly width: number;
  readonly height: number;
  /** FITS coordinate of sample index 0 along both axes. */
  readonly origin: number;
  /** Samples of the frame that one sample of this image adds up along each axis: 2 on a CFA, else 1. */
  readonly box: 1 | 2;
  /** How often the sky of each channel is in a sample. */
  readonly weights: readonly number[];
  /** Sky of a sample, and the standard deviation that one raw sample adds to it, per cell of the frame's grid. */
  readonly level: Float32Array;
  readonly noise: Float32Array;
}

export function detectionImage(frame: FramePixels): DetectionImage {
  const { width, height, planes, cfa, grid } = frame;
  const weights = cfa ? [1, 2, 1] : planes.map(() => 1);
  // a quarter of the raw samples is red, half green, a quarter blue
  const shares = cfa ? [0.25, 0.5, 0.25] : planes.map(() => 1);
  const memory = sharedPasses();
  const cells = grid.nx * grid.ny;
  const channels = grid.level.length;
  const [levels, noises] = [memory.take(4 * cells * channels), memory.take(4 * cells * channels)];
  const joined = [
    ...[memory.put(Float64Array.from(weights)), memory.put(Float64Array.from(shares))],
    ...[memory.take(4 * cells), memory.take(4 * cells)],
  ] as const;
  const { buffer } = memory;
  for (let c = 0; c < channels; c++) {
    new Float32Array(buffer, levels + 4 * c * cells, cells).set(grid.level[c]);
    new Float32Array(buffer, noises + 4 * c * cells, cells).set(grid.noise[c]);
  }
  memory.passes.joinChannels(levels, noises, channels, cells, ...joined);
  const [level, noise] = [joined[2], joined[3]].map((at) => new Float32Array(buffer, at, cells).slice());
  return { frame, width, height, origin: cfa ? 1.5 : 1, box: cfa ? 2 : 1, weights, level, noise };
}

/** Sky of the sample (x, y). */
export function skyAt({ frame, origin, level }: DetectionImage, x: number, y: number): number {
  return sampleGrid(frame.grid, level, x + origin - 1, y + origin - 1);
}

/** Copies raw samples x0..x0+length-1 of row y, the planes added up, blanks replaced by their sky, to `out` from `at` on. */
export function rawSamples(
  { planes, width, cfa, grid }: FramePixels,
  x0: number,
  y: number,
  length: number,
  out: Float32Array,
  at: number,
): void {
  const start = y * width + x0;
  for (let p = 0; p < planes.length; p++) {
    const plane = planes[p];
    if (p === 0) copy(plane, start, length, out, at);
    else for (let i = 0; i < length; i++) out[at + i] += plane[start + i];
  }
  if (!(planes[0] instanceof Float32Array)) return;
  for (let i = 0; i < length; i++) {
    if (out[at + i] === out[at + i]) continue;
    let sum = 0;
    for (let p = 0; p < planes.length; p++) {
      const v = planes[p][start + i];
      const channel = cfa ? cfa[(y & 1) * 2 + ((x0 + i) & 1)] : p;
      sum += v === v ? v : sampleGrid(grid, grid.level[channel], x0 + i, y);
    }
    out[at + i] = sum;
  }
}

function copy(plane: Samples, start: number, length: number, out: Float32Array, at: number): void {
  // a subarray costs as much as some dozens of samples
  if (length > 64) out.set(plane.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) out[at + i] = plane[start + i];
}

/** Samples over the sky of the patch `[height, width]` from (x0, y0) on, which lies within the image, to `out`. */
export class PatchCutter {
  #raw = new Float32Array(0);
  data = new Float32Array(0);

  cut(image: DetectionImage, x0: number, y0: number, width: number, height: number): Float32Array {
    const { box, frame } = image;
    if (this.data.length < width * height) this.data = new Float32Array(width * height);
    const [plane] = frame.planes;
    // integers of one plane are added up where they are
    const whole = frame.planes.length === 1 && !(plane instanceof Float32Array);
    const raw = whole ? plane : this.#copy(frame, x0, y0, width + box - 1, height + box - 1);
    const across = whole ? frame.width : width + box - 1;
    const start = whole ? y0 * across + x0 : 0;
    // within a cell of the grid the sky is bilinear, and so between the corners of the patch
    const topLeft = skyAt(image, x0, y0);
    const topRight = skyAt(image, x0 + width - 1, y0);
    const bottomLeft = skyAt(image, x0, y0 + height - 1);
    const bottomRight = skyAt(image, x0 + width - 1, y0 + height - 1);
    const data = this.data;
    for (let j = 0; j < height; j++) {
      const v = height > 1 ? j / (height - 1) : 0;
      const sky = topLeft * (1 - v) + bottomLeft * v;
      const slope = width > 1 ? (topRight * (1 - v) + bottomRight * v - sky) / (width - 1) : 0;
      const at = start + j * across;
      for (let i = 0; i < width; i++) {
        const k = at + i;
        const sum = box === 1 ? raw[k] : raw[k] + raw[k + 1] + raw[k + across] + raw[k + across + 1];
        data[j * width + i] = sum - (sky + slope * i);
      }
    }
    return data;
  }

  #copy(frame: FramePixels, x0: number, y0: number, across: number, down: number): Float32Array {
    if (this.#raw.length < across * down) this.#raw = new Float32Array(across * down);
    for (let j = 0; j < down; j++) rawSamples(frame, x0, y0 + j, across, this.#raw, j * across);
    return this.#raw;
  }
}
