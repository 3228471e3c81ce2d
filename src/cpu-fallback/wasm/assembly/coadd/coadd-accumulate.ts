// Kernel coadd-accumulate (src/compute/contracts/coadd-accumulate.ts); units are runs of 64 samples of the planes one after the other.
import { BLANK_LIMIT, CoaddAccumulateJob as Job } from '../layout';

/** Samples of a unit. */
const RUN: u32 = 64;

export function coaddAccumulate(job: usize, from: u32, to: u32, _scratch: usize): void {
  const pixels = Job.pixels(job);
  const planes = Job.planes(job);
  const runs = (pixels + RUN - 1) / RUN;
  for (let unit = from; unit < to; unit++) {
    const c = unit / runs;
    const start = (unit % runs) * RUN;
    const end = min(start + RUN, pixels);
    const slotPlane = <usize>Job.slot(job) * planes + c;
    const w = load<f32>(Job.frame_weights_at(job) + slotPlane * 4);
    const weights = f32x4.splat(w);
    let source = Job.cube_at(job) + (slotPlane * pixels + start) * 4;
    const first = (<usize>c * pixels + start) * 4;
    let sum = Job.sum_at(job) + first;
    let weight = Job.weight_at(job) + first;
    let used = Job.used_at(job) + first;
    let i = start;
    for (; i + 4 <= end; i += 4) {
      const v = v128.load(source);
      const valid = f32x4.gt(v, f32x4.splat(BLANK_LIMIT));
      v128.store(sum, f32x4.add(v128.load(sum), v128.and(f32x4.mul(v, weights), valid)));
      v128.store(weight, f32x4.add(v128.load(weight), v128.and(weights, valid)));
      v128.store(used, i32x4.sub(v128.load(used), valid));
      source += 16;
      sum += 16;
      weight += 16;
      used += 16;
    }
    for (; i < end; i++) {
      const v = load<f32>(source);
      if (v > BLANK_LIMIT) {
        store<f32>(sum, load<f32>(sum) + w * v);
        store<f32>(weight, load<f32>(weight) + w);
        store<u32>(used, load<u32>(used) + 1);
      }
      source += 4;
      sum += 4;
      weight += 4;
      used += 4;
    }
  }
}
