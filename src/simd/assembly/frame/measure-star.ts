// Shape and light of stars on the raw samples; the twins are `hot-pixel.ts`, `windowed-shape.ts` and `aperture-flux.ts` in src/astrometry/stars.
import { channelAt, Detection, offsetOf, sampleAt, sampleGrid, skyAt } from './detection';
import { localSky } from './local-sky';
import { addF64, f32At, f64At, putF32, putF64, putU32, u32At } from '../words';

/**
 * Shapes about the peaks (u32 [count], and their heights, f32), in windows of standard deviation `sigma`, until there are `most`; returns how many. To `out` go columns of f64 [most]: x, y, width
 * (`widths` times that as a standard deviation), ellipticity, angle; then the peaks, u32, and their heights, f32. Hot pixels are left out, of which one sample has more than these shares of the light around it, and what does not settle. Moments of more than the
 * share `widest` of the window's variance carry no width.
 */
export function measureShapes(
  detection: usize,
  peaks: usize,
  heights: usize,
  count: u32,
  sigma: f64,
  widths: f64,
  most: u32,
  shareOfBlock: f64,
  shareOfColour: f64,
  iterations: u32,
  lastStep: f64,
  walk: f64,
  widest: f64,
  out: usize,
): u32 {
  const d = changetype<Detection>(detection);
  const window = sigma * sigma;
  // summing 2 samples adds the variance of two points half a pixel from their middle
  const boxVariance = d.box == 2 ? 0.25 : 0;
  let found: u32 = 0;
  for (let p: u32 = 0; p < count && found < most; p++) {
    const at = u32At(peaks, p);
    const x = <i32>(at % d.width), y = <i32>(at / d.width);
    starSky(d, x, y);
    if (isHotPixel(d, x, y, shareOfBlock, shareOfColour)) continue;
    if (!windowedMoments(d, x, y, sigma, iterations, lastStep, walk)) continue;
    const xx = f64At(d.out, 2), yy = f64At(d.out, 3), xy = f64At(d.out, 4);
    const middle = (xx + yy) / 2;
    const half = (xx - yy) / 2;
    const spread = sqrt<f64>(half * half + xy * xy);
    const major = axis(middle + spread, window, widest, boxVariance);
    const minor = axis(middle - spread, window, widest, boxVariance);
    putF64(out, found, f64At(d.out, 0));
    putF64(out, most + found, f64At(d.out, 1));
    putF64(out, 2 * most + found, widths * sqrt<f64>(sqrt<f64>(major * minor)));
    putF64(out, 3 * most + found, 1 - sqrt<f64>(minor / major));
    putF64(out, 4 * most + found, 0.5 * Math.atan2(2 * xy, xx - yy));
    putU32(out, 10 * most + found, at);
    putF32(out, 11 * most + found, f32At(heights, p));
    found++;
  }
  return found;
}

/** Variance of the star itself along an axis. */
@inline
function axis(moment: f64, window: f64, widest: f64, boxVariance: f64): f64 {
  const m = min<f64>(max<f64>(moment, 0.02 * window), widest * window);
  return max<f64>(0.05, 1 / (1 / m - 1 / window) - boxVariance);
}

/**
 * Light of `count` stars at samples x, y of the detection image (f64 [2, count]) over the sky about them to `out`: f64 [count, channels], on a CFA as if every sample were of that colour, then
 * [count] whether the core is saturated. The sky is that at their peaks (u32), or what the ring from `ringFrom` to `ringTo` pixels shows (`localSky`).
 */
