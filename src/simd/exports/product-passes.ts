/** What the finished mosaic is measured, binned and shown with. Addresses and sizes in bytes unless told; sources in `../assembly/`. */
export interface ProductPasses {
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
