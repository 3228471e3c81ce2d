// Kernel guard-trails (src/compute/contracts/guard-trails.ts); units are blocks of the planes one after the other. The scratch holds three maps of a block, a byte a
// pixel, inside a rim that no window leaves, and counts of lines: few blocks hold one with pixels enough for a trail.
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  BLOCK_SIZE,
  GUARD_STEP_NOISE,
  GuardTrailsJob as Job,
  MEDIAN_VARIANCE,
  TRAIL_ASIDE,
  TRAIL_ASIDE_MOST,
  TRAIL_NEED,
  TRAIL_SLOPE_BITS,
  TRAIL_SLOPES,
  TRAIL_WINDOW,
} from '../layout';

/** Rim: a window reaches 32 px along and across, and one to its side TRAIL_ASIDE farther. */
const RIM: i32 = 48;
const ROW: i32 = BLOCK_SIZE + 2 * RIM;
const MAP: i32 = ROW * ROW;
/** What stands out; the same spread out beyond the block; trails. */
const BRIGHT: usize = 0;
const SPREAD: usize = MAP;
const TRAILS: usize = 2 * MAP;
/** Lines of a slope that cross a block, with a few to spare at both ends; and bytes of the counts of all slopes. */
const LEVELS: i32 = 3 * BLOCK_SIZE + 8;
const FIRST_LEVEL: i32 = BLOCK_SIZE + 2;
const BINS: usize = 4 * TRAIL_SLOPES * LEVELS * 2 + 16;

