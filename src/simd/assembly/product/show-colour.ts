// Three planes of light as a row of a picture of 8 bits: `screenValues` in src/output/picture/stretch.ts says what is right.

/** What stands at `screen`, f32: sky of each plane, factor of each plane, black, and then the curve over sqrt(light), from 0 to 1. */
const FACTORS: usize = 12;
const BLACK: usize = 24;
const CURVE: usize = 32;

/**
 * Shows `count` pixels (f32 at `reds`, `greens`, `blues`) as bytes R, G, B at `out`, or R, G, B, A where `shares` (f32, 0 to 1: how much of the pixel is covered)
 * is not 0. The curve has `steps` steps. Up to three pixels behind the last one are read, and up to 16 bytes behind the last one written.
 */
export function showColour(
  reds: usize,
  greens: usize,
  blues: usize,
  shares: usize,
  count: u32,
  screen: usize,
  steps: i32,
  out: usize,
): void {
  const skyR = v128.load32_splat(screen);
  const skyG = v128.load32_splat(screen, 4);
  const skyB = v128.load32_splat(screen, 8);
  const factorR = v128.load32_splat(screen + FACTORS);
  const factorG = v128.load32_splat(screen + FACTORS, 4);
  const factorB = v128.load32_splat(screen + FACTORS, 8);
  const black = v128.load32_splat(screen + BLACK);
  const curve = screen + CURVE;
  const third = f32x4.splat(<f32>(1.0 / 3.0));
  const one = f32x4.splat(1);
  const last = i32x4.splat(steps - 1);
  for (let x: u32 = 0; x < count; x += 4) {
    const at = <usize>x * 4;
    const red = f32x4.sub(f32x4.mul(f32x4.sub(v128.load(reds + at), skyR), factorR), black);
    const green = f32x4.sub(f32x4.mul(f32x4.sub(v128.load(greens + at), skyG), factorG), black);
    const blue = f32x4.sub(f32x4.mul(f32x4.sub(v128.load(blues + at), skyB), factorB), black);
    const mean = f32x4.mul(f32x4.add(f32x4.add(red, green), blue), third);
    // false where a value is NaN
    const lit = f32x4.gt(mean, f32x4.splat(0));
    const position = f32x4.mul(f32x4.sqrt(f32x4.pmin(one, v128.and(mean, lit))), f32x4.splat(<f32>steps));
    const step = i32x4.min_s(i32x4.trunc_sat_f32x4_s(position), last);
    const a = v128.load64_splat(curve + (<usize>i32x4.extract_lane(step, 0) << 2));
    const b = v128.load64_splat(curve + (<usize>i32x4.extract_lane(step, 1) << 2));
    const c = v128.load64_splat(curve + (<usize>i32x4.extract_lane(step, 2) << 2));
    const d = v128.load64_splat(curve + (<usize>i32x4.extract_lane(step, 3) << 2));
    const ab = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const cd = i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const lower = i64x2.shuffle(ab, cd, 0, 2);
    const upper = i64x2.shuffle(ab, cd, 1, 3);
    const y = f32x4.add(
      lower,
      f32x4.mul(f32x4.sub(upper, lower), f32x4.sub(position, f32x4.convert_i32x4_s(step))),
    );
    const factor = f32x4.div(y, mean);
    const largest = f32x4.mul(f32x4.pmax(f32x4.pmax(red, green), blue), factor);
    const leaves = f32x4.gt(largest, one);
    let grey = f32x4.splat(0);
    let tint = factor;
    if (v128.any_true(leaves)) {
      // what would leave the screen is drawn towards grey of the same light
      const keep = v128.bitselect(f32x4.div(f32x4.sub(one, y), f32x4.sub(largest, y)), one, leaves);
      grey = f32x4.sub(y, f32x4.mul(keep, y));
      tint = f32x4.mul(keep, factor);
    }
    let pixels = toByte(f32x4.add(grey, f32x4.mul(tint, red)));
    pixels = v128.or(pixels, i32x4.shl(toByte(f32x4.add(grey, f32x4.mul(tint, green))), 8));
    pixels = v128.or(pixels, i32x4.shl(toByte(f32x4.add(grey, f32x4.mul(tint, blue))), 16));
    pixels = v128.and(pixels, lit);
    if (shares != 0) {
      v128.store(out, v128.or(pixels, i32x4.shl(toByte(v128.load(shares + at)), 24)));
      out += 16;
    } else {
      v128.store(out, i8x16.shuffle(pixels, pixels, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15));
      out += 12;
    }
  }
}

// @ts-ignore: decorator
@inline
function toByte(value: v128): v128 {
  // pmin and pmax are one instruction each, min and max seven
  const bounded = f32x4.pmin(f32x4.pmax(f32x4.splat(0), value), f32x4.splat(1));
  return i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.mul(bounded, f32x4.splat(255)), f32x4.splat(0.5)));
}
