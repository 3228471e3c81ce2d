// Kernel drop-rejected (src/compute/contracts/drop-rejected.ts); units are runs of 64 samples of the planes one after the other. Most pixels have
// nothing rejected: four are passed over at once.
import { BLANK_LIMIT, BLANK_VALUE, DropRejectedJob as Job } from '../layout';

/** Samples of a unit. */
const RUN: usize = 64;

export function dropRejected(job: usize, from: u32, to: u32, _scratch: usize): void {
  const all = <usize>Job.pixels(job) * Job.planes(job);
  const end = min<usize>(<usize>to * RUN, all);
  const low = Job.rejected_low_at(job);
  const high = Job.rejected_high_at(job);
  for (let at = <usize>from * RUN; at < end; at++) {
    if (at + 4 <= end && !v128.any_true(v128.or(v128.load(low + at * 4), v128.load(high + at * 4)))) {
      at += 3;
      continue;
    }
    dropEnds(job, at, all, load<u32>(low + at * 4), -1);
    dropEnds(job, at, all, load<u32>(high + at * 4), 1);
  }
}

/** Blanks `count` times the first of the highest (`side` 1) or lowest (-1) valid samples of a pixel. */
function dropEnds(job: usize, at: usize, all: usize, count: u32, side: f32): void {
  const slots = Job.slots(job);
  const first = Job.cube_at(job) + at * 4;
  const step = all * 4;
  for (let k: u32 = 0; k < count; k++) {
    let found: usize = 0;
    let extreme: f32 = -Infinity;
    let place = first;
    for (let slot: u32 = 0; slot < slots; slot++) {
      const v = load<f32>(place);
      if (v > BLANK_LIMIT && side * v > extreme) {
        found = place;
        extreme = side * v;
      }
      place += step;
    }
    if (found != 0) store<f32>(found, BLANK_VALUE);
  }
}
