// Background level and noise of a frame, measured band by band on raw samples: per colour of the CFA, or per plane.
import { CellCounter } from './cell-counter.js';
import { countingScale, type CountingScale } from './cell-counts.js';
import { CellSorter } from './cell-sorter.js';
import { CLIP_SIGMA, clippedStatistics } from './clipped-statistics.js';
import { differenceNoise, ListedDifferences } from './difference-noise.js';
import { cellCount, cellSpan, type LevelGrid } from './level-grid.js';
import { fillBadCells, filterOutlyingCells, medianOf } from './mesh-repair.js';
import type { Samples } from './samples.js';
import { SortedSamples } from './sorted-samples.js';

/** Side of a mesh cell in raw pixels. */
export const MESH_STEP = 64;

/** A cell with fewer valid samples than this fraction of its sites is filled from its neighbours. */
const MIN_VALID_FRACTION = 0.25;

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
  readonly #means: Float32Array[];
  readonly #medians: Float32Array[];
  readonly #sigmas: Float32Array[];
  readonly #validCounts: Float32Array[];
  readonly #noises: Float32Array[];
  readonly #sorter: CellSorter;
  readonly #samples: Float32Array[];
  readonly #differences: Float32Array[];
  /** Per plane, for integer samples: how they are counted, once a band has shown it. */
  readonly #scales: (CountingScale | undefined)[] = [];
  readonly #counters = new Map<CountingScale, CellCounter>();

  constructor(options: MeshOptions) {
    this.#options = options;
    this.#step = options.stepPx ?? MESH_STEP;
    this.#nx = cellCount(options.width, this.#step);
    this.#ny = cellCount(options.height, this.#step);
    const mesh = () => Array.from({ length: options.channels }, () => new Float32Array(this.#nx * this.#ny));
    this.#means = mesh();
    this.#medians = mesh();
    this.#sigmas = mesh();
    this.#validCounts = mesh();
    this.#noises = mesh();
    const capacity = (2 * this.#step) ** 2;
    this.#sorter = new CellSorter(capacity);
    this.#samples = Array.from({ length: options.cfa ? 3 : 1 }, () => new Float32Array(capacity));
    this.#differences = Array.from({ length: options.cfa ? 3 : 1 }, () => new Float32Array(capacity));
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
    const counter = data instanceof Float32Array ? undefined : this.#counter(plane, data);
    for (let i = 0; i < this.#nx; i++) {
      const { start, length: columns } = cellSpan(this.#options.width, this.#step, i);
      if (counter && this.#countedCell(counter, plane, i, j, start, columns, length)) continue;
      if (this.#options.cfa) this.#cfaCell(this.#options.cfa, i, j, data, start, columns, length);
      else this.#planeCell(plane, i, j, data, start, columns, length);
    }
  }

  /** Counts the cells of a band of integers; undefined where counting does not pay. */
  #counter(plane: number, data: Uint16Array | Int16Array): CellCounter | undefined {
    const scale = (this.#scales[plane] ??= countingScale(data, this.#options.width));
    if (!scale) return undefined;
    let counter = this.#counters.get(scale);
    if (!counter) this.#counters.set(scale, (counter = new CellCounter(scale, this.#options.cfa ? 3 : 1)));
    counter.begin(data, this.#options.width);
    return counter;
  }

  /** False where the cell's samples do not lie where they are counted: it must be sorted then. */
  #countedCell(
    counter: CellCounter,
    plane: number,
    i: number,
    j: number,
    x0: number,
    columns: number,
    rows: number,
  ): boolean {
    const { cfa } = this.#options;
    const y0 = this.band(j).start;
    const k = j * this.#nx + i;
    const at = (y: number, x: number) => (cfa ? cfa[((y0 + y) & 1) * 2 + ((x0 + x) & 1)] : 0);
    const channels = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)] as const;
    counter.count({ x0, columns, rows, channels }, (c) => this.#guess(cfa ? c : plane, k));
    const { shift, offset } = this.#scales[plane]!;
    for (let c = 0; c < counter.counts.length; c++) {
      const cell = counter.counts[c];
      const channel = cfa ? c : plane;
      const statistics = clippedStatistics(cell, 1);
      const noise = differenceNoise(cell, statistics.sigma, 1);
      if (cell.failed) return false;
      const unit = 2 ** shift;
      const zero = offset + unit * cell.base;
      this.#means[channel][k] = zero + unit * statistics.mean;
      this.#medians[channel][k] = zero + unit * statistics.median;
      this.#sigmas[channel][k] = unit * statistics.sigma;
      this.#noises[channel][k] = unit * noise;
      this.#validCounts[channel][k] = statistics.count;
    }
    return true;
  }

  /** About where the samples of cell k of a channel lie: where those of its neighbours do; NaN at first. */
  #guess(channel: number, k: number): number {
    const medians = this.#medians[channel];
    const before = k % this.#nx > 0 ? medians[k - 1] : NaN;
    return before === before || k < this.#nx ? before : medians[k - this.#nx];
  }

  #cfaCell(cfa: CfaSites, i: number, j: number, data: Samples, x0: number, columns: number, rows: number) {
    const width = this.#options.width;
    const y0 = this.band(j).start;
    const used = [0, 0, 0];
    const differing = [0, 0, 0];
    const sites = [0, 0, 0];
    for (let y = 0; y < rows; y++) {
      for (let parity = 0; parity < 2; parity++) {
        const channel = cfa[((y0 + y) & 1) * 2 + ((x0 + parity) & 1)];
        const samples = this.#samples[channel];
        const differences = this.#differences[channel];
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
    const samples = this.#samples[0];
    const differences = this.#differences[0];
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
    const [means, medians, sigmas] = [this.#means[channel], this.#medians[channel], this.#sigmas[channel]];
    this.#validCounts[channel][k] = used;
    if (used < Math.max(1, MIN_VALID_FRACTION * sites)) {
      means[k] = medians[k] = sigmas[k] = this.#noises[channel][k] = NaN;
      return;
    }
    const { sorted, offset, scale, quantum } = this.#sorter.sort(
      this.#samples[buffer],
      used,
      this.#options.unit,
    );
    const statistics = clippedStatistics(new SortedSamples(sorted, used), quantum);
    means[k] = offset + scale * statistics.mean;
    medians[k] = offset + scale * statistics.median;
    sigmas[k] = scale * statistics.sigma;
    this.#validCounts[channel][k] = statistics.count;
    this.#noises[channel][k] = differenceNoise(
      new ListedDifferences(this.#differences[buffer], differing, scale * quantum),
      sigmas[k],
      scale * quantum,
    );
  }

  /** The measure, once every band of every plane was added. */
  finish(): BackgroundMeasure {
    const [nx, ny] = [this.#nx, this.#ny];
    const level: Float32Array[] = [];
    const globalLevel: number[] = [];
    const globalNoise: number[] = [];
    const filledFraction: number[] = [];
    for (let c = 0; c < this.#options.channels; c++) {
      const levels = this.#cellLevels(c);
      const bad = levels.reduce((n, v) => n + (Number.isNaN(v) ? 1 : 0), 0);
      filledFraction.push(bad / levels.length);
      fillBadCells(levels, nx, ny, 0);
      fillBadCells(this.#noises[c], nx, ny, 0);
      filterOutlyingCells(this.#noises[c], nx, ny);
      level.push(levels);
      globalLevel.push(levels.reduce((sum, v) => sum + v, 0) / levels.length);
      globalNoise.push(medianOf(this.#noises[c].slice()));
    }
    const { width, height } = this.#options;
    const grid = { nx, ny, stepPx: this.#step, width, height, level, noise: this.#noises };
    return { grid, level: globalLevel, noise: globalNoise, filledFraction };
  }

  #cellLevels(c: number): Float32Array {
    const [means, medians, sigmas, counts] = [
      this.#means[c],
      this.#medians[c],
      this.#sigmas[c],
      this.#validCounts[c],
    ];
    const skews: number[] = [];
    for (let k = 0; k < means.length; k++) if (sigmas[k] > 0) skews.push((means[k] - medians[k]) / sigmas[k]);
    const skew = skews.length ? Math.min(Math.max(medianOf(skews), 0), MAX_NOISE_SKEW) : 0;
    const density = Math.exp(-0.5 * CLIP_SIGMA ** 2) / Math.sqrt(2 * Math.PI);
    const clippedAway = skew * 2 * CLIP_SIGMA ** 3 * density;
    return means.map((mean, k) => {
      const sigma = sigmas[k];
      if (!(sigma > 0)) return mean;
      const lift = mean - medians[k] - skew * sigma;
      if (lift > 0.3 * sigma) return medians[k];
      const error = sigma * Math.sqrt((Math.PI / 2 - 1) / counts[k]);
      return mean + clippedAway * sigma - 2.5 * Math.max(0, lift - 2 * error);
    });
  }
}

/** Measures whole planes in memory: `planes[p]` is `[height, width]` (one plane for a CFA). See `BackgroundMesher`. */
export function measureBackground(planes: readonly Samples[], options: MeshOptions): BackgroundMeasure {
  const mesher = new BackgroundMesher(options);
  for (let p = 0; p < planes.length; p++) {
    for (let j = 0; j < mesher.bands; j++) {
      const { start, length } = mesher.band(j);
      mesher.addBand(p, j, planes[p].subarray(start * options.width, (start + length) * options.width));
    }
  }
  return mesher.finish();
}
