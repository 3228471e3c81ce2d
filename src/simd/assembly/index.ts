// What the host calls: passes over many samples, in SIMD, and least squares, on the calling thread. All addresses are given by the host, who keeps the memory.
export { memoryStart } from './memory';
export { swapBytes } from './swap-bytes';
export { sampleRange } from './sample-range';
export { beginCells, measureCells, sampleSteps } from './measure-cells';
export { cellLevels, filterCells } from './level-of-cells';
export { countOutliers } from './count-outliers';
export { listOutliers } from './list-outliers';
export { coarseScatter, filterCoarsely } from './filter-coarsely';
export { stripMedians, stripPlaces } from './strip-medians';
export { noiseSquare } from './noise-square';
export { findPeaks } from './find-peaks';
export { measureLights, measureShapes } from './measure-star';
export { levelPrepare, levelReweigh, levelResiduals, levelSolve } from './level-system';
export { adjustSolve } from './adjust-system';
export { showColour } from './show-colour';
export { filterUp } from './filter-up';
export { storeWords } from './store-words';
