// The sky in a ring about a star; its twin is `local-sky.ts` in src/astrometry/stars.
import { channelAt, Detection } from './detection';
import { f64At, putF64 } from '../words';

// per channel, of the last look at the ring: the range looked for, the samples in it, all samples, and their mean
const low = memory.data(32, 8);
const high = memory.data(32, 8);
const shown = memory.data(32, 8);
const seen = memory.data(32, 8);
const mean = memory.data(32, 8);
/** Behind what is listed of the ring's rows at `d.ring`: 16 samples' bytes, and as many of which of them are in it. */
let endOfEven: usize = 0;
let endOfOdd: usize = 0;

/**
 * Sets `d.sky` of each channel to the mean of its samples from `from` to `to` pixels of raw position (x, y), other stars left out. First a range about it is sought, from `sigmas` times
 * `d.skyNoise` on and doubled at most `doublings` times, that holds at least `share` of them; then the mean of those in the narrowest range about their mean is taken, where these are as many.
 */
export function localSky(d: Detection, x: f64, y: f64, from: f64, to: f64, sigmas: f64, share: f64, doublings: u32): void {
  for (let c: u32 = 0; c < d.channels; c++) seek(c, f64At(d.sky, c), sigmas * f64At(d.skyNoise, c));
  gatherRing(d, x, y, from, to);
  lookAtRing(d);
  for (let k: u32 = 1; k <= doublings; k++) {
    let missed = false;
    for (let c: u32 = 0; c < d.channels; c++) {
      if (isMost(c, share)) continue;
      missed = true;
      seek(c, f64At(d.sky, c), sigmas * f64At(d.skyNoise, c) * <f64>(1 << k));
    }
    if (!missed) break;
    lookAtRing(d);
  }
  for (let c: u32 = 0; c < d.channels; c++) {
    // what found no sky finds none in a range of nothing
    if (isMost(c, share)) seek(c, f64At(mean, c), sigmas * f64At(d.skyNoise, c));
    else seek(c, 0, -Infinity);
  }
  lookAtRing(d);
  for (let c: u32 = 0; c < d.channels; c++) if (isMost(c, share)) putF64(d.sky, c, f64At(mean, c));
}

function seek(channel: u32, centre: f64, limit: f64): void {
  putF64(low, channel, ceil<f64>(centre - limit));
  putF64(high, channel, floor<f64>(centre + limit));
}

function isMost(channel: u32, share: f64): bool {
  return f64At(shown, channel) > 0 && f64At(shown, channel) >= share * f64At(seen, channel);
}

/** Lists what is in the ring, eight samples at a time and which of them are, those of the columns' two sites side by side: first of even rows, then of odd ones. */
function gatherRing(d: Detection, x: f64, y: f64, from: f64, to: f64): void {
  memory.fill(seen, 0, 32);
  const steps = i16x8(0, 1, 2, 3, 4, 5, 6, 7);
  const lower = i32x4.splat(0xffff);
  const flip = i16x8.splat(<i16>d.flip);
  const y0 = max<i32>(0, <i32>ceil<f64>(y - to)), y1 = min<i32>(d.height - 1, <i32>floor<f64>(y + to));
  let out = d.ring;
  for (let parity = 0; parity < 2; parity++) {
    let all = i16x8.splat(0);
    for (let j = y0 + ((y0 ^ parity) & 1); j <= y1; j += 2) {
      const dy = <f64>j - y;
      const half = sqrt<f64>(to * to - dy * dy);
      const hole = sqrt<f64>(max<f64>(from * from - dy * dy, 0));
      const x0 = max<i32>(0, <i32>ceil<f64>(x - half)), x1 = min<i32>(d.width - 1, <i32>floor<f64>(x + half));
      const start = x0 & ~1;
      // columns counted from the first: those of the hole are between its borders
      const hollowFrom = <i32>floor<f64>(x - hole) - start, hollowTo = <i32>ceil<f64>(x + hole) - start;
      const first = i16x8.splat(<i16>(x0 - start - 1)), last = i16x8.splat(<i16>(x1 - start + 1));
      const left = i16x8.splat(<i16>hollowFrom), right = i16x8.splat(<i16>hollowTo);
      // eights that lie in it are passed over
      const leap = max<i32>(0, ((hollowFrom >> 3) + 1) << 3), landing = max<i32>(leap, (hollowTo >> 3) << 3);
      const at = d.frame + (<usize>(j * <i32>d.width + start) << 1);
      const end = x1 - start;
      let next = select<i32>(landing, 0, leap == 0);
      if (next > end) continue;
      do {
        const column = i16x8.add(steps, i16x8.splat(<i16>next));
        const inHole = v128.and(i16x8.gt_s(column, left), i16x8.lt_s(column, right));
        const inside = v128.andnot(v128.and(i16x8.gt_s(column, first), i16x8.lt_s(column, last)), inHole);
        v128.store(out, v128.xor(v128.load(at + (<usize>next << 1)), flip));
        v128.store(out, inside, 16);
        all = i16x8.sub(all, inside);
        out += 32;
        next += 8;
        next = select<i32>(landing, next, next == leap);
      } while (next <= end);
    }
    const even = channelAt(d, 0, parity), odd = channelAt(d, 1, parity);
    putF64(seen, even, f64At(seen, even) + total(v128.and(all, lower)));
    putF64(seen, odd, f64At(seen, odd) + total(i32x4.shr_u(all, 16)));
    if (parity == 0) endOfEven = out;
    else endOfOdd = out;
  }
}

