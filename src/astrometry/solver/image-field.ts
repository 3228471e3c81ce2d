// The image's side of the matching: its stars about the middle, choices of the brightest, their patterns.
import { makePatterns, type Patterns } from './patterns/patterns.js';
import { PointGrid } from './patterns/point-grid.js';
import type { SolveImage } from './solve-types.js';

/** Brightest stars that a hypothesis is judged on. */
export const JUDGED_STARS = 100;
/** Stars are chosen in turn from this many squares along each side, so that a nebula or a cluster does not get them all. */
const SQUARES = 4;
/** Longest and shortest pattern, and farthest neighbour, in frame diagonals. */
export const LONGEST = 1.1;
export const SHORTEST = 0.06;
export const REACH = 0.5;

/** A choice of stars: pixel offsets from the middle. */
export interface ChosenStars {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export class ImageField {
  readonly width: number;
  readonly height: number;
  readonly diagonal: number;
  /** All stars, brightest first, pixels from the middle of the image. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly sigma: Float32Array | undefined;
  /** Grid of the JUDGED_STARS brightest. */
  readonly judged: PointGrid;
  readonly judgedCount: number;
  readonly #chosen = new Map<number, ChosenStars>();
  readonly #patterns = new Map<string, Patterns>();

  constructor({ width, height, stars }: SolveImage) {
    this.width = width;
    this.height = height;
    this.diagonal = Math.hypot(width, height);
    this.x = stars.x.map((v) => v - (width + 1) / 2);
    this.y = stars.y.map((v) => v - (height + 1) / 2);
    this.sigma = stars.sigma;
    this.judgedCount = Math.min(stars.count, JUDGED_STARS);
    this.judged = new PointGrid(this.x.slice(0, this.judgedCount), this.y.slice(0, this.judgedCount));
  }

  /** About `count` of the brightest stars, at most an eighth of them from one of the 16 parts of the frame. */
  chosen(count: number): ChosenStars {
    const known = this.#chosen.get(count);
    if (known) return known;
    const cap = Math.max(2, Math.ceil(count / 8));
    const used = new Int32Array(SQUARES * SQUARES);
    const picks: number[] = [];
    for (let i = 0; i < this.x.length && picks.length < count; i++) {
      const column = Math.min(SQUARES - 1, Math.max(0, Math.floor((this.x[i] / this.width + 0.5) * SQUARES)));
      const row = Math.min(SQUARES - 1, Math.max(0, Math.floor((this.y[i] / this.height + 0.5) * SQUARES)));
      if (used[row * SQUARES + column]++ < cap) picks.push(i);
    }
    const made = {
      x: Float64Array.from(picks, (i) => this.x[i]),
      y: Float64Array.from(picks, (i) => this.y[i]),
    };
    this.#chosen.set(count, made);
    return made;
  }

  /** Patterns of `count` chosen stars on the unit sphere at `scale` radians a pixel. */
  patterns(count: number, corners: 3 | 4, neighbours: number, scale: number): Patterns {
    const key = `${count} ${corners} ${neighbours} ${scale}`;
    let made = this.#patterns.get(key);
    if (!made) {
      const { x, y } = this.chosen(count);
      const z = new Float64Array(x.length);
      const unit = { x: x.slice(), y: y.slice(), z };
      for (let i = 0; i < x.length; i++) {
        const length = Math.hypot(x[i] * scale, y[i] * scale, 1);
        unit.x[i] = (x[i] * scale) / length;
        unit.y[i] = (y[i] * scale) / length;
        z[i] = 1 / length;
      }
      made = makePatterns(
        { ...unit, grid: new PointGrid(x, y) },
        {
          corners,
          neighbours,
          reach: REACH * this.diagonal,
          minSide: SHORTEST * this.diagonal * scale,
          maxSide: LONGEST * this.diagonal * scale,
        },
      );
      this.#patterns.set(key, made);
    }
    return made;
  }
}
