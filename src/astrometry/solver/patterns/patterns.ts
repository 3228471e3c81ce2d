// Patterns of a star with three (or two) of its neighbours, told by the ratios of their sides: the same in any rotation, scale and mirror image.
import type { PointGrid } from './point-grid.js';

/** Unit vectors of stars and a grid of them on some plane, for neighbours. */
export interface PatternStars {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  readonly grid: PointGrid;
}

export interface PatternOptions {
  /** Stars a pattern: 4 or 3. */
  readonly corners: 3 | 4;
  /** Patterns are made of each star and this many of its nearest neighbours. */
  readonly neighbours: number;
  /** Neighbours farther than this, in units of the grid's plane, are none. */
  readonly reach: number;
  /** Patterns whose longest side (chord of the unit sphere) is outside of this range are left out. */
  readonly minSide: number;
  readonly maxSide: number;
}

/** `count` patterns: corners in no order, ratios of the shorter sides to the longest in ascending order, longest side. */
export interface Patterns {
  readonly count: number;
  readonly corners: 3 | 4;
  /** `[count, corners]` */
  readonly stars: Int32Array;
  /** `[count, 5]` for quads, `[count, 2]` for triangles. */
  readonly ratios: Float32Array;
  /** Chord of the unit sphere. */
  readonly longest: Float64Array;
}

/** Ratios of a pattern with that many corners. */
export const ratioCount = (corners: 3 | 4): 2 | 5 => (corners === 4 ? 5 : 2);

/** All patterns, each once: of the stars that have all others among their neighbours, the one of lowest number makes it. */
export function makePatterns(stars: PatternStars, options: PatternOptions): Patterns {
  const { corners, neighbours, reach, minSide, maxSide } = options;
  const n = stars.x.length;
  const ratios = ratioCount(corners);
  const perStar =
    corners === 4
      ? (neighbours * (neighbours - 1) * (neighbours - 2)) / 6
      : (neighbours * (neighbours - 1)) / 2;
  const out = {
    stars: new Int32Array(n * perStar * corners),
    ratios: new Float32Array(n * perStar * ratios),
    longest: new Float64Array(n * perStar),
  };
  const near = new Int32Array(n * neighbours).fill(-1);
  const found = new Int32Array(neighbours);
  for (let s = 0; s < n; s++) {
    const many = stars.grid.neighbours(s, neighbours, reach, found);
    for (let k = 0; k < many; k++) near[s * neighbours + k] = found[k];
  }
  const chosen = new Int32Array(corners);
  const sides = new Float64Array(corners === 4 ? 6 : 3);
  let count = 0;
  const take = (): void => {
    if (madeByAnother(near, neighbours, chosen)) return;
    sidesOf(stars, chosen, sides);
    insertionSort(sides);
    const longest = sides[sides.length - 1];
    if (longest < minSide || longest > maxSide) return;
    for (let c = 0; c < corners; c++) out.stars[count * corners + c] = chosen[c];
    for (let r = 0; r < ratios; r++) out.ratios[count * ratios + r] = sides[r] / longest;
    out.longest[count++] = longest;
  };
  for (let s = 0; s < n; s++) {
    const end = (s + 1) * neighbours;
    chosen[0] = s;
    for (let a = s * neighbours; a < end && near[a] >= 0; a++) {
      for (let b = a + 1; b < end && near[b] >= 0; b++) {
        chosen[1] = near[a];
        chosen[2] = near[b];
        if (corners === 3) take();
        else {
          for (let c = b + 1; c < end && near[c] >= 0; c++) {
            chosen[3] = near[c];
            take();
          }
        }
      }
    }
  }
  return {
    count,
    corners,
    stars: out.stars.slice(0, count * corners),
    ratios: out.ratios.slice(0, count * ratios),
    longest: out.longest.slice(0, count),
  };
}

/** True when a star of the pattern with a lower number than its first star has all the others among its neighbours. */
function madeByAnother(near: Int32Array, neighbours: number, chosen: Int32Array): boolean {
  for (let c = 1; c < chosen.length; c++) {
    const star = chosen[c];
    if (star > chosen[0]) continue;
    let missing = chosen.length - 1;
    for (let k = star * neighbours; k < (star + 1) * neighbours; k++) if (chosen.includes(near[k])) missing--;
    if (missing === 0) return true;
  }
  return false;
}

function insertionSort(values: Float64Array): void {
  for (let i = 1; i < values.length; i++) {
    const v = values[i];
    let at = i;
    for (; at > 0 && values[at - 1] > v; at--) values[at] = values[at - 1];
    values[at] = v;
  }
}

/** Sides in the order 01, 02, (03,) 12, (13, 23). */
export function sidesOf(
  stars: Pick<PatternStars, 'x' | 'y' | 'z'>,
  corners: ArrayLike<number>,
  out: Float64Array,
): void {
  let at = 0;
  for (let i = 0; i < corners.length; i++) {
    for (let j = i + 1; j < corners.length; j++) {
      const [a, b] = [corners[i], corners[j]];
      const [dx, dy, dz] = [stars.x[a] - stars.x[b], stars.y[a] - stars.y[b], stars.z[a] - stars.z[b]];
      out[at++] = Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
}
