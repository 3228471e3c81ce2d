// Kernel demosaic-bilinear (src/compute/contracts/demosaic-bilinear.ts); units are rows.
import { colourAt, GREEN, isBayer, kindOf, meanOfSites, OWN } from '../cfa';
import { BLANK_LIMIT, DemosaicBilinearJob as Job } from '../layout';

export function demosaicBilinear(job: usize, from: u32, to: u32, _scratch: usize): void {
  const width = <i32>Job.width(job);
  const height = <i32>Job.height(job);
  const vectors = isBayer(Job.pattern(job));
  for (let y = <i32>from; y < <i32>to; y++) {
    let x: i32 = 0;
    if (vectors && y > 0 && y < height - 1 && width > 5) {
      allColours(job, 0, y);
      x = innerRow(job, y);
    }
    for (; x < width; x++) allColours(job, x, y);
  }
}

/** Columns 1 .. result - 1 of a row whose neighbours all lie inside. */
function innerRow(job: usize, y: i32): i32 {
  const width = <i32>Job.width(job);
  const size = <usize>width * Job.height(job) * 4;
  const pattern = Job.pattern(job);
  const frameX = 1 + Job.originX(job);
  const frameY = <u32>y + Job.originY(job);
  // A row holds green and one other colour; the third one comes from the rows above and below.
  const greenFirst = colourAt(pattern, frameX, frameY) == GREEN;
  const other = colourAt(pattern, greenFirst ? frameX + 1 : frameX, frameY);
  const isGreen = greenFirst ? i32x4(-1, 0, -1, 0) : i32x4(0, -1, 0, -1);
  const row = <usize>width * 4;
  const planes = Job.planes_at(job) + (<usize>y * width + 1) * 4;
  let at = Job.cfa_at(job) + (<usize>y * width + 1) * 4;
  let green = planes + size * GREEN;
  let same = planes + size * other;
  let third = planes + size * (2 - other);
  const half = f32x4.splat(0.5);
  const quarter = f32x4.splat(0.25);
  const limit = f32x4.splat(BLANK_LIMIT);
  let x: i32 = 1;
  for (; x + 4 < width; x += 4) {
    const own = v128.load(at);
    const w = v128.load(at - 4);
    const e = v128.load(at + 4);
    const n = v128.load(at - row);
    const s = v128.load(at + row);
    const nw = v128.load(at - row - 4);
    const ne = v128.load(at - row + 4);
    const sw = v128.load(at + row - 4);
    const se = v128.load(at + row + 4);
    const least = f32x4.pmin(
      f32x4.pmin(f32x4.pmin(f32x4.pmin(n, s), f32x4.pmin(w, e)), own),
      f32x4.pmin(f32x4.pmin(nw, ne), f32x4.pmin(sw, se)),
    );
    if (i32x4.all_true(f32x4.gt(least, limit))) {
      const along = f32x4.add(w, e);
      const across = f32x4.add(n, s);
      const direct = f32x4.mul(f32x4.add(across, along), quarter);
      const diagonal = f32x4.mul(f32x4.add(f32x4.add(nw, se), f32x4.add(ne, sw)), quarter);
      v128.store(green, v128.bitselect(own, direct, isGreen));
      v128.store(same, v128.bitselect(f32x4.mul(along, half), own, isGreen));
      v128.store(third, v128.bitselect(f32x4.mul(across, half), diagonal, isGreen));
    } else {
      for (let i = 0; i < 4; i++) allColours(job, x + i, y);
    }
    at += 16;
    green += 16;
    same += 16;
    third += 16;
  }
  return x;
}

/** The three colours of one pixel, wherever it lies. */
function allColours(job: usize, x: i32, y: i32): void {
  const width = <i32>Job.width(job);
  const height = <i32>Job.height(job);
  const cfa = Job.cfa_at(job);
  const at = (<usize>y * width + <usize>x) * 4;
  for (let colour: u32 = 0; colour < 3; colour++) {
    const kind = kindOf(Job.pattern(job), <u32>x + Job.originX(job), <u32>y + Job.originY(job), colour);
    const value = kind == OWN ? load<f32>(cfa + at) : meanOfSites(cfa, 0, width, height, x, y, kind, 0);
    store<f32>(Job.planes_at(job) + <usize>colour * width * height * 4 + at, value);
  }
}
