// Kernel drizzle (src/compute/contracts/drizzle.ts); units are rows of the cell. The four lanes are the corners of a pixel, or the edges that begin there.
import { colourAt } from '../cfa';
import {
  BLANK_LIMIT,
  BLOCK_SIZE,
  DRIZZLE_LEAST,
  DrizzleJob as Job,
  LEVEL_TERMS,
  MAP_STRIDE,
  RADIAL_TABLE_SIZE,
} from '../layout';

const HALF: f32 = <f32>(BLOCK_SIZE / 2);

export function drizzle(job: usize, from: u32, to: u32, _scratch: usize): void {
  const width = Job.cellWidth(job);
  const planes = Job.planes(job);
  const pixels = <usize>width * Job.cellHeight(job);
  const blocksAcross = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  for (let y = from; y < to; y++) {
    for (let x: u32 = 0; x < width; x++) {
      const pixel = <usize>y * width + x;
      let any = false;
      for (let c: u32 = 0; c < planes; c++) any = any || isSampled(job, c, pixel, pixels);
      if (!any) continue;
      const block = Job.map_at(job) + (<usize>(y / BLOCK_SIZE) * blocksAcross + x / BLOCK_SIZE) * MAP_STRIDE * 4;
      placeCorners(block, x % BLOCK_SIZE, y % BLOCK_SIZE);
      for (let c: u32 = 0; c < planes; c++) {
        if (isSampled(job, c, pixel, pixels)) dropInto(job, block, c, pixel, pixels);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function isSampled(job: usize, c: u32, pixel: usize, pixels: usize): bool {
  return load<f32>(Job.cube_at(job) + ((<usize>Job.slot(job) * Job.planes(job) + c) * pixels + pixel) * 4) > BLANK_LIMIT;
}

/** Corners of the pixel at hand, counted from the integer base of its block. */
let cornersX: v128 = f32x4.splat(0);
let cornersY: v128 = f32x4.splat(0);

function placeCorners(block: usize, x: u32, y: u32): void {
  const left = (<f32>x - HALF) / HALF;
  const below = (<f32>y - HALF) / HALF;
  const right = left + 1 / HALF;
  const above = below + 1 / HALF;
  const u = f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(left), 1, right), 2, right);
  const v = f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(below), 2, above), 3, above);
  cornersX = biquadratic(block + 8, u, v);
  cornersY = biquadratic(block + 44, u, v);
}

function biquadratic(at: usize, u: v128, v: v128): v128 {
  const r0 = rowAt(at, u);
  const r1 = rowAt(at + 12, u);
  const r2 = rowAt(at + 24, u);
  return f32x4.add(r0, f32x4.mul(v, f32x4.add(r1, f32x4.mul(v, r2))));
}

// @ts-ignore: decorator
@inline
function rowAt(at: usize, u: v128): v128 {
  const inner = f32x4.add(v128.load32_splat(at, 4), f32x4.mul(u, v128.load32_splat(at, 8)));
  return f32x4.add(v128.load32_splat(at), f32x4.mul(u, inner));
}

/** Lanes 1, 2, 3, 0. */
// @ts-ignore: decorator
@inline
function next(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 1, 2, 3, 0);
}

/** Mean of max(y, 0) along lines from a to b. */
// @ts-ignore: decorator
@inline
function ramp(a: v128, b: v128): v128 {
  const zero = f32x4.splat(0);
  const low = f32x4.pmin(a, b);
  const high = f32x4.pmax(f32x4.pmax(a, b), zero);
  const across = f32x4.div(
    f32x4.mul(high, high),
    f32x4.mul(f32x4.splat(2), f32x4.pmax(f32x4.sub(high, low), f32x4.splat(1e-30))),
  );
  return v128.bitselect(f32x4.mul(f32x4.splat(0.5), f32x4.add(a, b)), across, f32x4.ge(low, zero));
}

/** Part of the drop about the raw pixel (x, y), counted from the base, that lies in the pixel at hand; `inverse` of the drop's side. */
function overlap(x: f32, y: f32, inverse: f32): f32 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  const scale = f32x4.splat(inverse);
  const x1 = f32x4.add(f32x4.mul(f32x4.sub(cornersX, f32x4.splat(x)), scale), half);
  const y1 = f32x4.add(f32x4.mul(f32x4.sub(cornersY, f32x4.splat(y)), scale), half);
  const start = f32x4.pmin(f32x4.pmax(x1, zero), one);
  const end = next(start);
  const slope = f32x4.div(f32x4.sub(next(y1), y1), f32x4.sub(next(x1), x1));
  const a = f32x4.add(y1, f32x4.mul(f32x4.sub(start, x1), slope));
  const b = f32x4.add(y1, f32x4.mul(f32x4.sub(end, x1), slope));
  const mean = f32x4.sub(ramp(a, b), ramp(f32x4.sub(a, one), f32x4.sub(b, one)));
  // Edges beside the square have no width; upright ones no slope.
  const area = v128.and(f32x4.mul(f32x4.sub(end, start), mean), f32x4.ne(start, end));
  const pairs = f32x4.add(area, v128.shuffle<f32>(area, area, 2, 3, 0, 1));
  return Mathf.abs(f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1));
}

