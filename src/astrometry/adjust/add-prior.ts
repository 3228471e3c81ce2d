// What a frame is believed to be before its stars are looked at, as a part of the normal equations.
import type { FramePrior } from './system-types.js';

/** `y += prior x`, for the numbers of one frame that begin at `xAt` and `yAt`; nothing for a frame that is held. */
export function addPrior(
  prior: FramePrior | undefined,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void {
  if (!prior) return;
  y[yAt] += x[xAt] / prior.shift ** 2;
  y[yAt + 1] += x[xAt + 1] / prior.shift ** 2;
  const [a, b, c, d] = [x[xAt + 2], x[xAt + 3], x[xAt + 4], x[xAt + 5]];
  const scale = (a + d) / 4 / prior.scale ** 2;
  const rotation = (c - b) / 4 / prior.rotation ** 2;
  const stretch = (a - d) / 4 / prior.shear ** 2;
  const shear = (b + c) / 4 / prior.shear ** 2;
  y[yAt + 2] += scale + stretch;
  y[yAt + 3] += shear - rotation;
  y[yAt + 4] += shear + rotation;
  y[yAt + 5] += scale - stretch;
}
