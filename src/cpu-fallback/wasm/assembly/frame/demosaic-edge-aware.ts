// Kernel demosaic-edge-aware (src/compute/contracts/demosaic-edge-aware.ts) in two passes: green everywhere, then red and blue from
// its differences; units are rows.
import { colourAt, DIRECT, GREEN, isBayer, kindOf, meanOfSites, OWN } from '../cfa';
import { BLANK_LIMIT, DemosaicEdgeAwareJob as Job } from '../layout';

export function demosaicGreen(job: usize, from: u32, to: u32, _scratch: usize): void {
  const width = <i32>Job.width(job);
  const height = <i32>Job.height(job);
  const vectors = isBayer(Job.pattern(job));
  for (let y = <i32>from; y < <i32>to; y++) {
    let x: i32 = 0;
    if (vectors && y > 1 && y < height - 2 && width > 7) {
      greenOne(job, 0, y);
      greenOne(job, 1, y);
      x = greenRow(job, y);
    }
    for (; x < width; x++) greenOne(job, x, y);
  }
}

/** Columns 2 .. result - 1 of a row whose neighbours all lie inside. */
function greenRow(job: usize, y: i32): i32 {
  const width = <i32>Job.width(job);
  const row = <usize>width * 4;
  const greenFirst = colourAt(Job.pattern(job), 2 + Job.originX(job), <u32>y + Job.originY(job)) == GREEN;
  const isGreen = greenFirst ? i32x4(-1, 0, -1, 0) : i32x4(0, -1, 0, -1);
  let at = Job.cfa_at(job) + (<usize>y * width + 2) * 4;
  let green = greenPlane(job) + (<usize>y * width + 2) * 4;
  let x: i32 = 2;
  for (; x + 5 < width; x += 4) {
    const own = v128.load(at);
    const left = v128.load(at - 4);
    const right = v128.load(at + 4);
    const left2 = v128.load(at - 8);
    const right2 = v128.load(at + 8);
    const up = v128.load(at - row);
    const down = v128.load(at + row);
    const up2 = v128.load(at - 2 * row);
    const down2 = v128.load(at + 2 * row);
    const least = f32x4.pmin(
      f32x4.pmin(f32x4.pmin(f32x4.pmin(left, right), f32x4.pmin(up, down)), own),
      f32x4.pmin(f32x4.pmin(left2, right2), f32x4.pmin(up2, down2)),
    );
    const whole = v128.or(f32x4.gt(least, f32x4.splat(BLANK_LIMIT)), isGreen);
    const twice = f32x4.add(own, own);
    const bendX = f32x4.sub(twice, f32x4.add(left2, right2));
    const bendY = f32x4.sub(twice, f32x4.add(up2, down2));
    const gradientX = f32x4.add(f32x4.abs(f32x4.sub(left, right)), f32x4.abs(bendX));
    const gradientY = f32x4.add(f32x4.abs(f32x4.sub(up, down)), f32x4.abs(bendY));
    const half = f32x4.splat(0.5);
    const quarter = f32x4.splat(0.25);
    const byRow = f32x4.add(f32x4.mul(f32x4.add(left, right), half), f32x4.mul(bendX, quarter));
    const byColumn = f32x4.add(f32x4.mul(f32x4.add(up, down), half), f32x4.mul(bendY, quarter));
    const both = f32x4.mul(f32x4.add(byRow, byColumn), half);
    const byOne = v128.bitselect(byRow, byColumn, f32x4.lt(gradientX, gradientY));
    const value = v128.bitselect(both, byOne, f32x4.eq(gradientX, gradientY));
    v128.store(green, v128.bitselect(own, value, isGreen));
    let rest = ~i32x4.bitmask(whole) & 15;
    while (rest != 0) {
      greenOne(job, x + ctz(rest), y);
      rest &= rest - 1;
    }
    at += 16;
    green += 16;
  }
  return x;
}

// @ts-ignore: decorator
@inline
function greenPlane(job: usize): usize {
  return Job.planes_at(job) + <usize>GREEN * Job.width(job) * Job.height(job) * 4;
}

function greenOne(job: usize, x: i32, y: i32): void {
  const width = <i32>Job.width(job);
  const at = (<usize>y * width + <usize>x) * 4;
  const kind = kindOf(Job.pattern(job), <u32>x + Job.originX(job), <u32>y + Job.originY(job), GREEN);
  const value = kind == OWN ? load<f32>(Job.cfa_at(job) + at) : greenAt(job, x, y);
  store<f32>(greenPlane(job) + at, value);
}

function greenAt(job: usize, x: i32, y: i32): f32 {
  const width = <i32>Job.width(job);
  const height = <i32>Job.height(job);
  const cfa = Job.cfa_at(job);
  const inside = x >= 2 && y >= 2 && x < width - 2 && y < height - 2;
  if (!inside) return meanOfSites(cfa, 0, width, height, x, y, DIRECT, 0);
  const row = <usize>width * 4;
  const at = cfa + <usize>y * row + <usize>x * 4;
  const own = load<f32>(at);
  const left = load<f32>(at - 4);
  const right = load<f32>(at + 4);
  const left2 = load<f32>(at - 8);
  const right2 = load<f32>(at + 8);
  const up = load<f32>(at - row);
  const down = load<f32>(at + row);
  const up2 = load<f32>(at - 2 * row);
  const down2 = load<f32>(at + 2 * row);
  const direct = min(min(left, right), min(up, down));
  const least = min(min(direct, own), min(min(left2, right2), min(up2, down2)));
  if (!(least > BLANK_LIMIT)) return meanOfSites(cfa, 0, width, height, x, y, DIRECT, 0);
  const bendX = own + own - (left2 + right2);
  const bendY = own + own - (up2 + down2);
  const gradientX = abs(left - right) + abs(bendX);
  const gradientY = abs(up - down) + abs(bendY);
  const byRow = (left + right) * 0.5 + bendX * 0.25;
  const byColumn = (up + down) * 0.5 + bendY * 0.25;
  if (gradientX < gradientY) return byRow;
  if (gradientY < gradientX) return byColumn;
  return (byRow + byColumn) * 0.5;
}

