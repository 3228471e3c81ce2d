// What mesh cells have under stars, of 16-bit samples, eight side by side: the sums of `star-sums.ts`, in whole numbers.
import { addF64, f32At, u32At } from '../words';
import { StarCells } from './star-cells';

/** Numbers that a cell's samples are compared with: the least and the greatest that count, and of those as near to the median as half a step. */
const LIMITS: u32 = 4;

/** Lists the limits of all cells of all channels, u16 [.., 4]. */
export function listLimits(q: StarCells, limits: usize): void {
  const all = q.channels * q.nx * q.ny;
  for (let k: u32 = 0; k < all; k++) {
    const at = limits + (<usize>(k * LIMITS) << 1);
    const median = f32At(q.median, k), reach = f32At(q.reach, k), step = f32At(q.step, k);
    // nothing counts where nothing is known
    if (median != median || !(reach >= 0)) {
      put(at, 0xffff, 0);
      continue;
    }
    let low = ceil<f64>(median - reach), high = floor<f64>(median + reach);
    while (abs<f64>(low - 1 - median) <= reach) low -= 1;
    while (low < median && abs<f64>(low - median) > reach) low += 1;
    while (abs<f64>(high + 1 - median) <= reach) high += 1;
    while (high > median && abs<f64>(high - median) > reach) high -= 1;
    let from = ceil<f64>(median - step / 2), to = floor<f64>(median + step / 2);
    while (from < median && !(2 * abs<f64>(from - median) < step)) from += 1;
    while (to > median && !(2 * abs<f64>(to - median) < step)) to -= 1;
    const up = <f64>q.flip;
    put(at, low + up, high + up);
    put(at + 4, from + up, to + up);
  }
}

/** Nothing is between the greatest and the least. */
function put(at: usize, low: f64, high: f64): void {
  const isEmpty = low > 65535 || high < 0;
  store<u16>(at, isEmpty ? 0xffff : <u16>max<f64>(low, 0));
  store<u16>(at, isEmpty ? 0 : <u16>min<f64>(high, 65535), 2);
}

/** Adds what all cells have under stars. */
export function addIntegerCells(q: StarCells, limits: usize): void {
  for (let j: u32 = 0; j < q.ny; j++) {
    const y0 = j * q.stepPx, y1 = j == q.ny - 1 ? q.rows : y0 + q.stepPx;
    for (let i: u32 = 0; i < q.nx; i++) {
      const x0 = i * q.stepPx, x1 = i == q.nx - 1 ? q.width : x0 + q.stepPx;
      addRows(q, limits, j * q.nx + i, x0, x1, y0, y1);
      addRows(q, limits, j * q.nx + i, x0, x1, y0 + 1, y1);
    }
  }
}

