// The twin is src/photometry/outlier-counts.ts: the same counts for signed 16-bit samples and whole limits.

/** More than half of the eight. */
const MOST: i16 = 5;

/**
 * Adds to `counts` (i8, row `from` first) for rows [from, to) of the i16 `samples` of `width` columns: 1 where a sample lies above at least five of its
 * eight neighbours at distance `step` by more than its limit, -1 where it lies as far below. Limits by parity of the row and of the column. The `step` outermost columns
 * are left out; rows `from - step` to `to + step - 1` are there.
 */
export function countOutliers(
  samples: usize,
  counts: usize,
  width: u32,
  from: u32,
  to: u32,
  step: u32,
  limit00: i32,
  limit01: i32,
  limit10: i32,
  limit11: i32,
): void {
  if (width <= 2 * step) return;
  const up = <usize>width * step * 2;
  const left = <usize>step * 2;
  const end = width - step;
  const odd = (step & 1) != 0;
  for (let y = from; y < to; y++) {
    const even = (y & 1) == 0;
    const first = even ? limit00 : limit10;
    const second = even ? limit01 : limit11;
    // lane 0 is column x, which has the parity of the first one
    const pair = odd ? (first << 16) | second : (second << 16) | first;
    const limit = i32x4.splat(pair);
    let at = samples + (<usize>y * width + step) * 2;
    let count = counts + <usize>(y - from) * width + step;
    let x = step;
    const last = at + (<usize>((end - x) & ~7) << 1);
    // ends below: what does not change is not worked out in each turn
    if (at < last) {
      do {
        const v = v128.load(at);
        const a = v128.load(at - up - left);
        const b = v128.load(at - up);
        const c = v128.load(at - up + left);
        const d = v128.load(at - left);
        const e = v128.load(at + left);
        const f = v128.load(at + up - left);
        const g = v128.load(at + up);
        const h = v128.load(at + up + left);
        // what saturates lies beyond no sample, as the true value does
        const high = i16x8.sub_sat_s(v, limit);
        const low = i16x8.add_sat_s(v, limit);
        const above = i16x8.add(
          i16x8.add(i16x8.add(i16x8.gt_s(high, a), i16x8.gt_s(high, b)), i16x8.add(i16x8.gt_s(high, c), i16x8.gt_s(high, d))),
          i16x8.add(i16x8.add(i16x8.gt_s(high, e), i16x8.gt_s(high, f)), i16x8.add(i16x8.gt_s(high, g), i16x8.gt_s(high, h))),
        );
        const below = i16x8.add(
          i16x8.add(i16x8.add(i16x8.lt_s(low, a), i16x8.lt_s(low, b)), i16x8.add(i16x8.lt_s(low, c), i16x8.lt_s(low, d))),
          i16x8.add(i16x8.add(i16x8.lt_s(low, e), i16x8.lt_s(low, f)), i16x8.add(i16x8.lt_s(low, g), i16x8.lt_s(low, h))),
        );
        // true is -1
        const most = i16x8.splat(-MOST);
        const out = i16x8.sub(i16x8.le_s(below, most), i16x8.le_s(above, most));
        const sum = i8x16.add(v128.load64_zero(count), i8x16.narrow_i16x8_s(out, out));
        v128.store64_lane(count, sum, 0);
        at += 16;
        count += 8;
      } while (at < last);
    }
    x += (end - x) & ~7;
    for (; x < end; x++, at += 2, count++) {
      const l = (x & 1) == 0 ? first : second;
      const v = <i32>load<i16>(at);
      let above = 0;
      let below = 0;
      for (let j = -1; j <= 1; j++) {
        for (let i = -1; i <= 1; i++) {
          const other = <i32>load<i16>(at + <isize>j * <isize>up + <isize>i * <isize>left);
          above += i32(v - other > l);
          below += i32(other - v > l);
        }
      }
      if (above >= MOST) store<i8>(count, load<i8>(count) + 1);
      else if (below >= MOST) store<i8>(count, load<i8>(count) - 1);
    }
  }
}
