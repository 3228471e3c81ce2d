// A frame's stars made ready, once, for many comparisons with other frames.
import { ImageField } from '../solver/image-field.js';
import { PatternTable } from '../solver/patterns/pattern-table.js';
import type { Patterns } from '../solver/patterns/patterns.js';
import { PointGrid } from '../solver/patterns/point-grid.js';
import type { SolveImage } from '../solver/solve-types.js';

/** Stars that patterns are made of, that a hypothesis is judged on, and that the final map is fitted to. */
const PATTERN_STARS = 80;
const JUDGED_STARS = 150;
const FITTED_STARS = 500;
/** Radians a pixel: so small that sides are those of the plane. */
const SCALE = 1e-6;
const NEIGHBOURS = 7;

/** The brightest stars of a field, with a grid to find them by place. */
export interface Brightest {
  readonly count: number;
  readonly grid: PointGrid;
}

export class MatchField {
  /** Pixels from the middle of the frame, brightest first. */
  readonly field: ImageField;
  readonly patternStars: { readonly x: Float64Array; readonly y: Float64Array; readonly z: Float64Array };
  readonly judged: Brightest;
  readonly fitted: Brightest;
  #table: PatternTable | undefined;

  constructor(image: SolveImage) {
    this.field = new ImageField(image);
    const { x, y } = this.field.chosen(PATTERN_STARS);
    this.patternStars = { x, y, z: new Float64Array(x.length) };
    this.judged = this.#brightest(JUDGED_STARS);
    this.fitted = this.#brightest(FITTED_STARS);
  }

  /** Quads of the brightest stars. */
  get patterns(): Patterns {
    return this.field.patterns(PATTERN_STARS, 4, NEIGHBOURS, SCALE);
  }

  get table(): PatternTable {
    this.#table ??= new PatternTable(this.patterns);
    return this.#table;
  }

  #brightest(most: number): Brightest {
    const x = this.field.x.subarray(0, most);
    return { count: x.length, grid: new PointGrid(x, this.field.y.subarray(0, most)) };
  }
}