export function measureLights(
  detection: usize,
  places: usize,
  peaks: usize,
  count: u32,
  radius: f64,
  limit: f64,
  core: f64,
  ringFrom: f64,
  ringTo: f64,
  ringSigma: f64,
  skyShare: f64,
  doublings: u32,
  out: usize,
): void {
  const d = changetype<Detection>(detection);
  const offset = offsetOf(d);
  for (let s: u32 = 0; s < count; s++) {
    const at = u32At(peaks, s);
    starSky(d, at % d.width, at / d.width);
    atStar(d, at % d.width, at / d.width, d.channelNoise, d.skyNoise);
    const x = f64At(places, s) + offset, y = f64At(places, count + s) + offset;
    localSky(d, x, y, ringFrom, ringTo, ringSigma, skyShare, doublings);
    const saturated = apertureFlux(d, x, y, radius, limit, core);
    for (let c: u32 = 0; c < d.channels; c++)
      putF64(out, s * d.channels + c, (d.box == 1 ? 1 : c == 1 ? 2 : 4) * f64At(d.out, c));
    putF64(out, count * d.channels + s, saturated ? 1 : 0);
  }
}

/** Sky of every channel at sample (x, y) of the detection image, to `sky`. */
function starSky(d: Detection, x: u32, y: u32): void {
  atStar(d, x, y, d.channelLevel, d.sky);
}

/** Values of every channel's grid at sample (x, y) of the detection image, to `out`. */
function atStar(d: Detection, x: u32, y: u32, grids: usize, out: usize): void {
  const offset = offsetOf(d);
  for (let c: u32 = 0; c < d.channels; c++) {
    const grid = grids + (<usize>(c * d.nx * d.ny) << 2);
    putF64(out, c, sampleGrid(d, grid, <f64>x + offset, <f64>y + offset));
  }
}

/** Whether the highest raw sample near sample (x, y) holds more than these shares of the light around it: of 3 x 3 samples and, on a CFA, of nine of its colour. */
function isHotPixel(d: Detection, px: i32, py: i32, shareOfBlock: f64, shareOfColour: f64): bool {
  let peak = -Infinity;
  let x = 0, y = 0;
  for (let j = py - 1; j <= py + <i32>d.box; j++) {
    for (let i = px - 1; i <= px + <i32>d.box; i++) {
      const v = overSky(d, i, j);
      if (v > peak) {
        peak = v;
        x = i;
        y = j;
      }
    }
  }
  if (peak <= shareOfBlock * lightAround(d, x, y, 1)) return false;
  return d.box == 1 || peak > shareOfColour * lightAround(d, x, y, 2);
}

function overSky(d: Detection, x: i32, y: i32): f64 {
  if (x < 0 || y < 0 || x >= <i32>d.width || y >= <i32>d.height) return 0;
  return <f64>sampleAt(d, y * d.width + x) - f64At(d.sky, channelAt(d, x, y));
}

function lightAround(d: Detection, x: i32, y: i32, step: i32): f64 {
  let sum: f64 = 0;
  for (let j = -step; j <= step; j += step) for (let i = -step; i <= step; i += step) sum += overSky(d, x + i, y + j);
  return sum;
}

/**
 * Windowed centroid about the peak (px, py): x, y, then the second moments xx, yy, xy to `out`. False where it does not settle within `walk` pixels or the window
 * holds no light; it has settled where a step is shorter than `lastStep`.
 */
