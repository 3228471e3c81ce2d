// The straight line that most marks lie on beyond what chance puts there (Hough 1962; the normal form of Duda and Hart 1972).
import type { LineMarks } from './line-marks.js';

/** x cos + y sin = offset, in boxes, (0, 0) the middle of the first. */
export interface MarkedLine {
  readonly cos: number;
  readonly sin: number;
  readonly offset: number;
  /** Marks beyond those of chance, over the square root of the latter. */
  readonly excess: number;
}

/** Boxes to either side of a line whose marks count, half of what it is off at the ends for the step between two angles. */
const HALF_BAND = 1;
/** Lines that cross fewer boxes are none. */
const LEAST_CHORD = 16;
/** A sine of less than this is that of an axis. */
const FLAT = 1e-9;

/** Places across a line are whole numbers of this part of a box: less than a tenth of one is lost over 1000 boxes. */
const UNIT_BITS = 14;
const UNIT = 1 << UNIT_BITS;

/** Undefined where no line has an excess of `least`. `counts[m]` is 0 for marks that are spoken for. */
export function rowOfMarks(marks: LineMarks, counts: Uint8Array, least: number): MarkedLine | undefined {
  const { nx, ny } = marks;
  const x = marks.i.filter((_, m) => counts[m] === 1);
  const y = marks.j.filter((_, m) => counts[m] === 1);
  const share = (2 * HALF_BAND * x.length) / (nx * ny);
  const diagonal = Math.hypot(nx, ny);
  const angles = Math.ceil((Math.PI / 4) * (diagonal / HALF_BAND));
  const zero = nx + 1;
  const votes = new Int32Array(Math.ceil(diagonal) + nx + 4);
  // no longer line needs fewer
  const needed = share * LEAST_CHORD + least * Math.sqrt(share * LEAST_CHORD);
  let best: MarkedLine | undefined;
  let most = least;
  for (let a = 0; a < angles; a++) {
    const [cos, sin] = [Math.cos((a * Math.PI) / angles), Math.sin((a * Math.PI) / angles)];
    const [across, down, start] = [cos * UNIT, sin * UNIT, zero * UNIT].map(Math.round);
    votes.fill(0);
    for (let m = 0; m < x.length; m++) votes[(x[m] * across + y[m] * down + start) >> UNIT_BITS]++;
    for (let r = 0; r + 1 < votes.length; r++) {
      const sum = votes[r] + votes[r + 1];
      if (sum < needed) continue;
      const offset = r + 1 - zero;
      const chord = chordOf(cos, sin, offset, nx, ny);
      if (chord < LEAST_CHORD) continue;
      const excess = (sum - share * chord) / Math.sqrt(share * chord);
      if (excess > most) [most, best] = [excess, { cos, sin, offset, excess }];
    }
  }
  return best;
}

/** Length of the line within the boxes. */
function chordOf(cos: number, sin: number, offset: number, nx: number, ny: number): number {
  // points of the line: offset (cos, sin) + t (-sin, cos); along an axis it crosses the other never
  const acrossX = Math.abs(sin) < FLAT ? Infinity : nx / (2 * Math.abs(sin));
  const acrossY = Math.abs(cos) < FLAT ? Infinity : ny / (2 * Math.abs(cos));
  // where the line passes the middle of the boxes along both axes
  const [x, y] = [offset * cos - (nx - 1) / 2, offset * sin - (ny - 1) / 2];
  if (acrossX === Infinity) return Math.abs(x) > nx / 2 ? 0 : 2 * acrossY;
  if (acrossY === Infinity) return Math.abs(y) > ny / 2 ? 0 : 2 * acrossX;
  const [atX, atY] = [x / sin, -y / cos];
  return Math.max(0, Math.min(atX + acrossX, atY + acrossY) - Math.max(atX - acrossX, atY - acrossY));
}
