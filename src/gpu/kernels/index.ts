// The table of host sides, one for every stem of the contracts.
import type { KernelStem } from '../../compute/contracts/index.js';
import type { GpuKernel } from '../gpu-kernel.js';
import { calibrate } from './calibrate.js';
import { coaddAccumulate } from './coadd-accumulate.js';
import { coaddNormalise } from './coadd-normalise.js';
import { coaddRadial } from './coadd-radial.js';
import { decode } from './decode.js';
import { demosaicBilinear } from './demosaic-bilinear.js';
import { demosaicEdgeAware } from './demosaic-edge-aware.js';
import { drizzle } from './drizzle.js';
import { dropRejected } from './drop-rejected.js';
import { fixHotPixels } from './fix-hot-pixels.js';
import { guardFew } from './guard-few.js';
import { guardTrails } from './guard-trails.js';
import { stackKappaSigma } from './stack-kappa-sigma.js';
import { stackMean } from './stack-mean.js';
import { stackMedian } from './stack-median.js';
import { stackLinearFit } from './stack-linear-fit.js';
import { stackMad } from './stack-mad.js';
import { stackEsd } from './stack-esd.js';
import { stackPercentile } from './stack-percentile.js';
import { stackMinMax } from './stack-min-max.js';
import { stackWinsorised } from './stack-winsorised.js';
import { warp } from './warp.js';
import { warpCfa } from './warp-cfa.js';

export const gpuKernels: Readonly<Record<KernelStem, GpuKernel>> = {
  decode,
  calibrate,
  'fix-hot-pixels': fixHotPixels,
  'demosaic-bilinear': demosaicBilinear,
  'demosaic-edge-aware': demosaicEdgeAware,
  warp,
  'warp-cfa': warpCfa,
  'guard-few': guardFew,
  'guard-trails': guardTrails,
  'stack-mean': stackMean,
  'stack-median': stackMedian,
  'stack-kappa-sigma': stackKappaSigma,
  'stack-winsorised': stackWinsorised,
  'stack-min-max': stackMinMax,
  'stack-percentile': stackPercentile,
  'stack-esd': stackEsd,
  'stack-mad': stackMad,
  'stack-linear-fit': stackLinearFit,
  'coadd-accumulate': coaddAccumulate,
  'coadd-normalise': coaddNormalise,
  'drop-rejected': dropRejected,
  'coadd-radial': coaddRadial,
  drizzle,
};
