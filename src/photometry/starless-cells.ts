// Levels of a mesh without the light of the stars that were found on it: what clipping leaves of a star depends on the seeing, so frames seem to differ that do not.
import { meshLevels, type BackgroundMeasure, type CfaSites } from './background-mesh.js';
import type { CellNumbers } from './counted-cells.js';
import { discBits, type Disc } from './disc-pixels.js';
import { CLIP_SIGMA, clippingReach } from './clipped-statistics.js';
import { cellSpan } from './level-grid.js';
import type { Samples } from './samples.js';
import { sharedPasses, signFlip } from '../simd/sample-passes.js';

/** The stars of a frame: see `StarList`. */
interface FoundStars {
  readonly count: number;
  /** FITS pixel coordinates. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** ADU. */
  readonly flux: ArrayLike<number>;
  /** Pixels. */
  readonly fwhm: ArrayLike<number>;
  readonly medianFwhm: number;
  /** 1 where clipped. */
  readonly saturated: ArrayLike<number>;
}

/** Samples that the mesh was measured on: one plane, or one for each channel. */
interface MeshSamples {
  readonly width: number;
  readonly height: number;
  readonly planes: readonly Samples[];
  readonly cfa?: CfaSites;
}

/**
 * Stars of less flux, in units of the noise of a pixel, stay: not every frame shows them, and spread over pixels that no clipping takes they lift the level
 * by all of their light in good seeing and in bad. It is what 5 sigma of the matched filter ask of stars 4.5 pixels wide.
 */
const LEAST_FLUX = 40;
/** What is wider than this many times the frame's stars, and not saturated, is a knot of a nebula or a galaxy: the light around it is no star's. */
const WIDEST = 1.4;
/** Cells of more sigma than this many times their noise show a nebula, whose light the discs would take with that of the stars. */
const MOST_STRUCTURE = 1.5;
/** A star's samples are left out to where its profile falls to this share of the noise of a pixel. */
const FAINTEST = 0.1;
/** A cell keeps its level where less than this share of its samples would be left. */
const LEAST_LEFT = 1 / 8;

/** What the samples under stars were of the statistics of the cells of one channel. */
interface StarSums {
  readonly count: Float64Array;
  /** Sum of their distances from the cell's median, and how many more of them lay above it than below: samples on a lattice are spread over its step, as for the median. */
  readonly sum: Float64Array;
  readonly above: Float64Array;
}

/**
 * The background of a frame, its levels without the samples under `stars`. `numbers` are what the mesh has measured per channel: those samples that survived the clipping
 * are taken from means and medians, the latter by the density of a normal distribution; clipping limits and noise stay. Stars are discs as wide as a Moffat profile of
 * exponent 3 and the frame's median FWHM demands (Moffat 1969).
 */
export function withoutStars(
  background: BackgroundMeasure,
  numbers: readonly CellNumbers[],
  samples: MeshSamples,
  stars: FoundStars,
): BackgroundMeasure {
  const { grid, noise } = background;
  const sums = starSums(background, numbers, samples, stars);
  const starless = numbers.map((of, c) => lessStars(of, sums[c]));
  const { levels, means } = meshLevels(starless, grid.nx, grid.ny);
  return { ...background, noise, level: means, grid: { ...grid, level: levels } };
}

/** What of each channel's cells was samples under the stars; none that was clipped already, nor NaN. */
function starSums(
  { grid, noise }: BackgroundMeasure,
  numbers: readonly CellNumbers[],
  { width, height, planes, cfa }: MeshSamples,
  { count, x, y, flux, fwhm, medianFwhm, saturated }: FoundStars,
): StarSums[] {
  const pixelNoise = noise[noise.length >> 1];
  const discs: Disc[] = [];
  for (let s = 0; s < count; s++) {
    const brightness = flux[s] / pixelNoise;
    const isStar = saturated[s] === 1 || fwhm[s] <= WIDEST * medianFwhm;
    if (isStar && brightness >= LEAST_FLUX)
      discs.push({ x: x[s] - 1, y: y[s] - 1, radius: starRadius(brightness, medianFwhm) });
  }
  const { words, stride } = discBits(discs, width, height);
  const { nx, ny, stepPx } = grid;
  const sums = numbers.map((): StarSums => {
    const [ofCount, sum, above] = Array.from({ length: 3 }, () => new Float64Array(nx * ny));
    return { count: ofCount, sum, above };
  });
  for (let j = 0; j < ny; j++) {
    const { start, length } = cellSpan(height, stepPx, j);
    const bits = words.subarray(start * stride, (start + length) * stride);
    planes.forEach((plane, p) => {
      const samples = plane.subarray(start * width, (start + length) * width);
      const channels = cfa ? numbers.map((_, c) => c) : [p];
      const sites = cfa ?? [0, 0, 0, 0];
      addBand({ samples, width, bits, stride, nx, stepPx, sites }, channels, numbers, sums, j * nx);
    });
  }
  return sums;
}

