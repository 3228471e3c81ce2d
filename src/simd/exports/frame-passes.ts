/** What is asked of the samples of a frame: bytes, background, stars, defects, trails. Records (mesh, detection) are those of sizes and addresses that the pass takes; see there. Addresses and sizes in bytes unless told; sources in `../assembly/`. */
export interface FramePasses {
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
  beginCells(mesh: number): void;
  measureCells(mesh: number, y0: number, rows: number, missed: number): number;
  joinChannels(
    levels: number,
    noises: number,
    channels: number,
    count: number,
    ...joined: readonly [weights: number, shares: number, level: number, noise: number]
  ): void;
  typicalOf(
    values: number,
    snr: number,
    counts: number,
    count: number,
    goodSnr: number,
    scratch: number,
  ): number;
  wellExposed(snr: number, count: number, goodSnr: number, most: number, out: number): number;
  elongationFactor(
    ellipticity: number,
    angle: number,
    counts: number,
    count: number,
    fewest: number,
    loss: number,
  ): number;
  keepStars(found: number, how: number): number;
  coverDiscs(discs: number, count: number, width: number, height: number, stride: number, bits: number): void;
  listBits(bits: number, width: number, height: number, stride: number, out: number): number;
  starSums(cells: number, clip: number): void;
  lessStars(cells: number, least: number, most: number): void;
  cellLevels(
    ...cells: readonly [
      ...numbers: readonly [number, number, number, number],
      count: number,
      maxSkew: number,
      tail: number,
      scratch: number,
      levels: number,
    ]
  ): number;
  missingCells(cells: number, count: number): number;
  medianOfCells(cells: number, count: number, scratch: number): number;
  filterCells(cells: number, nx: number, ny: number, limit: number, scratch: number): void;
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
      heights: number,
      count: number,
      sigma: number,
      widths: number,
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
}
