// Samples of a frame for who measures it: what no kernel takes for a level is none here either.
import { SAMPLE_LIMIT } from '../compute/constants.js';
import type { PixelFile, PixelHdu } from '../fits/hdu.js';
import { readWindow } from '../fits/read/read-window.js';

/** Physical values `[height, width]` row-major; NaN where undefined, or beyond -SAMPLE_LIMIT to SAMPLE_LIMIT. @throws as `readWindow` */
export async function readLevels(
  file: PixelFile,
  hdu: PixelHdu,
  window: Parameters<typeof readWindow>[2],
): Promise<Float32Array> {
  const levels = await readWindow(file, hdu, window);
  // those of few bits are within it, or their frame is refused
  if (hdu.image?.bitpix !== 8 && hdu.image?.bitpix !== 16)
    for (let i = 0; i < levels.length; i++) if (Math.abs(levels[i]) > SAMPLE_LIMIT) levels[i] = NaN;
  return levels;
}
