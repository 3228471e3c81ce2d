/** What cells ask of samples on their way in and out. Addresses and sizes in bytes unless told; sources in `../assembly/`. */
export interface CellPasses {
  storeWords(at: number, count: number): number;
  storeSamples(at: number, count: number, limit: number): number;
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
    rows: number,
    step: number,
    least: number,
  ): void;
  fitBlocks(
    x: number,
    y: number,
    blocksX: number,
    blocksY: number,
    nowhere: number,
    map: number,
    bounds: number,
  ): void;
  missedSamples(
    pixels: number,
    count: number,
    nx: number,
    x0: number,
    y0: number,
    width: number,
    height: number,
    map: number,
    cellWidth: number,
    cellHeight: number,
    missed: number,
    spare: number,
  ): number;
  runsInside(
    pixels: number,
    count: number,
    nx: number,
    x0: number,
    y0: number,
    width: number,
    height: number,
    out: number,
  ): number;
  soundNeighbours(
    pixels: number,
    count: number,
    nx: number,
    x0: number,
    y0: number,
    width: number,
    height: number,
    step: number,
    places: number,
    around: number,
  ): number;
  neighbourMedians(values: number, count: number, out: number): void;
  addStack(
    ...rest: [
      mean: number,
      weight: number,
      used: number,
      fades: number,
      width: number,
      rows: number,
      outWidth: number,
      share: number,
      blankLimit: number,
      sums: number,
      weights: number,
      squares: number,
      samples: number,
    ]
  ): void;
  addCounts(counts: number, width: number, rows: number, outWidth: number, share: number, sums: number): void;
  meansOfSums(sums: number, weights: number, count: number, blank: number, means: number): void;
  weightsOfSums(weights: number, squares: number, count: number, out: number): void;
  countsOfSums(sums: number, weights: number, count: number, out: number): void;
}
