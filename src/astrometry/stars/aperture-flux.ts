// Light of a star in a round aperture with a soft edge, per channel.
import type { FramePixels } from './frame-pixels.js';

/** A sample from this fraction of the saturation level on is saturated: cameras of 12 and 14 bits stop a step short of it. */
const SATURATED_FROM = 0.995;
/** Saturated samples count within this many pixels of the centre. */
const CORE_RADIUS = 1.5;

/**
 * Adds up samples over the sky within `radius` raw pixels of (x, y), 0-based, the last pixel fading out linearly. `out[c]` becomes the flux of
 * channel c (on a CFA scaled to full density); the result is whether the core is saturated. Blank samples count as sky.
 */
export function apertureFlux(
  frame: FramePixels,
  x: number,
  y: number,
  radius: number,
  sky: readonly number[],
  out: Float64Array,
): boolean {
  const { width, height, planes, cfa } = frame;
  const limit = SATURATED_FROM * (frame.saturation ?? Infinity);
  let saturated = false;
  out.fill(0);
  const x1 = Math.min(width - 1, Math.ceil(x + radius));
  const y1 = Math.min(height - 1, Math.ceil(y + radius));
  const x0 = Math.max(0, Math.floor(x - radius));
  for (let j = Math.max(0, Math.floor(y - radius)); j <= y1; j++) {
    const dy = j - y;
    for (let i = x0; i <= x1; i++) {
      const dx = i - x;
      const distance = Math.sqrt(dx * dx + dy * dy);
      const weight = Math.min(1, radius + 0.5 - distance);
      if (weight <= 0) continue;
      for (let p = 0; p < planes.length; p++) {
        const v = planes[p][j * width + i];
        if (v !== v) continue;
        const site = (j & 1) * 2 + (i & 1);
        const channel = cfa ? cfa[site] : p;
        if (v >= limit && distance <= CORE_RADIUS) saturated = true;
        out[channel] += weight * (v - sky[channel]);
      }
    }
  }
  if (cfa) {
    out[0] *= 4;
    out[1] *= 2;
    out[2] *= 4;
  }
  return saturated;
}