function windowedMoments(
  d: Detection,
  px: i32,
  py: i32,
  sigma: f64,
  iterations: u32,
  lastStep: f64,
  walk: f64,
): bool {
  const reach = <i32>ceil<f64>(3 * sigma);
  const x0 = max<i32>(0, px - reach), x1 = min<i32>(d.width - d.box, px + reach);
  const y0 = max<i32>(0, py - reach), y1 = min<i32>(d.height - d.box, py + reach);
  const width = x1 - x0 + 1;
  cut(d, x0, y0, width, y1 - y0 + 1);
  const scale = -0.5 / (sigma * sigma);
  let x = <f64>px, y = <f64>py;
  let settled = false;
  const curve = Math.exp(2 * scale);
  // an even number of columns: a last one too many has no weight
  const columns = (width + 1) & ~1;
  for (let iteration: u32 = 0; iteration < iterations && !settled; iteration++) {
    weigh(d.across, x0, width, x, scale, curve);
    let sum: f64 = 0, sx: f64 = 0, sy: f64 = 0, sxx: f64 = 0, syy: f64 = 0, sxy: f64 = 0;
    // exp(scale dy^2) from row to row: the factor between two rows changes by a constant one
    let down = Math.exp(scale * (<f64>y0 - y) * (<f64>y0 - y));
    let next = Math.exp(scale * (2 * (<f64>y0 - y) + 1));
    for (let j = y0; j <= y1; j++, down *= next, next *= curve) {
      const dy = <f64>j - y;
      const row = d.window + (<usize>((j - y0) * width) << 2);
      let r = f64x2.splat(0), rx = f64x2.splat(0), rxx = f64x2.splat(0);
      let weights = d.across;
      for (let i = 0; i < columns; i += 2, weights += 48) {
        const v = f64x2.promote_low_f32x4(v128.load64_zero(row + (<usize>i << 2)));
        r = f64x2.add(r, f64x2.mul(v, v128.load(weights)));
        rx = f64x2.add(rx, f64x2.mul(v, v128.load(weights, 16)));
        rxx = f64x2.add(rxx, f64x2.mul(v, v128.load(weights, 32)));
      }
      const light = down * (f64x2.extract_lane(r, 0) + f64x2.extract_lane(r, 1));
      const lightX = down * (f64x2.extract_lane(rx, 0) + f64x2.extract_lane(rx, 1));
      sum += light;
      sx += lightX;
      sxx += down * (f64x2.extract_lane(rxx, 0) + f64x2.extract_lane(rxx, 1));
      sy += light * dy;
      syy += light * dy * dy;
      sxy += lightX * dy;
    }
    if (!(sum > 0)) return false;
    const stepX = (2 * sx) / sum, stepY = (2 * sy) / sum;
    x += stepX;
    y += stepY;
    if (!(length(x - <f64>px, y - <f64>py) <= walk)) return false;
    settled = length(stepX, stepY) < lastStep;
    const mx = sx / sum, my = sy / sum;
    putF64(d.out, 2, sxx / sum - mx * mx);
    putF64(d.out, 3, syy / sum - my * my);
    putF64(d.out, 4, sxy / sum - mx * my);
  }
  putF64(d.out, 0, x);
  putF64(d.out, 1, y);
  return true;
}

/** Window along a row, times dx^0, dx^1 and dx^2 in turn for two columns each, to `out`. */
function weigh(out: usize, x0: i32, width: i32, x: f64, scale: f64, curve: f64): void {
  const first = <f64>x0 - x;
  let weight = Math.exp(scale * first * first);
  let next = Math.exp(scale * (2 * first + 1));
  for (let i = 0; i < width; i++, weight *= next, next *= curve) {
    const at = out + (<usize>(i >> 1) * 48 + (<usize>(i & 1) << 3));
    const dx = <f64>(x0 + i) - x;
    store<f64>(at, weight);
    store<f64>(at, weight * dx, 16);
    store<f64>(at, weight * dx * dx, 32);
  }
  if ((width & 1) == 0) return;
  const at = out + (<usize>(width >> 1) * 48 + 8);
  store<f64>(at, 0);
  store<f64>(at, 0, 16);
  store<f64>(at, 0, 32);
}

@inline
function length(x: f64, y: f64): f64 {
  return sqrt<f64>(x * x + y * y);
}

@inline
function four(at: usize, mask: v128): v128 {
  return i32x4.extend_low_i16x8_u(v128.xor(v128.load64_zero(at), mask));
}

