// The device functions of the stacks that reject by rank. Without arrays to sort in, the rank of a sample is the number of samples below it, and those equal to
// it stand for the middle of their ranks; each function gives least and greatest survivor (3e38 and -3e38 without a sample) and the number of samples.
import type { DeviceKernel, DeviceThis } from './device-code.js';
import { STACK_PIXELS } from './stack-code.js';

const constants = { pixels: STACK_PIXELS };

/** Linear-fit clipping. */
export const lineBounds: DeviceKernel = {
  name: 'stack line',
  arguments: {
    cube: 'Array',
    slots: 'Integer',
    kappaLow: 'Float',
    kappaHigh: 'Float',
    maxIterations: 'Integer',
    rounding: 'Float',
  },
  output: [STACK_PIXELS],
  constants,
  code: function (
    this: DeviceThis,
    cube: Float32Array,
    slots: number,
    kappaLow: number,
    kappaHigh: number,
    maxIterations: number,
    rounding: number,
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
      // The sample nearest to the middle of the range: deviations from it keep their digits.
      const half = low + (high - low) * 0.5;
      let origin = low;
      for (let k2 = 0; k2 < slots; k2++) {
        const v = cube[k2 * pixels + x];
        if (v >= low && v <= high && Math.abs(v - half) < Math.abs(origin - half)) origin = v;
      }
      let sum = 0;
      let tilt = 0;
      for (let k3 = 0; k3 < slots; k3++) {
        const v = cube[k3 * pixels + x];
        if (v >= low && v <= high) {
          let below = 0;
          let equal = 0;
          for (let k4 = 0; k4 < slots; k4++) {
            const other = cube[k4 * pixels + x];
            if (other >= low && other < v) below = below + 1;
            if (other === v) equal = equal + 1;
          }
          sum = sum + (v - origin);
          tilt = tilt + (below + (equal - 1) * 0.5 - (n - 1) * 0.5) * (v - origin);
        }
      }
      const level = sum / n;
      const slope = (12 * tilt) / (n * (n * n - 1));
      // Residuals of samples that are equal lie on a slope of their own.
      let residuals = 0;
      for (let k5 = 0; k5 < slots; k5++) {
        const v = cube[k5 * pixels + x];
        if (v >= low && v <= high) {
          let below = 0;
          let before = 0;
          for (let k6 = 0; k6 < slots; k6++) {
            const other = cube[k6 * pixels + x];
            if (other >= low && other < v) below = below + 1;
            if (other === v && k6 < k5) before = before + 1;
          }
          residuals = residuals + Math.abs(v - origin - level - slope * (below + before - (n - 1) * 0.5));
        }
      }
      const scatter = residuals / n;
      going = 0;
      if (scatter > rounding * (high - low)) {
        // From either end, up to the first sample that stays: the least and the greatest of those that would.
        let newLow = 3e38;
        let newHigh = -3e38;
        for (let k7 = 0; k7 < slots; k7++) {
          const v = cube[k7 * pixels + x];
          if (v >= low && v <= high) {
            let below = 0;
            let equal = 0;
            for (let k8 = 0; k8 < slots; k8++) {
              const other = cube[k8 * pixels + x];
              if (other >= low && other < v) below = below + 1;
              if (other === v) equal = equal + 1;
            }
            const excess = v - origin - level - slope * (below - (n - 1) * 0.5);
            if (excess >= -kappaLow * scatter) newLow = Math.min(newLow, v);
            if (excess - slope * (equal - 1) <= kappaHigh * scatter) newHigh = Math.max(newHigh, v);
          }
        }
        let kept = 0;
        for (let k9 = 0; k9 < slots; k9++) {
          const v = cube[k9 * pixels + x];
          if (v >= newLow && v <= newHigh) kept = kept + 1;
        }
        if (kept < n) going = 1;
        n = kept;
        low = newLow;
        high = newHigh;
      }
    }
    return [low, high, samples];
  },
};

