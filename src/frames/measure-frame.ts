// The measure pass over one frame's pixels: background, noise, saturation; refuses frames that hold no picture.
import type { PixelFile } from '../fits/hdu.js';
import type { ReadBuffers } from '../fits/read/read-buffers.js';
import { readIntegers } from '../fits/read/read-integers.js';
import { zeroTail } from '../fits/read/zero-tail.js';
import { BackgroundMesher, type BackgroundMeasure } from '../photometry/background/background-mesh.js';
import type { CellNumbers } from '../photometry/background/counted-cells.js';
import { integerRange } from '../photometry/integer-range.js';
import type { Samples } from '../photometry/samples.js';
import { reasonOfError, type FrameReason } from './frame-reason.js';
import type { FrameRecord } from './frame-record.js';
import { readLevels } from './read-levels.js';

/** Samples from this fraction of the saturation level on count as saturated: 12- and 14-bit cameras stop a step short of it. */
const SATURATED_FROM = 0.995;
/** A frame with fewer valid samples, or with more saturated ones, shows no sky. */
const MIN_VALID_FRACTION = 0.01;
const MAX_SATURATED_FRACTION = 0.5;

/** So many samples of a row that are 0 are no chance, also where half of the sky was clipped to it. */
const LEAST_CUT_OFF = 20;

/** A frame whose samples would take at most this much memory as float32 is read whole, once for all who look at its pixels. */
const WHOLE_UP_TO_BYTES = 64 * 2 ** 20;

/** Plain data: what stays of a frame's pixels. Levels in ADU of a raw pixel. */
export interface FrameMeasure {
  readonly background: BackgroundMeasure;
  /** Fractions of all samples. */
  readonly saturatedFraction: number;
  readonly validFraction: number;
}

export interface RowsAt {
  readonly plane: number;
  readonly y0: number;
  readonly rows: number;
}

/** Takes raw rows of one plane `[rows, width]` (NaN = blank), which are its own from then on, to what is measured in their place. */
export type PrepareRows = (raw: Float32Array, where: RowsAt) => Promise<Float32Array>;

export interface MeasureOptions {
  /** Side of a mesh cell in pixels, even. */
  readonly stepPx?: number;
  /** Bytes of float32 samples up to which a frame is read whole; 64 MiB unless told. */
  readonly wholeUpToBytes?: number;
  /** Calibration; saturation is told by the raw samples, all else by what comes out. */
  readonly prepare?: PrepareRows;
  /** Whose memory planes of 16-bit integers are read into that the result holds; whoever looks at them last gives it back. */
  readonly buffers?: ReadBuffers;
}

/** A measured frame, and its planes `[height, width]` in ADU where the frame was small enough to be read whole. */
export interface MeasuredPixels {
  readonly measure: FrameMeasure;
  /** What the background's levels were made of, per channel. */
  readonly cells: readonly CellNumbers[];
  readonly pixels?: readonly Samples[];
}

/**
 * Measures the image of `record` in the opened file, band by band of mesh rows. Memory: the frame's samples, as 16-bit integers where they are such, up to
 * 64 MiB, which the result then holds; of a larger frame one band of at most 1.5 cells. A frame that is empty, constant, clipped to one value or mostly saturated, that was not copied to its end, or whose
 * pixels cannot be read, is refused with a reason; other errors are thrown.
 */
