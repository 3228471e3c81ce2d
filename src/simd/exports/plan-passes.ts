/** Least squares and sums of the plan: levels, places, colours. Problems and cells are the records of sizes and addresses that the pass takes; see there. Addresses and sizes in bytes unless told; sources in `../assembly/`. */
export interface PlanPasses {
  highestNode(node: number, count: number): number;
  levelGather(lists: number, numbers: number): number;
  levelComponents(lists: number, nodes: number): number;
  levelPrepare(problem: number): void;
  levelSolve(problem: number, tolerance: number, maxIterations: number): number;
  levelResiduals(problem: number, stride: number): number;
  levelSigma(problem: number): number;
  levelMedians(problem: number, lessSurface: number, out: number): void;
  levelSummary(problem: number, out: number): void;
  levelReweigh(problem: number, scale: number, limit: number, isTukey: number): number;
  adjustPrepare(problem: number): void;
  adjustSolve(problem: number, tolerance: number, maxIterations: number): number;
  doubtLinks(residual: number, believed: number, links: number, weight: number, spare: number): void;
  doubtNodes(pull: number, believed: number, nodes: number, weight: number): void;
  linkCosts(
    start: number,
    opticsOf: number,
    frames: number,
    ...linksAndOut: readonly [
      ...links: readonly [node: number, weight: number, residual: number],
      ...nodes: readonly [pull: number, steps: number, weight: number, counted: number],
      costs: number,
    ]
  ): void;
  linkScatter(
    start: number,
    frames: number,
    ...linksAndOut: readonly [
      ...links: readonly [star: number, node: number, weight: number],
      ...stars: readonly [first: number, x: number, y: number, z: number],
      ...out: readonly [scales: number, sums: number, squares: number],
    ]
  ): void;
  frameFigures(
    scattered: number,
    from: number,
    to: number,
    ...frameAndOut: readonly [
      ...frame: readonly [plane: number, bases: number, px: number, py: number],
      ...out: readonly [figures: number, out: number],
    ]
  ): void;
  colourFit(cells: number): void;
  colourLeave(cells: number): void;
  colourProducts(cells: number, out: number): number;
  colourMeasure(
    cells: number,
    ...directionsAndNoise: readonly [number, number, number, number, number, number, number]
  ): void;
  colourReweigh(cells: number, limit: number): void;
  colourTake(cells: number, channel: number, from: number, gain: number, unit: number): void;
  takeSurfaces(lists: number, coefficients: number): void;
  nodeLevels(
    lists: number,
    coefficients: number,
    component: number,
    nodes: number,
    ...out: readonly [mean: number, weights: number, part: number]
  ): void;
  partNodes(
    part: number,
    own: number,
    means: number,
    channels: number,
    ...nodesAndOut: readonly [
      nodes: number,
      blocksX: number,
      node: number,
      x: number,
      y: number,
      values: number,
    ]
  ): number;
  skyPlaneNodes(
    values: number,
    x: number,
    y: number,
    count: number,
    ...mostAndOut: readonly [most: number, v: number, u: number, w: number, out: number]
  ): number;
  skyPlaneFit(
    v: number,
    u: number,
    w: number,
    count: number,
    ...widthsAndOut: readonly [width: number, scatter: number, shrink: number, sums: number, plane: number]
  ): void;
  skyPlaneSupport(
    v: number,
    u: number,
    w: number,
    count: number,
    ...planeAndOut: readonly [plane: number, reach: number, spare: number, out: number]
  ): void;
  middleOfNodes(node: number, count: number, blocksX: number, out: number): void;
  gradientSums(
    node: number,
    x: number,
    y: number,
    count: number,
    ...surfaceAndOut: readonly [c: number, blocksX: number, spare: number, sums: number]
  ): void;
  sharedNodes(
    node: number,
    level: number,
    count: number,
    ...others: readonly [
      node: number,
      level: number,
      count: number,
      channels: number,
      apart: number,
      pairs: number,
    ]
  ): number;
  sharedSlopes(
    x: number,
    y: number,
    level: number,
    otherLevel: number,
    ...pairsAndOut: readonly [
      channels: number,
      apart: number,
      pairs: number,
      count: number,
      spare: number,
      out: number,
    ]
  ): number;
  nodesOfSpans(
    spans: number,
    firstRow: number,
    rows: number,
    stride: number,
    ...gridAndOut: readonly [blocksX: number, side: number, node: number, x: number, y: number]
  ): number;
  nodesInside(
    node: number,
    x: number,
    y: number,
    count: number,
    ...frameAndOut: readonly [
      nx: number,
      ny: number,
      centreX: number,
      centreY: number,
      scale: number,
      across: number,
      down: number,
    ]
  ): number;
  placesOnMesh(
    u: number,
    v: number,
    count: number,
    width: number,
    height: number,
    ...meshAndOut: readonly [step: number, nx: number, ny: number, cell: number, spare: number]
  ): void;
  sampleMesh(
    values: number,
    cell: number,
    u: number,
    v: number,
    count: number,
    ...nextAndOut: readonly [right: number, up: number, factor: number, out: number]
  ): void;
  leaveUnknown(level: number, sigma: number, channels: number, count: number): void;
  photonLine(x: number, y: number, count: number, spare: number, out: number): number;
  photonRatio(
    x: number,
    y: number,
    count: number,
    ...lineAndSpare: readonly [slope: number, intercept: number, spare: number]
  ): number;
  coverStrip(
    strip: number,
    pieces: number,
    count: number,
    piece: number,
    ...bits: readonly [width: number, height: number, stride: number, at: number]
  ): void;
  photonBlocks(
    spans: number,
    firstRow: number,
    rows: number,
    ...frameAndOut: readonly [
      ...grid: readonly [nx: number, blocks: number, planes: number],
      ...frame: readonly [place: number, channels: number, terms: number],
      ...out: readonly [sums: number, weights: number],
    ]
  ): void;
  photonMeans(sums: number, weights: number, count: number, out: number): void;
  starGridFill(grid: number, count: number): void;
  starGridNumber(
    grid: number,
    ...placesAndNumbers: readonly [
      x: number,
      y: number,
      z: number,
      count: number,
      radius: number,
      numbers: number,
    ]
  ): void;
  linkFrame(
    list: number,
    frame: number,
    ...stars: readonly [x: number, y: number, z: number, count: number, radius: number]
  ): void;
  linkCompact(list: number, listed: number, kept: number): number;
  linkOffsets(
    list: number,
    plane: number,
    ...starsAndPairs: readonly [
      ...stars: readonly [x: number, y: number, z: number, count: number],
      ...pairs: readonly [reach: number, dx: number, dy: number, room: number],
    ]
  ): number;
  offsetVotes(
    dx: number,
    dy: number,
    count: number,
    ...search: readonly [reach: number, votes: number, out: number]
  ): number;
  offsetsWithin(dx: number, dy: number, count: number, atX: number, atY: number): number;
  moveStars(
    plane: number,
    ...starsAndShift: readonly [x: number, y: number, z: number, count: number, dx: number, dy: number]
  ): void;
  placePoints(
    given: number,
    terms: number,
    plane: number,
    ...points: readonly [
      ...sizes: readonly [unit: number, count: number, px: number, py: number],
      ...places: readonly [x: number, y: number, z: number, base: number],
    ]
  ): void;
  /** 0 where cells of that size are beyond a limit. */
  cellReads(problem: number, w: number, h: number): number;
  starsSort(problem: number): void;
  starMeans(problem: number, mean: number): void;
  starsShared(problem: number, shared: number): void;
  starsTell(
    problem: number,
    group: number,
    ...toldAndSpare: readonly [
      ...told: readonly [ofFrames: number, ofGroups: number],
      ...spare: readonly [inGroup: number, members: number],
    ]
  ): void;
  starColours(
    red: number,
    blue: number,
    snr: number,
    ...starsAndOut: readonly [
      ...stars: readonly [index: number, star: number, count: number, leastSnr: number, at: number],
      ...out: readonly [star: number, colour: number],
    ]
  ): number;
  commonColours(
    star: number,
    colour: number,
    count: number,
    ...starsAndOut: readonly [
      ...of: readonly [stars: number, least: number],
      ...sorted: readonly [start: number, to: number, shown: number, spare: number],
      common: number,
    ]
  ): void;
  /** 0 where too few stars tell. */
  colourSlope(
    star: number,
    colour: number,
    count: number,
    ...commonAndOut: readonly [
      ...by: readonly [common: number, least: number, farthest: number],
      ...room: readonly [x: number, y: number, spare: number],
      out: number,
    ]
  ): number;
}
