// What of a row of mesh cells was samples under stars. `src/photometry/starless-cells.ts` says what for, and makes this record. Sums are taken in the order of the samples.
import { addF64, f32At, u32At } from '../words';

@unmanaged
class StarBand {
  /** Samples [rows, width]: f32, or 16-bit integers where `isInteger`, signed ones as `flip` turns them into unsigned ones 32768 higher. */
  samples: usize;
  width: u32;
  rows: u32;
  isInteger: u32;
  flip: u32;
  /** Bits of the samples under stars, [rows, stride] words. */
  bits: usize;
  stride: u32;
  /** Cells in the row, and their side; the last takes what is left. */
  nx: u32;
  stepPx: u32;
  /** Channel of each site, index (y & 1) * 2 + (x & 1), u32 [4]; rows begin with an even one. */
  sites: usize;
  /** f32 [channels, nx] */
  median: usize;
  reach: usize;
  /** Spacing of the samples' lattice, 0 for none. */
  step: usize;
  /** f64 [channels, nx], which is added to: samples within reach of the median, their distances from it, and how many more lay above than below, each spread over its step. */
  count: usize;
  sum: usize;
  above: usize;
}

export function starSums(band: usize): void {
  const q = changetype<StarBand>(band);
  for (let row: u32 = 0; row < q.rows; row++)
    for (let parity: u32 = 0; parity < 2; parity++) addRow(q, row, parity);
}

/** Takes the columns of one parity of a row, which are of one channel. */
function addRow(q: StarBand, row: u32, parity: u32): void {
  const bits = q.bits + (<usize>(row * q.stride) << 2);
  const start = row * q.width;
  const ofChannel = u32At(q.sites, 2 * (row & 1) + parity) * q.nx;
  const columns: u32 = parity ? 0xaaaaaaaa : 0x55555555;
  let cell: u32 = 0;
  let end = q.nx > 1 ? q.stepPx : q.width;
  let median = f32At(q.median, ofChannel);
  let reach = f32At(q.reach, ofChannel);
  let step = f32At(q.step, ofChannel);
  let count: f64 = 0;
  let sum: f64 = 0;
  let above: f64 = 0;
  for (let word: u32 = 0; word < q.stride; word++) {
    for (let left = u32At(bits, word) & columns; left != 0; left &= left - 1) {
      const column = (word << 5) + <u32>ctz<u32>(left);
      if (column >= end) {
        put(q, ofChannel + cell, count, sum, above);
        count = sum = above = 0;
        cell = min(q.nx - 1, column / q.stepPx);
        end = cell == q.nx - 1 ? q.width : (cell + 1) * q.stepPx;
        median = f32At(q.median, ofChannel + cell);
        reach = f32At(q.reach, ofChannel + cell);
        step = f32At(q.step, ofChannel + cell);
      }
      const distance = sample(q, start + column) - median;
      // NaN is not
      if (!(abs(distance) <= reach)) continue;
      count += 1;
      sum += distance;
      above += 2 * abs(distance) < step ? (2 * distance) / step : <f64>(<i32>(distance > 0) - <i32>(distance < 0));
    }
  }
  put(q, ofChannel + cell, count, sum, above);
}

@inline
function sample(q: StarBand, at: u32): f64 {
  if (!q.isInteger) return f32At(q.samples, at);
  const value = load<u16>(q.samples + (<usize>at << 1));
  return <f64>(<i32>(value ^ <u16>q.flip)) - <f64>q.flip;
}

@inline
function put(q: StarBand, k: u32, count: f64, sum: f64, above: f64): void {
  if (count == 0) return;
  addF64(q.count, k, count);
  addF64(q.sum, k, sum);
  addF64(q.above, k, above);
}
