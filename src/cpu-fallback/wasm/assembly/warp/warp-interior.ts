// Lanczos-3 of columns whose taps are all there, none of them blank, from a region of the window (warp-region.ts). One pass over a row finds where its pixels lie, one makes their
// weights, one their sums, and one the samples.
import { WarpJob as Job } from '../layout';
import { PHASE_BYTES, PHASES } from './lanczos-phases';
import { clampedValue, storeWeights, WEIGHTS_BYTES } from './lanczos-taps';
import { COLUMNS, placeOf, polynomial, storePairs } from './warp-positions';
import { REFERENCE, REGION_BYTES, REGION_PITCH } from './warp-region';
import { fourMinima, fourSums, levelled, levelTerm, storeLanes } from './warp-rows';
import * as scratchOf from './warp-scratch';

/** Bytes of a pixel: its weights, its sums and, as lanes still to be joined, the least of some taps. */
const PIXEL_BYTES: usize = WEIGHTS_BYTES + 32;
const SUMS: usize = WEIGHTS_BYTES;
const LEAST: usize = WEIGHTS_BYTES + 16;
/** Behind a float of 1.5 * 2^23 whole numbers within 2^22 stand in the last bits. */
const WHOLE: f32 = 12582912;
const WHOLE_BITS: i32 = 0x4b400000;

/** Columns `from` to `to` of a row of all planes, each from `target` on, `pixels` apart. */
export function interiorRow(
  job: usize,
  block: usize,
  row: u32,
  from: usize,
  to: usize,
  columns: usize,
  target: usize,
  pixels: usize,
  region: usize,
  pixelsAt: usize,
  scratch: usize,
): void {
  findTaps(job, block, row, from, to, region, scratch);
  makeWeights(from, to, pixelsAt, scratch);
  let c: u32 = 0;
  do {
    makeSums(c * REGION_BYTES, from, to, pixelsAt, scratch);
    finishRow(job, c, from, to, columns, target + c * pixels * 4, region + c * REGION_BYTES, pixelsAt, scratch);
  } while (++c < Job.planes(job));
}

/** Addresses of first taps in the region of the first plane, and of phases, with what is left of these; places for levels. */
function findTaps(job: usize, block: usize, row: u32, from: usize, to: usize, region: usize, scratch: usize): void {
  const v = placeOf(row);
  const baseX = load<f32>(block);
  const baseY = load<f32>(block, 4);
  const invScale = f32x4.splat(Job.invScale(job));
  const startX = f32x4.splat((baseX - Job.centreX(job)) * Job.invScale(job));
  const startY = f32x4.splat((baseY - Job.centreY(job)) * Job.invScale(job));
  // Of the tap two pixels before the position's, from the first of the region.
  const x = <i32>baseX - Job.windowX(job) - load<i32>(scratch, scratchOf.REGION_X) - 2;
  const y = <i32>baseY - Job.windowY(job) - load<i32>(scratch, scratchOf.REGION_Y) - 2;
  const start = i32x4.splat(WHOLE_BITS - <i32>region - x * 8 - y * <i32>REGION_PITCH);
  const phases = i32x4.splat(WHOLE_BITS - <i32>Job.lanczosPhases_at(job));
  const pitch = f32x4.splat(<f32>REGION_PITCH);
  const eight = f32x4.splat(8);
  const whole = f32x4.splat(WHOLE);
  const size = f32x4.splat(<f32>PHASES);
  const bytes = f32x4.splat(<f32>PHASE_BYTES);
  let at = scratch + from * 4;
  let pair = scratch + from * 8;
  const end = scratch + to * 4;
  do {
    const sumX = polynomial(at + scratchOf.POLYNOMIALS, v);
    const sumY = polynomial(at + scratchOf.POLYNOMIALS + 3 * COLUMNS, v);
    const floorX = f32x4.floor(sumX);
    const floorY = f32x4.floor(sumY);
    // Whole numbers far below 2^22: exact.
    const tap = f32x4.add(f32x4.add(f32x4.mul(floorX, eight), f32x4.mul(floorY, pitch)), whole);
    v128.store(at, i32x4.sub(tap, start), scratchOf.TAP);
    const phaseX = f32x4.mul(f32x4.sub(sumX, floorX), size);
    const phaseY = f32x4.mul(f32x4.sub(sumY, floorY), size);
    const entryX = f32x4.floor(phaseX);
    const entryY = f32x4.floor(phaseY);
    const addressX = i32x4.sub(f32x4.add(f32x4.mul(entryX, bytes), whole), phases);
    const addressY = i32x4.sub(f32x4.add(f32x4.mul(entryY, bytes), whole), phases);
    storePairs(pair + scratchOf.PHASES, addressX, addressY);
    storePairs(pair + scratchOf.RESTS, f32x4.sub(phaseX, entryX), f32x4.sub(phaseY, entryY));
    pair += 32;
    v128.store(at, f32x4.add(f32x4.mul(sumX, invScale), startX), scratchOf.LEVEL_X);
    v128.store(at, f32x4.add(f32x4.mul(sumY, invScale), startY), scratchOf.LEVEL_Y);
    at += 16;
  } while (at < end);
}

function makeWeights(from: usize, to: usize, pixelsAt: usize, scratch: usize): void {
  let pair = scratch + from * 8;
  let target = pixelsAt + from * PIXEL_BYTES;
  const end = scratch + to * 8;
  do {
    const both = load<u64>(pair, scratchOf.PHASES);
    storeWeights(<u32>both, <usize>(both >> 32), v128.load64_zero(pair, scratchOf.RESTS), target);
    pair += 8;
    target += PIXEL_BYTES;
  } while (pair < end);
}

