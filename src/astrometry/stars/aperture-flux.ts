// Light of a star in a round aperture with a soft edge, per channel.
import type { FramePixels } from './frame-pixels.js';

/** A sample from this fraction of the saturation level on is saturated: cameras of 12 and 14 bits stop a step short of it. */
export const SATURATED_FROM = 0.995;
/** Saturated samples count within this many pixels of the centre. */
export const CORE_RADIUS = 1.5;

/** Radius of the aperture over the width of the light before pixels and the summing of CFA samples widened what was measured: nine tenths of a Moffat star. */
const RADIUS_OVER_WIDTH = 1.25;
/**
 * What these add to the square of the FWHM, measured on drawn Moffat stars (exponents 2.5 to 4.5, 2 to 5.5 pixels wide). Without taking it off, apertures of wide stars hold
 * less of them: 1.3 % of the flux a pixel of FWHM, which would pass for transparency.
 */
const PIXEL_BROADENING = 0.5;
const CFA_BROADENING = 0.9;

/** No aperture is wider. */
export const MAX_RADIUS = 20;

/** Radius in raw pixels of the aperture for a frame whose stars are `fwhm` wide: it holds the same share of them whatever that is. */
export function apertureRadius(fwhm: number, isCfa: boolean): number {
  const broadening = isCfa ? CFA_BROADENING : PIXEL_BROADENING;
  const width = Math.sqrt(Math.max(fwhm * fwhm - broadening, 0));
  return Math.min(Math.max(RADIUS_OVER_WIDTH * width, 2.5), MAX_RADIUS);
}

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
  if (cfa) toFullDensity(out);
  return saturated;
}

/** Sums over the samples of each colour of a CFA, as if every sample were of that colour. */
function toFullDensity(out: Float64Array): void {
  out[0] *= 4;
  out[1] *= 2;
  out[2] *= 4;
}