export function demosaicColours(job: usize, from: u32, to: u32, _scratch: usize): void {
  const width = <i32>Job.width(job);
  const height = <i32>Job.height(job);
  const vectors = isBayer(Job.pattern(job));
  for (let y = <i32>from; y < <i32>to; y++) {
    let x: i32 = 0;
    if (vectors && y > 0 && y < height - 1 && width > 5) {
      redAndBlue(job, 0, y);
      x = colourRow(job, y);
    }
    for (; x < width; x++) redAndBlue(job, x, y);
  }
}

/** Columns 1 .. result - 1 of a row whose neighbours all lie inside. */
function colourRow(job: usize, y: i32): i32 {
  const width = <i32>Job.width(job);
  const size = <usize>width * Job.height(job) * 4;
  const row = <usize>width * 4;
  const pattern = Job.pattern(job);
  const frameX = 1 + Job.originX(job);
  const frameY = <u32>y + Job.originY(job);
  const greenFirst = colourAt(pattern, frameX, frameY) == GREEN;
  const other = colourAt(pattern, greenFirst ? frameX + 1 : frameX, frameY);
  const isGreen = greenFirst ? i32x4(-1, 0, -1, 0) : i32x4(0, -1, 0, -1);
  let offset = (<usize>y * width + 1) * 4;
  const cfa = Job.cfa_at(job);
  const green = greenPlane(job);
  const same = Job.planes_at(job) + size * other;
  const third = Job.planes_at(job) + size * (2 - other);
  const limit = f32x4.splat(BLANK_LIMIT);
  let x: i32 = 1;
  for (; x + 4 < width; x += 4) {
    const c = cfa + offset;
    const g = green + offset;
    const least = f32x4.pmin(neighboursLeast(c, row), neighboursLeast(g, row));
    if (i32x4.all_true(f32x4.gt(least, limit))) {
      const own = v128.load(c);
      const base = v128.load(g);
      const along = f32x4.add(difference(c - 4, g - 4), difference(c + 4, g + 4));
      const across = f32x4.add(difference(c - row, g - row), difference(c + row, g + row));
      const falling = f32x4.add(difference(c - row - 4, g - row - 4), difference(c + row + 4, g + row + 4));
      const rising = f32x4.add(difference(c - row + 4, g - row + 4), difference(c + row - 4, g + row - 4));
      const diagonal = f32x4.mul(f32x4.add(falling, rising), f32x4.splat(0.25));
      const half = f32x4.splat(0.5);
      const byRow = f32x4.add(base, f32x4.mul(along, half));
      v128.store(same + offset, v128.bitselect(byRow, own, isGreen));
      const rest = v128.bitselect(f32x4.mul(across, half), diagonal, isGreen);
      v128.store(third + offset, f32x4.add(base, rest));
    } else {
      for (let i = 0; i < 4; i++) redAndBlue(job, x + i, y);
    }
    offset += 16;
  }
  return x;
}

// @ts-ignore: decorator
@inline
function difference(c: usize, g: usize): v128 {
  return f32x4.sub(v128.load(c), v128.load(g));
}

/** Least of a pixel and its 8 neighbours. */
// @ts-ignore: decorator
@inline
function neighboursLeast(at: usize, row: usize): v128 {
  const above = f32x4.pmin(f32x4.pmin(v128.load(at - row - 4), v128.load(at - row)), v128.load(at - row + 4));
  const here = f32x4.pmin(f32x4.pmin(v128.load(at - 4), v128.load(at)), v128.load(at + 4));
  const below = f32x4.pmin(f32x4.pmin(v128.load(at + row - 4), v128.load(at + row)), v128.load(at + row + 4));
  return f32x4.pmin(f32x4.pmin(above, below), here);
}

function redAndBlue(job: usize, x: i32, y: i32): void {
  const width = <i32>Job.width(job);
  const height = <i32>Job.height(job);
  const cfa = Job.cfa_at(job);
  const green = greenPlane(job);
  const at = (<usize>y * width + <usize>x) * 4;
  for (let colour: u32 = 0; colour < 3; colour += 2) {
    const kind = kindOf(Job.pattern(job), <u32>x + Job.originX(job), <u32>y + Job.originY(job), colour);
    let value: f32;
    if (kind == OWN) {
      value = load<f32>(cfa + at);
    } else {
      const base = load<f32>(green + at);
      value = base > BLANK_LIMIT ? meanOfSites(cfa, green, width, height, x, y, kind, base) : base;
      if (!(value > BLANK_LIMIT)) value = meanOfSites(cfa, 0, width, height, x, y, kind, 0);
    }
    store<f32>(Job.planes_at(job) + <usize>colour * width * height * 4 + at, value);
  }
}