/** Samples of the detection image over the sky, `[height, width]` from (x0, y0) on, to `window`; within a cell of the grid the sky is bilinear. */
function cut(d: Detection, x0: u32, y0: u32, width: u32, height: u32): void {
  const right = <f64>(x0 + width - 1), below = <f64>(y0 + height - 1);
  const topLeft = skyAt(d, <f64>x0, <f64>y0), topRight = skyAt(d, right, <f64>y0);
  const bottomLeft = skyAt(d, <f64>x0, below), bottomRight = skyAt(d, right, below);
  const mask = i16x8.splat(<i16>d.flip);
  const excess = i32x4.splat(d.box == 2 ? 4 * d.flip : d.flip);
  const line = <usize>d.width << 1;
  for (let j: u32 = 0; j < height; j++) {
    const v = height > 1 ? <f64>j / <f64>(height - 1) : 0;
    const sky = topLeft * (1 - v) + bottomLeft * v;
    const slope = width > 1 ? (topRight * (1 - v) + bottomRight * v - sky) / <f64>(width - 1) : 0;
    const first = f64x2.splat(sky), slopes = f64x2.splat(slope);
    let at = d.frame + (<usize>((y0 + j) * d.width + x0) << 1);
    let out = d.window + (<usize>(j * width) << 2);
    let column = f64x2.replace_lane(f64x2.splat(0), 1, 1);
    // four samples side by side: the next row overwrites those that are too many
    for (let i: u32 = 0; i < width; i += 4, at += 8, out += 16) {
      let sum = four(at, mask);
      if (d.box == 2) sum = i32x4.add(i32x4.add(sum, four(at + 2, mask)), i32x4.add(four(at + line, mask), four(at + line + 2, mask)));
      sum = i32x4.sub(sum, excess);
      const low = f64x2.sub(f64x2.convert_low_i32x4_s(sum), f64x2.add(first, f64x2.mul(slopes, column)));
      column = f64x2.add(column, f64x2.splat(2));
      const upper = f64x2.convert_low_i32x4_s(i64x2.shuffle(sum, sum, 1, 1));
      const high = f64x2.sub(upper, f64x2.add(first, f64x2.mul(slopes, column)));
      column = f64x2.add(column, f64x2.splat(2));
      v128.store(out, i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
    }
  }
  // what a pair of columns takes beyond the last sample, times nothing
  putF32(d.window, width * height, 0);
}

/**
 * Light over the sky in `sky` of each channel within `radius` of raw position (x, y), the last pixel fading out, to `out`; returns whether a sample from `limit`
 * on lies within `core` pixels.
 */
function apertureFlux(d: Detection, x: f64, y: f64, radius: f64, limit: f64, core: f64): bool {
  for (let c: u32 = 0; c < d.channels; c++) putF64(d.out, c, 0);
  const x0 = max<i32>(0, <i32>floor<f64>(x - radius)), x1 = min<i32>(d.width - 1, <i32>ceil<f64>(x + radius));
  const y0 = max<i32>(0, <i32>floor<f64>(y - radius)), y1 = min<i32>(d.height - 1, <i32>ceil<f64>(y + radius));
  let saturated = false;
  const outer = (radius + 0.5) * (radius + 0.5), inner = radius > 0.5 ? (radius - 0.5) * (radius - 0.5) : 0;
  for (let j = y0; j <= y1; j++) {
    const dy = <f64>j - y;
    // samples of the two colours of a row
    for (let parity = 0; parity < 2; parity++) {
      const channel = channelAt(d, parity, j);
      const sky = f64At(d.sky, channel);
      let light: f64 = 0;
      for (let i = x0 + ((x0 ^ parity) & 1); i <= x1; i += 2) {
        const dx = <f64>i - x;
        const square = dx * dx + dy * dy;
        if (square >= outer) continue;
        const v = <f64>sampleAt(d, j * d.width + i);
        if (v >= limit && square <= core * core) saturated = true;
        light += square <= inner ? v - sky : (radius + 0.5 - sqrt<f64>(square)) * (v - sky);
      }
      addF64(d.out, channel, light);
    }
  }
  return saturated;
}