export function guardTrails(job: usize, from: u32, to: u32, scratch: usize): void {
  const columns = (Job.width(job) + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const blocks = ((Job.height(job) + BLOCK_SIZE - 1) / BLOCK_SIZE) * columns;
  for (let unit = from; unit < to; unit++) {
    const block = unit % blocks;
    guardBlock(job, unit / blocks, (block % columns) * BLOCK_SIZE, (block / columns) * BLOCK_SIZE, scratch);
  }
}

// @ts-ignore: decorator
@inline
function placeOf(map: usize, x: u32, y: u32): usize {
  return map + <usize>(<i32>y + RIM) * ROW + <usize>(<i32>x + RIM);
}

function guardBlock(job: usize, c: u32, x0: u32, y0: u32, scratch: usize): void {
  const endX = min(BLOCK_SIZE, Job.width(job) - x0);
  const endY = min(BLOCK_SIZE, Job.height(job) - y0);
  const bright = scratch + BRIGHT;
  const trails = scratch + TRAILS;
  const bins = scratch + 3 * MAP;
  memory.fill(bright, 0, MAP);
  if (markBright(job, c, x0, y0, endX, endY, bright) < TRAIL_NEED) return;
  if (!countLines(bright, endX, endY, bins)) return;
  spreadOut(scratch, endX, endY);
  memory.fill(trails, 0, MAP);
  let any = false;
  for (let y: u32 = 0; y < endY; y++) {
    for (let x: u32 = 0; x < endX; x++) {
      if (load<u8>(placeOf(bright, x, y)) == 0) continue;
      if (!isOnLine(scratch, bins, x, y)) continue;
      store<u8>(placeOf(trails, x, y), 1);
      any = true;
    }
  }
  if (!any) return;
  const reach = <i32>Job.reach(job);
  for (let y: u32 = 0; y < endY; y++) {
    for (let x: u32 = 0; x < endX; x++) {
      if (isNear(placeOf(trails, x, y), reach)) takeOut(job, c, x0 + x, y0 + y);
    }
  }
}

/** Marks what stands out, and counts it. */
function markBright(job: usize, c: u32, x0: u32, y0: u32, endX: u32, endY: u32, map: usize): u32 {
  const width = Job.width(job);
  const pixels = <usize>width * Job.height(job);
  const row = <usize>width * 4;
  const w = <f64>load<f32>(Job.frame_weights_at(job) + (<usize>Job.frame(job) * Job.planes(job) + c) * 4);
  const kappa = <f64>Job.kappa(job);
  const slope = <f64>Job.slope(job);
  // Without the noise of the median and its slope the limit is only lower: most samples need no closer look.
  const least = <f32>(0.9999 * kappa * Math.sqrt(1 / w));
  let count: u32 = 0;
  for (let y: u32 = 0; y < endY; y++) {
    const first = (<usize>(y0 + y) * width + x0) * 4;
    const samples = Job.cube_at(job) + (<usize>Job.slot(job) * Job.planes(job) + c) * pixels * 4 + first;
    const inPlane = <usize>c * pixels * 4 + first;
    for (let x: u32 = 0; x < endX; x++) {
      if (x + 4 <= endX) {
        const four = f32x4.sub(v128.load(samples + x * 4), v128.load(Job.median_at(job) + inPlane + x * 4));
        if (!v128.any_true(f32x4.gt(four, f32x4.splat(least)))) {
          x += 3;
          continue;
        }
      }
      const v = load<f32>(samples + x * 4);
      const at = inPlane + x * 4;
      const median = Job.median_at(job) + at;
      const m = load<f32>(median);
      if (!(v > BLANK_LIMIT && m > BLANK_LIMIT && v - m > least) || load<u32>(Job.used_at(job) + at) < 3) continue;
      let d: f64 = 0;
      if (x > 0) d = max(d, stepTo(m, median - 4));
      if (x + 1 < endX) d = max(d, stepTo(m, median + 4));
      if (y > 0) d = max(d, stepTo(m, median - row));
      if (y + 1 < endY) d = max(d, stepTo(m, median + row));
      const variance = <f64>MEDIAN_VARIANCE / <f64>load<f32>(Job.weight_at(job) + at);
      const step = max(<f64>0, d - <f64>GUARD_STEP_NOISE * Math.sqrt(variance));
      if (<f64>v - <f64>m > kappa * Math.sqrt(1 / w + variance) + slope * step) {
        store<u8>(placeOf(map, x, y), 1);
        count++;
      }
    }
  }
  return count;
}

// @ts-ignore: decorator
@inline
function stepTo(m: f32, at: usize): f64 {
  const q = load<f32>(at);
  return q > BLANK_LIMIT ? Math.abs(<f64>m - <f64>q) : 0;
}

/** Counts of every line of the block that what stands out lies on, so that a pixel's own lines need not be walked where none can be a trail. True where one can. */
function countLines(map: usize, endX: u32, endY: u32, bins: usize): bool {
  let most: u32 = 0;
  memory.fill(bins, 0, BINS);
  for (let y: u32 = 0; y < endY; y++) {
    for (let x: u32 = 0; x < endX; x++) {
      if (load<u8>(placeOf(map, x, y)) == 0) continue;
      for (let along: u32 = 0; along < 2; along++) {
        for (let j: i32 = -(<i32>TRAIL_SLOPES); j < <i32>TRAIL_SLOPES; j++) {
          const bin = binOf(bins, along, j, x, y);
          const count = <u32>load<u16>(bin) + 1;
          store<u16>(bin, <u16>count);
          most = max(most, count);
        }
      }
    }
  }
  // Three bins make a line.
  const all: u32 = 3 * most;
  return all >= TRAIL_NEED;
}

/** Bin of the line of a slope through a place. */
// @ts-ignore: decorator
@inline
function binOf(bins: usize, along: u32, j: i32, x: u32, y: u32): usize {
  const forward = <i32>(along == 0 ? x : y);
  const level = <i32>(along == 0 ? y : x) - acrossAt(j, forward);
  const line = <i32>along * 2 * <i32>TRAIL_SLOPES + j + <i32>TRAIL_SLOPES;
  return bins + <usize>(line * LEVELS + level + FIRST_LEVEL) * 2;
}

// @ts-ignore: decorator
@inline
function acrossAt(j: i32, k: i32): i32 {
  return (j * k + <i32>(TRAIL_SLOPES / 2)) >> TRAIL_SLOPE_BITS;
}

/** True where one of the lines through a place of the block is a trail. */
function isOnLine(maps: usize, bins: usize, x: u32, y: u32): boolean {
  const at = placeOf(maps + BRIGHT, x, y);
  for (let along: u32 = 0; along < 2; along++) {
    const forward: i32 = along == 0 ? 1 : ROW;
    const sideways: i32 = along == 0 ? ROW : 1;
    for (let j: i32 = -(<i32>TRAIL_SLOPES); j < <i32>TRAIL_SLOPES; j++) {
      // Rounded from another origin, a line strays to the bins beside its own.
      const bin = binOf(bins, along, j, x, y);
      if (<u32>load<u16>(bin - 2) + <u32>load<u16>(bin) + <u32>load<u16>(bin, 2) < TRAIL_NEED) continue;
      for (let start: i32 = 1 - <i32>TRAIL_WINDOW; start <= 0; start += <i32>(TRAIL_WINDOW - 1) / 2) {
        if (inWindow(at, forward, sideways, j, start) < TRAIL_NEED) continue;
        const aside = <i32>TRAIL_ASIDE * sideways;
        const spread = at - BRIGHT + SPREAD;
        if (inWindow(spread - aside, forward, sideways, j, start) > TRAIL_ASIDE_MOST) continue;
        if (inWindow(spread + aside, forward, sideways, j, start) <= TRAIL_ASIDE_MOST) return true;
      }
    }
  }
  return false;
}

function inWindow(at: usize, forward: i32, sideways: i32, j: i32, start: i32): u32 {
  let count: u32 = 0;
  for (let k = start; k < start + <i32>TRAIL_WINDOW; k++) {
    count += load<u8>(at + k * forward + acrossAt(j, k) * sideways);
  }
  return count;
}

/** The map with its rim filled by the nearest pixels of the block. */
function spreadOut(maps: usize, endX: u32, endY: u32): void {
  for (let y = -RIM; y < ROW - RIM; y++) {
    const row = placeOf(maps + BRIGHT, 0, <u32>min(max(y, 0), <i32>endY - 1));
    const target = maps + SPREAD + <usize>((y + RIM) * ROW);
    for (let x = -RIM; x < ROW - RIM; x++) {
      store<u8>(target + <usize>(x + RIM), load<u8>(row + <usize>min(max(x, 0), <i32>endX - 1)));
    }
  }
}

function isNear(at: usize, reach: i32): bool {
  for (let j = -reach; j <= reach; j++) {
    for (let i = -reach; i <= reach; i++) {
      if (i * i + j * j <= reach * reach && load<u8>(at + j * ROW + i) != 0) return true;
    }
  }
  return false;
}

function takeOut(job: usize, c: u32, x: u32, y: u32): void {
  const pixels = <usize>Job.width(job) * Job.height(job);
  const pixel = <usize>y * Job.width(job) + x;
  const at = (<usize>c * pixels + pixel) * 4;
  const sample = Job.cube_at(job) + ((<usize>Job.slot(job) * Job.planes(job) + c) * pixels + pixel) * 4;
  const v = load<f32>(sample);
  const m = load<f32>(Job.median_at(job) + at);
  const n = load<u32>(Job.used_at(job) + at);
  const low = Job.rejected_low_at(job) + at;
  const high = Job.rejected_high_at(job) + at;
  if (!(v > BLANK_LIMIT && m > BLANK_LIMIT) || n < 3) return;
  const gone: u32 = 2 * (load<u32>(low) + load<u32>(high) + 1);
  if (gone >= n) return;
  store<f32>(sample, BLANK_VALUE);
  const counter = v < m ? low : high;
  store<u32>(counter, load<u32>(counter) + 1);
}
