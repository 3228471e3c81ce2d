// How much of a raw pixel's noise variance is left in a resampled sample: from the definitions of demosaic and warp.
import type { CfaSites } from '../background/background-mesh.js';
import { demosaicTorus, type DemosaicName } from './demosaic-torus.js';

/** Interpolation of the warp. */
export type WarpKernelName = 'nearest' | 'bilinear' | 'cubic' | 'lanczos3';

/** Largest distance between two taps of one sample (six taps of Lanczos-3). */
const MAX_LAG = 5;
const PHASES = 64;
/** Side of the patch on which a linear demosaic is probed by impulses: wider than twice the reach of any lag. */
const IMPULSE_SIDE = 16;
/** Side of the noise patch for the demosaic that chooses by gradients: 2e5 samples give the variance to 0.5 %. */
const NOISE_SIDE = 448;

const cache = new Map<string, readonly number[]>();

/**
 * Variance of a warped sample in units of the variance of one raw pixel, per channel (3 with a CFA, else 1), averaged over the sites of the
 * CFA and over all sub-pixel positions. With C(d) the covariance of demosaiced samples at distance d (mean over sites) and R(d) the
 * autocorrelation of the kernel's normalised weights (mean over phases) the factor is sum_d R(dx) R(dy) C(dx, dy). C is exact for no, for direct
 * and for bilinear demosaicing; for the edge-aware one, which is not linear, it is taken from a fixed patch of Gaussian noise (0.5 %).
 * The warp's clamping of negative taps, which acts on stars only, is left out.
 */
export function varianceFactors(
  demosaic: DemosaicName,
  kernel: WarpKernelName,
  cfa: CfaSites = [0, 1, 1, 2],
  relativeNoise: readonly number[] = [1, 1, 1],
): readonly number[] {
  // whole per cents: a factor for every frame's own noise would be made anew for each
  return factorsOf(demosaic, kernel, cfa, relativeNoise, ONE_PIXEL);
}

/** Pixels whose mean is looked at: `count` along a side, `step` frame pixels apart. */
interface Bin {
  readonly count: number;
  readonly step: number;
}

const ONE_PIXEL: Bin = { count: 1, step: 1 };

/**
 * Variance of the mean of `count` x `count` neighbouring pixels of a mosaic over what it were if they were independent, per channel: the kernel
 * gives neighbours raw pixels in common. `step` is the distance of mosaic pixels in frame pixels. Of a CFA's colours, directly resampled, the sites lie 2 (red,
 * blue) or sqrt 2 (green, on a lattice turned by 45 degrees) pixels apart.
 */
export function binCorrelation(
  demosaic: DemosaicName,
  kernel: WarpKernelName,
  { count, step }: Bin,
  cfa: CfaSites = [0, 1, 1, 2],
  relativeNoise: readonly number[] = [1, 1, 1],
): readonly number[] {
  const single = varianceFactors(demosaic, kernel, cfa, relativeNoise);
  const spacing = (channel: number) => (demosaic !== 'direct' ? 1 : channel === 1 ? Math.SQRT2 : 2);
  return single.map((factor, channel) => {
    const bin = { count, step: step / spacing(channel) };
    return (factorsOf(demosaic, kernel, cfa, relativeNoise, bin)[channel] / factor) * count ** 2;
  });
}

function factorsOf(
  demosaic: DemosaicName,
  kernel: WarpKernelName,
  cfa: CfaSites,
  relativeNoise: readonly number[],
  bin: Bin,
): readonly number[] {
  const noise = demosaic === 'edge_aware' ? relativeNoise.map((v) => Math.round(100 * v) / 100) : [1, 1, 1];
  const key = `${demosaic} ${kernel} ${cfa.join('')} ${noise.join(' ')} ${bin.count} ${bin.step}`;
  let factors = cache.get(key);
  if (!factors) {
    const correlation = kernelAutocorrelation(kernel, bin);
    factors = covariances(demosaic, cfa, noise).map((covariance) => fold(covariance, correlation));
    cache.set(key, factors);
  }
  return factors;
}

/** sum over lags of R(dx) R(dy) C(dx, dy); C is `[2 MAX_LAG + 1, 2 MAX_LAG + 1]`. */
function fold(covariance: Float64Array, correlation: Float64Array): number {
  const side = 2 * MAX_LAG + 1;
  let sum = 0;
  for (let j = 0; j < side; j++)
    for (let i = 0; i < side; i++) sum += correlation[j] * correlation[i] * covariance[j * side + i];
  return sum;
}

