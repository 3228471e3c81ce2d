// Where the pixels of a row of a block lie in the frame: the contract's polynomial, rounded after every operation as it says.
import { BLOCK_SIZE, WARP_BILINEAR, WARP_LANCZOS3, WARP_NEAREST, WarpJob as Job } from '../layout';
import { PHASE_BYTES, PHASES } from './lanczos-phases';
import * as scratchOf from './warp-scratch';

/** Bytes of a list. */
export const COLUMNS: usize = BLOCK_SIZE * 4;
const HALF: f32 = <f32>(BLOCK_SIZE / 2);
const CENTRE: f32 = (<f32>BLOCK_SIZE - 1) / 2;

/** v of a row of a block, in all lanes. */
// @ts-ignore: decorator
@inline
export function placeOf(row: u32): v128 {
  return f32x4.splat((<f32>row - CENTRE) / HALF);
}

/** r0, r1, r2 of both axes for every column of the block whose map starts at `block`. */
export function blockPolynomials(block: usize, scratch: usize): void {
  for (let axis: usize = 0; axis < 6; axis++) {
    const c = block + 8 + axis * 12;
    const c0 = v128.load32_splat(c);
    const c1 = v128.load32_splat(c, 4);
    const c2 = v128.load32_splat(c, 8);
    const target = scratch + scratchOf.POLYNOMIALS + axis * COLUMNS;
    let u = f32x4(-CENTRE / HALF, (1 - CENTRE) / HALF, (2 - CENTRE) / HALF, (3 - CENTRE) / HALF);
    for (let at: usize = 0; at < COLUMNS; at += 16) {
      v128.store(target + at, f32x4.add(c0, f32x4.mul(u, f32x4.add(c1, f32x4.mul(u, c2)))));
      // Multiples of 1/64: exact.
      u = f32x4.add(u, f32x4.splat(4 / HALF));
    }
  }
}

/** The polynomial of one axis, whose r0 stands at `at`, for four columns. */
// @ts-ignore: decorator
@inline
export function polynomial(at: usize, v: v128): v128 {
  const r2 = v128.load(at, 2 * COLUMNS);
  const r1 = v128.load(at, COLUMNS);
  return f32x4.add(v128.load(at), f32x4.mul(v, f32x4.add(r1, f32x4.mul(v, r2))));
}

/** Lanes whose position k + f lies inside [-0.5, last + 0.5]. */
// @ts-ignore: decorator
@inline
function insideFrame(k: v128, f: v128, last: v128): v128 {
  const half = f32x4.splat(0.5);
  const first = i32x4.splat(-1);
  const low = v128.or(i32x4.gt_s(k, first), v128.and(i32x4.eq(k, first), f32x4.ge(f, half)));
  const high = v128.or(i32x4.lt_s(k, last), v128.and(i32x4.eq(k, last), f32x4.le(f, half)));
  return v128.and(low, high);
}

/** False when no position of the block can lie inside the frame: the polynomial stays within the sum of its magnitudes, as |u|, |v| < 1. */
export function mayTouch(job: usize, block: usize): bool {
  return mayReach(block, block + 8, Job.frameWidth(job)) && mayReach(block + 4, block + 44, Job.frameHeight(job));
}

function mayReach(base: usize, coefficients: usize, size: u32): bool {
  const centre = <f64>load<f32>(base) + <f64>load<f32>(coefficients);
  const reach = reachOf(coefficients);
  return centre + reach >= -0.5 && centre - reach <= <f64>size - 0.5;
}

/** How far positions of a block lie from its centre at most, along one axis. */
export function reachOf(coefficients: usize): f64 {
  let reach: f64 = 1;
  for (let i: usize = 4; i < 36; i += 4) reach += Math.abs(<f64>load<f32>(coefficients + i));
  return reach;
}

