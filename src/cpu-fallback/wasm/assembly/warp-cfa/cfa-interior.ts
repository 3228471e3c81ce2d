// Taps and fractions of all three colours at once, for columns that have all their taps (contract warp-cfa): nothing is asked on the way.
import { BLUE, GREEN, RED } from '../cfa';
import { firstColumn, firstRow, greenParity } from './cfa-lattice';
import { firstTapAt, siteAlongM, siteAlongN, squareSite, tapOf, tapPitch } from './cfa-sites';
import { WarpCfaJob as Job } from '../layout';
import { COLUMNS, placeOf, polynomial } from '../warp/warp-positions';
import * as scratchOf from '../warp/warp-scratch';

// Vectors that the loops take from memory: there are too many for registers, and the engine makes a constant anew each time that it is used.
const PLACE: usize = 0;
const FRAME_X: usize = 16;
const FRAME_Y: usize = 32;
const START_X: usize = 48;
const START_Y: usize = 64;
const ONE: usize = 80;
export const ONE_F: usize = 96;
const HALF: usize = 112;
export const THREE: usize = 128;
const MAGIC: usize = 144;
const INV_SCALE: usize = 160;
const CENTRE_X: usize = 176;
const CENTRE_Y: usize = 192;
const RED_X: usize = 208;
const RED_Y: usize = 224;
const BLUE_X: usize = 240;
const BLUE_Y: usize = 256;
const PARITY: usize = 272;
const SQUARE: usize = 288;
const DIAGONAL: usize = 304;
const FIRST_RED: usize = 320;
const FIRST_GREEN: usize = 336;
const FIRST_BLUE: usize = 352;

/** Stores what all rows of a call have in common; taps begin `before` sites before the central one. */
export function prepareInterior(job: usize, before: i32, scratch: usize): void {
  const constants = scratch + scratchOf.CONSTANTS;
  v128.store(constants, i32x4.splat(1), ONE);
  v128.store(constants, f32x4.splat(1), ONE_F);
  v128.store(constants, f32x4.splat(0.5), HALF);
  v128.store(constants, f32x4.splat(3), THREE);
  v128.store(constants, f32x4.splat(12582912), MAGIC);
  v128.store(constants, f32x4.splat(Job.invScale(job)), INV_SCALE);
  v128.store(constants, f32x4.splat(Job.centreX(job)), CENTRE_X);
  v128.store(constants, f32x4.splat(Job.centreY(job)), CENTRE_Y);
  v128.store(constants, i32x4.splat(<i32>firstColumn(job, RED)), RED_X);
  v128.store(constants, i32x4.splat(<i32>firstRow(job, RED)), RED_Y);
  v128.store(constants, i32x4.splat(<i32>firstColumn(job, BLUE)), BLUE_X);
  v128.store(constants, i32x4.splat(<i32>firstRow(job, BLUE)), BLUE_Y);
  v128.store(constants, i32x4.splat(<i32>greenParity(job)), PARITY);
  v128.store(constants, i32x4.splat(<i32>tapPitch(job, RED)), SQUARE);
  v128.store(constants, i32x4.splat(<i32>tapPitch(job, GREEN)), DIAGONAL);
  v128.store(constants, i32x4.splat(<i32>firstTapAt(job, RED, before)), FIRST_RED);
  v128.store(constants, i32x4.splat(<i32>firstTapAt(job, GREEN, before)), FIRST_GREEN);
  v128.store(constants, i32x4.splat(<i32>firstTapAt(job, BLUE, before)), FIRST_BLUE);
}

