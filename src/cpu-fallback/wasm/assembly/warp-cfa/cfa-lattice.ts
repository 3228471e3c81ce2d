// The sites of each colour of a window as a plane of their own, so that neighbouring sites are neighbours in memory, then the least sample of
// every four rows. Red and blue are every second pixel of every second row. Green site (m, n) lies at window pixel
// (m + n + parity, m - n): its rows are the window's diagonals, and one begins at the column of the pixel's row, or column where that side is the
// shorter one, so that the plane is no larger than the window.
import { BLUE, colourAt, GREEN, RED } from '../cfa';
import { BLANK_LIMIT, WarpCfaJob as Job } from '../layout';

/** Rows that are taken at once. */
export const ROWS: u32 = 4;

/** Column and row of the colour's first site in the window's 2x2 tile; for green the sum of both is the parity of its sites' x + y. */
// @ts-ignore: decorator
@inline
export function firstColumn(job: usize, c: u32): u32 {
  return firstSite(job, c) & 1;
}

// @ts-ignore: decorator
@inline
export function firstRow(job: usize, c: u32): u32 {
  return firstSite(job, c) >> 1;
}

function firstSite(job: usize, c: u32): u32 {
  const x = <u32>Job.windowX(job);
  const y = <u32>Job.windowY(job);
  for (let site: u32 = 0; site < 4; site++) {
    if (colourAt(Job.pattern(job), x + (site & 1), y + (site >> 1)) == c) return site;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
export function greenParity(job: usize): u32 {
  return firstColumn(job, GREEN) ^ firstRow(job, GREEN);
}

/** Bytes of a row of red or blue. */
// @ts-ignore: decorator
@inline
export function squareRowBytes(job: usize): usize {
  return <usize>((Job.windowWidth(job) + 1) / 2) * 4;
}

// @ts-ignore: decorator
@inline
function squareBytes(job: usize): usize {
  return squareRowBytes(job) * ((Job.windowHeight(job) + 1) / 2);
}

// @ts-ignore: decorator
@inline
export function isWide(job: usize): bool {
  return Job.windowHeight(job) <= Job.windowWidth(job);
}

/** Bytes of a row of green. */
// @ts-ignore: decorator
@inline
export function greenRowBytes(job: usize): usize {
  return <usize>min(Job.windowWidth(job), Job.windowHeight(job)) * 4;
}

/** The n of the first row of green. */
// @ts-ignore: decorator
@inline
export function firstGreenRow(job: usize): i32 {
  return (1 - <i32>Job.windowHeight(job) - <i32>greenParity(job)) >> 1;
}

/** Where the plane of a colour starts: red, blue, green. */
// @ts-ignore: decorator
@inline
export function planeAt(job: usize, c: u32): usize {
  return Job.cfaLattice_at(job) + (c == GREEN ? 2 : c >> 1) * squareBytes(job);
}

// @ts-ignore: decorator
@inline
function leastAt(job: usize): usize {
  const rows = (Job.windowWidth(job) + Job.windowHeight(job)) / 2 + 1;
  return planeAt(job, GREEN) + greenRowBytes(job) * rows;
}

/** True when the window holds a blank. */
export function hasBlanks(job: usize): bool {
  const least = leastAt(job);
  const fours = (Job.windowHeight(job) + ROWS - 1) / ROWS;
  for (let k: usize = 0; k < fours; k++) {
    if (!(load<f32>(least + k * 4) > BLANK_LIMIT)) return true;
  }
  return false;
}

/** The lattice in hand: parity of green's sites, whether its rows begin at the rows of their pixels, bytes of a row of it, and where its row 0 would begin. */
let parity: u32 = 0;
let wide: bool = false;
let greenRow: usize = 0;
let greenAt: usize = 0;
/** Planes of the colours, beside green, of even rows of the window and of odd ones, and bytes of a row of these. */
let evenPlane: usize = 0;
let oddPlane: usize = 0;
let squareRow: usize = 0;

/** Takes the lattice of a window in hand: it is filled, or asked for single sites. */
export function takeLattice(job: usize): void {
  parity = greenParity(job);
  wide = isWide(job);
  greenRow = greenRowBytes(job);
  greenAt = planeAt(job, GREEN) - firstGreenRow(job) * <i32>greenRow;
  const red = firstRow(job, RED);
  evenPlane = planeAt(job, red == 0 ? RED : BLUE);
  oddPlane = planeAt(job, red == 0 ? BLUE : RED);
  squareRow = squareRowBytes(job);
}

/** Puts the pixels of four rows from `y` on, or of those that there are, where they belong; they stand from `source` on, a row `pitch` bytes behind the one before. */
export function latticeRows(job: usize, y: u32, source: usize, pitch: usize): void {
  const width = Job.windowWidth(job);
  const rows = min(ROWS, Job.windowHeight(job) - y);
  const columns = rows == ROWS && width >= 11 ? (width - 3) & ~7 : 0;
  let least = columns > 0 ? fourRows(y, columns, source, pitch) : f32x4.splat(Infinity);
  // What the vectors leave out: they begin one column later in each row.
  for (let k: u32 = 0; k < rows; k++) {
    const begins = columns > 0 ? k : 0;
    const row = source + pitch * k;
    for (let x: u32 = 0; x < begins; x++) least = f32x4.pmin(least, onePixel(x, y + k, row));
    for (let x = begins + columns; x < width; x++) least = f32x4.pmin(least, onePixel(x, y + k, row));
  }
  least = f32x4.pmin(least, v128.shuffle<f32>(least, least, 2, 3, 0, 1));
  least = f32x4.pmin(least, v128.shuffle<f32>(least, least, 1, 0, 3, 2));
  v128.store32_lane(leastAt(job) + <usize>(y / ROWS) * 4, least, 0);
}

/** Puts a sample in place of the one of pixel (x, y) of the window. */
export function replaceSite(job: usize, x: u32, y: u32, v: f32): void {
  store<f32>(siteOf(x, y), v);
  const least = leastAt(job) + <usize>(y / ROWS) * 4;
  if (!(v > BLANK_LIMIT)) store<f32>(least, v);
}

/** Where the sample of a pixel of the window stands. */
// @ts-ignore: decorator
@inline
export function siteOf(x: u32, y: u32): usize {
  return ((x ^ y ^ parity) & 1) != 0 ? squareSite(x, y) : greenSite(x, y);
}

// @ts-ignore: decorator
@inline
function squareSite(x: u32, y: u32): usize {
  return ((y & 1) == 0 ? evenPlane : oddPlane) + (y >> 1) * squareRow + <usize>(x >> 1) * 4;
}

// @ts-ignore: decorator
@inline
function greenSite(x: u32, y: u32): usize {
  const n = (<i32>x - <i32>y - <i32>parity) >> 1;
  return greenAt + n * <i32>greenRow + <usize>(wide ? y : x) * 4;
}

/** Puts one pixel where it belongs and returns it in all lanes. */
// @ts-ignore: decorator
@inline
function onePixel(x: u32, y: u32, row: usize): v128 {
  const v = v128.load32_splat(row + <usize>x * 4);
  v128.store32_lane(siteOf(x, y), v, 0);
  return v;
}

/** `columns` pixels of four rows, each from one column further on than the row above: four of them on one diagonal are four neighbours of green. */
function fourRows(y: u32, columns: u32, source: usize, row: usize): v128 {
  // Column of the first green of the first row, and so, from its own first column, of every row.
  const odd = (parity ^ y) & 1;
  let p = source;
  let green = greenSite(odd, y);
  const step = greenRow + (wide ? 0 : 8);
  let square0 = squareSite(1 - odd, y);
  let square1 = squareSite(2 - odd, y + 1);
  const square = squareRow;
  let least = v128.load(p);
  for (let i: u32 = 0; i < columns; i += 8) {
    const a0 = v128.load(p);
    const a1 = v128.load(p, 16);
    const b0 = v128.load(p + row, 4);
    const b1 = v128.load(p + row, 20);
    const q = p + 2 * row;
    const c0 = v128.load(q, 8);
    const c1 = v128.load(q, 24);
    const d0 = v128.load(q + row, 12);
    const d1 = v128.load(q + row, 28);
    least = f32x4.pmin(least, f32x4.pmin(f32x4.pmin(a0, a1), f32x4.pmin(b0, b1)));
    least = f32x4.pmin(least, f32x4.pmin(f32x4.pmin(c0, c1), f32x4.pmin(d0, d1)));
    let a = v128.shuffle<f32>(a0, a1, 0, 2, 4, 6);
    let b = v128.shuffle<f32>(b0, b1, 0, 2, 4, 6);
    let c = v128.shuffle<f32>(c0, c1, 0, 2, 4, 6);
    let d = v128.shuffle<f32>(d0, d1, 0, 2, 4, 6);
    const e = v128.shuffle<f32>(a0, a1, 1, 3, 5, 7);
    const f = v128.shuffle<f32>(b0, b1, 1, 3, 5, 7);
    const g = v128.shuffle<f32>(c0, c1, 1, 3, 5, 7);
    const h = v128.shuffle<f32>(d0, d1, 1, 3, 5, 7);
    if (odd) {
      v128.store(square0, a);
      v128.store(square1, b);
      v128.store(square0 + square, c, 4);
      v128.store(square1 + square, d, 4);
      a = e;
      b = f;
      c = g;
      d = h;
    } else {
      v128.store(square0, e);
      v128.store(square1, f);
      v128.store(square0 + square, g, 4);
      v128.store(square1 + square, h, 4);
    }
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(green, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    v128.store(green + step, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    v128.store(green + 2 * step, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5));
    v128.store(green + 3 * step, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7));
    p += 32;
    square0 += 16;
    square1 += 16;
    green += 4 * step;
  }
  return least;
}