/** Fills the lists of columns `from` to `to`, at least one, of the row; false when none of them lies inside the frame. */
export function rowPositions(job: usize, block: usize, row: u32, from: usize, to: usize, scratch: usize): bool {
  const v = placeOf(row);
  const baseX = i32x4.splat(<i32>load<f32>(block));
  const baseY = i32x4.splat(<i32>load<f32>(block, 4));
  const kernel = Job.kernel(job);
  const before: i32 = kernel == WARP_LANCZOS3 ? 2 : 0;
  const taps: i32 = kernel == WARP_LANCZOS3 ? 6 : kernel == WARP_BILINEAR ? 2 : 1;
  const windowWidth = <i32>Job.windowWidth(job);
  // Number of first taps along each axis from which all others lie inside the window.
  const firstsX = i32x4.splat(max(windowWidth - taps + 1, 0));
  const firstsY = i32x4.splat(max(<i32>Job.windowHeight(job) - taps + 1, 0));
  const invScale = f32x4.splat(Job.invScale(job));
  const centreX = f32x4.splat(Job.centreX(job));
  const centreY = f32x4.splat(Job.centreY(job));
  const windowX = i32x4.splat(Job.windowX(job));
  const windowY = i32x4.splat(Job.windowY(job));
  const lastX = i32x4.splat(<i32>Job.frameWidth(job) - 1);
  const lastY = i32x4.splat(<i32>Job.frameHeight(job) - 1);
  const width = i32x4.splat(windowWidth);
  let any = i32x4.splat(0);
  let i = from;
  do {
    const at = scratch + i * 4;
    const sumX = polynomial(at + scratchOf.POLYNOMIALS, v);
    const sumY = polynomial(at + scratchOf.POLYNOMIALS + 3 * COLUMNS, v);
    const floorX = f32x4.floor(sumX);
    const floorY = f32x4.floor(sumY);
    const fx = f32x4.sub(sumX, floorX);
    const fy = f32x4.sub(sumY, floorY);
    const kx = i32x4.add(baseX, i32x4.trunc_sat_f32x4_s(floorX));
    const ky = i32x4.add(baseY, i32x4.trunc_sat_f32x4_s(floorY));
    const inside = v128.and(
      insideFrame(kx, fx, lastX),
      insideFrame(ky, fy, lastY),
    );
    any = v128.or(any, inside);
    let pixelX = i32x4.sub(kx, windowX);
    let pixelY = i32x4.sub(ky, windowY);
    if (kernel == WARP_NEAREST) {
      // A true comparison is -1.
      pixelX = i32x4.sub(pixelX, f32x4.ge(fx, f32x4.splat(0.5)));
      pixelY = i32x4.sub(pixelY, f32x4.ge(fy, f32x4.splat(0.5)));
    }
    v128.store(at, pixelX, scratchOf.PIXEL_X);
    v128.store(at, pixelY, scratchOf.PIXEL_Y);
    const firstX = i32x4.sub(pixelX, i32x4.splat(before));
    const firstY = i32x4.sub(pixelY, i32x4.splat(before));
    const whole = v128.and(i32x4.lt_u(firstX, firstsX), i32x4.lt_u(firstY, firstsY));
    const offset = i32x4.shl(i32x4.add(i32x4.mul(firstY, width), firstX), 2);
    const tap = v128.bitselect(offset, i32x4.splat(scratchOf.PARTIAL), whole);
    v128.store(at, v128.bitselect(tap, i32x4.splat(scratchOf.OUTSIDE), inside), scratchOf.TAP);
    v128.store(at, fx, scratchOf.FRACTION_X);
    v128.store(at, fy, scratchOf.FRACTION_Y);
    if (kernel == WARP_LANCZOS3) storePhases(i, fx, fy, scratch);
    const x = f32x4.add(f32x4.convert_i32x4_s(kx), fx);
    const y = f32x4.add(f32x4.convert_i32x4_s(ky), fy);
    v128.store(at, f32x4.mul(f32x4.sub(x, centreX), invScale), scratchOf.LEVEL_X);
    v128.store(at, f32x4.mul(f32x4.sub(y, centreY), invScale), scratchOf.LEVEL_Y);
    i += 4;
  } while (i < to);
  return v128.any_true(any);
}

