// Sky around a star, told by the samples about it where they show any.
import type { FramePixels } from './frame-pixels.js';

/**
 * The ring whose samples tell, in radii of the aperture: wide enough to add no more than a twentieth to the noise, from where a thirtieth of the star's light is left, and narrow
 * enough to follow a nebula. Measured in apertures it holds the same share of a star whatever the seeing.
 */
export const RING_FROM = 1.75;
export const RING_TO = 3.5;
/** Samples farther than this many standard deviations from the sky are of other stars. */
export const RING_SIGMA = 3;
/** Sky is what at least this share of the ring's samples agree on. */
export const LEAST_SKY_SHARE = 0.5;
/** How often the range in which samples are looked for about the mesh's sky is doubled until it holds as many. */
export const MAX_DOUBLINGS = 4;

/**
 * `sky[c]`, the mesh's at raw position (x, y), 0-based, becomes the mean of the samples of channel c in the ring about it, other stars left out; `noise[c]` is the standard deviation
 * of such a sample. It stays where the ring shows no sky. Behind a nebula the mesh errs by what its cells are too wide for, and in frames of other pointing, whose cells
 * lie elsewhere, by something else, which would pass for a difference of transparency.
 */
export function localSky(
  frame: FramePixels,
  x: number,
  y: number,
  radius: number,
  sky: number[],
  noise: readonly number[],
): void {
  ringSamples(frame, x, y, radius).forEach((values, c) => {
    const within = (centre: number, limit: number) => values.filter((v) => Math.abs(v - centre) <= limit);
    const isMost = (shown: readonly number[]) => shown.length >= LEAST_SKY_SHARE * values.length;
    let limit = RING_SIGMA * noise[c];
    let near = within(sky[c], limit);
    for (let k = 0; k < MAX_DOUBLINGS && !isMost(near); k++) near = within(sky[c], (limit *= 2));
    if (values.length === 0 || !isMost(near)) return;
    const shown = within(sky[c] + meanOver(sky[c], near), RING_SIGMA * noise[c]);
    if (isMost(shown)) sky[c] += meanOver(sky[c], shown);
  });
}

function meanOver(sky: number, values: readonly number[]): number {
  return values.reduce((sum, v) => sum + (v - sky), 0) / values.length;
}

/** Samples of each channel in the ring, blanks left out. */
function ringSamples(
  { width, height, planes, cfa, grid }: FramePixels,
  x: number,
  y: number,
  radius: number,
): number[][] {
  const ring = grid.level.map((): number[] => []);
  const [from, to] = [RING_FROM * radius, RING_TO * radius];
  const y1 = Math.min(height - 1, Math.floor(y + to));
  for (let j = Math.max(0, Math.ceil(y - to)); j <= y1; j++) {
    const dy = j - y;
    const half = Math.sqrt(to * to - dy * dy);
    const hole = Math.sqrt(Math.max(from * from - dy * dy, 0));
    const [x0, x1] = [Math.max(0, Math.ceil(x - half)), Math.min(width - 1, Math.floor(x + half))];
    for (let i = x0; i <= x1; i++) {
      if (i > x - hole && i < x + hole) continue;
      for (let p = 0; p < planes.length; p++) {
        const v = planes[p][j * width + i];
        if (v === v) ring[cfa ? cfa[(j & 1) * 2 + (i & 1)] : p].push(v);
      }
    }
  }
  return ring;
}
