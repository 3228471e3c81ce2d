// Weighted means of stacks of one cell: `src/pipeline/integrate/stack-sum.ts` says what for.

/**
 * Adds rows of a stack (f32 means and weights, u32 samples used, [rows, width]) to sums whose rows are `outWidth` wide: f64 of weighted means and of weights, f32 of `share` of
 * the samples. Pixels of means at or below `blankLimit`, or without weight, are none. `fades` (f64 [rows, width]; 0: none) are factors of the weights, and `squares` (f64; 0: not
 * asked for) sums of their squares times the weights.
 */
export function addStack(
  mean: usize,
  weight: usize,
  used: usize,
  fades: usize,
  width: u32,
  rows: u32,
  outWidth: u32,
  share: f64,
  blankLimit: f64,
  sums: usize,
  weights: usize,
  squares: usize,
  samples: usize,
): void {
  for (let y: u32 = 0, from: usize = 0; y < rows; y++) {
    let to: usize = <usize>y * outWidth;
    for (let x: u32 = 0; x < width; x++, from++, to++) {
      const value: f64 = load<f32>(mean + (from << 2));
      const own: f64 = load<f32>(weight + (from << 2));
      if (!(value > blankLimit && own > 0)) continue;
      const fade: f64 = fades ? load<f64>(fades + (from << 3)) : 1;
      const at = to << 3;
      store<f64>(sums + at, load<f64>(sums + at) + fade * own * value);
      store<f64>(weights + at, load<f64>(weights + at) + fade * own);
      if (squares) store<f64>(squares + at, load<f64>(squares + at) + fade * fade * own);
      const count: f64 = share * <f64>load<u32>(used + (from << 2));
      store<f32>(samples + (to << 2), <f32>(<f64>load<f32>(samples + (to << 2)) + count));
    }
  }
}

/** Adds `share` of counts (u32 [rows, width]) to sums (f32) whose rows are `outWidth` wide. */
export function addCounts(counts: usize, width: u32, rows: u32, outWidth: u32, share: f64, sums: usize): void {
  for (let y: u32 = 0; y < rows; y++) {
    let to = sums + ((<usize>y * outWidth) << 2);
    for (let x: u32 = 0; x < width; x++, counts += 4, to += 4)
      store<f32>(to, <f32>(<f64>load<f32>(to) + share * <f64>load<u32>(counts)));
  }
}

/** Means (f32) of `count` sums and weights (f64 each); `blank` where there is no weight. They may stand where the sums did. */
export function meansOfSums(sums: usize, weights: usize, count: u32, blank: f32, means: usize): void {
  for (let k: usize = 0; k < <usize>count; k++) {
    const weight = load<f64>(weights + (k << 3));
    store<f32>(means + (k << 2), weight > 0 ? <f32>(load<f64>(sums + (k << 3)) / weight) : blank);
  }
}

/** Weights (f32) of `count` means: their sums (f64), or, of stacks that fade, their squares over `squares` (f64; 0: none fades). */
export function weightsOfSums(weights: usize, squares: usize, count: u32, out: usize): void {
  for (let k: usize = 0; k < <usize>count; k++) {
    const weight = load<f64>(weights + (k << 3));
    const own = squares && weight > 0 ? (weight * weight) / load<f64>(squares + (k << 3)) : weight;
    store<f32>(out + (k << 2), <f32>own);
  }
}

/** Whole numbers (u32) next to `count` sums (f32), at least 1 where there is a weight (f64; 0: nowhere). They may stand where the sums did. */
export function countsOfSums(sums: usize, weights: usize, count: u32, out: usize): void {
  for (let k: usize = 0; k < <usize>count; k++) {
    const nearest = <u32>Math.floor(<f64>load<f32>(sums + (k << 2)) + 0.5);
    const least: u32 = weights && load<f64>(weights + (k << 3)) > 0 ? 1 : 0;
    store<u32>(out + (k << 2), max(nearest, least));
  }
}
