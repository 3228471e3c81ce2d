// The rules by which a stack rejects samples, under the names of the configuration, and the kernel call that each one is.
import type { KernelStem } from '../../../compute/contracts/index.js';
import { esdCritical } from '../../../compute/esd-critical.js';

/** Rounds of rejection; clipping settles in a handful. */
const MAX_ITERATIONS = 10;

/** A rule and what it needs beside the kappas. */
export type Rejection =
  | {
      readonly rejection: 'none' | 'kappa_sigma' | 'winsorized_sigma_clip' | 'linear_fit_clip' | 'mad_clip';
    }
  /** Shares of the median below and above it. */
  | { readonly rejection: 'percentile_clip'; readonly shareLow: number; readonly shareHigh: number }
  /** Significance of the test, and the share of the samples that may be outliers. */
  | { readonly rejection: 'esd'; readonly significance: number; readonly outlierShare: number }
  /** Numbers of samples. */
  | { readonly rejection: 'min_max'; readonly dropLow: number; readonly dropHigh: number };

type Settings = Rejection & {
  readonly combine: 'mean' | 'median';
  readonly kappaLow: number;
  readonly kappaHigh: number;
};

/** A stack's kernel and what it takes beside the cube, its shape and the weights. */
export interface RejectionCall {
  readonly stem: KernelStem;
  readonly params: Readonly<Record<string, number>>;
  /** For the role `critical`. */
  readonly critical?: Float32Array;
}

const CLIPPING = {
  kappa_sigma: 'stack-kappa-sigma',
  winsorized_sigma_clip: 'stack-winsorised',
  linear_fit_clip: 'stack-linear-fit',
  mad_clip: 'stack-mad',
} as const;

/** How these settings combine cubes of so many slots. */
export function rejectionCall(settings: Settings, slots: number): RejectionCall {
  const combine = settings.combine === 'median' ? 1 : 0;
  switch (settings.rejection) {
    case 'none':
      return { stem: combine === 1 ? 'stack-median' : 'stack-mean', params: {} };
    case 'percentile_clip': {
      const { shareLow: kappaLow, shareHigh: kappaHigh } = settings;
      return { stem: 'stack-percentile', params: { kappaLow, kappaHigh, maxIterations: 1, combine } };
    }
    case 'esd': {
      const mostPerMille = Math.round(1000 * settings.outlierShare);
      const critical = esdCritical(slots, settings.significance);
      return { stem: 'stack-esd', params: { mostPerMille, combine }, critical };
    }
    case 'min_max': {
      const { dropLow, dropHigh } = settings;
      return { stem: 'stack-min-max', params: { dropLow, dropHigh, combine } };
    }
    default: {
      const { kappaLow, kappaHigh } = settings;
      const params = { kappaLow, kappaHigh, maxIterations: MAX_ITERATIONS, combine };
      return { stem: CLIPPING[settings.rejection], params };
    }
  }
}

/** The kernel that these settings combine with. */
export function stackStem(settings: Settings): KernelStem {
  return rejectionCall(settings, 0).stem;
}
