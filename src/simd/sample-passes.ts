// WebAssembly on the thread that calls: what is asked of every raw sample before a backend sees one, of every pixel that is written, in SIMD, and the least squares of levels and places.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../errors.js';

/** Sources and built program lie at the same depth, and both use what the build has made. */
const PASSES_FILE = new URL('../../dist/simd/passes.wasm', import.meta.url);
const PAGE = 65536;

/** What the module exports; addresses and sizes in bytes unless told. The sources stand in `assembly/`. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  memoryStart(): number;
  swapBytes(at: number, count: number, flip: number): void;
  sampleRange(at: number, count: number, limit: number, flip: number, out: number): number;
  sampleSteps(
    samples: number,
    width: number,
    rows: number,
    flip: number,
    stride: number,
    spacing: number,
    scratch: number,
    out: number,
  ): number;
  /** A mesh, problem or detection is the record of sizes and addresses that the pass takes; see there. */
  beginCells(mesh: number): void;
  measureCells(mesh: number, y0: number, rows: number, missed: number): number;
  starSums(band: number): void;
  cellLevels(
    ...cells: readonly [
      ...numbers: readonly [number, number, number, number],
      count: number,
      maxSkew: number,
      tail: number,
      scratch: number,
      levels: number,
    ]
  ): void;
  filterCells(cells: number, nx: number, ny: number, limit: number, scratch: number): void;
  stripPlaces(
    ...edge: readonly [
      ...line: readonly [number, number, number, number, number, number, number, number],
      ...samples: readonly [number, number, number],
      nx: number,
      y0: number,
      y1: number,
      out: number,
    ]
  ): number;
  stripMedians(values: number, strips: number, count: number, least: number, out: number): void;
  noiseSquare(
    values: number,
    sigmas: number,
    stride: number,
    side: number,
    lag: number,
    scratch: number,
    out: number,
  ): number;
  filterCoarsely(detection: number, rows: number, rowBytes: number, levels: number): void;
  coarseScatter(detection: number, noiseGain: number, stride: number, scratch: number): number;
  findPeaks(
    detection: number,
    search: number,
    gain: number,
    sigmas: number,
    coarse: number,
    parabola: number,
    moves: number,
    depth: number,
    depthSigmas: number,
  ): number;
  measureShapes(
    detection: number,
    ...how: readonly [
      peaks: number,
      count: number,
      sigma: number,
      most: number,
      shareOfBlock: number,
      shareOfColour: number,
      iterations: number,
      lastStep: number,
      walk: number,
      widest: number,
      out: number,
    ]
  ): number;
  measureLights(
    detection: number,
    places: number,
    peaks: number,
    count: number,
    radius: number,
    limit: number,
    core: number,
    ...ring: readonly [
      from: number,
      to: number,
      sigma: number,
      skyShare: number,
      doublings: number,
      out: number,
    ]
  ): void;
  productStar(
    ...star: readonly [
      ...squares: readonly [squares: number, planes: number, reach: number],
      ring: number,
      ringCount: number,
      sigma: number,
      iterations: number,
      lastStep: number,
      walk: number,
      radius: number,
      scratch: number,
      out: number,
    ]
  ): number;
  countOutliers(
    samples: number,
    counts: number,
    width: number,
    from: number,
    to: number,
    step: number,
    ...limits: readonly [number, number, number, number]
  ): void;
  listOutliers(counts: number, size: number, least: number, first: number, out: number): number;
  levelPrepare(problem: number): void;
  levelSolve(problem: number, tolerance: number, maxIterations: number): number;
  levelResiduals(problem: number, stride: number): number;
  adjustSolve(problem: number, tolerance: number, maxIterations: number): number;
  levelReweigh(problem: number, scale: number, limit: number, isTukey: number): number;
  /** Cells are the record of sizes and addresses that the pass takes; see there. */
  colourFit(cells: number): void;
  colourLeave(cells: number): void;
  colourProducts(cells: number, out: number): number;
  colourMeasure(
    cells: number,
    ...directionsAndNoise: readonly [number, number, number, number, number, number, number]
  ): void;
  colourReweigh(cells: number, limit: number): void;
  skyPlaneSums(
    values: number,
    u: number,
    w: number,
    count: number,
    ...planeAndWidth: readonly [a: number, b: number, c: number, width: number, sums: number]
  ): void;
  rankOf(values: number, count: number, rank: number, spare: number): number;
  orderOf(keys: number, count: number, order: number, spare: number): void;
  photonMedians(
    difference: number,
    fixed: number,
    model: number,
    count: number,
    ...search: readonly [parts: number, k: number, spare: number, out: number]
  ): void;
  showColour(
    reds: number,
    greens: number,
    blues: number,
    shares: number,
    count: number,
    screen: number,
    steps: number,
    out: number,
  ): void;
  filterUp(above: number, rowBytes: number, count: number, out: number): void;
  storeWords(at: number, count: number): number;
  settleStack(
    mean: number,
    weight: number,
    used: number,
    coverage: number,
    count: number,
    blankLimit: number,
  ): number;
  deviations(at: number, count: number): void;
  addPhotons(
    sigma: number,
    values: number,
    slopes: number,
    constants: number,
    first: number,
    count: number,
    step: number,
    least: number,
  ): void;
  addBoxes(data: number, width: number, nx: number, ny: number, side: number, boxes: number): void;
  markBoxes(
    boxes: number,
    nx: number,
    ny: number,
    ...how: readonly [
      sampled: number,
      limit: number,
      around: number,
      aroundScatter: number,
      standsOut: number,
      scratch: number,
      columns: number,
      rows: number,
    ]
  ): number;
  strongestRow(
    xs: number,
    ys: number,
    count: number,
    ...search: readonly [
      nx: number,
      ny: number,
      directions: number,
      angles: number,
      least: number,
      leastChord: number,
      votes: number,
      bins: number,
      out: number,
    ]
  ): number;
  stripBytes(nx: number, ny: number): number;
  measureStrip(
    data: number,
    width: number,
    ...extentLineAndRoom: readonly [
      ...extent: readonly [x0: number, x1: number, y0: number, y1: number],
      ...line: readonly [nx: number, ny: number, offset: number, slack: number],
      room: number,
      out: number,
    ]
  ): number;
  coveredPixels(first: number, second: number, third: number, count: number, out: number): void;
  binRow(
    first: number,
    second: number,
    third: number,
    nx: number,
    factor: number,
    mask: number,
    counts: number,
    sums: number,
  ): void;
}