/** Of the plane whose region lies `plane` bytes behind the first. */
function makeSums(plane: usize, from: usize, to: usize, pixelsAt: usize, scratch: usize): void {
  let list = scratch + from * 4;
  let pixel = pixelsAt + from * PIXEL_BYTES;
  const end = scratch + to * 4;
  do {
    storeSums(load<u32>(list, scratchOf.TAP) + plane, pixel);
    list += 4;
    pixel += PIXEL_BYTES;
  } while (list < end);
}

/**
 * Stores the sums of a pixel, whose weights stand there already. Three loads have the six columns of two rows; the least of some taps is no less than that of all.
 */
// @ts-ignore: decorator
@inline
function storeSums(p: usize, pixel: usize): void {
  const wy = v128.load(pixel, 16);
  const last = v128.load(pixel, 32);
  const y0 = v128.shuffle<f32>(wy, wy, 0, 1, 0, 1);
  const y2 = v128.shuffle<f32>(wy, wy, 2, 3, 2, 3);
  const y4 = v128.shuffle<f32>(last, last, 2, 3, 2, 3);
  const left0 = v128.load(p);
  const left2 = v128.load(p, 2 * REGION_PITCH);
  const left4 = v128.load(p, 4 * REGION_PITCH);
  const left = f32x4.add(f32x4.add(f32x4.mul(left0, y0), f32x4.mul(left4, y4)), f32x4.mul(left2, y2));
  const right0 = v128.load(p, 32);
  const right2 = v128.load(p, 2 * REGION_PITCH + 32);
  const right4 = v128.load(p, 4 * REGION_PITCH + 32);
  const right = f32x4.add(f32x4.add(f32x4.mul(right0, y0), f32x4.mul(right4, y4)), f32x4.mul(right2, y2));
  const inner0 = v128.load(p, 16);
  const inner2 = v128.load(p, 2 * REGION_PITCH + 16);
  const inner4 = v128.load(p, 4 * REGION_PITCH + 16);
  const inner = f32x4.add(f32x4.add(f32x4.mul(inner0, y0), f32x4.mul(inner4, y4)), f32x4.mul(inner2, y2));
  const wx = v128.load(pixel);
  const outer = f32x4.add(
    f32x4.mul(left, v128.shuffle<f32>(wx, wx, 0, 0, 1, 1)),
    f32x4.mul(right, v128.shuffle<f32>(last, last, 0, 0, 1, 1)),
  );
  const least = f32x4.pmin(f32x4.pmin(f32x4.pmin(left2, right2), f32x4.pmin(inner0, inner4)), inner2);
  v128.store(pixel, least, LEAST);
  v128.store(pixel, f32x4.add(outer, f32x4.mul(inner, v128.shuffle<f32>(wx, wx, 2, 2, 3, 3))), SUMS);
}

/** Clamps and levels the sums of plane `c`, whose region is `region`, and writes the row. */
function finishRow(
  job: usize,
  c: u32,
  from: usize,
  to: usize,
  columns: usize,
  target: usize,
  region: usize,
  pixelsAt: usize,
  scratch: usize,
): void {
  const gain = levelTerm(job, c, 0);
  const l0 = levelTerm(job, c, 1);
  const lx = levelTerm(job, c, 2);
  const ly = levelTerm(job, c, 3);
  const lxx = levelTerm(job, c, 4);
  const lxy = levelTerm(job, c, 5);
  const lyy = levelTerm(job, c, 6);
  // With a threshold of 1 or more only what comes out below the least tap can be clamped.
  const most = f32x4.splat(Job.clampThreshold(job) >= 1 ? 0 : Infinity);
  const reference = v128.load32_splat(region, REFERENCE);
  let i = from;
  do {
    const pixel = pixelsAt + i * PIXEL_BYTES;
    const about = fourSums(pixel + SUMS, PIXEL_BYTES);
    const doubted = i32x4.bitmask(f32x4.lt(f32x4.sub(about, fourMinima(pixel + LEAST, PIXEL_BYTES)), most));
    let value = f32x4.add(about, reference);
    if (doubted != 0) value = clampedValues(job, c, value, doubted, i, region, pixelsAt, scratch);
    const sample = levelled(value, scratch + i * 4, gain, l0, lx, ly, lxx, lxy, lyy);
    storeLanes(target + i * 4, sample, <u32>(columns - i));
    i += 4;
  } while (i < to);
}

/** Values of the columns of `lanes`, from column `i` on, one by one and clamped, from the window itself; `values` of all others. */
function clampedValues(
  job: usize,
  c: u32,
  values: v128,
  lanes: i32,
  i: usize,
  region: usize,
  pixelsAt: usize,
  scratch: usize,
): v128 {
  const pitch = <usize>Job.windowWidth(job) * 4;
  const left = <usize>load<u32>(scratch, scratchOf.REGION_X);
  const top = <usize>load<u32>(scratch, scratchOf.REGION_Y);
  const window = Job.planes_at(job) + (<usize>c * Job.windowHeight(job) + top) * pitch + left * 4;
  const patch = scratch + i * 4 + scratchOf.VALUE;
  v128.store(patch, values);
  while (lanes != 0) {
    const lane = <usize>ctz(lanes);
    // The lists have taps of the first plane.
    const tap = load<u32>(scratch + (i + lane) * 4, scratchOf.TAP) + c * REGION_BYTES - region;
    const p = window + (tap / REGION_PITCH) * pitch + (tap % REGION_PITCH) / 2;
    const weights = pixelsAt + (i + lane) * PIXEL_BYTES;
    store<f32>(patch + lane * 4, clampedValue(p, pitch, weights, Job.clampThreshold(job)));
    lanes &= lanes - 1;
  }
  return v128.load(patch);
}
