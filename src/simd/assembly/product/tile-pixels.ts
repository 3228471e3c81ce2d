// Pixels of the tiles of a HiPS: `src/output/hips/tile.ts` says what for.

/** Keys' cubic convolution, a = -1/2 (1981, IEEE Trans. ASSP 29, 1153), of a distance below 2. */
// @ts-ignore: decorator
@inline
function cubic(t: f64): f64 {
  return t < 1 ? 1 + t * t * (1.5 * t - 2.5) : -0.5 * ((2 - t) * (2 - t)) * (t - 1);
}

// @ts-ignore: decorator
@inline
function along(at: usize, w0: f64, w1: f64, w2: f64, w3: f64): f64 {
  return w0 * load<f32>(at) + w1 * load<f32>(at, 4) + w2 * load<f32>(at, 8) + w3 * load<f32>(at, 12);
}

/** Bilinear, of the pixels that are there; NaN where these have less than half of the weight. */
function linearAt(image: usize, width: i32, height: i32, i: i32, j: i32, u: f64, v: f64): f64 {
  let sum: f64 = 0;
  let weights: f64 = 0;
  for (let row = 0; row <= 1; row++) {
    for (let column = 0; column <= 1; column++) {
      const px = i + column;
      const py = j + row;
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      const value: f64 = load<f32>(image + ((<usize>py * width + px) << 2));
      if (value != value) continue;
      const weight = (column ? u : 1 - u) * (row ? v : 1 - v);
      sum += weight * value;
      weights += weight;
    }
  }
  return weights >= 0.5 ? sum / weights : NaN;
}

/**
 * Values (f32) of an image (f32 [height, width]) at `count` places (f64 each, 0-based pixel centres, of which (x0, y0) is its first pixel): Keys' cubic convolution,
 * bilinear beside blanks and edges, NaN where there is none.
 */
export function cubicSamples(
  image: usize,
  width: i32,
  height: i32,
  x0: f64,
  y0: f64,
  xs: usize,
  ys: usize,
  count: u32,
  out: usize,
): void {
  const right = <f64>width - 0.5;
  const bottom = <f64>height - 0.5;
  const rowBytes = <usize>width << 2;
  for (let k: usize = 0; k < <usize>count; k++) {
    const x = load<f64>(xs + (k << 3)) - x0;
    const y = load<f64>(ys + (k << 3)) - y0;
    let value: f64 = NaN;
    if (x >= -0.5 && y >= -0.5 && x <= right && y <= bottom) {
      const i = <i32>Math.floor(x);
      const j = <i32>Math.floor(y);
      const u = x - i;
      const v = y - j;
      if (i >= 1 && j >= 1 && i + 2 < width && j + 2 < height) {
        const at = image + <usize>(j - 1) * rowBytes + (<usize>(i - 1) << 2);
        const w0 = cubic(1 + u);
        const w1 = cubic(u);
        const w2 = cubic(1 - u);
        const w3 = cubic(2 - u);
        value = cubic(1 + v) * along(at, w0, w1, w2, w3);
        value += cubic(v) * along(at + rowBytes, w0, w1, w2, w3);
        value += cubic(1 - v) * along(at + 2 * rowBytes, w0, w1, w2, w3);
        value += cubic(2 - v) * along(at + 3 * rowBytes, w0, w1, w2, w3);
      }
      if (value != value) value = linearAt(image, width, height, i, j, u, v);
    }
    store<f32>(out + (k << 2), <f32>value);
  }
}

/** Blanks in all of three planes (f32 [count]; one plane three times) what is NaN in one; how many pixels are left. */
export function blankTogether(first: usize, second: usize, third: usize, count: u32): u32 {
  let shown: u32 = 0;
  for (let at: usize = 0; at < <usize>count << 2; at += 4) {
    const sum = <f64>load<f32>(first + at) + load<f32>(second + at) + load<f32>(third + at);
    if (sum == sum) {
      shown++;
      continue;
    }
    store<f32>(first + at, NaN);
    store<f32>(second + at, NaN);
    store<f32>(third + at, NaN);
  }
  return shown;
}

/** Halves a plane (f32 [side, side]) into another (f32, rows of `outSide`): each pixel is the mean of those of 2 x 2 that are not NaN, NaN where fewer than two are. */
export function halvePlane(from: usize, side: u32, out: usize, outSide: u32): void {
  for (let x: u32 = 0; x < side / 2; x++) {
    const row = from + <usize>(2 * x * side) * 4;
    for (let y: u32 = 0; y < side / 2; y++) {
      let sum: f64 = 0;
      let n = 0;
      for (let k: u32 = 0; k < 4; k++) {
        const value: f64 = load<f32>(row + ((<usize>((k >> 1) * side + 2 * y + (k & 1))) << 2));
        if (value != value) continue;
        sum += value;
        n++;
      }
      store<f32>(out + ((<usize>(x * outSide + y)) << 2), <f32>(n >= 2 ? sum / n : NaN));
    }
  }
}
