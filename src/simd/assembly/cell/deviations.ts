/**
 * Turns `count` weights (f32 at `at`) into standard deviations in place: 1 / sqrt(weight) in float64, rounded once; NaN where a weight is not above 0. Up to
 * three behind them are changed with them.
 */
export function deviations(at: usize, count: u32): void {
  const one = f64x2.splat(1);
  const blank = i32x4.splat(0x7fc00000);
  for (const end = at + <usize>count * 4; at < end; at += 16) {
    const weights = v128.load(at);
    const upper = i64x2.shuffle(weights, weights, 1, 1);
    const a = f32x4.demote_f64x2_zero(f64x2.div(one, f64x2.sqrt(f64x2.promote_low_f32x4(weights))));
    const b = f32x4.demote_f64x2_zero(f64x2.div(one, f64x2.sqrt(f64x2.promote_low_f32x4(upper))));
    const stands = f32x4.gt(weights, f32x4.splat(0));
    v128.store(at, v128.bitselect(i64x2.shuffle(a, b, 0, 2), blank, stands));
  }
}