/** R(d), d = -MAX_LAG..MAX_LAG: mean over phases of sum_k w_k w_(k+d), the weights of one axis, over a bin's positions, normalised to sum 1. */
function kernelAutocorrelation(kernel: WarpKernelName, { count, step }: Bin): Float64Array {
  const result = new Float64Array(2 * MAX_LAG + 1);
  for (let phase = 0; phase < PHASES; phase++) {
    const weights = new Float64Array(6 + Math.ceil((count - 1) * step) + 1);
    for (let j = 0; j < count; j++) {
      const position = (phase + 0.5) / PHASES + j * step;
      const tap = Math.floor(position);
      kernelWeights(kernel, position - tap).forEach((w, i) => (weights[tap + i] += w / count));
    }
    for (let a = 0; a < weights.length; a++) {
      const [from, to] = [Math.max(0, a - MAX_LAG), Math.min(weights.length - 1, a + MAX_LAG)];
      for (let b = from; b <= to; b++) result[MAX_LAG + b - a] += (weights[a] * weights[b]) / PHASES;
    }
  }
  return result;
}

/** Weights of the taps -2..3 around a position `fraction` (0..1) past tap 0. */
function kernelWeights(kernel: WarpKernelName, fraction: number): number[] {
  const taps = [-2, -1, 0, 1, 2, 3].map((k) => {
    const t = Math.abs(k - fraction);
    if (kernel === 'nearest') return t <= 0.5 ? 1 : 0;
    if (kernel === 'bilinear') return Math.max(0, 1 - t);
    if (kernel === 'cubic') {
      if (t >= 2) return 0;
      return t < 1 ? 1 + t * t * (1.5 * t - 2.5) : -0.5 * (2 - t) ** 2 * (t - 1);
    }
    if (t >= 3) return 0;
    const a = Math.PI * t;
    return a === 0 ? 1 : (3 * Math.sin(a) * Math.sin(a / 3)) / (a * a);
  });
  const sum = taps.reduce((s, w) => s + w, 0);
  return taps.map((w) => w / sum);
}

/** Per channel, in units of its own raw variance. */
function covariances(demosaic: DemosaicName, cfa: CfaSites, noise: readonly number[]): Float64Array[] {
  const side = 2 * MAX_LAG + 1;
  // Directly resampled, the sites of a colour are a lattice of raw pixels like any other.
  if (demosaic === 'none' || demosaic === 'direct') {
    const white = new Float64Array(side * side);
    white[MAX_LAG * side + MAX_LAG] = 1;
    return demosaic === 'direct' ? [white, white, white] : [white];
  }
  const sums = [0, 1, 2].map(() => new Float64Array(side * side));
  if (demosaic === 'bilinear') {
    // one impulse per site of the 2x2 tile: by periodicity all pairs of outputs that share a raw pixel are met
    for (let site = 0; site < 4; site++) {
      const impulse = new Float64Array(IMPULSE_SIDE * IMPULSE_SIDE);
      impulse[(8 + (site >> 1)) * IMPULSE_SIDE + 8 + (site & 1)] = 1;
      const planes = demosaicTorus(demosaic, impulse, IMPULSE_SIDE, cfa);
      planes.forEach((plane, c) => addAutocorrelation(sums[c], plane, IMPULSE_SIDE, 1 / 4));
    }
  } else {
    const patch = gaussianPatch(NOISE_SIDE).map(
      (v, i) => v * noise[cfa[(Math.floor(i / NOISE_SIDE) & 1) * 2 + (i & 1)]],
    );
    const planes = demosaicTorus(demosaic, patch, NOISE_SIDE, cfa);
    planes.forEach((plane, c) =>
      addAutocorrelation(sums[c], plane, NOISE_SIDE, 1 / (NOISE_SIDE * noise[c]) ** 2),
    );
  }
  return sums;
}

function addAutocorrelation(sums: Float64Array, plane: Float64Array, side: number, factor: number): void {
  const lags = 2 * MAX_LAG + 1;
  for (let dy = -MAX_LAG; dy <= MAX_LAG; dy++) {
    for (let dx = -MAX_LAG; dx <= MAX_LAG; dx++) {
      let sum = 0;
      for (let y = 0; y < side; y++) {
        const other = ((y + dy + side) % side) * side;
        for (let x = 0; x < side; x++) sum += plane[y * side + x] * plane[other + ((x + dx + side) % side)];
      }
      sums[(dy + MAX_LAG) * lags + dx + MAX_LAG] += factor * sum;
    }
  }
}

/** Unit Gaussian noise from a fixed seed (mulberry32, Box-Muller), scaled to variance 1. */
function gaussianPatch(side: number): Float64Array {
  let state = 0x5eed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const patch = new Float64Array(side * side);
  for (let i = 0; i < patch.length; i++)
    patch[i] = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const mean = patch.reduce((s, v) => s + v, 0) / patch.length;
  const variance = patch.reduce((s, v) => s + (v - mean) ** 2, 0) / patch.length;
  return patch.map((v) => (v - mean) / Math.sqrt(variance));
}
