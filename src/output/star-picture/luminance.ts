// A frame as one plane of light: what a person looks at when colours do not matter.
import type { FramePixels } from '../../astrometry/stars/frame-pixels.js';

/**
 * `[height, width]`, FITS rows. Mono: the plane. RGB: the mean of the planes. CFA: each pixel with its eight neighbours, weighted 1 2 1 along both
 * axes, so that red, green and blue have the same shares whatever the pixel's own colour, and nothing moves. Blanks are NaN.
 */
export function frameLuminance({ width, height, planes, cfa }: Omit<FramePixels, 'grid'>): Float32Array {
  const out = Float32Array.from(planes[0]);
  for (const plane of planes.slice(1)) for (let i = 0; i < out.length; i++) out[i] += plane[i];
  if (planes.length > 1) for (let i = 0; i < out.length; i++) out[i] /= planes.length;
  if (cfa && width > 1 && height > 1) {
    for (let y = 0; y < height; y++) smooth(out, y * width, 1, width);
    for (let x = 0; x < width; x++) smooth(out, x, width, height);
  }
  return out;
}

/** 1 2 1 along a line in place; beyond its ends the line is mirrored, which keeps the order of colours. */
function smooth(values: Float32Array, start: number, step: number, length: number): void {
  let before = values[start + step];
  for (let i = 0, at = start; i < length; i++, at += step) {
    const here = values[at];
    const after = i + 1 < length ? values[at + step] : before;
    values[at] = 0.25 * before + 0.5 * here + 0.25 * after;
    before = here;
  }
}
