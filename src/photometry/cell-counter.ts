// Counts the cells of one band of mesh rows after another: the samples of a band go to the memory of the passes once, and each cell is one call.
import { sharedPasses, signFlip } from '../simd/sample-passes.js';
import { CellCounts, type CountingScale } from './cell-counts.js';

/** A cell of the band: its columns, and the channel of its samples by parity of row and column in it, (y & 1) * 2 + (x & 1). */
export interface CountedCell {
  readonly x0: number;
  readonly columns: number;
  readonly rows: number;
  readonly channels: readonly [number, number, number, number];
}

export class CellCounter {
  /** Of each channel; they can be asked between two cells. */
  readonly counts: readonly CellCounts[];
  readonly #scale: CountingScale;
  #passes = sharedPasses();
  #samples = 0;
  #width = 0;
  #flip = 0;

  constructor(scale: CountingScale, channels: number) {
    this.#scale = scale;
    this.counts = Array.from({ length: channels }, () => new CellCounts(scale));
  }

  /** Takes the samples `[rows, width]` of a band, whose cells are to be counted before anything else uses the passes. */
  begin(data: Uint16Array | Int16Array, width: number): void {
    const passes = (this.#passes = sharedPasses());
    this.#samples = passes.take(data.byteLength);
    const bins = this.counts.map((counts) => passes.take(counts.binBytes));
    passes.bytes().set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), this.#samples);
    this.counts.forEach((counts, c) => counts.place(passes.buffer, bins[c]));
    this.#width = width;
    this.#flip = signFlip(data);
  }

  /** Counts a cell; `middle(c)` is about where the samples of channel c lie. */
  count({ x0, columns, rows, channels }: CountedCell, middle: (channel: number) => number): void {
    const { counts } = this;
    for (let c = 0; c < counts.length; c++) counts[c].begin(middle(c));
    const { shift, steps } = this.#scale;
    const zero = this.#flip >> shift;
    const [a, b, c, d] = channels;
    this.#passes.passes.countCell(
      this.#samples + 2 * x0,
      this.#width,
      columns,
      rows,
      shift,
      steps,
      this.#flip,
      counts[a].address,
      counts[b].address,
      counts[c].address,
      counts[d].address,
      counts[a].base + zero,
      counts[b].base + zero,
      counts[c].base + zero,
      counts[d].base + zero,
    );
    for (let site = 0; site < 4; site++) {
      const lines = (rows + 1 - (site >> 1)) >> 1;
      counts[channels[site]].added(lines, (columns + 1 - (site & 1)) >> 1);
    }
    for (let channel = 0; channel < counts.length; channel++) counts[channel].end();
  }
}
