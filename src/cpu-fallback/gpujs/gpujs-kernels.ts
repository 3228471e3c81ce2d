// The table of gpu.js kernels, one per kernel of the port.
import type { KernelStem } from '../../compute/contracts/index.js';
import { asGpujsKernel, type GpujsKernel } from './gpujs-kernel.js';
import { calibrate } from './kernels/calibrate.js';
import { coaddAccumulate } from './kernels/coadd-accumulate.js';
import { coaddNormalise } from './kernels/coadd-normalise.js';
import { coaddRadial } from './kernels/coadd-radial.js';
import { decode } from './kernels/decode.js';
import { demosaicBilinear } from './kernels/demosaic-bilinear.js';
import { demosaicEdgeAware } from './kernels/demosaic-edge-aware.js';
import { drizzle } from './kernels/drizzle.js';
import { dropRejected } from './kernels/drop-rejected.js';
import { fixHotPixels } from './kernels/fix-hot-pixels.js';
import { guardFew } from './kernels/guard-few.js';
import { guardTrails } from './kernels/guard-trails.js';
import { stackKappaSigma } from './kernels/stack-kappa-sigma.js';
import { stackMean } from './kernels/stack-mean.js';
import { stackMedian } from './kernels/stack-median.js';
import { stackLinearFit } from './kernels/stack-linear-fit.js';
import { stackMad } from './kernels/stack-mad.js';
import { stackEsd } from './kernels/stack-esd.js';
import { stackPercentile } from './kernels/stack-percentile.js';
import { stackMinMax } from './kernels/stack-min-max.js';
import { stackWinsorised } from './kernels/stack-winsorised.js';
import { warp } from './kernels/warp.js';
import { warpCfa } from './kernels/warp-cfa.js';

export const gpujsKernels: Readonly<Record<KernelStem, GpujsKernel>> = {
  decode: asGpujsKernel(decode),
  calibrate: asGpujsKernel(calibrate),
  'fix-hot-pixels': asGpujsKernel(fixHotPixels),
  'demosaic-bilinear': asGpujsKernel(demosaicBilinear),
  'demosaic-edge-aware': asGpujsKernel(demosaicEdgeAware),
  warp: asGpujsKernel(warp),
  'warp-cfa': asGpujsKernel(warpCfa),
  'guard-few': asGpujsKernel(guardFew),
  'guard-trails': asGpujsKernel(guardTrails),
  'stack-mean': asGpujsKernel(stackMean),
  'stack-median': asGpujsKernel(stackMedian),
  'stack-kappa-sigma': asGpujsKernel(stackKappaSigma),
  'stack-winsorised': asGpujsKernel(stackWinsorised),
  'stack-min-max': asGpujsKernel(stackMinMax),
  'stack-percentile': asGpujsKernel(stackPercentile),
  'stack-esd': asGpujsKernel(stackEsd),
  'stack-mad': asGpujsKernel(stackMad),
  'stack-linear-fit': asGpujsKernel(stackLinearFit),
  'coadd-accumulate': asGpujsKernel(coaddAccumulate),
  'coadd-normalise': asGpujsKernel(coaddNormalise),
  'drop-rejected': asGpujsKernel(dropRejected),
  'coadd-radial': asGpujsKernel(coaddRadial),
  drizzle: asGpujsKernel(drizzle),
};
