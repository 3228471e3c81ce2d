// The mesh of cells over one plane of 16-bit samples, as `src/photometry/background/counted-cells.ts` lays it out in memory.

@unmanaged
export class Mesh {
  /** Samples of a band [rows, width]; `flip` makes them unsigned and is then their excess. */
  samples: usize;
  width: u32;
  flip: i32;
  /** Side of a cell, and cells in a row. */
  step: u32;
  nx: u32;
  /** Sample v is step v >> shift, `steps` of which are counted one by one; the bits below are `offset` in all of them. */
  shift: i32;
  steps: i32;
  offset: i32;
  /** Colours of the plane, and u8 [4]: colours of the sites by parity of row and column in the frame. */
  colours: u32;
  sites: usize;
  /** Per colour `binBytes` apart: u32 [steps + 2] counts of samples. */
  bins: usize;
  binBytes: u32;
  /** Eight, four or one sets of them, each `setBytes` (a multiple of 16) behind the one before. */
  sets: u32;
  setBytes: u32;
  /** Room for the differences of the samples of each of four sites of a cell, u16. */
  differences: usize;
  siteBytes: u32;
  /** u32 [steps + 2]: samples below each step. */
  before: usize;
  /** i32 [colours]: about where samples lie in the cell before; u32 [512] for counts of high and of low bytes. */
  middles: usize;
  bytes: usize;
  /** f32 [nx] each, for every colour five in turn: mean, median, sigma, noise, count. */
  out: usize;
}
