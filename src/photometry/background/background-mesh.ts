// Background level and noise of a frame, measured band by band on raw samples: per colour of the CFA, or per plane.
import { CellSorter } from './cell-sorter.js';
import { CLIP_SIGMA, clippedStatistics } from './clipped-statistics.js';
import { CountedCells, type CellNumbers } from './counted-cells.js';
import { differenceNoise, ListedDifferences } from './difference-noise.js';
import { cellCount, cellSpan, type LevelGrid } from './level-grid.js';
import { fillBadCells, filterOutlyingCells, meshMedian } from '../mesh-repair.js';
import type { Samples } from '../samples.js';
import { SortedSamples } from './sorted-samples.js';
import { sharedPasses } from '../../simd/sample-passes.js';

/** Side of a mesh cell in raw pixels. */
export const MESH_STEP = 64;

/** A cell with fewer valid samples than this fraction of its sites is filled from its neighbours. */
const MIN_VALID_FRACTION = 0.25;

/** A cell that lacks more than this fraction of its samples counts as one with blank parts: not for single broken pixels. */
const BLANK_FRACTION = 0.005;

/** Largest (mean - median)/sigma that is taken for the skew of photon noise: a Poisson sky of 8 electrons. */
const MAX_NOISE_SKEW = 0.06;

/** Colours of the four sites of a CFA, index (y&1)*2 + (x&1): 0 red, 1 green, 2 blue. */
export type CfaSites = readonly [number, number, number, number];

/** What the mesh is measured on. */
export interface MeshOptions {
  readonly width: number;
  readonly height: number;
  /** Channels: 3 with a CFA, else the number of planes. */
  readonly channels: number;
  /** Colours of the sites of a CFA; absent for mono and RGB planes. */
  readonly cfa?: CfaSites;
  /** Side of a cell in pixels, even; MESH_STEP unless told. */
  readonly stepPx?: number;
  /** Spacing of the values that the file can hold (BSCALE of an integer image), 0 for floating point data. */
  readonly unit: number;
}

/** A frame's background: the grid, and per channel the level (mean of the grid) and the noise of one raw pixel (median of the grid). */
export interface BackgroundMeasure {
  readonly grid: LevelGrid;
  readonly level: readonly number[];
  readonly noise: readonly number[];
  /** Fraction of the cells of each channel that had to be filled because they held too few valid samples. */
  readonly filledFraction: readonly number[];
  /** `[ny, nx]`, 1 for cells with blank parts; absent where there are none. */
  readonly blankCells?: Uint8Array;
}

/** What the cells that are sorted are listed in, one after the other: samples and their differences, per colour. */
class CellsToSort {
  readonly sorter: CellSorter;
  readonly samples: readonly Float32Array[];
  readonly differences: readonly Float32Array[];

  constructor(capacity: number, colours: number) {
    const lists = () => Array.from({ length: colours }, () => new Float32Array(capacity));
    this.sorter = new CellSorter(capacity);
    this.samples = lists();
    this.differences = lists();
  }
}

/**
 * Measures a mesh one row of cells at a time. For each plane call `addBand` once per mesh row (`band(j)` names its pixel rows), then
 * `finish`. Blank samples (NaN) are left out.
 *
 * Level of a cell: the mean of the samples that survive clipping at 3 sigma about their median. Where faint stars drag the mean
 * above the median by more than noise explains, SExtractor's mode 2.5 median - 1.5 mean = mean - 2.5 (mean - median) (Bertin &
 * Arnouts 1996, section 7.1) is used, reached continuously; beyond (mean - median) = 0.3 sigma the median. The mean of photon noise itself
 * lies above its median (g/6 sigma for skewness g); that part is the median of (mean - median)/sigma over the frame and is no star, and
 * from it the mean lost to symmetric clipping, g k^3 phi(k)/3, is given back.
 * Levels are not filtered across cells: nebulae differ from cell to cell by far more than noise, and where a filter replaces some of them
 * in one frame and others in the next, frames seem to differ that do not (measured on a generated nebula: 16 to 20 ADU rms against 4
 * without). A cell under a galaxy is the same sky in every frame.
 * Noise of a cell: differences of neighbours two columns apart, the nearest of like colour on a CFA; see `differenceNoise`; cells that stand
 * out of their neighbourhood are replaced.
 */
