/** What the finished mosaic is measured, binned and shown with. Addresses and sizes in bytes unless told; sources in `../assembly/`. */
export interface ProductPasses {
  stripPlaces(
    ...edge: readonly [
      ...line: readonly [number, number, number, number, number, number],
      ...strips: readonly [reaches: number, strips: number],
      ...samples: readonly [across: number, half: number, along: number],
      nx: number,
      y0: number,
      y1: number,
      ringRows: number,
      out: number,
    ]
  ): void;
  edgeStep(ring: number, places: number, count: number, least: number, spare: number): number;
  nearestPoints(points: number, count: number, places: number, placeCount: number, out: number): void;
  noiseSquare(
    values: number,
    sigmas: number,
    stride: number,
    side: number,
    lag: number,
    scratch: number,
    out: number,
  ): number;
  ringSquares(
    ...ring: readonly [
      ...rings: readonly [ring: number, planes: number, bytes: number, nx: number, ringRows: number],
      x0: number,
      y0: number,
      side: number,
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
  turnRound(from: number, count: number, to: number): void;
  thinned(values: number, count: number, first: number, step: number, out: number): number;
  thinnedFinite(values: number, count: number, first: number, step: number, out: number): number;
  luminances(
    ...lights: readonly [
      ...planes: readonly [a: number, b: number, c: number, count: number],
      ...skies: readonly [number, number, number],
      ...gains: readonly [number, number, number],
      out: number,
    ]
  ): number;
  densestMean(sorted: number, count: number, width: number): number;
  valuesBetween(values: number, count: number, low: number, high: number, below: number, out: number): number;
  rowMaxima(values: number, nx: number, rows: number, piece: number, out: number): number;
  pictureStars(
    ...rows: readonly [
      ...band: readonly [values: number, nx: number, rows: number, from: number, to: number],
      ...pieces: readonly [maxima: number, piece: number],
      low: number,
      high: number,
      base: number,
      numbers: number,
      found: number,
    ]
  ): number;
  pictureStarColour(squares: number, reach: number, level: number, spare: number, out: number): number;
  placeMedians(
    bands: number,
    planes: number,
    shares: number,
    nx: number,
    side: number,
    step: number,
    spare: number,
    out: number,
  ): number;
  halvesSquares(
    ...halves: readonly [
      ...images: readonly [
        a: number,
        sigmaA: number,
        b: number,
        sigmaB: number,
        width: number,
        height: number,
      ],
      side: number,
      clip: number,
      limit: number,
      sums: number,
    ]
  ): void;
  filterRows(above: number, rowBytes: number, pixelBytes: number, count: number, out: number): void;
  deflatePiece(from: number, count: number, room: number, out: number): number;
  adler32(before: number, from: number, count: number): number;
  allFinite(values: number, count: number): number;
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
  meansOfBins(sums: number, counts: number, count: number, means: number): void;
  sharesOfBins(counts: number, area: number, count: number, shares: number): void;
  cubicSamples(
    image: number,
    width: number,
    height: number,
    x0: number,
    y0: number,
    xs: number,
    ys: number,
    count: number,
    out: number,
  ): void;
  blankTogether(first: number, second: number, third: number, count: number): number;
  halvePlane(from: number, side: number, out: number, outSide: number): void;
}