let module: WebAssembly.Module | undefined;

/** Has this thread use the module that another one has compiled; to be called before the first pass. */
export function useCompiledPasses(compiled: WebAssembly.Module): void {
  module = compiled;
}

/** The module, compiled once a process. @throws CodedError `simd_not_built`. */
export function compiledPasses(): WebAssembly.Module {
  if (module) return module;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(PASSES_FILE);
  } catch (cause) {
    throw new CodedError('simd_not_built', { path: fileURLToPath(PASSES_FILE) }, { cause });
  }
  return (module = new WebAssembly.Module(bytes));
}

/** The passes with a memory of their own, which is given back with them. */
export class SamplePasses {
  readonly passes = new WebAssembly.Instance(compiledPasses(), {}).exports as unknown as Exports;
  #end = this.passes.memoryStart();

  /** Address of `bytes` more bytes of memory, aligned for any load, with room for one load behind them. Views made before are void. */
  take(bytes: number): number {
    const at = this.#end;
    // no bit operations: they end at 2 GiB
    this.#end = 16 * Math.floor((at + bytes + 31) / 16);
    const { memory } = this.passes;
    const missing = Math.ceil((this.#end - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
    return at;
  }

  /** Does work that takes memory and gives it back afterwards; views made before are void if it takes more than there was. */
  within<T>(work: () => T): T {
    const end = this.#end;
    try {
      return work();
    } finally {
      this.#end = end;
    }
  }

  /** Gives all of it back, to be taken anew. */
  reset(): void {
    this.#end = this.passes.memoryStart();
  }

  /** The whole memory; void once more of it is taken. */
  bytes(): Uint8Array {
    return new Uint8Array(this.passes.memory.buffer);
  }

  /** The memory; void once more of it is taken. */
  get buffer(): ArrayBuffer {
    return this.passes.memory.buffer;
  }
}

let shared: SamplePasses | undefined;

/** Passes for one piece of work that waits for nothing: what was taken of their memory before is given back, to be taken anew. The most of it stays: a byte for every sample of the largest frame in which trails were sought, else a few MB. */
export function sharedPasses(): SamplePasses {
  shared ??= new SamplePasses();
  shared.reset();
  return shared;
}

/** Bits by which signed samples become unsigned ones, 32768 higher; 0 for unsigned ones. */
export const signFlip = (samples: Uint16Array | Int16Array): number =>
  samples instanceof Int16Array ? 0x8000 : 0;