export class BackgroundMesher {
  readonly #options: MeshOptions;
  readonly #step: number;
  readonly #nx: number;
  readonly #ny: number;
  readonly #numbers: readonly CellNumbers[];
  /** Of one cell, where any is not counted: 0.5 MB, made when the first comes. */
  #sorted: CellsToSort | undefined;
  /** Per plane, for integer samples. */
  readonly #counted: (CountedCells | undefined)[] = [];
  #blankCells: Uint8Array | undefined;

  constructor(options: MeshOptions) {
    this.#options = options;
    this.#step = options.stepPx ?? MESH_STEP;
    this.#nx = cellCount(options.width, this.#step);
    this.#ny = cellCount(options.height, this.#step);
    const cells = this.#nx * this.#ny;
    this.#numbers = Array.from({ length: options.channels }, () => ({
      mean: new Float32Array(cells),
      median: new Float32Array(cells),
      sigma: new Float32Array(cells),
      noise: new Float32Array(cells),
      count: new Float32Array(cells),
      quantum: new Float32Array(cells),
    }));
  }

  get #toSort(): CellsToSort {
    return (this.#sorted ??= new CellsToSort((2 * this.#step) ** 2, this.#options.cfa ? 3 : 1));
  }

  /** Number of bands per plane. */
  get bands(): number {
    return this.#ny;
  }

  /** Pixel rows of band `j`. */
  band(j: number): { start: number; length: number } {
    return cellSpan(this.#options.height, this.#step, j);
  }

  /**
   * Takes the samples `[length, width]` of band `j` of plane `plane` (0 for a CFA). Integer samples are counted, which gives what sorting them would.
   */
  addBand(plane: number, j: number, data: Samples): void {
    const { length } = this.band(j);
    for (const i of this.#uncounted(plane, j, data)) {
      const { start, length: columns } = cellSpan(this.#options.width, this.#step, i);
      if (this.#options.cfa) this.#cfaCell(this.#options.cfa, i, j, data, start, columns, length);
      else this.#planeCell(plane, i, j, data, start, columns, length);
    }
  }

  /** Counts the cells of a band of integers; the columns of those that must be sorted. */
  #uncounted(plane: number, j: number, data: Samples): Iterable<number> {
    if (data instanceof Float32Array) return Array(this.#nx).keys();
    const { width, cfa } = this.#options;
    const counted = (this.#counted[plane] ??= new CountedCells(data, width, this.#step, cfa));
    const channels = cfa ? this.#numbers : [this.#numbers[plane]];
    return counted.measure(data, this.band(j).start, channels, j * this.#nx, this.#nx);
  }

  #cfaCell(cfa: CfaSites, i: number, j: number, data: Samples, x0: number, columns: number, rows: number) {
    const width = this.#options.width;
    const y0 = this.band(j).start;
    const used = [0, 0, 0];
    const differing = [0, 0, 0];
    const sites = [0, 0, 0];
    const toSort = this.#toSort;
    for (let y = 0; y < rows; y++) {
      for (let parity = 0; parity < 2; parity++) {
        const channel = cfa[((y0 + y) & 1) * 2 + ((x0 + parity) & 1)];
        const samples = toSort.samples[channel];
        const differences = toSort.differences[channel];
        let n = used[channel];
        let m = differing[channel];
        const end = y * width + x0 + columns;
        let before = NaN;
        for (let k = y * width + x0 + parity; k < end; k += 2) {
          const v = data[k];
          if (v === v) {
            samples[n++] = v;
            if (before === before) differences[m++] = v - before;
          }
          before = v;
        }
        used[channel] = n;
        differing[channel] = m;
        sites[channel] += (columns + 1 - parity) >> 1;
      }
    }
    for (let c = 0; c < 3; c++) this.#cell(c, j * this.#nx + i, c, used[c], differing[c], sites[c]);
  }

  #planeCell(plane: number, i: number, j: number, data: Samples, x0: number, columns: number, rows: number) {
    const width = this.#options.width;
    const [samples] = this.#toSort.samples;
    const [differences] = this.#toSort.differences;
    let n = 0;
    let m = 0;
    for (let y = 0; y < rows; y++) {
      const start = y * width + x0;
      for (let x = 0; x < columns; x++) {
        const v = data[start + x];
        if (v !== v) continue;
        samples[n++] = v;
        const d = x >= 2 ? v - data[start + x - 2] : NaN;
        if (d === d) differences[m++] = d;
      }
    }
    this.#cell(plane, j * this.#nx + i, 0, n, m, columns * rows);
  }

  #cell(channel: number, k: number, buffer: number, used: number, differing: number, sites: number): void {
    const { mean, median, sigma, noise, count, quantum: quanta } = this.#numbers[channel];
    count[k] = used;
    if (used < (1 - BLANK_FRACTION) * sites)
      (this.#blankCells ??= new Uint8Array(this.#nx * this.#ny))[k] = 1;
    if (used < Math.max(1, MIN_VALID_FRACTION * sites)) {
      mean[k] = median[k] = sigma[k] = noise[k] = NaN;
      return;
    }
    const { sorter, samples, differences } = this.#toSort;
    const { sorted, offset, scale, quantum } = sorter.sort(samples[buffer], used, this.#options.unit);
    const statistics = clippedStatistics(new SortedSamples(sorted, used), quantum);
    mean[k] = offset + scale * statistics.mean;
    median[k] = offset + scale * statistics.median;
    sigma[k] = scale * statistics.sigma;
    count[k] = statistics.count;
    quanta[k] = scale * quantum;
    noise[k] = differenceNoise(
      new ListedDifferences(differences[buffer], differing, scale * quantum),
      sigma[k],
      scale * quantum,
    );
  }

  /** What was measured of the cells of each channel, once every band of every plane was added. */
  get numbers(): readonly CellNumbers[] {
    return this.#numbers;
  }

  /** The measure, once every band of every plane was added. */
  finish(): BackgroundMeasure {
    const [nx, ny] = [this.#nx, this.#ny];
    const { levels, means, filled } = meshLevels(this.#numbers, nx, ny);
    const globalNoise: number[] = [];
    for (const numbers of this.#numbers) {
      fillBadCells(numbers.noise, nx, ny, 0);
      filterOutlyingCells(numbers.noise, nx, ny);
      globalNoise.push(meshMedian(numbers.noise));
    }
    const { width, height } = this.#options;
    const noise = this.#numbers.map((numbers) => numbers.noise);
    const grid = { nx, ny, stepPx: this.#step, width, height, level: levels, noise };
    const blankCells = this.#blankCells;
    return {
      grid,
      level: means,
      noise: globalNoise,
      filledFraction: filled.map((cells) => cells / (nx * ny)),
      ...(blankCells && { blankCells }),
    };
  }
}

/** Levels of a mesh `[ny, nx]` by what was measured of its cells, per channel; their means, and how many cells had nothing measured and were filled. */
export function meshLevels(
  numbers: readonly CellNumbers[],
  nx: number,
  ny: number,
): { readonly levels: Float32Array[]; readonly means: number[]; readonly filled: number[] } {
  const [levels, means, filled]: [Float32Array[], number[], number[]] = [[], [], []];
  for (const cells of numbers) {
    const { level, missing, sum } = cellLevels(cells);
    if (missing > 0) fillBadCells(level, nx, ny, 0);
    levels.push(level);
    means.push((missing > 0 ? level.reduce((all, v) => all + v, 0) : sum) / level.length);
    filled.push(missing);
  }
  return { levels, means, filled };
}

/** Levels of the cells of a channel, NaN where nothing was measured: how many these are, and the sum of all. */
function cellLevels({ mean, median, sigma, count }: CellNumbers): {
  readonly level: Float32Array;
  readonly missing: number;
  readonly sum: number;
} {
  const passes = sharedPasses();
  const numbers = [mean, median, sigma, count];
  const at = numbers.map((values) => passes.put(values));
  const scratch = passes.take(24 * mean.length);
  const levels = passes.take(mean.byteLength);
  const density = Math.exp(-0.5 * CLIP_SIGMA ** 2) / Math.sqrt(2 * Math.PI);
  const tail = 2 * CLIP_SIGMA ** 3 * density;
  const missing = passes.passes.cellLevels(
    ...([at[0], at[1], at[2], at[3]] as const),
    ...([mean.length, MAX_NOISE_SKEW, tail, scratch, levels] as const),
  );
  const level = new Float32Array(passes.buffer, levels, mean.length).slice();
  return { level, missing, sum: new Float64Array(passes.buffer, scratch, 1)[0] };
}
