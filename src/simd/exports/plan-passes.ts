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
  adjustSolve(problem: number, tolerance: number, maxIterations: number): number;
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
}
