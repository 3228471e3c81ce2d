// Shape and light of stars on the raw samples; the twins are `hot-pixel.ts`, `windowed-shape.ts` and `aperture-flux.ts` in src/astrometry/stars.
import { channelAt, Detection, offsetOf, sampleAt, sampleGrid, skyAt } from './detection';
import { addF64, f32At, f64At, putF32, putF64, u32At } from './words';

/** Numbers of a shape: place in the list of peaks, x, y, xx, yy, xy. */
const NUMBERS: u32 = 6;

/**
 * Centroids and moments about the peaks (u32 [count]), in windows of standard deviation `sigma`, to `out` (f64 [most, 6]) until there are `most`; returns how many. Hot pixels are left out, of which one
 * sample has more than these shares of the light around it, and what does not settle.
 */
export function measureShapes(
  detection: usize,
  peaks: usize,
  count: u32,
  sigma: f64,
  most: u32,
  shareOfBlock: f64,
  shareOfColour: f64,
  iterations: u32,
  lastStep: f64,
  walk: f64,
  out: usize,
): u32 {
  const d = changetype<Detection>(detection);
  let found: u32 = 0;
  for (let p: u32 = 0; p < count && found < most; p++) {
    const at = u32At(peaks, p);
    const x = <i32>(at % d.width), y = <i32>(at / d.width);
    starSky(d, x, y);
    if (isHotPixel(d, x, y, shareOfBlock, shareOfColour)) continue;
    if (!windowedMoments(d, x, y, sigma, iterations, lastStep, walk)) continue;
    const shape = out + (<usize>(found++ * NUMBERS) << 3);
    putF64(shape, 0, <f64>p);
    memory.copy(shape + 8, d.out, (NUMBERS - 1) << 3);
  }
  return found;
}

/**
 * Light of `count` stars at (x, y) (f64 pairs of samples of the detection image) over the sky at their peaks (u32) to `out`: per star f64 [channels], then whether the core is saturated.
 */
export function measureLights(
  detection: usize,
  places: usize,
  peaks: usize,
  count: u32,
  radius: f64,
  limit: f64,
  core: f64,
  out: usize,
): void {
  const d = changetype<Detection>(detection);
  const offset = offsetOf(d);
  for (let s: u32 = 0; s < count; s++) {
    const at = u32At(peaks, s);
    starSky(d, at % d.width, at / d.width);
    const saturated = apertureFlux(d, f64At(places, 2 * s) + offset, f64At(places, 2 * s + 1) + offset, radius, limit, core);
    const light = out + (<usize>(s * (d.channels + 1)) << 3);
    memory.copy(light, d.out, <usize>d.channels << 3);
    putF64(light, d.channels, saturated ? 1 : 0);
  }
}

/** Sky of every channel at sample (x, y) of the detection image, to `sky`. */
function starSky(d: Detection, x: u32, y: u32): void {
  const offset = offsetOf(d);
  for (let c: u32 = 0; c < d.channels; c++) {
    const level = d.channelLevel + (<usize>(c * d.nx * d.ny) << 2);
    putF64(d.sky, c, sampleGrid(d, level, <f64>x + offset, <f64>y + offset));
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
  for (let iteration: u32 = 0; iteration < iterations && !settled; iteration++) {
    for (let i = x0; i <= x1; i++) putF64(d.across, i - x0, Math.exp(scale * (<f64>i - x) * (<f64>i - x)));
    let sum: f64 = 0, sx: f64 = 0, sy: f64 = 0, sxx: f64 = 0, syy: f64 = 0, sxy: f64 = 0;
    for (let j = y0; j <= y1; j++) {
      const dy = <f64>j - y;
      const down = Math.exp(scale * dy * dy);
      const row = d.window + (<usize>((j - y0) * width) << 2);
      let r: f64 = 0, rx: f64 = 0, rxx: f64 = 0;
      for (let i = 0; i < width; i++) {
        const v = f64At(d.across, i) * f32At(row, i);
        const dx = <f64>(x0 + i) - x;
        const vx = v * dx;
        r += v;
        rx += vx;
        rxx += vx * dx;
      }
      sum += down * r;
      sx += down * rx;
      sxx += down * rxx;
      sy += down * r * dy;
      syy += down * r * dy * dy;
      sxy += down * rx * dy;
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

@inline
function length(x: f64, y: f64): f64 {
  return sqrt<f64>(x * x + y * y);
}

/** Samples of the detection image over the sky, `[height, width]` from (x0, y0) on, to `window`; within a cell of the grid the sky is bilinear. */
function cut(d: Detection, x0: u32, y0: u32, width: u32, height: u32): void {
  const right = <f64>(x0 + width - 1), below = <f64>(y0 + height - 1);
  const topLeft = skyAt(d, <f64>x0, <f64>y0), topRight = skyAt(d, right, <f64>y0);
  const bottomLeft = skyAt(d, <f64>x0, below), bottomRight = skyAt(d, right, below);
  for (let j: u32 = 0; j < height; j++) {
    const v = height > 1 ? <f64>j / <f64>(height - 1) : 0;
    let sky = topLeft * (1 - v) + bottomLeft * v;
    const slope = width > 1 ? (topRight * (1 - v) + bottomRight * v - sky) / <f64>(width - 1) : 0;
    const row = (y0 + j) * d.width + x0;
    for (let i: u32 = 0; i < width; i++) {
      const k = row + i;
      let sum = sampleAt(d, k);
      if (d.box == 2) sum += sampleAt(d, k + 1) + sampleAt(d, k + d.width) + sampleAt(d, k + d.width + 1);
      putF32(d.window, j * width + i, <f64>sum - sky);
      sky += slope;
    }
  }
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
  for (let j = y0; j <= y1; j++) {
    const dy = <f64>j - y;
    for (let i = x0; i <= x1; i++) {
      const dx = <f64>i - x;
      const distance = sqrt<f64>(dx * dx + dy * dy);
      const weight = min<f64>(1, radius + 0.5 - distance);
      if (weight <= 0) continue;
      const v = <f64>sampleAt(d, j * d.width + i);
      const channel = channelAt(d, i, j);
      if (v >= limit && distance <= core) saturated = true;
      addF64(d.out, channel, weight * (v - f64At(d.sky, channel)));
    }
  }
  return saturated;
}
