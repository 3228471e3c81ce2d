// Table of warp-cfa: the window with each row parted into its even and its odd pixels, so that neighbouring sites of a colour are neighbours in
// memory, then the least sample of each row; units are rows.
import { BLANK_LIMIT, WarpCfaJob as Job } from './layout';

/** Bytes of one half of a row: the even pixels, then the odd ones. */
// @ts-ignore: decorator
@inline
export function halfRowBytes(windowWidth: u32): usize {
  return <usize>((windowWidth + 1) / 2) * 4;
}

// @ts-ignore: decorator
@inline
function leastOfRows(job: usize): usize {
  return Job.splitCfa_at(job) + halfRowBytes(Job.windowWidth(job)) * 2 * Job.windowHeight(job);
}

/** True when the window holds a blank. */
export function hasBlanks(job: usize): bool {
  const rows = leastOfRows(job);
  for (let y: usize = 0; y < Job.windowHeight(job); y++) {
    if (!(load<f32>(rows + y * 4) > BLANK_LIMIT)) return true;
  }
  return false;
}

export function splitCfa(job: usize, from: u32, to: u32, _scratch: usize): void {
  const width = Job.windowWidth(job);
  const half = halfRowBytes(width);
  for (let y = from; y < to; y++) {
    let source = Job.cfa_at(job) + <usize>y * width * 4;
    let even = Job.splitCfa_at(job) + <usize>y * half * 2;
    let odd = even + half;
    let least = v128.load32_splat(source);
    let x: u32 = 0;
    for (; x + 8 <= width; x += 8) {
      const a = v128.load(source);
      const b = v128.load(source, 16);
      v128.store(even, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
      v128.store(odd, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
      least = f32x4.pmin(least, f32x4.pmin(a, b));
      source += 32;
      even += 16;
      odd += 16;
    }
    for (; x < width; x++) {
      const v = v128.load32_splat(source);
      least = f32x4.pmin(least, v);
      if (x & 1) {
        v128.store32_lane(odd, v, 0);
        odd += 4;
      } else {
        v128.store32_lane(even, v, 0);
        even += 4;
      }
      source += 4;
    }
    least = f32x4.pmin(least, v128.shuffle<f32>(least, least, 2, 3, 0, 1));
    least = f32x4.pmin(least, v128.shuffle<f32>(least, least, 1, 0, 3, 2));
    v128.store32_lane(leastOfRows(job) + <usize>y * 4, least, 0);
  }
}