/** Adds every second row of a cell from `y0` on, where even columns are of one channel and odd ones of one. */
function addRows(q: StarCells, limits: usize, cell: u32, x0: u32, x1: u32, y0: u32, y1: u32): void {
  const parity = y0 & 1;
  const even = u32At(q.sites, 2 * parity) * q.nx * q.ny + cell, odd = u32At(q.sites, 2 * parity + 1) * q.nx * q.ny + cell;
  const flip = i16x8.splat(<i16>q.flip), lower = i32x4.splat(0xffff);
  const lanes = i16x8(1, 2, 4, 8, 16, 32, 64, 128);
  const low = both(limits, even, odd, 0), high = both(limits, even, odd, 1);
  const from = both(limits, even, odd, 2), to = both(limits, even, odd, 3);
  const none = i32x4.splat(0);
  let counts = none, below = none, above = none, evenSum = none, oddSum = none, evenMiddle = none, oddMiddle = none;
  const listed = listWords(q, x0, x1, y0, y1);
  for (let entry = q.list; entry < listed; entry += 8) {
    let at = <usize>load<u32>(entry);
    let left = load<u32>(entry, 4);
    const end = at + 64;
    do {
      const v = v128.xor(v128.load(at), flip);
      const isUnder = i16x8.eq(v128.and(i16x8.splat(<i16>left), lanes), lanes);
      const counted = v128.and(isUnder, v128.and(i16x8.eq(i16x8.max_u(v, low), v), i16x8.eq(i16x8.min_u(v, high), v)));
      const isBelow = v128.andnot(counted, i16x8.eq(i16x8.max_u(v, from), v));
      const isAbove = v128.andnot(counted, i16x8.eq(i16x8.min_u(v, to), v));
      const over = v128.and(i16x8.sub(v, low), counted);
      const middle = v128.andnot(v128.and(i16x8.sub(v, from), counted), v128.or(isBelow, isAbove));
      counts = i16x8.sub(counts, counted);
      below = i16x8.sub(below, isBelow);
      above = i16x8.sub(above, isAbove);
      evenSum = i32x4.add(evenSum, v128.and(over, lower));
      oddSum = i32x4.add(oddSum, i32x4.shr_u(over, 16));
      evenMiddle = i32x4.add(evenMiddle, v128.and(middle, lower));
      oddMiddle = i32x4.add(oddMiddle, i32x4.shr_u(middle, 16));
      left >>>= 8;
      at += 16;
    } while (at < end);
  }
  add(q, limits, even, v128.and(counts, lower), v128.and(below, lower), v128.and(above, lower), evenSum, evenMiddle);
  add(q, limits, odd, i32x4.shr_u(counts, 16), i32x4.shr_u(below, 16), i32x4.shr_u(above, 16), oddSum, oddMiddle);
}

/** Lists where 32 samples begin of which some are under stars, and which of them are, u32 each; returns the list's end. They are asked for here, all at once: most lie in no cache. */
function listWords(q: StarCells, x0: u32, x1: u32, y0: u32, y1: u32): usize {
  let out = q.list;
  let asked: u32 = 0;
  for (let y = y0; y < y1; y += 2) {
    for (let x = x0; x < x1; x = (x | 31) + 1) {
      const word = x & ~31;
      let left = u32At(q.bits, y * q.stride + (word >> 5)) & (-1 << (x & 31));
      if (x1 - word < 32) left &= (1 << (x1 - word)) - 1;
      if (left == 0) continue;
      const at = q.samples + (<usize>(y * q.width + word) << 1);
      store<u32>(out, <u32>at);
      store<u32>(out, left, 4);
      out += 8;
      asked += load<u8>(at) + load<u8>(at, 63);
    }
  }
  store<u32>(out, asked);
  return out;
}

/** A limit of the cells of the even and of the odd columns, side by side. */
@inline
function both(limits: usize, even: u32, odd: u32, limit: u32): v128 {
  return i32x4.splat(limitAt(limits, even, limit) | (limitAt(limits, odd, limit) << 16));
}

@inline
function limitAt(limits: usize, cell: u32, limit: u32): i32 {
  return load<u16>(limits + (<usize>(cell * LIMITS + limit) << 1));
}

/** Adds to cell `k` what was counted: samples, those below and above the middle, and how far all are over the least that counts and those of the middle over its first. */
function add(q: StarCells, limits: usize, k: u32, counts: v128, below: v128, above: v128, over: v128, middle: v128): void {
  const count = total(counts);
  if (count == 0) return;
  const median = f32At(q.median, k), step = f32At(q.step, k);
  const low = total(below), high = total(above), up = <f64>q.flip;
  const near = count - low - high;
  addF64(q.under, k, count);
  addF64(q.sum, k, total(over) + count * (<f64>limitAt(limits, k, 0) - up - median));
  const distance = total(middle) + near * (<f64>limitAt(limits, k, 2) - up - median);
  addF64(q.above, k, high - low + (near > 0 && step > 0 ? (2 * distance) / step : 0));
}

@inline
function total(lanes: v128): f64 {
  return <f64><u32>i32x4.extract_lane(lanes, 0) + <f64><u32>i32x4.extract_lane(lanes, 1) + <f64><u32>i32x4.extract_lane(lanes, 2) + <f64><u32>i32x4.extract_lane(lanes, 3);
}