// @ts-ignore: decorator
@inline
function least(v: v128): f32 {
  const pairs = f32x4.pmin(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return min(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

// @ts-ignore: decorator
@inline
function most(v: v128): f32 {
  const pairs = f32x4.pmax(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** Adds what the drops of one plane leave in the pixel at hand. */
function dropInto(job: usize, block: usize, c: u32, pixel: usize, pixels: usize): void {
  const planes = Job.planes(job);
  const width = <i32>Job.windowWidth(job);
  const height = <i32>Job.windowHeight(job);
  const bayer = Job.bayer(job) == 1;
  const pattern = Job.pattern(job);
  const half = Job.pixfrac(job) * 0.5;
  const inverse: f32 = 1 / Job.pixfrac(job);
  const baseX = <i32>load<f32>(block);
  const baseY = <i32>load<f32>(block, 4);
  const windowX = Job.windowX(job) - baseX;
  const windowY = Job.windowY(job) - baseY;
  const fromX = max(<i32>Mathf.ceil(least(cornersX) - half), windowX);
  const toX = min(<i32>Mathf.floor(most(cornersX) + half), windowX + width - 1);
  const fromY = max(<i32>Mathf.ceil(least(cornersY) - half), windowY);
  const toY = min(<i32>Mathf.floor(most(cornersY) + half), windowY + height - 1);
  const image = Job.image_at(job) + (bayer ? 0 : <usize>c * width * height * 4);
  const w = load<f32>(Job.frame_weights_at(job) + (<usize>Job.slot(job) * planes + c) * 4);
  let sum: f32 = 0;
  let weight: f32 = 0;
  let square: f32 = 0;
  for (let ky = fromY; ky <= toY; ky++) {
    let kx = fromX;
    if (bayer && colourAt(pattern, kx + baseX, ky + baseY) != c) {
      kx++;
      if (colourAt(pattern, kx + baseX, ky + baseY) != c) continue;
    }
    const row = image + <usize>((ky - windowY) * width) * 4;
    for (; kx <= toX; kx += bayer ? 2 : 1) {
      const v = load<f32>(row + <usize>(kx - windowX) * 4);
      if (!(v > BLANK_LIMIT)) continue;
      const a = overlap(<f32>kx, <f32>ky, inverse);
      if (a < DRIZZLE_LEAST) continue;
      const dx = <f32>(kx + baseX) - Job.centreX(job);
      const dy = <f32>(ky + baseY) - Job.centreY(job);
      const r = radialWeight(job, dx, dy);
      sum += w * r * a * levelled(job, c, v, dx, dy);
      weight += w * r * a;
      square += w * r * r * a * a;
    }
  }
  if (!(weight > 0)) return;
  const quantity = <usize>planes * pixels * 4;
  const out = Job.sums_at(job) + (<usize>c * pixels + pixel) * 4;
  store<f32>(out, load<f32>(out) + sum);
  store<f32>(out + quantity, load<f32>(out + quantity) + weight);
  store<f32>(out + 2 * quantity, load<f32>(out + 2 * quantity) + square);
  store<f32>(out + 3 * quantity, load<f32>(out + 3 * quantity) + 1);
}

// @ts-ignore: decorator
@inline
function radialWeight(job: usize, dx: f32, dy: f32): f32 {
  const t = Mathf.sqrt(dx * dx + dy * dy) * Job.invRadius(job);
  const place = min<f32>(1, t) * <f32>RADIAL_TABLE_SIZE;
  const entry = <u32>place;
  const at = Job.radial_at(job) + <usize>entry * 4;
  const below = load<f32>(at);
  return below + (place - <f32>entry) * (load<f32>(at, 4) - below);
}

// @ts-ignore: decorator
@inline
function levelled(job: usize, c: u32, value: f32, dx: f32, dy: f32): f32 {
  const levels = Job.levels_at(job) + <usize>(c * (1 + LEVEL_TERMS)) * 4;
  const x = dx * Job.invScale(job);
  const y = dy * Job.invScale(job);
  const alongX = load<f32>(levels, 8) + x * load<f32>(levels, 16) + y * load<f32>(levels, 20);
  const alongY = load<f32>(levels, 12) + y * load<f32>(levels, 24);
  return load<f32>(levels) * (value - (load<f32>(levels, 4) + x * alongX + y * alongY));
}
