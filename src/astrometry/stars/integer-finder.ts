// The search for stars on a plane of 16-bit samples, in SIMD: finds what `SampleFinder` finds.
import { type SamplePasses, signFlip } from '../../simd/sample-passes.js';
import { CORE_RADIUS, MAX_RADIUS, SATURATED_FROM } from './aperture-flux.js';
import type { DetectionImage } from './detection-image.js';
import type { DetectionScratch } from './detection-scratch.js';
import { MAX_SHARE_OF_BLOCK, MAX_SHARE_OF_COLOUR } from './hot-pixel.js';
import { coarseExtent, type CoarseImage, FWHM_OVER_SIGMA, type MatchedFilter } from './matched-filter.js';
import { LEAST_SKY_SHARE, MAX_DOUBLINGS, RING_FROM, RING_SIGMA, RING_TO } from './local-sky.js';
import {
  COARSE_SHARE,
  DEBLEND_RADIUS,
  DETECTION_SIGMA,
  type Lights,
  MAX_MOVES,
  MAX_PEAKS,
  MAX_STARS,
  MAX_WINDOW_SIGMA,
  PARABOLA_SHARE,
  type Peaks,
  SADDLE_DEPTH,
  SADDLE_SIGMA,
  SCATTER_STRIDE,
  SIGMA_OVER_DEVIATION,
  type Sources,
  type StarFinder,
} from './star-finder.js';
import { LAST_STEP, MAX_ITERATIONS, MAX_WALK_SIGMAS, WIDEST_SHARE } from './windowed-shape.js';

/** Side of the patch in which a peak is sought, as the passes have it. */
const PATCH = 5;
/** Side of the widest window. */
const WINDOW = 2 * Math.ceil(3 * MAX_WINDOW_SIGMA) + 1;
/** Room for the widest ring of sky: 32 bytes for eight of its samples, where a row begins before the first. */
const RING_SIDE = 2 * Math.ceil(RING_TO * MAX_RADIUS) + 1;
const RING_BYTES = 32 * RING_SIDE * Math.ceil((RING_SIDE + 1) / 8);
/** Numbers that tell of a peak: index, height, height in sigma. */
const PEAK_NUMBERS = 3;
/** And of a shape, with as much for its peak: x, y, width, ellipticity, angle. */
const SHAPE_NUMBERS = 6;
const MOST_CHANNELS = 3;

/** Frame, coarse image and all else lie in `scratch` and hold until its next use. */
export class IntegerFinder implements StarFinder {
  readonly coarse: CoarseImage;
  readonly #image: DetectionImage;
  readonly #filter: MatchedFilter;
  readonly #memory: SamplePasses;
  readonly #scatter: number;
  /** Addresses: the records that the passes take, and what goes in and out. */
  readonly #detection: number;
  readonly #search: number;
  readonly #at: number;
  readonly #snr: number;
  readonly #places: number;
  readonly #found: number;

