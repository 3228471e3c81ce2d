// The device functions of the stacks. A pixel's samples cannot be sorted, as gpu.js has no arrays to hold them: medians are found by
// narrowing the range of values, and survivors are the samples between a least and a greatest value.
import { MAD_CONSISTENCY } from '../../compute/contracts/stack-mad.js';
import {
  WINSOR_CONSISTENCY,
  WINSOR_CUTOFF,
  WINSOR_MAX_STEPS,
  WINSOR_TOLERANCE,
} from '../../compute/contracts/stack-winsorised.js';
import type { DeviceKernel, DeviceThis } from './device-code.js';

/** Pixels of one launch: with 64 samples each, their cube stays in the cache. */
export const STACK_PIXELS = 1024;

/** `cube[slot * pixels + x]` of one plane. */
const cubeConstants = { pixels: STACK_PIXELS };

/**
 * Median of the samples between `least` and `most` (blank without any), the mean of the middle two of an even count. Each round of the
 * search halves the range of values and draws both ends in to samples: exact, and at most as many rounds as samples.
 */
export const medianOfSurvivors: DeviceKernel = {
  name: 'stack median',
  arguments: { cube: 'Array', least: 'Array', most: 'Array', slots: 'Integer' },
  output: [STACK_PIXELS],
  constants: cubeConstants,
  code: function (
    this: DeviceThis,
    cube: Float32Array,
    least: Float32Array,
    most: Float32Array,
    slots: number,
  ) {
    const limit = this.constants.blankLimit;
    const pixels = this.constants.pixels;
    const x = this.thread.x;
    const low = least[x];
    const high = most[x];
    let n = 0;
    let a = 3e38;
    let b = -3e38;
    for (let k1 = 0; k1 < slots; k1++) {
      const v = cube[k1 * pixels + x];
      if (v > limit && v >= low && v <= high) {
        n = n + 1;
        a = Math.min(a, v);
        b = Math.max(b, v);
      }
    }
    const rank = Math.floor((n - 1) / 2);
    const greatest = b;
    while (a < b) {
      let pivot = a + (b - a) * 0.5;
      if (pivot >= b) pivot = a;
      let count = 0;
      let under = a;
      let over = b;
      for (let k2 = 0; k2 < slots; k2++) {
        const v = cube[k2 * pixels + x];
        if (v > limit && v >= low && v <= high) {
          if (v <= pivot) {
            count = count + 1;
            under = Math.max(under, v);
          } else {
            over = Math.min(over, v);
          }
        }
      }
      if (count > rank) b = under;
      else a = over;
    }
    let atMost = 0;
    let next = greatest;
    for (let k3 = 0; k3 < slots; k3++) {
      const v = cube[k3 * pixels + x];
      if (v > limit && v >= low && v <= high) {
        if (v <= a) atMost = atMost + 1;
        else next = Math.min(next, v);
      }
    }
    let median = this.constants.blankValue;
    if (n > 0) {
      median = a;
      if (Math.floor(n / 2) > rank && atMost < rank + 2) median = (a + next) / 2;
    }
    return median;
  },
};

/** What clipping about the median measures its thresholds by: the standard deviation, a robust one, or the median itself. */
export const SCATTER = { deviation: 0, winsorised: 1, mad: 2, median: 3 } as const;

/**
 * Least and greatest survivor of clipping about the median, 3e38 and -3e38 without a sample; and the number of samples. Decisions are taken on
 * deviations from the median, as everywhere.
 */
