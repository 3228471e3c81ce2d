// Table of warp-window: marks of the pixels that fix-hot-pixels would fix, of a window that is kept as its file has it; units are MARKED_ROWS rows.
import { decodeI16 } from './decode';
import { fixRows, markBytes } from './fix-hot-pixels';
import { FixHotPixelsJob as Fix, MARKED_ROWS, WarpWindowJob as Job } from '../layout';

/** Like samples of a CFA are two pixels apart. */
export const STEP: u32 = 2;
/** Rows around a sample that may decide about it: its neighbours' neighbours of the same colour. */
const REACH: u32 = STEP + 1;
/** Bytes of a call of fix-hot-pixels, and of the list that it sorts. */
const CALL: usize = 128;
const SORTED: usize = 64;

export function markDefects(job: usize, from: u32, to: u32, scratch: usize): void {
  const width = Job.windowWidth(job);
  const height = Job.windowHeight(job);
  const call = fixCall(job, scratch);
  const rows = scratch + CALL + SORTED;
  const pitch = <usize>width * 4;
  const marks = Job.markDefects_at(job);
  for (let unit = from; unit < to; unit++) {
    const top = unit * MARKED_ROWS;
    const bottom = min(top + MARKED_ROWS, height);
    const first = top > REACH ? top - REACH : 0;
    const end = min(bottom + REACH, height);
    storedRow(job, 0, first, width * (end - first), rows);
    // Where the first row of the window would stand.
    Fix.setImage_at(call, rows - pitch * first);
    memory.fill(marks + markBytes(width) * top, 0, markBytes(width) * (bottom - top));
    fixRows(call, top, bottom, marks, scratch + CALL);
  }
}

/** Decodes `count` samples from pixel (x, y) of the window on. */
export function storedRow(job: usize, x: u32, y: u32, count: u32, target: usize): void {
  const source = Job.window_at(job) + (<usize>y * Job.windowWidth(job) + x) * 2;
  decodeI16(source, target, count, Job.hasBlank(job) != 0, Job.blank(job), Job.scale(job), Job.zero(job));
}

function fixCall(job: usize, call: usize): usize {
  Fix.setWidth(call, Job.windowWidth(job));
  Fix.setHeight(call, Job.windowHeight(job));
  Fix.setOriginX(call, Job.originX(job));
  Fix.setOriginY(call, Job.originY(job));
  Fix.setStep(call, STEP);
  Fix.setThreshold00(call, Job.threshold00(job));
  Fix.setThreshold01(call, Job.threshold01(job));
  Fix.setThreshold10(call, Job.threshold10(job));
  Fix.setThreshold11(call, Job.threshold11(job));
  Fix.setIsolation(call, Job.isolation(job));
  return call;
}
