// Trails of satellites and aircraft in one frame, also those that show in no single pixel: they are told by their length.
import type { CoarseImage } from '../stars/matched-filter.js';
import { lineMarks } from './line-marks.js';
import { measureStrip } from './measure-strip.js';
import { placeCoarse } from './placed-coarse.js';
import { rowOfMarks } from './row-of-marks.js';
import type { TrailStrip } from './trail-strip.js';

/** Excess of marks over the scatter of chance from which on a line is looked at. */
const LEAST_EXCESS = 8;
/** Lines looked at, in the order of their marks. */
const MOST_LOOKS = 8;
/** Boxes about a line whose marks are spoken for once it was looked at. */
const SPOKEN_FOR = 2.5;

/** Strips of the frame that `coarse` is the filtered image of; `origin` as in `DetectionImage`. */
export function seekTrails(coarse: CoarseImage, origin: number): TrailStrip[] {
  const placed = placeCoarse(coarse);
  const marks = lineMarks(placed);
  const counts = new Uint8Array(marks.count).fill(1);
  const strips: TrailStrip[] = [];
  for (let look = 0; look < MOST_LOOKS; look++) {
    const row = rowOfMarks(placed.memory, marks, counts, LEAST_EXCESS);
    if (!row) break;
    const { cos, sin, offset } = row;
    const { side } = marks;
    for (let m = 0; m < marks.count; m++)
      if (Math.abs(marks.i[m] * cos + marks.j[m] * sin - offset) < SPOKEN_FOR) counts[m] = 0;
    // middle of box 0: (side - 1) / 2 samples from the first
    const middle = (side - 1) / 2;
    const line = {
      nx: cos,
      ny: sin,
      offset: side * offset + (marks.x0 + middle) * cos + (marks.y0 + middle) * sin,
    };
    const strip = measureStrip(placed, line, 2 * side);
    if (!strip) continue;
    const shift = (origin - 1) * (strip.nx + strip.ny);
    const along = (origin - 1) * (strip.ny - strip.nx);
    strips.push({
      ...strip,
      // samples of the coarse image are two pixels apart
      offset: 2 * strip.offset + shift,
      from: 2 * strip.from + along,
      to: 2 * strip.to + along,
      halfWidth: 2 * strip.halfWidth,
    });
  }
  return strips;
}
