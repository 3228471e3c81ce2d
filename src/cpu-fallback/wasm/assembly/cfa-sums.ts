// Sums over the 4 x 4 sites around the pixels of a row, about the central site, left as vectors for the last step. Bilinear has outer weights of 0.
import { GREEN } from './cfa';
import { WARP_BILINEAR, WarpCfaJob as Job } from './layout';
import { halfRowBytes } from './split-cfa';
import * as scratchOf from './warp-scratch';

/** Per column: weighted sums and, in a window with blanks, the minimum about the central site, as 4 lanes each; columns with missing taps stay as they are. */
export function siteSums(job: usize, c: u32, columns: u32, scratch: usize, blanks: bool): void {
  kernelPolynomials(Job.kernel(job) == WARP_BILINEAR, scratch + scratchOf.WEIGHTS);
  if (c == GREEN) greenSums(job, columns, scratch, blanks);
  else squareSums(job, columns, scratch, blanks);
}

/** The weights of the taps -1, 0, 1, 2 as polynomials of the fraction: their coefficients of degree 0 to 3. */
function kernelPolynomials(bilinear: bool, at: usize): void {
  if (bilinear) {
    v128.store(at, f32x4(0, 1, 0, 0));
    v128.store(at, f32x4(0, -1, 1, 0), 16);
    v128.store(at, f32x4.splat(0), 32);
    v128.store(at, f32x4.splat(0), 48);
  } else {
    v128.store(at, f32x4(0, 1, 0, 0));
    v128.store(at, f32x4(-0.5, 0, 0.5, 0), 16);
    v128.store(at, f32x4(1, -2.5, 2, -0.5), 32);
    v128.store(at, f32x4(-0.5, 1.5, -1.5, 0.5), 48);
  }
}

// @ts-ignore: decorator
@inline
function weightsAt(f: v128, c0: v128, c1: v128, c2: v128, c3: v128): v128 {
  return f32x4.add(c0, f32x4.mul(f, f32x4.add(c1, f32x4.mul(f, f32x4.add(c2, f32x4.mul(f, c3))))));
}

function squareSums(job: usize, columns: u32, scratch: usize, blanks: bool): void {
  const split = Job.splitCfa_at(job);
  const row = 4 * halfRowBytes(Job.windowWidth(job));
  const c0 = v128.load(scratch + scratchOf.WEIGHTS);
  const c1 = v128.load(scratch + scratchOf.WEIGHTS, 16);
  const c2 = v128.load(scratch + scratchOf.WEIGHTS, 32);
  const c3 = v128.load(scratch + scratchOf.WEIGHTS, 48);
  const sums = scratch + scratchOf.SUMS;
  for (let i: usize = 0; i < columns; i++) {
    const list = scratch + i * 4;
    const tap = load<i32>(list, scratchOf.SITE_TAP);
    if (tap < 0) continue;
    const wx = weightsAt(v128.load32_splat(list, scratchOf.SITE_FRACTION_X), c0, c1, c2, c3);
    const wy = weightsAt(v128.load32_splat(list, scratchOf.SITE_FRACTION_Y), c0, c1, c2, c3);
    const p = split + <usize>tap;
    const q = p + 2 * row;
    const centre = v128.load32_splat(p + row, 4);
    const v0 = f32x4.sub(v128.load(p), centre);
    const v1 = f32x4.sub(v128.load(p + row), centre);
    const v2 = f32x4.sub(v128.load(q), centre);
    const v3 = f32x4.sub(v128.load(q + row), centre);
    const sum = f32x4.add(
      f32x4.add(
        f32x4.mul(v0, v128.shuffle<f32>(wy, wy, 0, 0, 0, 0)),
        f32x4.mul(v1, v128.shuffle<f32>(wy, wy, 1, 1, 1, 1)),
      ),
      f32x4.add(
        f32x4.mul(v2, v128.shuffle<f32>(wy, wy, 2, 2, 2, 2)),
        f32x4.mul(v3, v128.shuffle<f32>(wy, wy, 3, 3, 3, 3)),
      ),
    );
    const target = sums + 256 + i * 48;
    v128.store32_lane(sums + i * 4, centre, 0);
    v128.store(target, f32x4.mul(sum, wx));
    if (blanks) v128.store(target, f32x4.pmin(f32x4.pmin(v0, v1), f32x4.pmin(v2, v3)), 32);
  }
}

