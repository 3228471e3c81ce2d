// The search for stars on a plane of 16-bit samples, in SIMD: finds what `SampleFinder` finds.
import { signFlip } from '../../simd/sample-passes.js';
import { CORE_RADIUS, SATURATED_FROM, toFullDensity } from './aperture-flux.js';
import type { DetectionImage } from './detection-image.js';
import type { DetectionScratch } from './detection-scratch.js';
import { MAX_SHARE_OF_BLOCK, MAX_SHARE_OF_COLOUR } from './hot-pixel.js';
import { coarseExtent, type CoarseImage, type MatchedFilter } from './matched-filter.js';
import { SkyRows } from './sky-rows.js';
import {
  COARSE_SHARE,
  DEBLEND_RADIUS,
  DETECTION_SIGMA,
  MAX_MOVES,
  MAX_WINDOW_SIGMA,
  type MeasuredShape,
  PARABOLA_SHARE,
  type Peak,
  type StarFinder,
} from './star-finder.js';
import { LAST_STEP, MAX_ITERATIONS, MAX_WALK_SIGMAS, shapeOf } from './windowed-shape.js';

/** Side of the patch in which a peak is sought, as the passes have it. */
const PATCH = 5;
/** Side of the widest window. */
const WINDOW = 2 * Math.ceil(3 * MAX_WINDOW_SIGMA) + 1;
/** Numbers that tell of a peak: index, height, height in sigma. */
const PEAK_NUMBERS = 3;
const MOST_CHANNELS = 3;

/** Frame, coarse image and all else lie in `scratch` and hold until its next use. */
export class IntegerFinder implements StarFinder {
  readonly coarse: CoarseImage;
  readonly #image: DetectionImage;
  readonly #filter: MatchedFilter;
  readonly #passes;
  readonly #flip: number;
  /** Addresses. */
  readonly #frame: number;
  readonly #taps: number;
  readonly #data: number;
  readonly #peaks: number;
  /** The record of all of them that the passes take. */
  readonly #detection: number;
  readonly #out: Float64Array;
  readonly #sky: Float64Array;

