// Kernel decode (src/compute/contracts/decode.ts); units are rows.
import { BLANK_VALUE, DecodeJob as Job, SAMPLE_F32, SAMPLE_I16, SAMPLE_LIMIT } from '../layout';

export function decode(job: usize, from: u32, to: u32, _scratch: usize): void {
  const width = Job.width(job);
  const type = Job.sampleType(job);
  const size: usize = type == SAMPLE_F32 ? 4 : type == SAMPLE_I16 ? 2 : 1;
  for (let y = from; y < to; y++) {
    const first = <usize>y * Job.rowSamples(job) + Job.firstSample(job);
    const source = Job.raw_at(job) + first * size;
    const target = Job.image_at(job) + <usize>y * width * 4;
    if (type == SAMPLE_I16) decodeI16(source, target, width, Job.hasBlank(job) != 0, Job.blank(job), Job.scale(job), Job.zero(job));
    else if (type == SAMPLE_F32) decodeF32(job, source, target, width);
    else decodeU8(job, source, target, width);
  }
}

// @ts-ignore: decorator
@inline
function physical(stored: v128, blank: v128, hasBlank: v128, scale: v128, zero: v128): v128 {
  const value = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(stored), scale), zero);
  const isBlank = v128.and(i32x4.eq(stored, blank), hasBlank);
  return v128.bitselect(f32x4.splat(BLANK_VALUE), value, isBlank);
}

// @ts-ignore: decorator
@inline
function physicalOne(job: usize, stored: i32): f32 {
  if (Job.hasBlank(job) != 0 && stored == Job.blank(job)) return BLANK_VALUE;
  return <f32>stored * Job.scale(job) + Job.zero(job);
}

/** `count` samples as a file has them. */
export function decodeI16(
  source: usize,
  target: usize,
  count: u32,
  hasBlank: bool,
  blankValue: i32,
  scaleValue: f32,
  zeroValue: f32,
): void {
  const blank = i32x4.splat(blankValue);
  const blanks = i32x4.splat(hasBlank ? -1 : 0);
  const scale = f32x4.splat(scaleValue);
  const zero = f32x4.splat(zeroValue);
  let x: u32 = 0;
  for (; x + 8 <= count; x += 8) {
    const raw = v128.load(source);
    const own = i8x16.shuffle(raw, raw, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    v128.store(target, physical(i32x4.extend_low_i16x8_s(own), blank, blanks, scale, zero));
    v128.store(target, physical(i32x4.extend_high_i16x8_s(own), blank, blanks, scale, zero), 16);
    source += 16;
    target += 32;
  }
  for (; x < count; x++) {
    const stored = <i32>(<i16>((<u16>load<u8>(source) << 8) | <u16>load<u8>(source, 1)));
    store<f32>(target, hasBlank && stored == blankValue ? BLANK_VALUE : <f32>stored * scaleValue + zeroValue);
    source += 2;
    target += 4;
  }
}

function decodeF32(job: usize, source: usize, target: usize, width: u32): void {
  const scale = Job.scale(job);
  const zero = Job.zero(job);
  const limit = f32x4.splat(SAMPLE_LIMIT);
  let x: u32 = 0;
  for (; x + 4 <= width; x += 4) {
    const raw = v128.load(source);
    const own = i8x16.shuffle(raw, raw, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    const value = f32x4.add(f32x4.mul(own, f32x4.splat(scale)), f32x4.splat(zero));
    // what is not finite stays so, and is within no limit
    const isSample = f32x4.le(f32x4.abs(value), limit);
    v128.store(target, v128.bitselect(value, f32x4.splat(BLANK_VALUE), isSample));
    source += 16;
    target += 16;
  }
  for (; x < width; x++) {
    const value = reinterpret<f32>(bswap<u32>(load<u32>(source))) * scale + zero;
    store<f32>(target, abs(value) <= SAMPLE_LIMIT ? value : BLANK_VALUE);
    source += 4;
    target += 4;
  }
}

function decodeU8(job: usize, source: usize, target: usize, width: u32): void {
  const blank = i32x4.splat(Job.blank(job));
  const hasBlank = i32x4.splat(Job.hasBlank(job) != 0 ? -1 : 0);
  const scale = f32x4.splat(Job.scale(job));
  const zero = f32x4.splat(Job.zero(job));
  let x: u32 = 0;
  for (; x + 8 <= width; x += 8) {
    const wide = i16x8.extend_low_i8x16_u(v128.load64_zero(source));
    v128.store(target, physical(i32x4.extend_low_i16x8_s(wide), blank, hasBlank, scale, zero));
    v128.store(target, physical(i32x4.extend_high_i16x8_s(wide), blank, hasBlank, scale, zero), 16);
    source += 8;
    target += 32;
  }
  for (; x < width; x++) {
    store<f32>(target, physicalOne(job, load<u8>(source)));
    source += 1;
    target += 4;
  }
}
