// What the compiled module exports: every pass of every kernel as f(job, from, to, scratch), where units from..to-1 are computed.
export { fill } from './fill';
export { decode } from './decode';
export { calibrate } from './calibrate';
export { fixHotPixels } from './fix-hot-pixels';
export { demosaicBilinear } from './demosaic-bilinear';
export { demosaicGreen, demosaicColours } from './demosaic-edge-aware';
export { lanczosPhases } from './lanczos-phases';
export { warp } from './warp';
export { splitCfa } from './split-cfa';
export { warpCfa } from './warp-cfa';
export { guardFew } from './guard-few';
export { stackMean } from './stack-mean';
export { stackMedian } from './stack-median';
export { stackKappaSigma } from './stack-kappa-sigma';
export { stackWinsorised } from './stack-winsorised';
export { coaddAccumulate } from './coadd-accumulate';
export { coaddNormalise } from './coadd-normalise';
