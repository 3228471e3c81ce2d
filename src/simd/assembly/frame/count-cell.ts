// Values of 16-bit samples and differences of like neighbours, counted: cell-counts.ts reads the bins.

// @ts-ignore: decorator
@inline
function count(at: usize): void {
  store<u16>(at, load<u16>(at) + 1);
}

/**
 * Counts the `rows` x `columns` samples from `at` on, rows `stride` samples apart, made unsigned by `flip`. By parity of row and column in the cell: address of the
 * bins of the colour there (u16: below, `steps` steps, above; then differences of 0 to steps - 1, and larger ones), and the value of its first step,
 * in steps. The bins lie in the first 64 KiB, so that eight of their addresses are told at once. The first sample of each colour in a row is not counted among the differences.
 */
export function countCell(
  at: usize,
  stride: u32,
  columns: u32,
  rows: u32,
  shift: i32,
  steps: i32,
  flip: i32,
  bins00: usize,
  bins01: usize,
  bins10: usize,
  bins11: usize,
  base00: i32,
  base01: i32,
  base10: i32,
  base11: i32,
): void {
  const mask = i16x8.splat(<i16>flip);
  const last = i16x8.splat(<i16>(steps + 1));
  const largest = i16x8.splat(<i16>steps);
  const differences = <usize>(steps + 2) * 2;
  for (let y: u32 = 0; y < rows; y++, at += <usize>stride * 2) {
    const odd = (y & 1) != 0;
    const a = odd ? bins10 : bins00;
    const b = odd ? bins11 : bins01;
    const da = a + differences;
    const db = b + differences;
    const baseA = odd ? base10 : base00;
    const baseB = odd ? base11 : base01;
    // bin of a step: step - base + 1, between 0 and steps + 1
    const up = alternate(max(0, 1 - baseA), max(0, 1 - baseB));
    const down = alternate(max(0, baseA - 1), max(0, baseB - 1));
    const bins = alternate(<i32>a, <i32>b);
    const differing = alternate(<i32>da, <i32>db);
    let x: u32 = 0;
    for (; x + 8 <= columns; x += 8) {
      const from = at + <usize>x * 2;
      const v = i16x8.shr_u(v128.xor(v128.load(from), mask), shift);
      const before =
        x == 0
          ? i8x16.shuffle(v, v, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
          : i16x8.shr_u(v128.xor(v128.load(from - 4), mask), shift);
      const step = i16x8.min_u(i16x8.sub_sat_u(i16x8.add_sat_u(v, up), down), last);
      const bin = i16x8.add(bins, i16x8.shl(step, 1));
      const size = i16x8.sub(i16x8.max_u(v, before), i16x8.min_u(v, before));
      const difference = i16x8.add(differing, i16x8.shl(i16x8.min_u(size, largest), 1));
      count(i16x8.extract_lane_u(bin, 0));
      count(i16x8.extract_lane_u(bin, 1));
      count(i16x8.extract_lane_u(difference, 0));
      count(i16x8.extract_lane_u(difference, 1));
      count(i16x8.extract_lane_u(bin, 2));
      count(i16x8.extract_lane_u(bin, 3));
      count(i16x8.extract_lane_u(difference, 2));
      count(i16x8.extract_lane_u(difference, 3));
      count(i16x8.extract_lane_u(bin, 4));
      count(i16x8.extract_lane_u(bin, 5));
      count(i16x8.extract_lane_u(difference, 4));
      count(i16x8.extract_lane_u(difference, 5));
      count(i16x8.extract_lane_u(bin, 6));
      count(i16x8.extract_lane_u(bin, 7));
      count(i16x8.extract_lane_u(difference, 6));
      count(i16x8.extract_lane_u(difference, 7));
    }
    for (; x < columns; x++) {
      const second = (x & 1) != 0;
      const v = stepAt(at, x, shift, flip);
      const before = x < 2 ? v : stepAt(at, x - 2, shift, flip);
      const bin = min(max(v - (second ? baseB : baseA) + 1, 0), steps + 1);
      count((second ? b : a) + (<usize>bin << 1));
      count((second ? db : da) + (<usize>min(abs(v - before), steps) << 1));
    }
    // the first of each colour was counted as like itself
    store<u16>(da, load<u16>(da) - 1);
    if (columns > 1) store<u16>(db, load<u16>(db) - 1);
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
