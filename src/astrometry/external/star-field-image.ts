// A drawing of a star list as a FITS image: solvers that want pixels get round stars in the right places and nothing else of the user's frame.
import { addToSum } from '../../fits/checksum.js';
import { paddedLength } from '../../fits/read-header.js';
import { headerBytes } from '../../fits/write/write-header.js';
import type { SolveImage } from '../solver/solve-types.js';

/** Stars drawn: more than any of the solvers look at. */
export const MAX_DRAWN_STARS = 500;
/** Sky, and the noise that star finders measure their thresholds by, ADU. */
const SKY = 1000;
const NOISE = 8;
/** Peaks over the sky, from the brightest star to the faintest: only the order of the stars counts. */
const [BRIGHTEST, FAINTEST] = [28000, 400];
/** Gaussian; 3 pixels wide at half maximum. */
const SIGMA = 1.27;
const REACH = 6;

/** 16-bit signed; the first row of the file is y = 1, as in the frame. */
export function starFieldImage({ width, height, stars }: SolveImage): Uint8Array {
  const pixels = new Int16Array(width * height);
  let state = 1;
  for (let i = 0; i < pixels.length; i++) {
    // sum of four uniform numbers of a linear congruential generator (Numerical Recipes): nearly normal, standard deviation 1/sqrt(3)
    let sum = -2;
    for (let k = 0; k < 4; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    pixels[i] = Math.round(SKY + NOISE * Math.sqrt(3) * sum);
  }
  const count = Math.min(stars.count, MAX_DRAWN_STARS);
  for (let s = 0; s < count; s++) {
    const peak = BRIGHTEST * (FAINTEST / BRIGHTEST) ** (s / Math.max(1, count - 1));
    const [cx, cy] = [stars.x[s] - 1, stars.y[s] - 1];
    for (let y = Math.max(0, Math.ceil(cy - REACH)); y <= Math.min(height - 1, cy + REACH); y++) {
      for (let x = Math.max(0, Math.ceil(cx - REACH)); x <= Math.min(width - 1, cx + REACH); x++) {
        const light = peak * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * SIGMA ** 2));
        pixels[y * width + x] = Math.min(32000, pixels[y * width + x] + Math.round(light));
      }
    }
  }
  const data = Buffer.alloc(paddedLength(2 * pixels.length));
  for (let i = 0; i < pixels.length; i++) data.writeInt16BE(pixels[i], 2 * i);
  const cards = [
    { key: 'SIMPLE', value: true },
    { key: 'BITPIX', value: 16 },
    { key: 'NAXIS', value: 2 },
    { key: 'NAXIS1', value: width },
    { key: 'NAXIS2', value: height },
  ];
  return Buffer.concat([headerBytes(cards, addToSum(0, data)), data]);
}
