// Kernel guard-few (src/compute/contracts/guard-few.ts); units are blocks of the planes one after the other, which do not see each other, so that calls
// for one slot after another are done unit by unit: what is the same for all slots is worked out once.
import { BLOCK_SIZE, GuardFewJob as Job } from '../layout';
import { endRow, noiseOf, setGuard, setLimits, startLimits } from './guard-limits';
import { MEDIAN, ROW, USED, WEIGHT } from './guard-scratch';
import { blankBits, takeOut } from './guard-take';

export function guardFew(job: usize, from: u32, to: u32, scratch: usize): void {
  const width = Job.width(job);
  const height = Job.height(job);
  const blocksX = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const blocks = blocksX * ((height + BLOCK_SIZE - 1) / BLOCK_SIZE);
  const first = Job.slot(job);
  const pitch = <usize>width * 4;
  const plane = pitch * height;
  const slotBytes = plane * Job.planes(job);
  setGuard(Job.kappaLow(job), Job.kappaHigh(job), Job.slope(job), Job.pairSlope(job));
  for (let unit = from; unit < to; unit++) {
    const c = unit / blocks;
    const x0 = ((unit % blocks) % blocksX) * BLOCK_SIZE;
    const y0 = ((unit % blocks) / blocksX) * BLOCK_SIZE;
    const columns = min(BLOCK_SIZE, width - x0);
    const rows = min(BLOCK_SIZE, height - y0);
    const block = <usize>c * plane + pitch * y0 + <usize>x0 * 4;
    const any = prepare(job, block, c, columns, rows, scratch);
    for (let slot = first; slot < first + Job.calls(job); slot++) {
      const target = Job.cube_at(job) + slotBytes * slot + block;
      const source = target + slotBytes;
      const weight = load<f32>(Job.frame_weights_at(job) + (<usize>slot * Job.planes(job) + c) * 4);
      const low = Job.rejected_low_at(job) + block;
      const high = Job.rejected_high_at(job) + block;
      const noise = noiseOf(weight);
      for (let y: u32 = 0; y < rows; y++) {
        const taken = any ? takeOut(source, pitch, y, columns, rows, weight, noise, low, high, pitch, false, scratch) : 0;
        memory.copy(target + pitch * y, source + pitch * y, <usize>columns * 4);
        blankBits(target + pitch * y, taken);
      }
    }
  }
}

/** Brings a block's medians to the scratch; false where no sample may go at all. */
function prepare(job: usize, block: usize, c: u32, columns: u32, rows: u32, scratch: usize): bool {
  const pitch = <usize>Job.width(job) * 4;
  for (let y: usize = 0; y < rows; y++) {
    const to = scratch + ROW * y;
    const at = block + pitch * y;
    memory.copy(to + MEDIAN, Job.median_at(job) + at, <usize>columns * 4);
    memory.copy(to + WEIGHT, Job.weight_at(job) + at, <usize>columns * 4);
    memory.copy(to + USED, Job.used_at(job) + at, <usize>columns * 4);
    endRow(to, columns);
  }
  let variance: f32 = Infinity;
  for (let k: u32 = 0; k < Job.calls(job); k++) {
    const weights = Job.frame_weights_at(job) + ((<usize>Job.slot(job) + k) * Job.planes(job) + c) * 4;
    variance = min(variance, 1 / load<f32>(weights));
  }
  startLimits(variance);
  let any = false;
  for (let y: u32 = 0; y < rows; y++) {
    if (setLimits(scratch, y, columns, rows, Job.maxSamples(job))) any = true;
  }
  return any;
}
