// Integer samples of mesh cells, counted by value, and the differences of like neighbours, counted by size: what sorting them would give, in SIMD.
import { sharedPasses, signFlip } from '../../simd/sample-passes.js';

/** Colours of the sites of a CFA, index (y&1)*2 + (x&1). */
type Sites = readonly [number, number, number, number];

/** What is measured of the cells of a channel, `[ny, nx]` each. */
export interface CellNumbers {
  readonly mean: Float32Array;
  readonly median: Float32Array;
  readonly sigma: Float32Array;
  readonly noise: Float32Array;
  /** Samples that clipping has left. */
  readonly count: Float32Array;
  /** Spacing of the lattice that the samples lie on, 0 for none. */
  readonly quantum: Float32Array;
}

/** How the samples of a frame are counted: sample v is step (v >> shift), whatever the bits below, which all have alike. */
interface CountingScale {
  readonly shift: number;
  /** What the bits below are. */
  readonly offset: number;
  /** Steps that are counted one by one. */
  readonly steps: number;
}

/** Rows that the scale of a frame is taken from, evenly spread, and the samples of them whose differences are looked at. */
const SCALE_ROWS = 32;
const SCALE_STRIDE = 8;
/** Standard deviations to either side that are counted. */
const REACH_SIGMA = 7;
const MIN_STEPS = 64;
/** Counting further costs more than sorting. */
const MAX_STEPS = 4096;
/** Bins lie where 16 bits tell their place. */
const NEAR_BYTES = 65536;

/** The scale for an integer plane `[rows, width]` of so many colours; undefined where counting does not pay. */
function countingScale(
  data: Uint16Array | Int16Array,
  width: number,
  colours: number,
): CountingScale | undefined {
  const rows = Math.floor(data.length / width);
  const stride = Math.max(1, Math.floor(rows / SCALE_ROWS));
  const passes = sharedPasses();
  const at = passes.take(data.byteLength);
  const scratch = passes.take(12 * Math.ceil(rows / stride) * Math.ceil(width / SCALE_STRIDE));
  const out = passes.take(8);
  passes.bytes().set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
  const flip = signFlip(data);
  const size = passes.passes.sampleSteps(at, width, rows, flip, stride, SCALE_STRIDE, scratch, out);
  if (Number.isNaN(size)) return undefined;
  // 12- and 14-bit cameras shift their samples up: the true step is the lowest bit that any difference has
  const [shift, offset] = new Uint32Array(passes.buffer, out, 2);
  // the median size of differences of two normal samples is 0.954 of the standard deviation of one
  const sigma = size / 0.954 / 2 ** shift;
  const steps = Math.max(MIN_STEPS, Math.ceil(2 * REACH_SIGMA * sigma));
  return steps > MAX_STEPS || setsThatFit(1, colours, steps) === 0 ? undefined : { shift, offset, steps };
}

/** Bytes of one set of bins: of each colour, with one for what lies below and one for what lies above. */
const bytesOfSet = (colours: number, steps: number): number =>
  16 * Math.ceil((colours * 4 * (steps + 2)) / 16);

/** Sets of bins to count in: `most` where there is room for them, else one, or none where not even that fits. */
function setsThatFit(most: number, colours: number, steps: number): number {
  const room = NEAR_BYTES - sharedPasses().passes.memoryStart();
  const fitting = Math.floor(room / bytesOfSet(colours, steps));
  return fitting < most ? Math.min(1, fitting) : most;
}

/** The cells of one plane, a row of them after another. */
export class CountedCells {
  readonly #scale: CountingScale | undefined;
  readonly #width: number;
  readonly #stepPx: number;
  readonly #sites: Sites | undefined;
  /** Where samples lie, by colour: what the passes go by from band to band. */
  #middles: Int32Array | undefined;

  /** `data`: the first band, `[rows, width]`. */
  constructor(data: Uint16Array | Int16Array, width: number, stepPx: number, sites: Sites | undefined) {
    this.#scale = countingScale(data, width, sites ? 3 : 1);
    this.#width = width;
    this.#stepPx = stepPx;
    this.#sites = sites;
  }

  /**
   * Measures the samples `[rows, width]` of a band from row `y0` of the frame on: its cells' numbers go to those of the plane's channels (three with a CFA) from cell `first` on. Returns the columns
   * of the cells whose samples do not lie where they are counted, all of them where counting does not pay: they are to be sorted.
   */
  measure(
    data: Uint16Array | Int16Array,
    y0: number,
    channels: readonly CellNumbers[],
    first: number,
    nx: number,
  ): Iterable<number> {
    const scale = this.#scale;
    if (!scale) return Array.from({ length: nx }, (_, i) => i);
    const width = this.#width;
    const colours = channels.length;
    const { shift, offset, steps } = scale;
    const binBytes = 4 * (steps + 2);
    const setBytes = bytesOfSet(colours, steps);
    const sets = setsThatFit(this.#sites ? 4 : 8, colours, steps);
    const passes = sharedPasses();
    // the first to be taken: they lie where the memory begins
    const bins = passes.take(sets * setBytes);
    const samples = passes.take(data.byteLength);
    // a cell is at most half as long again as the step; eight more stand behind
    const siteBytes = 2 * (this.#stepPx ** 2 + 8);
    const differences = passes.take(4 * siteBytes);
    const before = passes.take(4 * (steps + 2));
    const middles = passes.take(8 * colours);
    const bytes = passes.take(4 * 256);
    const out = passes.take(4 * 5 * nx * colours);
    const missed = passes.take(4 * nx);
    const sites = passes.take(4);
    const fields = [
      ...[samples, width, signFlip(data), this.#stepPx, nx, shift, steps, offset, colours, sites],
      ...[bins, binBytes, sets, setBytes, differences, siteBytes, before, middles, bytes, out],
    ];
    const mesh = passes.take(4 * fields.length);
    const { buffer } = passes;
    passes.bytes().set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), samples);
    passes.bytes().set(this.#sites ?? [0, 0, 0, 0], sites);
    new Uint32Array(buffer, mesh, fields.length).set(fields);
    const known = new Int32Array(buffer, middles, 2 * colours);
    if (this.#middles) known.set(this.#middles);
    else passes.passes.beginCells(mesh);
    const failures = passes.passes.measureCells(mesh, y0, data.length / width, missed);
    this.#middles = known.slice();
    channels.forEach(({ mean, median, sigma, noise, count, quantum }, c) => {
      quantum.fill(2 ** shift, first, first + nx);
      [mean, median, sigma, noise, count].forEach((numbers, n) =>
        numbers.set(new Float32Array(buffer, out + 4 * (5 * c + n) * nx, nx), first),
      );
    });
    return new Uint32Array(buffer, missed, failures).slice();
  }
}
