// A frame at the size of a stamp, in its colours, stretched so that its sky is dark and its stars are seen.
import { asinhCurve } from '../../output/picture/stretch.js';
import { skyLevel, sortedSample } from '../../output/picture/sky-statistics.js';
import type { FramePixels } from '../../astrometry/stars/frame-pixels.js';
import { pngBytes } from './png-bytes.js';

const MAX_SIDE = 320;
/** Sky at 0.12 of the screen's range, and black 2.5 sigma below it. */
const SKY_SIGMAS_ABOVE_BLACK = 2.5;
const WHITE_SIGMAS = 400;
const SOFTENING = 0.006;

/** PNG of the frame, first FITS row at the bottom. */
export function thumbnail(frame: FramePixels): Buffer {
  // Even, so that every bin of a CFA holds all its colours.
  const factor = 2 * Math.max(1, Math.ceil(Math.max(frame.width, frame.height) / MAX_SIDE / 2));
  const [nx, ny] = [Math.floor(frame.width / factor), Math.floor(frame.height / factor)];
  const planes = [0, 1, 2].map((colour) => binned(frame, colour, factor, nx, ny));
  const rgb = new Uint8Array(3 * nx * ny);
  planes.forEach((plane, c) => {
    const { level, sigma } = skyLevel(sortedSample(plane));
    const scale = 1 / ((WHITE_SIGMAS + SKY_SIGMAS_ABOVE_BLACK) * (sigma || 1));
    const black = level - SKY_SIGMAS_ABOVE_BLACK * (sigma || 1);
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const value = (plane[y * nx + x] - black) * scale;
        const shown = value > 0 ? asinhCurve(Math.min(1, value), SOFTENING) : 0;
        rgb[3 * ((ny - 1 - y) * nx + x) + c] = Math.round(255 * shown);
      }
    }
  });
  return pngBytes(nx, ny, rgb);
}

function binned(frame: FramePixels, colour: number, factor: number, nx: number, ny: number): Float32Array {
  const { cfa, width, planes } = frame;
  const plane = planes.length === 3 ? planes[colour] : planes[0];
  const out = new Float32Array(nx * ny);
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) {
      let [sum, count] = [0, 0];
      for (let dy = 0; dy < factor; dy++) {
        const row = (y * factor + dy) * width + x * factor;
        for (let dx = 0; dx < factor; dx++) {
          if (cfa && cfa[(dy & 1) * 2 + (dx & 1)] !== colour) continue;
          const value = plane[row + dx];
          if (value === value) {
            sum += value;
            count++;
          }
        }
      }
      out[y * nx + x] = count > 0 ? sum / count : NaN;
    }
  }
  return out;
}
