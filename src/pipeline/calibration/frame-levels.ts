// Means of a calibration frame's colours, and the unit its samples are in: one pass over the frame by bands.
import type { FrameRecord } from '../../frames/frame-record.js';
import { readLevels } from '../../frames/read-levels.js';
import type { CfaSites } from '../../photometry/background/background-mesh.js';
import type { FrameFiles } from '../integrate/windows/frame-files.js';

export interface FrameLevels {
  /** ADU, by colour with `sites`, else by plane. */
  readonly means: readonly number[];
  /** ADU of a sample of 1. */
  readonly unit: number;
}

/** Samples read at once. */
const BAND_SAMPLES = 1 << 21;

/** `unit` applies to a floating point frame whose samples all lie within 0..1, as some programs write their masters. */
export async function frameLevels(
  files: FrameFiles,
  path: string,
  record: FrameRecord,
  sites: CfaSites | undefined,
  unit: number,
): Promise<FrameLevels> {
  const { width, height, planes, bitpix } = record;
  const sums = [0, 0, 0];
  const counts = [0, 0, 0];
  let greatest = -Infinity;
  const rows = Math.max(1, Math.floor(BAND_SAMPLES / width));
  for (let plane = 0; plane < planes; plane++) {
    for (let y0 = 0; y0 < height; y0 += rows) {
      const window = { plane, x0: 0, y0, width, height: Math.min(rows, height - y0) };
      const values = await files.use(path, (file) => readLevels(file, file.hdus[record.hdu], window));
      for (let y = 0, i = 0; y < window.height; y++) {
        const row = ((y0 + y) & 1) * 2;
        for (let x = 0; x < width; x++, i++) {
          const v = values[i];
          if (v !== v) continue;
          if (v > greatest) greatest = v;
          const channel = sites ? sites[row + (x & 1)] : plane;
          sums[channel] += v;
          counts[channel]++;
        }
      }
    }
  }
  const factor = bitpix < 0 && greatest <= 1 ? unit : 1;
  return { means: sums.map((sum, c) => (factor * sum) / counts[c]), unit: factor };
}