/** Fills the lists of the colours and the normalised coordinates, columns `from` to `to` of a row of the block. */
export function interiorSites(
  job: usize,
  block: usize,
  row: u32,
  from: usize,
  to: usize,
  scratch: usize,
): void {
  const constants = scratch + scratchOf.CONSTANTS;
  const baseX = load<f32>(block);
  const baseY = load<f32>(block, 4);
  v128.store(constants, placeOf(row), PLACE);
  v128.store(constants, f32x4.splat(baseX), FRAME_X);
  v128.store(constants, f32x4.splat(baseY), FRAME_Y);
  v128.store(constants, i32x4.splat(<i32>baseX - Job.windowX(job)), START_X);
  v128.store(constants, i32x4.splat(<i32>baseY - Job.windowY(job)), START_Y);
  let i = from;
  do {
    const at = scratch + i * 4;
    const v = v128.load(constants, PLACE);
    const one = v128.load(constants, ONE);
    const oneF = v128.load(constants, ONE_F);
    const half = v128.load(constants, HALF);
    const magic = v128.load(constants, MAGIC);
    const sumX = polynomial(at + scratchOf.POLYNOMIALS, v);
    const sumY = polynomial(at + scratchOf.POLYNOMIALS + 3 * COLUMNS, v);
    const floorX = f32x4.floor(sumX);
    const floorY = f32x4.floor(sumY);
    const fx = f32x4.sub(sumX, floorX);
    const fy = f32x4.sub(sumY, floorY);
    const levelX = f32x4.sub(f32x4.add(f32x4.add(v128.load(constants, FRAME_X), floorX), fx), v128.load(constants, CENTRE_X));
    const levelY = f32x4.sub(f32x4.add(f32x4.add(v128.load(constants, FRAME_Y), floorY), fy), v128.load(constants, CENTRE_Y));
    const invScale = v128.load(constants, INV_SCALE);
    v128.store(at, f32x4.mul(levelX, invScale), scratchOf.LEVEL_X);
    v128.store(at, f32x4.mul(levelY, invScale), scratchOf.LEVEL_Y);
    const x = i32x4.add(v128.load(constants, START_X), i32x4.sub(f32x4.add(floorX, magic), magic));
    const y = i32x4.add(v128.load(constants, START_Y), i32x4.sub(f32x4.add(floorY, magic), magic));

    const red = at + RED * scratchOf.SITES_BYTES;
    const mRed = squareSite(i32x4.sub(x, v128.load(constants, RED_X)), fx, one, half, red + scratchOf.SITE_FRACTION_X);
    const nRed = squareSite(i32x4.sub(y, v128.load(constants, RED_Y)), fy, one, half, red + scratchOf.SITE_FRACTION_Y);
    v128.store(red, tapOf(mRed, nRed, v128.load(constants, SQUARE), v128.load(constants, FIRST_RED)), scratchOf.SITE_TAP);

    const blue = at + BLUE * scratchOf.SITES_BYTES;
    const mBlue = squareSite(i32x4.sub(x, v128.load(constants, BLUE_X)), fx, one, half, blue + scratchOf.SITE_FRACTION_X);
    const nBlue = squareSite(i32x4.sub(y, v128.load(constants, BLUE_Y)), fy, one, half, blue + scratchOf.SITE_FRACTION_Y);
    v128.store(blue, tapOf(mBlue, nBlue, v128.load(constants, SQUARE), v128.load(constants, FIRST_BLUE)), scratchOf.SITE_TAP);

    const green = at + GREEN * scratchOf.SITES_BYTES;
    const fractionX = green + scratchOf.SITE_FRACTION_X;
    const fractionY = green + scratchOf.SITE_FRACTION_Y;
    const s = i32x4.sub(x, v128.load(constants, PARITY));
    const m = siteAlongM(i32x4.add(s, y), f32x4.add(fx, fy), one, half, oneF, fractionX);
    const n = siteAlongN(i32x4.sub(s, y), f32x4.sub(fx, fy), one, half, oneF, fractionY);
    v128.store(green, tapOf(m, n, v128.load(constants, DIAGONAL), v128.load(constants, FIRST_GREEN)), scratchOf.SITE_TAP);
    i += 4;
  } while (i < to);
}