/** 0, as at the central site, where a lane is not among the 4 x 4. */
// @ts-ignore: decorator
@inline
function among(sites: v128, lanes: v128): v128 {
  return v128.and(sites, lanes);
}

/**
 * The 4 x 4 sites stand on a corner: the row at distance d holds those with m - n = d (relative to the central site), lane m + 1 of the vector being
 * the site of that m. Its weights are those of m times those of n = m - d, the latter moved by d lanes.
 */
function greenSums(job: usize, columns: u32, scratch: usize, blanks: bool): void {
  const split = Job.splitCfa_at(job);
  const step = 4 * halfRowBytes(Job.windowWidth(job)) - 4;
  const c0 = v128.load(scratch + scratchOf.WEIGHTS);
  const c1 = v128.load(scratch + scratchOf.WEIGHTS, 16);
  const c2 = v128.load(scratch + scratchOf.WEIGHTS, 32);
  const c3 = v128.load(scratch + scratchOf.WEIGHTS, 48);
  const zero = f32x4.splat(0);
  const sums = scratch + scratchOf.SUMS;
  for (let i: usize = 0; i < columns; i++) {
    const list = scratch + i * 4;
    const tap = load<i32>(list, scratchOf.SITE_TAP);
    if (tap < 0) continue;
    const wm = weightsAt(v128.load32_splat(list, scratchOf.SITE_FRACTION_X), c0, c1, c2, c3);
    const wn = weightsAt(v128.load32_splat(list, scratchOf.SITE_FRACTION_Y), c0, c1, c2, c3);
    const even = split + <usize>tap;
    const odd = split + <usize>load<i32>(list, scratchOf.SITE_ODD_TAP);
    const centre = v128.load32_splat(even, 4);
    const up3 = f32x4.sub(v128.load(odd - step), centre);
    const up2 = f32x4.sub(v128.load(even - step), centre);
    const up1 = f32x4.sub(v128.load(odd), centre);
    const own = f32x4.sub(v128.load(even), centre);
    const down1 = f32x4.sub(v128.load(odd + step), centre);
    const down2 = f32x4.sub(v128.load(even + step), centre);
    const down3 = f32x4.sub(v128.load(odd + 2 * step), centre);
    const sum = f32x4.add(
      f32x4.add(
        f32x4.add(
          f32x4.mul(up3, v128.shuffle<f32>(wn, zero, 3, 4, 4, 4)),
          f32x4.mul(up2, v128.shuffle<f32>(wn, zero, 2, 3, 4, 4)),
        ),
        f32x4.add(f32x4.mul(up1, v128.shuffle<f32>(wn, zero, 1, 2, 3, 4)), f32x4.mul(own, wn)),
      ),
      f32x4.add(
        f32x4.add(
          f32x4.mul(down1, v128.shuffle<f32>(wn, zero, 4, 0, 1, 2)),
          f32x4.mul(down2, v128.shuffle<f32>(wn, zero, 4, 4, 0, 1)),
        ),
        f32x4.mul(down3, v128.shuffle<f32>(wn, zero, 4, 4, 4, 0)),
      ),
    );
    const target = sums + 256 + i * 48;
    v128.store32_lane(sums + i * 4, centre, 0);
    v128.store(target, f32x4.mul(sum, wm));
    if (blanks) {
      const above = f32x4.pmin(f32x4.pmin(among(up3, i32x4(-1, 0, 0, 0)), among(up2, i32x4(-1, -1, 0, 0))), own);
      const below = f32x4.pmin(among(down2, i32x4(0, 0, -1, -1)), among(down3, i32x4(0, 0, 0, -1)));
      const beside = f32x4.pmin(among(up1, i32x4(-1, -1, -1, 0)), among(down1, i32x4(0, -1, -1, -1)));
      v128.store(target, f32x4.pmin(f32x4.pmin(above, below), beside), 32);
    }
  }
}
