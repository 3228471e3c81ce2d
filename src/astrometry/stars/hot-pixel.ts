// Tells a single hot sample from a star: light comes through optics and falls on several.
import type { FramePixels } from './frame-pixels.js';

/** A star of FWHM 1.8 pixels puts at most 0.27 of the light of 3x3 pixels into one. */
export const MAX_SHARE_OF_BLOCK = 0.6;
/** A star of FWHM 2.5 raw pixels has at most 0.56 of the light of nine samples of one colour in their middle one. */
export const MAX_SHARE_OF_COLOUR = 0.7;

/**
 * Looks at the highest raw sample (over its colour's sky) within a pixel of raw position (x, y), 0-based: true when it holds nearly all light of the 3x3
 * samples around it and, on a CFA, also of the samples of its own colour around it (a star of one colour alone, as behind an H-alpha filter, is none).
 * `sky[c]` is the sky of channel c there.
 */
export function isHotPixel(frame: FramePixels, x: number, y: number, sky: readonly number[]): boolean {
  const { width, height, planes, cfa } = frame;
  const value = (i: number, j: number): number => {
    if (i < 0 || j < 0 || i >= width || j >= height) return 0;
    const at = j * width + i;
    let v = 0;
    if (cfa) v = planes[0][at] - sky[cfa[(j & 1) * 2 + (i & 1)]];
    else planes.forEach((plane, c) => (v += plane[at] - sky[c]));
    return v === v ? v : 0;
  };
  let [peak, px, py] = [-Infinity, 0, 0];
  for (let j = Math.floor(y) - 1; j <= Math.ceil(y) + 1; j++) {
    for (let i = Math.floor(x) - 1; i <= Math.ceil(x) + 1; i++) {
      const v = value(i, j);
      if (v > peak) [peak, px, py] = [v, i, j];
    }
  }
  const around = (step: number): number => {
    let sum = 0;
    for (let j = -step; j <= step; j += step)
      for (let i = -step; i <= step; i += step) sum += value(px + i, py + j);
    return sum;
  };
  if (peak <= MAX_SHARE_OF_BLOCK * around(1)) return false;
  return !cfa || peak > MAX_SHARE_OF_COLOUR * around(2);
}
