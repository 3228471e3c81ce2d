// The table of CPU twins, one per kernel of the port.
import type { KernelStem } from '../compute/contracts/index.js';
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
import { asTwin, type Twin } from './twin.js';

export const twins: Readonly<Record<KernelStem, Twin>> = {
  decode: asTwin(decode),
  calibrate: asTwin(calibrate),
  'fix-hot-pixels': asTwin(fixHotPixels),
  'demosaic-bilinear': asTwin(demosaicBilinear),
  'demosaic-edge-aware': asTwin(demosaicEdgeAware),
  warp: asTwin(warp),
  'warp-cfa': asTwin(warpCfa),
  'guard-few': asTwin(guardFew),
  'guard-trails': asTwin(guardTrails),
  'stack-mean': asTwin(stackMean),
  'stack-median': asTwin(stackMedian),
  'stack-kappa-sigma': asTwin(stackKappaSigma),
  'stack-winsorised': asTwin(stackWinsorised),
  'stack-min-max': asTwin(stackMinMax),
  'stack-percentile': asTwin(stackPercentile),
  'stack-esd': asTwin(stackEsd),
  'stack-mad': asTwin(stackMad),
  'stack-linear-fit': asTwin(stackLinearFit),
  'coadd-accumulate': asTwin(coaddAccumulate),
  'coadd-normalise': asTwin(coaddNormalise),
  'drop-rejected': asTwin(dropRejected),
  'coadd-radial': asTwin(coaddRadial),
  drizzle: asTwin(drizzle),
};
