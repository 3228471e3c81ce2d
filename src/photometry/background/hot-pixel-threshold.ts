// Thresholds of the hot-pixel repair, per CFA site, from the noise that the measure pass found.
import type { CfaSites } from './background-mesh.js';

/**
 * Variance of v - m in units of the pixel variance, m the median of 8 neighbours: 1 + pi / (2 * 8), with the
 * large-sample variance of a median of normal samples; for 8 samples the deviation is 1.2 % smaller than that.
 */
const EXCESS_VARIANCE = 1 + Math.PI / 16;

/**
 * Thresholds for fix-hot-pixels in ADU, index (y&1)*2 + (x&1): `sigma` standard deviations of a sample's excess over the median of its
 * neighbours. `noise` is the noise of a raw pixel per channel (ADU); with `cfa` each site takes that of its colour, else all
 * take channel `channel` (a mono or RGB plane). `sigma` > 0.
 */
export function hotPixelThresholds(
  noise: readonly number[],
  sigma: number,
  cfa?: CfaSites,
  channel = 0,
): [number, number, number, number] {
  const factor = sigma * Math.sqrt(EXCESS_VARIANCE);
  const at = (site: number) => factor * noise[cfa ? cfa[site] : channel];
  return [at(0), at(1), at(2), at(3)];
}
