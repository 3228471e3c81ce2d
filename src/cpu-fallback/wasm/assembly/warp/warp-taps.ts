// Which pixels have no blank among their taps: asked only in a window that holds blanks, which a table of the least sample of every row of every plane
// tells (of warp with Lanczos-3; units are these rows).
import { BLANK_LIMIT, WarpJob as Job } from '../layout';

export function leastOfRows(job: usize, from: u32, to: u32, _scratch: usize): void {
  const width = <usize>Job.windowWidth(job);
  for (let y: usize = from; y < to; y++) {
    const row = Job.planes_at(job) + y * width * 4;
    let least = v128.load32_splat(row);
    let x: usize = 0;
    for (; x + 8 <= width; x += 8) {
      least = f32x4.pmin(least, f32x4.pmin(v128.load(row + x * 4), v128.load(row + x * 4, 16)));
    }
    for (; x < width; x++) least = f32x4.pmin(least, v128.load32_splat(row + x * 4));
    least = f32x4.pmin(least, v128.shuffle<f32>(least, least, 2, 3, 0, 1));
    least = f32x4.pmin(least, v128.shuffle<f32>(least, least, 1, 0, 3, 2));
    v128.store32_lane(Job.leastOfRows_at(job) + y * 4, least, 0);
  }
}

export function hasBlanks(job: usize): bool {
  const rows = <usize>Job.planes(job) * Job.windowHeight(job);
  for (let y: usize = 0; y < rows; y++) {
    if (!(load<f32>(Job.leastOfRows_at(job) + y * 4) > BLANK_LIMIT)) return true;
  }
  return false;
}

/** All bits of the lanes of the four columns whose byte offsets of first taps stand at `list`; those with offsets below 0 are left out. */
export function clearOfBlanks(plane: usize, pitch: usize, list: usize, taps: u32): v128 {
  let clear = i32x4.splat(0);
  for (let k: usize = 0; k < 4; k++) {
    const tap = load<i32>(list + k * 4);
    // The last lane moves in, the first one out.
    clear = v128.shuffle<i32>(clear, i32x4.splat(tap >= 0 && isClear(plane + <usize>tap, pitch, taps) ? -1 : 0), 1, 2, 3, 4);
  }
  return clear;
}

/** True when none of `taps` times as many taps from `p` on is blank. */
export function isClear(p: usize, pitch: usize, taps: u32): bool {
  const limit = f32x4.splat(BLANK_LIMIT);
  for (let j: u32 = 0; j < taps; j++) {
    const least = f32x4.pmin(v128.load(p), v128.load(p + (taps - 4) * 4));
    if (!i32x4.all_true(f32x4.gt(least, limit))) return false;
    p += pitch;
  }
  return true;
}

/** The lanes of some of the taps of a site, the least of which is the least of all: 4 by 4, or 6 by 6 where two lie before the central one. */
// @ts-ignore: decorator
@inline
export function leastTap(p: usize, pitch: usize, before: i32): v128 {
  const least = leastOfRows4(p, pitch);
  if (before == 1) return least;
  const below = f32x4.pmin(leastOfRows4(p + 2 * pitch, pitch), leastOfRows4(p + 2 * pitch + 8, pitch));
  return f32x4.pmin(f32x4.pmin(least, leastOfRows4(p + 8, pitch)), below);
}

// @ts-ignore: decorator
@inline
function leastOfRows4(p: usize, pitch: usize): v128 {
  const q = p + 2 * pitch;
  return f32x4.pmin(
    f32x4.pmin(v128.load(p), v128.load(p + pitch)),
    f32x4.pmin(v128.load(q), v128.load(q + pitch)),
  );
}
