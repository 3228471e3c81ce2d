// The record of mesh cells and of the samples under stars that are taken from them; `src/photometry/background/starless-cells.ts` makes it.

@unmanaged
export class StarCells {
  /** Rows of samples [rows, width], of all cells or of one row of them: f32, or 16-bit integers where `isInteger`, signed ones as `flip` turns them into unsigned ones 32768 higher. */
  samples: usize;
  width: u32;
  rows: u32;
  isInteger: u32;
  flip: u32;
  /** Bits of the samples under stars, [rows, stride] words. */
  bits: usize;
  stride: u32;
  /** Cells, and their side; the last of a row or column takes what is left. The samples are those of their rows from `firstRow` to `lastRow`. */
  nx: u32;
  ny: u32;
  stepPx: u32;
  firstRow: u32;
  lastRow: u32;
  /** Channels, and the one of each site, index (y & 1) * 2 + (x & 1), u32 [4]; rows begin with an even one. */
  channels: u32;
  sites: usize;
  /** f32 [channels, ny, nx]; the step is the spacing of the samples' lattice, 0 for none. */
  mean: usize;
  median: usize;
  sigma: usize;
  noise: usize;
  count: usize;
  step: usize;
  /** Room for how far from the median samples count, f32 [channels, ny, nx]; and of integers for their limits, u16 [channels, ny, nx, 4]. */
  reach: usize;
  limits: usize;
  /** Room for a list of the words of `bits` of every second row of a cell, 8 bytes each and 8 more. */
  list: usize;
  /** f64 [channels, ny, nx], which is added to: samples within reach of the median, their distances from it, and how many more lay above than below, each spread over its step. */
  under: usize;
  sum: usize;
  above: usize;
}
