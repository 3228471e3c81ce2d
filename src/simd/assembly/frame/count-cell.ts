// Values of 16-bit samples, counted, and differences of like neighbours, listed: cell-counts.ts and cell-differences.ts read them.

// @ts-ignore: decorator
@inline
function count(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * Counts the `rows` x `columns` samples from `at` on, rows `stride` samples apart, made unsigned by `flip`. By parity of row and column in the cell: address of the
 * bins of the colour there (u32: below, `steps` steps, above), and the value of its first step, in steps. The bins lie in the first 64 KiB, so that eight of their addresses are told at once. Of samples side by side
 * each is counted in bins of its own, `apart` (eight numbers of bytes) behind those named, for what a bin is added to keeps the next addition to it waiting. How far the samples of a row lie from the like ones
 * two columns before, in steps, and 0 for the first of each, goes to `differences` (u16, at most `steps` and then 0x7fff, eight times that behind the last): site by site, `siteBytes` apart.
 */
export function countCell(
  at: usize,
  stride: u32,
  columns: u32,
  rows: u32,
  shift: i32,
  steps: i32,
  flip: i32,
  apart: v128,
  bins00: usize,
  bins01: usize,
  bins10: usize,
  bins11: usize,
  base00: i32,
  base01: i32,
  base10: i32,
  base11: i32,
  differences: usize,
  siteBytes: usize,
): void {
  const mask = i16x8.splat(<i16>flip);
  const last = i16x8.splat(<i16>(steps + 1));
  const largest = i16x8.splat(<i16>steps);
  const whole = <usize>(columns & ~7) << 1;
  for (let parity: u32 = 0; parity < 2; parity++, differences += 2 * siteBytes) {
    const odd = parity != 0;
    const a = odd ? bins10 : bins00;
    const b = odd ? bins11 : bins01;
    const baseA = odd ? base10 : base00;
    const baseB = odd ? base11 : base01;
    // bin of a step: step - base + 1, between 0 and steps + 1
    const up = alternate(max(0, 1 - baseA), max(0, 1 - baseB));
    const down = alternate(max(0, baseA - 1), max(0, baseB - 1));
    const bins = i16x8.add(alternate(<i32>a, <i32>b), apart);
    let first = differences, second = differences + siteBytes;
    for (let y = parity; y < rows; y += 2) {
      let from = at + (<usize>(y * stride) << 1);
      if (whole > 0) {
        const end = from + whole;
        let v = i16x8.shr_u(v128.xor(v128.load(from), mask), shift);
        let before = i32x4.shuffle(v, v, 0, 0, 1, 2);
        // ends below: what does not change is not worked out in each turn
        do {
          const bin = i16x8.add(bins, i16x8.shl(i16x8.min_u(i16x8.sub_sat_u(i16x8.add_sat_u(v, up), down), last), 2));
          const size = i16x8.min_u(i16x8.sub(i16x8.max_u(v, before), i16x8.min_u(v, before)), largest);
          const apartBySite = i8x16.shuffle(size, size, 0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
          v128.store64_lane(first, apartBySite, 0);
          v128.store64_lane(second, apartBySite, 1);
          count(i16x8.extract_lane_u(bin, 0));
          count(i16x8.extract_lane_u(bin, 1));
          count(i16x8.extract_lane_u(bin, 2));
          count(i16x8.extract_lane_u(bin, 3));
          count(i16x8.extract_lane_u(bin, 4));
          count(i16x8.extract_lane_u(bin, 5));
          count(i16x8.extract_lane_u(bin, 6));
          count(i16x8.extract_lane_u(bin, 7));
          first += 8;
          second += 8;
          from += 16;
          const next = i16x8.shr_u(v128.xor(v128.load(from), mask), shift);
          before = i32x4.shuffle(v, next, 3, 4, 5, 6);
          v = next;
        } while (from < end);
      }
      const row = at + (<usize>(y * stride) << 1);
      for (let x = <u32>(whole >> 1); x < columns; x++) {
        const v = stepAt(row, x, shift, flip);
        const size = <u16>min(x < 2 ? 0 : abs(v - stepAt(row, x - 2, shift, flip)), steps);
        if ((x & 1) == 0) {
          count(a + (<usize>min(max(v - baseA + 1, 0), steps + 1) << 2));
          store<u16>(first, size);
          first += 2;
        } else {
          count(b + (<usize>min(max(v - baseB + 1, 0), steps + 1) << 2));
          store<u16>(second, size);
          second += 2;
        }
      }
    }
    v128.store(first, i16x8.splat(0x7fff));
    v128.store(second, i16x8.splat(0x7fff));
  }
}

// @ts-ignore: decorator
@inline
function alternate(even: i32, odd: i32): v128 {
  return i32x4.splat((odd << 16) | even);
}

// @ts-ignore: decorator
@inline
function stepAt(row: usize, x: u32, shift: i32, flip: i32): i32 {
  return (<i32>load<u16>(row + <usize>x * 2) ^ flip) >> shift;
}