/** Looks for samples of the ring in each channel's range. */
function lookAtRing(d: Detection): void {
  memory.fill(shown, 0, 32);
  memory.fill(mean, 0, 32);
  const up = <f64>d.flip;
  const lower = i32x4.splat(0xffff);
  let at = d.ring;
  for (let parity = 0; parity < 2; parity++) {
    const even = channelAt(d, 0, parity), odd = channelAt(d, 1, parity);
    const evenLow = bounded(f64At(low, even) + up), oddLow = bounded(f64At(low, odd) + up);
    const evenHigh = bounded(f64At(high, even) + up), oddHigh = bounded(f64At(high, odd) + up);
    const least = i32x4.splat(evenLow | (oddLow << 16)), most = i32x4.splat(evenHigh | (oddHigh << 16));
    let evenSum = i32x4.splat(0), oddSum = i32x4.splat(0), counts = i16x8.splat(0);
    const end = parity == 0 ? endOfEven : endOfOdd;
    if (at < end) {
      do {
        const v = v128.load(at);
        const isShown = v128.and(v128.load(at, 16), v128.and(i16x8.eq(i16x8.max_u(v, least), v), i16x8.eq(i16x8.min_u(v, most), v)));
        const over = v128.and(i16x8.sub(v, least), isShown);
        evenSum = i32x4.add(evenSum, v128.and(over, lower));
        oddSum = i32x4.add(oddSum, i32x4.shr_u(over, 16));
        counts = i16x8.sub(counts, isShown);
        at += 32;
      } while (at < end);
    }
    addSite(even, evenSum, v128.and(counts, lower), <f64>evenLow - up);
    addSite(odd, oddSum, i32x4.shr_u(counts, 16), <f64>oddLow - up);
  }
  for (let c: u32 = 0; c < d.channels; c++) putF64(mean, c, f64At(mean, c) / f64At(shown, c));
}

@inline
function bounded(value: f64): i32 {
  return <i32>min<f64>(max<f64>(value, 0), 65535);
}

@inline
function total(lanes: v128): f64 {
  return (
    <f64>i32x4.extract_lane(lanes, 0) +
    <f64>i32x4.extract_lane(lanes, 1) +
    <f64>i32x4.extract_lane(lanes, 2) +
    <f64>i32x4.extract_lane(lanes, 3)
  );
}

/** What the samples of one site show goes to its channel, light as it is. */
function addSite(channel: u32, over: v128, counts: v128, from: f64): void {
  const count = total(counts);
  putF64(mean, channel, f64At(mean, channel) + total(over) + from * count);
  putF64(shown, channel, f64At(shown, channel) + count);
}