/** Phases of Lanczos-3 of four columns, and what is left of them. */
// @ts-ignore: decorator
@inline
function storePhases(column: usize, fx: v128, fy: v128, scratch: usize): void {
  const scale = f32x4.splat(<f32>PHASES);
  // The product is exact: their number is a power of two.
  const phaseX = f32x4.mul(fx, scale);
  const phaseY = f32x4.mul(fy, scale);
  const entryX = f32x4.floor(phaseX);
  const entryY = f32x4.floor(phaseY);
  const bytes = i32x4.splat(<i32>PHASE_BYTES);
  const list = scratch + 8 * column;
  storePairs(list + scratchOf.PHASES, i32x4.mul(smallWhole(entryX), bytes), i32x4.mul(smallWhole(entryY), bytes));
  storePairs(list + scratchOf.RESTS, f32x4.sub(phaseX, entryX), f32x4.sub(phaseY, entryY));
}

/** A lane of `x` and one of `y` in turn. */
// @ts-ignore: decorator
@inline
export function storePairs(at: usize, x: v128, y: v128): void {
  v128.store(at, v128.shuffle<f32>(x, y, 0, 4, 1, 5));
  v128.store(at, v128.shuffle<f32>(x, y, 2, 6, 3, 7), 16);
}

/** Whole numbers within 2^22 as integers: behind 1.5 * 2^23 they stand in the last bits. The engine takes thrice as long to convert any float. */
// @ts-ignore: decorator
@inline
export function smallWhole(v: v128): v128 {
  return i32x4.sub(f32x4.add(v, f32x4.splat(12582912)), i32x4.splat(0x4b400000));
}

/** As `rowPositions`, of columns inside frame and window: the same numbers without asking where they lie. Frames are far smaller than 2^22 pixels across. */
export function interiorPositions(job: usize, block: usize, row: u32, from: usize, to: usize, scratch: usize): void {
  const v = placeOf(row);
  const baseX = load<f32>(block);
  const baseY = load<f32>(block, 4);
  const frameX = f32x4.splat(baseX);
  const frameY = f32x4.splat(baseY);
  const startX = i32x4.splat(<i32>baseX - Job.windowX(job));
  const startY = i32x4.splat(<i32>baseY - Job.windowY(job));
  const kernel = Job.kernel(job);
  const width = <i32>Job.windowWidth(job);
  const first = i32x4.splat(kernel == WARP_LANCZOS3 ? -8 * (width + 1) : 0);
  const step = i32x4.splat(width);
  const invScale = f32x4.splat(Job.invScale(job));
  const centreX = f32x4.splat(Job.centreX(job));
  const centreY = f32x4.splat(Job.centreY(job));
  let i = from;
  do {
    const at = scratch + i * 4;
    const sumX = polynomial(at + scratchOf.POLYNOMIALS, v);
    const sumY = polynomial(at + scratchOf.POLYNOMIALS + 3 * COLUMNS, v);
    const floorX = f32x4.floor(sumX);
    const floorY = f32x4.floor(sumY);
    const fx = f32x4.sub(sumX, floorX);
    const fy = f32x4.sub(sumY, floorY);
    let pixelX = i32x4.add(startX, smallWhole(floorX));
    let pixelY = i32x4.add(startY, smallWhole(floorY));
    if (kernel == WARP_NEAREST) {
      pixelX = i32x4.sub(pixelX, f32x4.ge(fx, f32x4.splat(0.5)));
      pixelY = i32x4.sub(pixelY, f32x4.ge(fy, f32x4.splat(0.5)));
    }
    v128.store(at, pixelX, scratchOf.PIXEL_X);
    v128.store(at, pixelY, scratchOf.PIXEL_Y);
    const offset = i32x4.shl(i32x4.add(i32x4.mul(pixelY, step), pixelX), 2);
    v128.store(at, i32x4.add(offset, first), scratchOf.TAP);
    v128.store(at, fx, scratchOf.FRACTION_X);
    v128.store(at, fy, scratchOf.FRACTION_Y);
    if (kernel == WARP_LANCZOS3) storePhases(i, fx, fy, scratch);
    const x = f32x4.add(f32x4.add(frameX, floorX), fx);
    const y = f32x4.add(f32x4.add(frameY, floorY), fy);
    v128.store(at, f32x4.mul(f32x4.sub(x, centreX), invScale), scratchOf.LEVEL_X);
    v128.store(at, f32x4.mul(f32x4.sub(y, centreY), invScale), scratchOf.LEVEL_Y);
    i += 4;
  } while (i < to);
}