export const survivorBounds: DeviceKernel = {
  name: 'stack clipping',
  arguments: {
    cube: 'Array',
    slots: 'Integer',
    scatter: 'Integer',
    kappaLow: 'Float',
    kappaHigh: 'Float',
    maxIterations: 'Integer',
    cutoff: 'Float',
    consistency: 'Float',
    tolerance: 'Float',
    madConsistency: 'Float',
  },
  output: [STACK_PIXELS],
  constants: { ...cubeConstants, maxSteps: WINSOR_MAX_STEPS },
  code: function (
    this: DeviceThis,
    cube: Float32Array,
    slots: number,
    scatter: number,
    kappaLow: number,
    kappaHigh: number,
    maxIterations: number,
    cutoff: number,
    consistency: number,
    tolerance: number,
    madConsistency: number,
  ) {
    const limit = this.constants.blankLimit;
    const pixels = this.constants.pixels;
    const x = this.thread.x;
    let n = 0;
    let low = 3e38;
    let high = -3e38;
    for (let k1 = 0; k1 < slots; k1++) {
      const v = cube[k1 * pixels + x];
      if (v > limit) {
        n = n + 1;
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    }
    const samples = n;
    let rounds = 0;
    let going = 1;
    while (going === 1 && rounds < maxIterations && n > 2) {
      rounds = rounds + 1;
      // The middle two, m0 <= m1, as in the median.
      const rank = Math.floor((n - 1) / 2);
      let a = low;
      let b = high;
      while (a < b) {
        let pivot = a + (b - a) * 0.5;
        if (pivot >= b) pivot = a;
        let count = 0;
        let under = a;
        let over = b;
        for (let k2 = 0; k2 < slots; k2++) {
          const v = cube[k2 * pixels + x];
          if (v >= low && v <= high) {
            if (v <= pivot) {
              count = count + 1;
              under = Math.max(under, v);
            } else {
              over = Math.min(over, v);
            }
          }
        }
        if (count > rank) b = under;
        else a = over;
      }
      const m0 = a;
      let atMost = 0;
      let m1 = high;
      for (let k3 = 0; k3 < slots; k3++) {
        const v = cube[k3 * pixels + x];
        if (v >= low && v <= high) {
          if (v <= m0) atMost = atMost + 1;
          else m1 = Math.min(m1, v);
        }
      }
      if (atMost >= rank + 2 || Math.floor(n / 2) === rank) m1 = m0;

      // Deviations from the median, (v - m0) / 2 + (v - m1) / 2: the median itself may not be a float32 number.
      let sum = 0;
      for (let k4 = 0; k4 < slots; k4++) {
        const v = cube[k4 * pixels + x];
        if (v >= low && v <= high) sum = sum + (v - m0 + (v - m1)) * 0.5;
      }
      const mean = sum / n;
      let squares = 0;
      for (let k5 = 0; k5 < slots; k5++) {
        const v = cube[k5 * pixels + x];
        if (v >= low && v <= high) {
          const d = (v - m0 + (v - m1)) * 0.5 - mean;
          squares = squares + d * d;
        }
      }
      let sigma = Math.sqrt(squares / (n - 1));
      let step = 0;
      let settled = 0;
      while (scatter === 1 && settled === 0 && step < this.constants.maxSteps && sigma > 0) {
        step = step + 1;
        const reach = cutoff * sigma;
        let pulledSum = 0;
        for (let k6 = 0; k6 < slots; k6++) {
          const v = cube[k6 * pixels + x];
          if (v >= low && v <= high) {
            pulledSum = pulledSum + Math.min(Math.max((v - m0 + (v - m1)) * 0.5, -reach), reach);
          }
        }
        const pulledMean = pulledSum / n;
        let pulledSquares = 0;
        for (let k7 = 0; k7 < slots; k7++) {
          const v = cube[k7 * pixels + x];
          if (v >= low && v <= high) {
            const d = Math.min(Math.max((v - m0 + (v - m1)) * 0.5, -reach), reach) - pulledMean;
            pulledSquares = pulledSquares + d * d;
          }
        }
        const next = consistency * Math.sqrt(pulledSquares / (n - 1));
        if (Math.abs(next - sigma) <= tolerance * sigma) settled = 1;
        sigma = next;
      }

      if (scatter === 3) sigma = Math.abs((m0 + m1) * 0.5);
      if (scatter === 2) {
        // The middle two distances from the median, found as the middle two samples were.
        let c = 3e38;
        let e = 0;
        for (let k9 = 0; k9 < slots; k9++) {
          const v = cube[k9 * pixels + x];
          if (v >= low && v <= high) {
            const d = Math.abs((v - m0 + (v - m1)) * 0.5);
            c = Math.min(c, d);
            e = Math.max(e, d);
          }
        }
        const farthest = e;
        while (c < e) {
          let pivot = c + (e - c) * 0.5;
          if (pivot >= e) pivot = c;
          let count = 0;
          let under = c;
          let over = e;
          for (let k10 = 0; k10 < slots; k10++) {
            const v = cube[k10 * pixels + x];
            if (v >= low && v <= high) {
              const d = Math.abs((v - m0 + (v - m1)) * 0.5);
              if (d <= pivot) {
                count = count + 1;
                under = Math.max(under, d);
              } else {
                over = Math.min(over, d);
              }
            }
          }
          if (count > rank) e = under;
          else c = over;
        }
        let notFarther = 0;
        let next = farthest;
        for (let k11 = 0; k11 < slots; k11++) {
          const v = cube[k11 * pixels + x];
          if (v >= low && v <= high) {
            const d = Math.abs((v - m0 + (v - m1)) * 0.5);
            if (d <= c) notFarther = notFarther + 1;
            else next = Math.min(next, d);
          }
        }
        if (notFarther >= rank + 2 || Math.floor(n / 2) === rank) next = c;
        sigma = madConsistency * (c + next) * 0.5;
      }

      if (sigma > 0) {
        const below = -kappaLow * sigma;
        const above = kappaHigh * sigma;
        let kept = 0;
        let newLow = 3e38;
        let newHigh = -3e38;
        let equal = 0;
        for (let k8 = 0; k8 < slots; k8++) {
          const v = cube[k8 * pixels + x];
          if (v >= low && v <= high) {
            const d = (v - m0 + (v - m1)) * 0.5;
            if (d >= below && d <= above) {
              kept = kept + 1;
              newLow = Math.min(newLow, v);
              newHigh = Math.max(newHigh, v);
            }
            if (v === m0) equal = equal + 1;
          }
        }
        if (kept === 0) {
          kept = equal;
          newLow = m0;
          newHigh = m0;
        }
        if (kept === n) going = 0;
        n = kept;
        low = newLow;
        high = newHigh;
      } else {
        going = 0;
      }
    }
    return [low, high, samples];
  },
};

/** The last arguments of `survivorBounds`. */
export const SCATTER_ARGUMENTS = [
  WINSOR_CUTOFF,
  WINSOR_CONSISTENCY,
  WINSOR_TOLERANCE,
  MAD_CONSISTENCY,
] as const;

/** Weighted mean of the samples between `least` and `most` (blank without any), their weights' sum, their number and the number below. */
export const combineSurvivors: DeviceKernel = {
  name: 'stack mean',
  arguments: { cube: 'Array', weights: 'Array', least: 'Array', most: 'Array', slots: 'Integer' },
  output: [STACK_PIXELS],
  constants: cubeConstants,
  code: function (
    this: DeviceThis,
    cube: Float32Array,
    weights: Float32Array,
    least: Float32Array,
    most: Float32Array,
    slots: number,
  ) {
    const limit = this.constants.blankLimit;
    const pixels = this.constants.pixels;
    const x = this.thread.x;
    const low = least[x];
    const high = most[x];
    // About a sample: float32 keeps the digits, and a constant stays exactly constant.
    let origin = this.constants.blankValue;
    let sum = 0;
    let weight = 0;
    let below = 0;
    let n = 0;
    for (let k1 = 0; k1 < slots; k1++) {
      const v = cube[k1 * pixels + x];
      if (v > limit && v < low) below = below + 1;
      if (v > limit && v >= low && v <= high) {
        if (n === 0) origin = v;
        n = n + 1;
        sum = sum + weights[k1] * (v - origin);
        weight = weight + weights[k1];
      }
    }
    let mean = this.constants.blankValue;
    if (n > 0) mean = origin + sum / weight;
    return [mean, weight, n, below];
  },
};