  constructor(
    image: DetectionImage,
    samples: Uint16Array | Int16Array,
    filter: MatchedFilter,
    scratch: DetectionScratch,
  ) {
    this.#image = image;
    this.#filter = filter;
    const { taps } = filter;
    const { grid, cfa } = image.frame;
    const extent = coarseExtent(filter, image.width, image.height);
    const coarse = extent.width * extent.height;
    const frame = scratch.placed.place(samples);
    const { passes: memory } = scratch.placed;
    this.#memory = memory;
    const tapsAt = memory.take(taps.byteLength);
    const data = memory.take(4 * coarse);
    const cells = memory.take(image.level.byteLength);
    const noise = memory.take(image.noise.byteLength);
    const channels = memory.take(image.level.byteLength * grid.level.length);
    const channelNoise = memory.take(image.level.byteLength * grid.level.length);
    const sites = memory.take(4);
    const columns = memory.take(4 * extent.width);
    const between = memory.take(8 * (PATCH + 2) * (PATCH + taps.length + 1));
    const patch = memory.take(8 * (PATCH ** 2 + 1));
    const window = memory.take(4 * WINDOW ** 2);
    const across = memory.take(8 * 3 * (WINDOW + 1));
    const out = memory.take(8 * 8);
    const [sky, skyNoise] = [memory.take(8 * MOST_CHANNELS), memory.take(8 * MOST_CHANNELS)];
    const fields = [
      ...[frame, image.width, image.height, signFlip(samples), image.box, tapsAt, taps.length, filter.half],
      ...[data, extent.width, extent.x0, extent.x1, extent.y0, extent.y1],
      ...[grid.nx, grid.ny, grid.stepPx, cells, noise, grid.level.length, channels, sites],
      ...[columns, between, patch, window, across, out, sky],
      ...[skyNoise, channelNoise, memory.take(RING_BYTES)],
    ];
    this.#detection = memory.take(4 * fields.length);
    this.#at = memory.take(4 * MAX_PEAKS);
    this.#places = memory.take(16 * MAX_STARS);
    this.#found = memory.take(8 * MAX_STARS * Math.max(SHAPE_NUMBERS, MOST_CHANNELS + 1));
    // no two peaks are neighbours; and every sample of the coarse rows of a cell, of which the last has half as many more, may lead to one
    const listed = memory.take(8 * PEAK_NUMBERS * (coarse + extent.width * (grid.stepPx + 2)));
    const buckets = Math.ceil(image.width / DEBLEND_RADIUS) * Math.ceil(image.height / DEBLEND_RADIUS);
    const search = [
      ...[listed, memory.take((image.width * image.height + 7) >> 3), memory.take(4 * coarse)],
      ...[memory.take(4 * MAX_PEAKS), memory.take(4 * buckets), this.#at, memory.take(4 * MAX_PEAKS)],
      ...[MAX_PEAKS, DEBLEND_RADIUS],
    ];
    this.#search = memory.take(4 * search.length);
    this.#snr = search[6];
    const rowBytes = 4 * (extent.width + 4);
    const rows = memory.take(rowBytes * taps.length);
    const levels = memory.take(8 * image.level.length);
    const { buffer } = memory;
    new Float64Array(buffer, tapsAt, taps.length).set(taps);
    new Float32Array(buffer, cells, image.level.length).set(image.level);
    new Float32Array(buffer, noise, image.noise.length).set(image.noise);
    grid.level.forEach((level, c) => {
      new Float32Array(buffer, channels + c * level.byteLength, level.length).set(level);
      new Float32Array(buffer, channelNoise + c * level.byteLength, level.length).set(grid.noise[c]);
    });
    new Uint8Array(buffer, sites, 4).set(cfa ?? [0, 0, 0, 0]);
    new Uint32Array(buffer, this.#detection, fields.length).set(fields);
    new Uint32Array(buffer, this.#search, search.length).set(search);
    this.coarse = { ...extent, data: new Float32Array(buffer, data, coarse), made: { memory, at: data } };
    memory.passes.filterCoarsely(this.#detection, rows, rowBytes, levels);
    // what the scatter is told by lies where peaks are listed afterwards
    this.#scatter = memory.passes.coarseScatter(this.#detection, filter.noiseGain, SCATTER_STRIDE, listed);
  }

  peaks(): Peaks {
    const gain = this.#filter.noiseGain * Math.max(1, SIGMA_OVER_DEVIATION * this.#scatter);
    const count = this.#memory.passes.findPeaks(
      ...([this.#detection, this.#search, gain, DETECTION_SIGMA, COARSE_SHARE, PARABOLA_SHARE] as const),
      ...([MAX_MOVES, SADDLE_DEPTH, SADDLE_SIGMA] as const),
    );
    const { buffer } = this.#memory;
    return {
      at: new Int32Array(buffer, this.#at, count).slice(),
      snr: new Float32Array(buffer, this.#snr, count).slice(),
    };
  }

  shapes({ at, snr }: Peaks, sigma: number): Sources {
    if (sigma > MAX_WINDOW_SIGMA) throw new RangeError(`window of ${sigma} pixels`);
    const { buffer, passes } = this.#memory;
    new Int32Array(buffer, this.#at, at.length).set(at);
    new Float32Array(buffer, this.#snr, at.length).set(snr);
    const count = passes.measureShapes(
      ...([this.#detection, this.#at, this.#snr, at.length, sigma, FWHM_OVER_SIGMA, MAX_STARS] as const),
      ...([MAX_SHARE_OF_BLOCK, MAX_SHARE_OF_COLOUR] as const),
      ...([MAX_ITERATIONS, LAST_STEP, MAX_WALK_SIGMAS * sigma, WIDEST_SHARE, this.#found] as const),
    );
    const column = (c: number) => new Float64Array(buffer, this.#found + 8 * c * MAX_STARS, count).slice();
    const peak = this.#found + 40 * MAX_STARS;
    return {
      ...{ count, x: column(0), y: column(1), fwhm: column(2), ellipticity: column(3), angle: column(4) },
      peak: new Int32Array(buffer, peak, count).slice(),
      snr: new Float32Array(buffer, peak + 4 * MAX_STARS, count).slice(),
    };
  }

  lights({ count, x, y, peak }: Sources, radius: number): Lights {
    if (radius > MAX_RADIUS) throw new RangeError(`aperture of ${radius} pixels`);
    const { frame } = this.#image;
    const { buffer, passes } = this.#memory;
    new Float64Array(buffer, this.#places, count).set(x);
    new Float64Array(buffer, this.#places + 8 * count, count).set(y);
    new Int32Array(buffer, this.#at, count).set(peak);
    const limit = SATURATED_FROM * (frame.saturation ?? Infinity);
    const channels = frame.grid.level.length;
    passes.measureLights(
      ...([this.#detection, this.#places, this.#at, count, radius, limit, CORE_RADIUS] as const),
      ...([
        RING_FROM * radius,
        RING_TO * radius,
        RING_SIGMA,
        LEAST_SKY_SHARE,
        MAX_DOUBLINGS,
        this.#found,
      ] as const),
    );
    const found = new Float64Array(buffer, this.#found, (channels + 1) * count);
    return {
      flux: found.slice(0, channels * count),
      saturated: new Uint8Array(found.subarray(channels * count)),
    };
  }
}
