// One linear scale for all planes of a mosaic onto 16-bit numbers, and its way back.
import { rowsPerBlock, type PlaneSource } from '../sources/plane-source.js';

/**
 * `dn = 1 + round((value - black) * 65534 / (white - black))`, clipped to 1-65535; 0 means no coverage. The same
 * for every plane, so that colours survive. Way back: `value = black + (dn - 1) * (white - black) / 65534`.
 */
export interface Scale16 {
  readonly black: number;
  readonly white: number;
}

/** What `dn = 65535` is above `dn = 1`, the first number that is not "no coverage". */
export const SCALE_16_STEPS = 65534;

/** The scale from the lowest to the highest finite value of all planes (0 to 1 where there is none): nothing is clipped. */
export async function fullRangeScale(source: PlaneSource): Promise<Scale16> {
  const blockRows = rowsPerBlock(source.nx, source.ny);
  const block = new Float32Array(blockRows * source.nx);
  let black = Infinity;
  let white = -Infinity;
  for (let y0 = 0; y0 < source.ny; y0 += blockRows) {
    const rows = Math.min(blockRows, source.ny - y0);
    for (let plane = 0; plane < source.planes; plane++) {
      await source.readRows(plane, y0, rows, block);
      for (let i = 0; i < rows * source.nx; i++) {
        const value = block[i];
        if (!Number.isFinite(value)) continue;
        if (value < black) black = value;
        if (value > white) white = value;
      }
    }
  }
  if (black > white) return { black: 0, white: 1 };
  return white > black ? { black, white } : { black, white: black + 1 };
}

/** `value` as a 16-bit number on `scale`; 0 for NaN and infinities. */
export function toScale16(value: number, { black, white }: Scale16): number {
  if (!Number.isFinite(value)) return 0;
  const dn = 1 + Math.round(((value - black) * SCALE_16_STEPS) / (white - black));
  return Math.min(SCALE_16_STEPS + 1, Math.max(1, dn));
}