/** Samples of a row of cells, and which of them lie under stars. */
interface StarBand {
  readonly samples: Samples;
  readonly width: number;
  readonly bits: Uint32Array;
  readonly stride: number;
  readonly nx: number;
  readonly stepPx: number;
  /** Of `channels`, by the site of a sample. */
  readonly sites: readonly number[];
}

/** Adds what the cells from number `first` on have under stars to the sums of `channels`. */
function addBand(
  { samples, width, bits, stride, nx, stepPx, sites }: StarBand,
  channels: readonly number[],
  numbers: readonly CellNumbers[],
  sums: readonly StarSums[],
  first: number,
): void {
  const passes = sharedPasses();
  const isInteger = !(samples instanceof Float32Array);
  const cells = channels.length * nx;
  const at = {
    samples: passes.take(samples.byteLength),
    bits: passes.take(bits.byteLength),
    sites: passes.take(16),
    ...{ median: passes.take(4 * cells), reach: passes.take(4 * cells), step: passes.take(4 * cells) },
    ...{ count: passes.take(8 * cells), sum: passes.take(8 * cells), above: passes.take(8 * cells) },
  };
  const fields = [
    ...[at.samples, width, samples.length / width, Number(isInteger), isInteger ? signFlip(samples) : 0],
    ...[at.bits, stride, nx, stepPx, at.sites, at.median, at.reach, at.step, at.count, at.sum, at.above],
  ];
  const band = passes.take(4 * fields.length);
  const { buffer } = passes;
  new Uint32Array(buffer, band, fields.length).set(fields);
  passes.bytes().set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), at.samples);
  new Uint32Array(buffer, at.bits, bits.length).set(bits);
  new Uint32Array(buffer, at.sites, 4).set(sites);
  const [median, reach, step] = [at.median, at.reach, at.step].map(
    (to) => new Float32Array(buffer, to, cells),
  );
  channels.forEach((channel, c) => {
    const own = numbers[channel];
    median.set(own.median.subarray(first, first + nx), c * nx);
    step.set(own.quantum.subarray(first, first + nx), c * nx);
    for (let i = 0; i < nx; i++)
      reach[c * nx + i] = clippingReach(CLIP_SIGMA * own.sigma[first + i], own.quantum[first + i]);
  });
  for (const to of [at.count, at.sum, at.above]) new Float64Array(buffer, to, cells).fill(0);
  passes.passes.starSums(band);
  channels.forEach((channel, c) => {
    const own = sums[channel];
    const of = (from: number) => new Float64Array(buffer, from + 8 * c * nx, nx);
    own.count.set(of(at.count), first);
    own.sum.set(of(at.sum), first);
    own.above.set(of(at.above), first);
  });
}

/** Where a Moffat profile of exponent 3 falls to `FAINTEST`; `flux` and that in units of the noise of a pixel. */
function starRadius(flux: number, fwhm: number): number {
  const width = fwhm / (2 * Math.sqrt(2 ** (1 / 3) - 1));
  const peak = (2 * flux) / (Math.PI * width ** 2);
  return peak > FAINTEST ? width * Math.sqrt((peak / FAINTEST) ** (1 / 3) - 1) : 0;
}

function lessStars(cells: CellNumbers, stars: StarSums): CellNumbers {
  const { mean, median, sigma, noise, count } = cells;
  const less = { ...cells, mean: mean.slice(), median: median.slice(), count: count.slice() };
  for (let k = 0; k < mean.length; k++) {
    const left = count[k] - stars.count[k];
    if (!(stars.count[k] > 0 && left >= LEAST_LEFT * count[k])) continue;
    if (sigma[k] > MOST_STRUCTURE * noise[k]) continue;
    const density = left / (sigma[k] * Math.sqrt(2 * Math.PI));
    less.mean[k] = median[k] + ((mean[k] - median[k]) * count[k] - stars.sum[k]) / left;
    less.median[k] = median[k] - stars.above[k] / (2 * density);
    less.count[k] = left;
  }
  return less;
}
