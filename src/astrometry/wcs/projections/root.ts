// One root of a growing function in a bracket: Newton steps, bisection where they would leave it.

/** Root of `f` in [low, high], f(low) <= 0 <= f(high), to the last digits of f64; `slope` is the derivative of `f`. */
export function bracketedRoot(
  f: (t: number) => number,
  slope: (t: number) => number,
  low: number,
  high: number,
): number {
  let a = low;
  let b = high;
  let t = (a + b) / 2;
  // 100 halvings exhaust f64; Newton ends after a few steps.
  for (let i = 0; i < 100; i += 1) {
    const value = f(t);
    if (value === 0) return t;
    if (value < 0) a = t;
    else b = t;
    const next = t - value / slope(t);
    const inside = next > a && next < b ? next : (a + b) / 2;
    if (Math.abs(inside - t) <= 2e-16 * Math.max(1e-300, Math.abs(t))) return inside;
    t = inside;
  }
  return t;
}
