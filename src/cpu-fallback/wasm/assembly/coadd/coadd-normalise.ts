// Kernel coadd-normalise (src/compute/contracts/coadd-normalise.ts); units are runs of 64 samples of the planes one after the other.
import { BLANK_VALUE, CoaddNormaliseJob as Job } from '../layout';

/** Samples of a unit. */
const RUN: usize = 64;

export function coaddNormalise(job: usize, from: u32, to: u32, _scratch: usize): void {
  const all = <usize>Job.pixels(job) * Job.planes(job);
  const end = min<usize>(<usize>to * RUN, all) * 4;
  const sum = Job.sum_at(job);
  const weight = Job.weight_at(job);
  const mean = Job.mean_at(job);
  let at = <usize>from * RUN * 4;
  for (; at + 16 <= end; at += 16) {
    const w = v128.load(weight + at);
    const has = f32x4.gt(w, f32x4.splat(0));
    const value = f32x4.div(v128.load(sum + at), w);
    v128.store(mean + at, v128.bitselect(value, f32x4.splat(BLANK_VALUE), has));
  }
  for (; at < end; at += 4) {
    const w = load<f32>(weight + at);
    store<f32>(mean + at, w > 0 ? load<f32>(sum + at) / w : BLANK_VALUE);
  }
}
