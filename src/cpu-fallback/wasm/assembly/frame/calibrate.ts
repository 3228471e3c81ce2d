// Kernel calibrate (src/compute/contracts/calibrate.ts); units are runs of 64 samples of the planes one after the other.
import { BLANK_LIMIT, BLANK_VALUE, CalibrateJob as Job } from '../layout';

/** Samples of a unit. */
const RUN: usize = 64;

export function calibrate(job: usize, from: u32, to: u32, _scratch: usize): void {
  const all = <usize>Job.pixels(job) * Job.planes(job);
  const end = min<usize>(<usize>to * RUN, all) * 4;
  const image = Job.image_at(job);
  const bias = Job.bias_at(job);
  const dark = Job.dark_at(job);
  const flat = Job.flat_at(job);
  const calibrated = Job.calibrated_at(job);
  const biasScale = Job.biasScale(job);
  const darkScale = Job.darkScale(job);
  const hasFlat = Job.hasFlat(job) != 0;
  const limit = f32x4.splat(BLANK_LIMIT);
  let at = <usize>from * RUN * 4;
  for (; at + 16 <= end; at += 16) {
    let value = v128.load(image + at);
    let valid = f32x4.gt(value, limit);
    if (biasScale != 0) {
      const b = v128.load(bias + at);
      valid = v128.and(valid, f32x4.gt(b, limit));
      value = f32x4.sub(value, f32x4.mul(f32x4.splat(biasScale), b));
    }
    if (darkScale != 0) {
      const d = v128.load(dark + at);
      valid = v128.and(valid, f32x4.gt(d, limit));
      value = f32x4.sub(value, f32x4.mul(f32x4.splat(darkScale), d));
    }
    if (hasFlat) {
      const f = v128.load(flat + at);
      valid = v128.and(valid, f32x4.gt(f, f32x4.splat(0)));
      value = f32x4.div(value, f);
    }
    v128.store(calibrated + at, v128.bitselect(value, f32x4.splat(BLANK_VALUE), valid));
  }
  for (; at < end; at += 4) {
    let value = load<f32>(image + at);
    let valid = value > BLANK_LIMIT;
    if (biasScale != 0) {
      const b = load<f32>(bias + at);
      valid = valid && b > BLANK_LIMIT;
      value -= biasScale * b;
    }
    if (darkScale != 0) {
      const d = load<f32>(dark + at);
      valid = valid && d > BLANK_LIMIT;
      value -= darkScale * d;
    }
    if (hasFlat) {
      const f = load<f32>(flat + at);
      valid = valid && f > 0;
      value /= f;
    }
    store<f32>(calibrated + at, valid ? value : BLANK_VALUE);
  }
}
