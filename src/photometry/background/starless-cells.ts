// Levels of a mesh without the light of the stars that were found on it: what clipping leaves of a star depends on the seeing, so frames seem to differ that do not.
import { meshLevels, type BackgroundMeasure, type CfaSites } from './background-mesh.js';
import type { CellNumbers } from './counted-cells.js';
import { discBits } from './disc-pixels.js';
import { CLIP_SIGMA } from './clipped-statistics.js';
import { cellSpan, type LevelGrid } from './level-grid.js';
import type { Samples } from '../samples.js';
import { PlacedSamples } from '../../simd/placed-samples.js';
import { signFlip } from '../../simd/sample-passes.js';

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

const ONE_CHANNEL: CfaSites = [0, 0, 0, 0];
/** What the pass takes of cells, in its order, and the fields of its record. */
const NUMBERS = ['mean', 'median', 'sigma', 'noise', 'count', 'quantum'] as const;
const FIELDS = 26;

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
  place = new PlacedSamples(),
): BackgroundMeasure {
  const { grid, noise } = background;
  const discs = starDiscs(stars, noise[noise.length >> 1]);
  const starless = samples.cfa
    ? lessStars(grid, numbers, samples.planes[0], samples.cfa, discs, place)
    : samples.planes.flatMap((plane, p) => lessStars(grid, [numbers[p]], plane, ONE_CHANNEL, discs, place));
  const { levels, means } = meshLevels(starless, grid.nx, grid.ny);
  return { ...background, noise, level: means, grid: { ...grid, level: levels } };
}

/** Discs of the stars that are left out, x, y and radius of each. */
function starDiscs(
  { count, x, y, flux, fwhm, medianFwhm, saturated }: FoundStars,
  pixelNoise: number,
): Float64Array {
  const discs = new Float64Array(3 * count);
  let end = 0;
  for (let s = 0; s < count; s++) {
    const brightness = flux[s] / pixelNoise;
    if (!(brightness >= LEAST_FLUX) || (saturated[s] !== 1 && !(fwhm[s] <= WIDEST * medianFwhm))) continue;
    discs[end++] = x[s] - 1;
    discs[end++] = y[s] - 1;
    discs[end++] = starRadius(brightness, medianFwhm);
  }
  return discs.subarray(0, end);
}

/** Where a Moffat profile of exponent 3 falls to `FAINTEST`; `flux` and that in units of the noise of a pixel. */
function starRadius(flux: number, fwhm: number): number {
  const width = fwhm / (2 * Math.sqrt(2 ** (1 / 3) - 1));
  const peak = (2 * flux) / (Math.PI * width ** 2);
  return peak > FAINTEST ? width * Math.sqrt((peak / FAINTEST) ** (1 / 3) - 1) : 0;
}

/** What is measured of the cells of the plane's channels, told by the site of a sample, less its samples under the discs that were not clipped already, nor NaN. */
function lessStars(
  { nx, ny, stepPx, width, height }: LevelGrid,
  channels: readonly CellNumbers[],
  plane: Samples,
  sites: CfaSites,
  discs: Float64Array,
  place: PlacedSamples,
): CellNumbers[] {
  const { passes: memory } = place;
  const isInteger = !(plane instanceof Float32Array);
  // of floating point numbers, which take more memory, one row of cells at a time
  const rows = isInteger ? height : stepPx + (stepPx >> 1);
  if (!isInteger) place.clear();
  const samples = isInteger ? place.place(plane) : memory.take(4 * width * rows);
  const cells = nx * ny;
  const { at: bits, stride } = discBits(memory, discs, width, height);
  const siteList = memory.take(16);
  const floats = NUMBERS.map(() => memory.take(4 * cells * channels.length));
  const reach = memory.take(4 * cells * channels.length);
  const limits = memory.take(isInteger ? 8 * cells * channels.length : 0);
  // a cell is at most half as long again as the step
  const list = memory.take(8 * stepPx * (stepPx / 16 + 3));
  const sums = memory.take(3 * 8 * cells * channels.length);
  const sumAt = [0, 1, 2].map((n) => sums + 8 * n * cells * channels.length);
  const record = memory.take(4 * FIELDS);
  const { buffer, passes } = memory;
  new Uint32Array(buffer, siteList, 4).set(sites);
  new Float64Array(buffer, sums, 3 * cells * channels.length).fill(0);
  channels.forEach((channel, c) =>
    NUMBERS.forEach((name, n) =>
      new Float32Array(buffer, floats[n] + 4 * c * cells, cells).set(channel[name]),
    ),
  );
  const flip = isInteger ? signFlip(plane) : 0;
  const add = (start: number, length: number, firstRow: number, lastRow: number) => {
    const fields = [samples, width, length, Number(isInteger), flip, bits + 4 * start * stride, stride];
    const ofCells = [nx, ny, stepPx, firstRow, lastRow, channels.length, siteList];
    new Uint32Array(buffer, record, FIELDS).set([
      ...fields,
      ...ofCells,
      ...floats,
      reach,
      limits,
      list,
      ...sumAt,
    ]);
    passes.starSums(record, CLIP_SIGMA);
  };
  if (isInteger) add(0, height, 0, ny - 1);
  else {
    for (let j = 0; j < ny; j++) {
      const { start, length } = cellSpan(height, stepPx, j);
      new Float32Array(buffer, samples, width * length).set(
        plane.subarray(start * width, (start + length) * width),
      );
      add(start, length, j, j);
    }
  }
  passes.lessStars(record, LEAST_LEFT, MOST_STRUCTURE);
  return channels.map((channel, c) => {
    const of = (name: keyof CellNumbers) =>
      new Float32Array(buffer, floats[NUMBERS.indexOf(name)] + 4 * c * cells, cells).slice();
    return { ...channel, mean: of('mean'), median: of('median'), count: of('count') };
  });
}
