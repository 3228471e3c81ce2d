// A row of cells of a mesh; the twin is the sorting of cells in `src/photometry/background/background-mesh.ts`.
import { lookAt } from './cell-counts';
import { lookAtDifferences } from './cell-differences';
import { cellNoise, clipCell, count, mean, median, sigma } from './cell-statistics';
import { countCell } from './count-cell';
import { cellLength, cellStart } from './detection';
import { Mesh } from './mesh';
import { medianOf } from '../select';
import { i32At, putF32, putI32, u32At } from '../words';

/** Stands for a middle that is not known. */
const UNKNOWN: i32 = i32.MIN_VALUE;
/** Numbers of a cell and colour: mean, median, sigma, noise, count. */
const NUMBERS: u32 = 5;

/**
 * How samples of a plane are counted, told by every `stride`-th of its rows: their common step as a number of bits, and what the bits below are, to `out` (two u32);
 * returns the median size of every `spacing`-th difference of like neighbours in a row, NaN where all samples are alike. `scratch` has room for three f32 a difference.
 */
export function sampleSteps(samples: usize, width: u32, rows: u32, flip: i32, stride: u32, spacing: u32, scratch: usize, out: usize): f64 {
  const first = <u32>load<u16>(samples);
  let bits: u32 = 0;
  let n: u32 = 0;
  for (let y: u32 = 0; y < rows; y += stride) {
    const end = (y + 1) * width;
    let all = i16x8.splat(0);
    const alike = i16x8.splat(<i16>first);
    let k = y * width + 2;
    for (; k + 8 <= end; k += 8) all = v128.or(all, v128.xor(v128.load(samples + (<usize>k << 1)), alike));
    for (; k < end; k++) bits |= load<u16>(samples + (<usize>k << 1)) ^ first;
    const halves = i64x2.extract_lane(all, 0) | i64x2.extract_lane(all, 1);
    const quarters = <u32>halves | <u32>(halves >>> 32);
    bits |= (quarters | (quarters >>> 16)) & 0xffff;
    // the first multiple from the third sample of the row on
    for (let d = ((y * width + 2 + spacing - 1) / spacing) * spacing; d < end; d += spacing) {
      const at = samples + (<usize>d << 1);
      putF32(scratch, n++, <f64>abs<i32>((<i32>load<u16>(at) ^ flip) - (<i32>load<u16>(at - 4) ^ flip)));
    }
  }
  if (bits == 0) return NaN;
  const shift = ctz(bits);
  store<u32>(out, shift);
  store<u32>(out, first & ((1 << shift) - 1), 4);
  return medianOf<f32>(scratch, n, scratch + (<usize>n << 2));
}

/** Begins a plane: nothing is known of where its samples lie. */
export function beginCells(mesh: usize): void {
  const m = changetype<Mesh>(mesh);
  for (let c: u32 = 0; c < 2 * m.colours; c++) putI32(m.middles, c, UNKNOWN);
}

/**
 * Measures a row of cells, whose band begins with row `y0` of the frame and has `rows` rows, to `out`. Cells whose samples do not lie where they are counted are listed
 * at `missed` (u32); returns how many these are.
 */
export function measureCells(mesh: usize, y0: u32, rows: u32, missed: usize): u32 {
  const m = changetype<Mesh>(mesh);
  // the row begins where the one before has begun
  const size = <usize>m.colours << 2;
  memory.copy(m.middles, m.middles + size, size);
  let failures: u32 = 0;
  for (let i: u32 = 0; i < m.nx; i++) {
    if (!isMeasured(m, i, y0, rows, false) && !isMeasured(m, i, y0, rows, true))
      store<u32>(missed + (<usize>(failures++) << 2), i);
    if (i == 0) memory.copy(m.middles + size, m.middles, size);
  }
  return failures;
}

