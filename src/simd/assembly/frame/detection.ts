// A frame of 16-bit samples whose stars are sought, as `src/astrometry/stars/integer-finder.ts` lays it out in memory.
import { f32At } from '../words';

@unmanaged
export class Detection {
  /** Samples [height, width]; `flip` makes them unsigned and is then their excess. */
  frame: usize;
  width: u32;
  height: u32;
  flip: i32;
  /** Samples that one of the detection image adds up along each axis. */
  box: u32;
  /** The matched filter: f64 [count]. */
  taps: usize;
  count: u32;
  half: u32;
  /** Coarse image: f32 [.., coarseWidth], and its columns and rows that are wholly within the frame. */
  coarse: usize;
  coarseWidth: u32;
  coarseX0: u32;
  coarseX1: u32;
  coarseY0: u32;
  coarseY1: u32;
  /** The frame's grid, f32 [ny, nx] each: sky and noise of the detection image, and [channels, ny, nx] of the channels. */
  nx: u32;
  ny: u32;
  step: u32;
  level: usize;
  noise: usize;
  channels: u32;
  channelLevel: usize;
  /** u8 [4]: channels of the sites. */
  sites: usize;
  /** u32 [coarseWidth] for candidates, room for `filterPatch`, f64 [25] for its patch. */
  columns: usize;
  between: usize;
  patch: usize;
  /** f32 [side, side] for the window of a star, and f64 [(side + 1) / 2, 3, 2] for what its columns weigh. */
  window: usize;
  across: usize;
  /** f64: results of the last call; [channels] the sky of the last star, and the noise of a sample there. */
  out: usize;
  sky: usize;
  skyNoise: usize;
  /** f32 [channels, ny, nx]: noise of the channels. */
  channelNoise: usize;
  /** Room for the samples of a ring, and for which of them are in it: 32 bytes for eight side by side. */
  ring: usize;
}

@inline
export function sampleAt(d: Detection, k: u32): i32 {
  return ((<i32>load<u16>(d.frame + (<usize>k << 1))) ^ d.flip) - d.flip;
}

/** Channel of a raw sample. */
@inline
export function channelAt(d: Detection, x: i32, y: i32): u32 {
  return load<u8>(d.sites + ((y & 1) * 2 + (x & 1)));
}

/** Where samples of the detection image lie after those of the frame. */
@inline
export function offsetOf(d: Detection): f64 {
  return d.box == 2 ? 0.5 : 0;
}

/** Sky of a sample of the detection image. */
export function skyAt(d: Detection, x: f64, y: f64): f64 {
  return sampleGrid(d, d.level, x + offsetOf(d), y + offsetOf(d));
}

/** `sampleGrid` of `src/photometry/background/level-grid.ts`. */
export function sampleGrid(d: Detection, values: usize, x: f64, y: f64): f64 {
  const i = lowerCell(d.step, d.nx, x);
  const j = lowerCell(d.step, d.ny, y);
  const u = positionIn(d.width, d.step, d.nx, i, x);
  const v = positionIn(d.height, d.step, d.ny, j, y);
  const iNext = min<u32>(i + 1, d.nx - 1);
  const jNext = min<u32>(j + 1, d.ny - 1);
  const top = f32At(values, j * d.nx + i) * (1 - u) + f32At(values, j * d.nx + iNext) * u;
  const bottom = f32At(values, jNext * d.nx + i) * (1 - u) + f32At(values, jNext * d.nx + iNext) * u;
  return top * (1 - v) + bottom * v;
}

function lowerCell(step: u32, count: u32, position: f64): u32 {
  if (count == 1) return 0;
  const guess = floor<f64>((position - (<f64>step - 1) / 2) / <f64>step);
  return <u32>min<f64>(max<f64>(guess, 0), <f64>(count - 2));
}

function positionIn(size: u32, step: u32, count: u32, cell: u32, position: f64): f64 {
  if (count == 1) return 0;
  const from = cellCentre(size, step, count, cell);
  const to = cellCentre(size, step, count, cell + 1);
  return (position - from) / (to - from);
}

export function cellCentre(size: u32, step: u32, count: u32, index: u32): f64 {
  return <f64>cellStart(step, index) + (<f64>cellLength(size, step, count, index) - 1) / 2;
}

@inline
export function cellStart(step: u32, index: u32): u32 {
  return index * step;
}

@inline
export function cellLength(size: u32, step: u32, count: u32, index: u32): u32 {
  return index == count - 1 ? size - index * step : step;
}