  constructor(
    image: DetectionImage,
    samples: Uint16Array | Int16Array,
    filter: MatchedFilter,
    scratch: DetectionScratch,
  ) {
    this.#image = image;
    this.#filter = filter;
    this.#flip = signFlip(samples);
    const { taps } = filter;
    const { grid, cfa } = image.frame;
    const extent = coarseExtent(filter, image.width, image.height);
    const memory = scratch.passes;
    memory.reset();
    this.#passes = memory.passes;
    this.#frame = memory.take(samples.byteLength);
    this.#taps = memory.take(taps.byteLength);
    this.#data = memory.take(4 * extent.width * extent.height);
    const cells = memory.take(image.level.byteLength);
    const noise = memory.take(image.noise.byteLength);
    const channels = memory.take(image.level.byteLength * grid.level.length);
    const sites = memory.take(4);
    const columns = memory.take(4 * extent.width);
    const between = memory.take(8 * (PATCH + 2) * (PATCH + taps.length + 1));
    const patch = memory.take(8 * (PATCH ** 2 + 1));
    const window = memory.take(4 * WINDOW ** 2);
    const across = memory.take(8 * WINDOW);
    const out = memory.take(8 * 8);
    const sky = memory.take(8 * MOST_CHANNELS);
    // every sample of the coarse rows of a cell, of which the last has half as many more, may be a peak
    this.#peaks = memory.take(8 * PEAK_NUMBERS * extent.width * (grid.stepPx + 2));
    const rowBytes = 4 * (extent.width + 4);
    const rows = memory.take(rowBytes * taps.length);
    const fields = [
      ...[
        this.#frame,
        image.width,
        image.height,
        this.#flip,
        image.box,
        this.#taps,
        taps.length,
        filter.half,
      ],
      ...[this.#data, extent.width, extent.x0, extent.x1, extent.y0, extent.y1],
      ...[grid.nx, grid.ny, grid.stepPx, cells, noise, grid.level.length, channels, sites],
      ...[columns, between, patch, window, across, out, sky],
    ];
    this.#detection = memory.take(4 * fields.length);
    const { buffer } = memory;
    memory.bytes().set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), this.#frame);
    new Float64Array(buffer, this.#taps, taps.length).set(taps);
    new Float32Array(buffer, cells, image.level.length).set(image.level);
    new Float32Array(buffer, noise, image.noise.length).set(image.noise);
    grid.level.forEach((level, c) => {
      new Float32Array(buffer, channels + c * level.byteLength, level.length).set(level);
    });
    new Uint8Array(buffer, sites, 4).set(cfa ?? [0, 0, 0, 0]);
    new Uint32Array(buffer, this.#detection, fields.length).set(fields);
    this.#out = new Float64Array(buffer, out, 8);
    this.#sky = new Float64Array(buffer, sky, MOST_CHANNELS);
    this.coarse = { ...extent, data: new Float32Array(buffer, this.#data, extent.width * extent.height) };
    this.#filterCoarsely(rows, rowBytes);
  }

  /** Rows filtered along x stay in a ring as long as the column filter needs them. */
  #filterCoarsely(rows: number, rowBytes: number): void {
    const { frame, width: rawWidth, height: rawHeight, origin, weights } = this.#image;
    const { taps, half } = this.#filter;
    const { width, x0, x1 } = this.coarse;
    const { filterRow, filterColumns } = this.#passes;
    const n = taps.length;
    const sky = new SkyRows(frame.grid, weights, origin - 1, rawWidth);
    for (let y = 0; y < rawHeight; y++) {
      const row = this.#frame + 2 * y * rawWidth;
      filterRow(row, this.#flip, this.#taps, n, half, x0, x1, rows + (y % n) * rowBytes);
      const target = y - (n - 1 - half);
      if (target < half || target % 2 === 1) continue;
      const at = this.#data + 4 * (target >> 1) * width;
      const first = (target - half) % n;
      sky.at(target + origin - 1);
      for (let s = 0; s < sky.segments; s++) {
        const from = Math.max(x0, (sky.start[s] + 1) >> 1);
        const to = Math.min(x1, (sky.end[s] + 1) >> 1);
        const slope = 2 * sky.slope[s];
        filterColumns(rows, rowBytes, first, this.#taps, n, from, to, sky.value[s], slope, at);
      }
    }
  }

  peaksIn(j: number, gain: number): Peak[] {
    const count = this.#passes.seekPeaks(
      ...([this.#detection, j, gain, DETECTION_SIGMA, COARSE_SHARE, PARABOLA_SHARE] as const),
      MAX_MOVES,
      this.#peaks,
    );
    const numbers = new Float64Array(this.coarse.data.buffer, this.#peaks, PEAK_NUMBERS * count);
    const peaks: Peak[] = [];
    for (let p = 0; p < numbers.length; p += PEAK_NUMBERS)
      peaks.push({ k: numbers[p], value: numbers[p + 1], snr: numbers[p + 2] });
    return peaks;
  }

  saddleBelow(from: number, to: number, limit: number): boolean {
    return this.#passes.saddleBelow(this.#detection, from, to, limit, DEBLEND_RADIUS) !== 0;
  }

  shape(x: number, y: number, sigma: number): MeasuredShape | undefined {
    if (sigma > MAX_WINDOW_SIGMA) throw new RangeError(`window of ${sigma} pixels`);
    const passes = this.#passes;
    const detection = this.#detection;
    passes.starSky(detection, x, y);
    if (passes.isHotPixel(detection, x, y, MAX_SHARE_OF_BLOCK, MAX_SHARE_OF_COLOUR)) return undefined;
    const walk = MAX_WALK_SIGMAS * sigma;
    if (!passes.windowedMoments(detection, x, y, sigma, MAX_ITERATIONS, LAST_STEP, walk)) return undefined;
    const out = this.#out;
    const moments = { x: out[0], y: out[1], xx: out[2], yy: out[3], xy: out[4] };
    const shape = shapeOf(moments, sigma, this.#image.box);
    return { ...shape, sky: [...this.#sky.subarray(0, this.#image.frame.grid.level.length)] };
  }

  flux(x: number, y: number, radius: number, sky: readonly number[], out: Float64Array): boolean {
    const { frame, origin } = this.#image;
    this.#sky.set(sky);
    const limit = SATURATED_FROM * (frame.saturation ?? Infinity);
    const offset = origin - 1;
    const saturated = this.#passes.apertureFlux(
      ...([this.#detection, x + offset, y + offset, radius, limit, CORE_RADIUS] as const),
    );
    for (let c = 0; c < out.length; c++) out[c] = this.#out[c];
    if (frame.cfa) toFullDensity(out);
    return saturated !== 0;
  }
}
