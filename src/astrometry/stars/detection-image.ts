// The image that stars are sought on: sky removed, colours joined, nothing resampled.
import { cellCentre, sampleGrid, type LevelGrid } from '../../photometry/level-grid.js';
import type { FramePixels } from './frame-pixels.js';

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
 */
export function detectionImage(frame: FramePixels): DetectionImage {
  const { width, height, planes, cfa, grid } = frame;
  const data = new Float32Array(width * height);
  const row = new Float32Array(width);
  if (cfa) {
    const raw = planes[0];
    const pair = new Float32Array(width);
    for (let y = 0; y + 1 < height; y++) {
      const at = y * width;
      skyRow(grid, [1, 2, 1], 0.5, y + 0.5, row);
      for (let x = 0; x < width; x++) pair[x] = raw[at + x] + raw[at + width + x];
      for (let x = 0; x + 1 < width; x++) {
        const v = pair[x] + pair[x + 1] - row[x];
        data[at + x] = v === v ? v : 0;
      }
    }
  } else {
    const weights = planes.map(() => 1);
    for (let y = 0; y < height; y++) {
      const at = y * width;
      skyRow(grid, weights, 0, y, row);
      for (let x = 0; x < width; x++) {
        let v = -row[x];
        for (const plane of planes) v += plane[at + x];
        data[at + x] = v === v ? v : 0;
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

/** Weighted sum of the channels' sky along a row: `out[i]` at frame position (i + x0, y), 0-based. */
function skyRow(grid: LevelGrid, weights: readonly number[], x0: number, y: number, out: Float32Array): void {
  const at = (node: number): number => {
    const x = cellCentre(grid.width, grid.stepPx, node);
    let sum = 0;
    weights.forEach((weight, c) => (sum += weight * sampleGrid(grid, grid.level[c], x, y)));
    return sum;
  };
  const last = grid.nx - 1;
  if (last === 0) {
    out.fill(at(0));
    return;
  }
  let value = at(0);
  for (let node = 0; node < last; node++) {
    const next = at(node + 1);
    const from = cellCentre(grid.width, grid.stepPx, node);
    const to = cellCentre(grid.width, grid.stepPx, node + 1);
    const slope = (next - value) / (to - from);
    // the outermost intervals go on to the border
    const start = node === 0 ? 0 : Math.ceil(from - x0);
    const end = node === last - 1 ? out.length : Math.ceil(to - x0);
    for (let x = start; x < end; x++) out[x] = value + (x + x0 - from) * slope;
    value = next;
  }
}