export async function measureFrame(
  file: PixelFile,
  record: FrameRecord,
  options: MeasureOptions = {},
): Promise<MeasuredPixels | { readonly reason: FrameReason }> {
  const { width, height, planes, sensor, bitpix, bscale } = record;
  const mesher = new BackgroundMesher({
    width,
    height,
    channels: sensor.kind === 'mono' ? 1 : 3,
    cfa: sensor.kind === 'cfa' ? sensor.sites : undefined,
    stepPx: options.stepPx,
    unit: bitpix > 0 && !options.prepare ? Math.abs(bscale) : 0,
  });
  const range = new SampleRange(record.saturation ?? Infinity);
  let cutOff = 0;
  const whole = 4 * width * height * planes <= (options.wholeUpToBytes ?? WHOLE_UP_TO_BYTES);
  const pixels: Samples[] = [];
  const read = async (plane: number, y0: number, rows: number): Promise<Samples> => {
    const window = { plane, x0: 0, y0, width, height: rows };
    const hdu = file.hdus[record.hdu];
    if (!options.prepare) {
      const integers = await readIntegers(file, hdu, window, whole ? options.buffers : undefined);
      const samples = integers ?? (await readLevels(file, hdu, window));
      range.add(samples);
      return samples;
    }
    const raw = await readLevels(file, hdu, window);
    range.add(raw);
    return options.prepare(raw, { plane, y0, rows });
  };
  try {
    for (let plane = 0; plane < planes; plane++) {
      if (whole) pixels.push(await read(plane, 0, height));
      for (let j = 0; j < mesher.bands; j++) {
        const { start, length } = mesher.band(j);
        const data = whole
          ? pixels[plane].subarray(start * width, (start + length) * width)
          : await read(plane, start, length);
        mesher.addBand(plane, j, data);
      }
    }
    cutOff = await rowsCutOff(file, record);
  } catch (error) {
    return { reason: reasonOfError(error) };
  }
  const samples = width * height * planes;
  const validFraction = range.valid / samples;
  if (validFraction < MIN_VALID_FRACTION)
    return refuse('frames_reject_empty', { percent: percent(validFraction) });
  if (range.least === range.greatest) return refuse('frames_reject_constant', { value: range.least });
  if (cutOff > 0) return refuse('frames_reject_cut_off', { rows: cutOff });
  const saturatedFraction = range.saturated / samples;
  if (saturatedFraction > MAX_SATURATED_FRACTION)
    return refuse('frames_reject_saturated', { percent: percent(saturatedFraction) });
  const background = mesher.finish();
  const silent = background.noise.findIndex((noise) => !(noise > 0));
  if (silent >= 0)
    return refuse('frames_reject_no_noise', { channel: silent + 1, value: background.level[silent] });
  const measure = { background, saturatedFraction, validFraction };
  const cells = mesher.numbers;
  return whole ? { measure, cells, pixels } : { measure, cells };
}

/**
 * Last rows that hold nothing, for the copy ended before. Stored zeros that stand for the middle of the range are in no picture; where they are black, registered frames have borders of them,
 * and some sensors rows: a copy of a sensor's samples also ends within a row. Zeros that stand for blanks tell nothing.
 */
async function rowsCutOff(file: PixelFile, { hdu, bzero, sensor }: FrameRecord): Promise<number> {
  if ((bzero === 0 && sensor.kind !== 'cfa') || file.hdus[hdu].image?.blank === 0) return 0;
  const { rows, samples } = await zeroTail(file, file.hdus[hdu]);
  return bzero !== 0 || samples >= LEAST_CUT_OFF ? rows : 0;
}

class SampleRange {
  valid = 0;
  saturated = 0;
  /** Equal where all valid samples are. */
  least = Infinity;
  greatest = -Infinity;
  readonly #limit: number;

  constructor(saturation: number) {
    this.#limit = saturation * SATURATED_FROM;
  }

  add(data: Samples): void {
    if (!(data instanceof Float32Array)) {
      this.#addIntegers(data);
      return;
    }
    let blank = 0;
    let saturated = 0;
    let least = this.least;
    let greatest = this.greatest;
    const limit = this.#limit;
    for (let i = 0; i < data.length; i++) {
      const v = data[i];
      if (v < least) least = v;
      if (v > greatest) greatest = v;
      if (v >= limit) saturated++;
      else if (v !== v) blank++;
    }
    this.valid += data.length - blank;
    this.saturated += saturated;
    this.least = least;
    this.greatest = greatest;
  }

  #addIntegers(data: Uint16Array | Int16Array): void {
    const { least, greatest, reached } = integerRange(data, this.#limit);
    this.valid += data.length;
    this.saturated += reached;
    this.least = Math.min(this.least, least);
    this.greatest = Math.max(this.greatest, greatest);
  }
}

function refuse(code: string, params: FrameReason['params']): { reason: FrameReason } {
  return { reason: { code, params } };
}

function percent(fraction: number): number {
  return Number((100 * fraction).toFixed(2));
}