/** Measures one cell; `anew` looks for the middle of its samples where otherwise that of the cell before is taken. */
function isMeasured(m: Mesh, i: u32, y0: u32, rows: u32, anew: bool): bool {
  const x0 = cellStart(m.step, i);
  const columns = cellLength(m.width, m.step, m.nx, i);
  const samples = m.samples + (<usize>x0 << 1);
  const a = colourAt(m, x0, y0), b = colourAt(m, x0 + 1, y0);
  const c = colourAt(m, x0, y0 + 1), d = colourAt(m, x0 + 1, y0 + 1);
  for (let colour: u32 = 0; colour < m.colours; colour++) {
    if (anew || i32At(m.middles, colour) == UNKNOWN)
      putI32(m.middles, colour, middleOf(m, samples, columns, rows, a == colour, b == colour, c == colour, d == colour));
  }
  memory.fill(m.bins, 0, <usize>m.sets * m.setBytes);
  countCell(
    samples,
    m.width,
    columns,
    rows,
    m.shift,
    m.steps,
    m.flip,
    setsApart(m),
    binsOf(m, a),
    binsOf(m, b),
    binsOf(m, c),
    binsOf(m, d),
    baseOf(m, a),
    baseOf(m, b),
    baseOf(m, c),
    baseOf(m, d),
    m.differences,
    m.siteBytes,
  );
  joinSets(m);
  const unit = <f64>(1 << m.shift);
  for (let colour: u32 = 0; colour < m.colours; colour++) {
    lookAt(binsOf(m, colour), m.steps, m.before);
    if (!clipCell()) return false;
    const sites = <u32>(a == colour) | (<u32>(b == colour) << 1) | (<u32>(c == colour) << 2) | (<u32>(d == colour) << 3);
    lookAtDifferences(m.differences, m.siteBytes, rows, columns, sites);
    const noise = cellNoise(sigma, m.steps);
    if (noise != noise) return false;
    const base = baseOf(m, colour);
    const zero = <f64>m.offset + unit * <f64>(base - (m.flip >> m.shift));
    const out = m.out + (<usize>(colour * NUMBERS * m.nx) << 2);
    putF32(out, i, zero + unit * mean);
    putF32(out, m.nx + i, zero + unit * median);
    putF32(out, 2 * m.nx + i, unit * sigma);
    putF32(out, 3 * m.nx + i, unit * noise);
    putF32(out, 4 * m.nx + i, <f64>count);
    putI32(m.middles, colour, base + <i32>median);
  }
  return true;
}

@inline
function colourAt(m: Mesh, x: u32, y: u32): u32 {
  return load<u8>(m.sites + ((y & 1) * 2 + (x & 1)));
}

@inline
function binsOf(m: Mesh, colour: u32): usize {
  return m.bins + <usize>colour * m.binBytes;
}

/** How far behind the first set each of eight samples side by side is counted: like colours of a CFA are every second. */
@inline
function setsApart(m: Mesh): v128 {
  const size = i16x8.splat(<i16>m.setBytes);
  if (m.sets == 8) return i16x8.mul(i16x8(0, 1, 2, 3, 4, 5, 6, 7), size);
  return m.sets == 4 ? i16x8.mul(i16x8(0, 0, 1, 1, 2, 2, 3, 3), size) : i16x8.splat(0);
}

/** Adds what was counted in all sets of bins to the first. */
function joinSets(m: Mesh): void {
  for (let set: u32 = 1; set < m.sets; set++) {
    let at = m.bins;
    const end = at + m.setBytes;
    const ahead = <usize>set * m.setBytes;
    for (; at < end; at += 16) v128.store(at, i32x4.add(v128.load(at), v128.load(at + ahead)));
  }
}

/** Step that is counted as the first. */
@inline
function baseOf(m: Mesh, colour: u32): i32 {
  return i32At(m.middles, colour) - (m.steps >> 1);
}

/** Step of the median of the samples on the sites that are named by parity of row and column in the cell, by two counts of their bytes. */
function middleOf(m: Mesh, samples: usize, columns: u32, rows: u32, on00: bool, on01: bool, on10: bool, on11: bool): i32 {
  const rank = ((<u32>on00 + <u32>on01 + <u32>on10 + <u32>on11) * columns * rows) >> 3;
  let high: i32 = -1;
  let below: u32 = 0;
  let byte: u32 = 0;
  for (let pass = 0; pass < 2; pass++) {
    memory.fill(m.bytes, 0, 256 << 2);
    for (let y: u32 = 0; y < rows; y++) {
      const even = (y & 1) == 0;
      const first = even ? on00 : on10, second = even ? on01 : on11;
      const row = samples + (<usize>(y * m.width) << 1);
      for (let x: u32 = 0; x < columns; x++) {
        if (!((x & 1) == 0 ? first : second)) continue;
        const v = <i32>load<u16>(row + (<usize>x << 1)) ^ m.flip;
        if (pass == 1 && v >> 8 != high) continue;
        const at = pass == 0 ? v >> 8 : v & 0xff;
        putI32(m.bytes, at, i32At(m.bytes, at) + 1);
      }
    }
    for (byte = 0; byte < 255 && below + u32At(m.bytes, byte) <= rank; byte++) below += u32At(m.bytes, byte);
    if (pass == 0) high = byte;
  }
  return ((high << 8) | <i32>byte) >> m.shift;
}
