// The levels of a binned mosaic in boxes: the samples that a background is told by.
import type { BinnedImage } from '../output/picture/binned-image.js';
import { clippedStatistics } from '../photometry/background/clipped-statistics.js';
import { SortedSamples } from '../photometry/background/sorted-samples.js';

/** Levels of boxes that hold enough of the mosaic; arrays of one length, a box an entry. */
export interface SkyBoxes {
  /** Middle of what is covered of it, 0-based pixels of the mosaic. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Column and row in the grid of boxes. */
  readonly column: Int32Array;
  readonly row: Int32Array;
  readonly columns: number;
  readonly rows: number;
  /** Per plane: clipped median, and what it scatters by noise. */
  readonly level: readonly Float64Array[];
  readonly error: readonly Float64Array[];
  /** Side of a box, pixels of the mosaic. */
  readonly sidePx: number;
}

/** A box of which less is covered has no level. */
const MIN_COVERED = 0.3;
/** Bins of one box are noise and stars; the error of a median of n normal values is sqrt(pi / 2 / n). */
const MEDIAN_COST = Math.sqrt(Math.PI / 2);

/** Levels in boxes of `sideBins` bins. Bins that are covered in part count as much as their part is of use: from one half on. */
export function skyBoxes(image: BinnedImage, sideBins: number): SkyBoxes {
  const { nx, ny, factor, planes, footprint } = image;
  const [columns, rows] = [nx, ny].map((side) => Math.max(1, Math.round(side / sideBins)));
  const found: { x: number; y: number; i: number; j: number; level: number[]; error: number[] }[] = [];
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const [x0, x1] = [i, i + 1].map((k) => Math.round((k * nx) / columns));
      const [y0, y1] = [j, j + 1].map((k) => Math.round((k * ny) / rows));
      const at: number[] = [];
      let [sumX, sumY] = [0, 0];
      for (let y = y0; y < y1; y++) {
        for (let x = x0; x < x1; x++) {
          if (!(footprint[y * nx + x] >= 0.5)) continue;
          at.push(y * nx + x);
          sumX += x;
          sumY += y;
        }
      }
      if (at.length < MIN_COVERED * (x1 - x0) * (y1 - y0)) continue;
      const statistics = planes.map((plane) => {
        const values = Float32Array.from(at, (k) => plane[k]).sort();
        return clippedStatistics(new SortedSamples(values, values.length), 0);
      });
      found.push({
        x: (sumX / at.length + 0.5) * factor - 0.5,
        y: (sumY / at.length + 0.5) * factor - 0.5,
        i,
        j,
        level: statistics.map(({ median }) => median),
        error: statistics.map(({ sigma, count }) => (MEDIAN_COST * sigma) / Math.sqrt(count)),
      });
    }
  }
  return {
    x: Float64Array.from(found, ({ x }) => x),
    y: Float64Array.from(found, ({ y }) => y),
    column: Int32Array.from(found, ({ i }) => i),
    row: Int32Array.from(found, ({ j }) => j),
    columns,
    rows,
    level: planes.map((_, p) => Float64Array.from(found, ({ level }) => level[p])),
    error: planes.map((_, p) => Float64Array.from(found, ({ error }) => error[p])),
    sidePx: sideBins * factor,
  };
}