/** Generalised extreme studentised deviate test. */
export const esdBounds: DeviceKernel = {
  name: 'stack deviates',
  arguments: { cube: 'Array', slots: 'Integer', mostPerMille: 'Integer', critical: 'Array' },
  output: [STACK_PIXELS],
  constants,
  code: function (
    this: DeviceThis,
    cube: Float32Array,
    slots: number,
    mostPerMille: number,
    critical: Float32Array,
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
    let least = low;
    let greatest = high;
    // How many of the samples that equal an end have been taken away.
    let goneLow = 0;
    let goneHigh = 0;
    const most = Math.floor((n * mostPerMille) / 1000);
    let taken = 0;
    while (taken < most && n > 2 && low < high) {
      taken = taken + 1;
      let sum = -goneHigh * (high - low);
      let under = low;
      let over = high;
      let nextLow = high;
      let nextHigh = low;
      let equalLow = 0;
      let equalHigh = 0;
      for (let k2 = 0; k2 < slots; k2++) {
        const v = cube[k2 * pixels + x];
        if (v >= low && v <= high) {
          sum = sum + (v - low);
          if (v > low) nextLow = Math.min(nextLow, v);
          else equalLow = equalLow + 1;
          if (v < high) nextHigh = Math.max(nextHigh, v);
          else equalHigh = equalHigh + 1;
        }
      }
      const mean = sum / n;
      let squares = (equalLow - goneLow) * mean * mean;
      squares = squares + (equalHigh - goneHigh) * (high - low - mean) * (high - low - mean);
      for (let k3 = 0; k3 < slots; k3++) {
        const v = cube[k3 * pixels + x];
        if (v > low && v < high) squares = squares + (v - low - mean) * (v - low - mean);
      }
      const above = high - low - mean;
      const sigma = Math.sqrt(squares / (n - 1));
      if (above >= mean) {
        goneHigh = goneHigh + 1;
        if (goneHigh === equalHigh) {
          over = nextHigh;
          goneHigh = 0;
        }
      } else {
        goneLow = goneLow + 1;
        if (goneLow === equalLow) {
          under = nextLow;
          goneLow = 0;
        }
      }
      if (Math.max(above, mean) > critical[n] * sigma) {
        least = under;
        greatest = over;
      }
      low = under;
      high = over;
      n = n - 1;
    }
    return [least, greatest, samples];
  },
};

/** Rejection by count. */
export const minMaxBounds: DeviceKernel = {
  name: 'stack extremes',
  arguments: { cube: 'Array', slots: 'Integer', dropLow: 'Integer', dropHigh: 'Integer' },
  output: [STACK_PIXELS],
  constants,
  code: function (this: DeviceThis, cube: Float32Array, slots: number, dropLow: number, dropHigh: number) {
    const limit = this.constants.blankLimit;
    const pixels = this.constants.pixels;
    const x = this.thread.x;
    let n = 0;
    for (let k1 = 0; k1 < slots; k1++) {
      if (cube[k1 * pixels + x] > limit) n = n + 1;
    }
    let low = 0;
    let high = 0;
    if (n > 2 && n > dropLow + dropHigh) {
      low = dropLow;
      high = dropHigh;
    }
    let least = 3e38;
    let greatest = -3e38;
    for (let k2 = 0; k2 < slots; k2++) {
      const v = cube[k2 * pixels + x];
      if (v > limit) {
        let below = 0;
        let above = 0;
        let equal = 0;
        for (let k3 = 0; k3 < slots; k3++) {
          const other = cube[k3 * pixels + x];
          if (other > limit && other < v) below = below + 1;
          if (other > v) above = above + 1;
          if (other === v) equal = equal + 1;
        }
        if (below + equal > low && above + equal > high) {
          least = Math.min(least, v);
          greatest = Math.max(greatest, v);
        }
      }
    }
    return [least, greatest, n];
  },
};
