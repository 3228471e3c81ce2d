// Correlation with a Gaussian: of all linear filters the one that shows a star of that width best over white noise.

/** FWHM of a Gaussian over its standard deviation. */
export const FWHM_OVER_SIGMA = 2 * Math.sqrt(2 * Math.LN2);

export interface FilteredImage {
  /** `[height, width]`; a border of the kernel's half-width is 0. */
  readonly data: Float32Array;
  readonly border: number;
  /** Standard deviation of `data` for white noise of 1 a raw sample, `box` raw samples having been added along each axis. */
  readonly noiseGain: number;
}

/** Separable Gaussian of unit sum, cut at two standard deviations. `data` is `[height, width]`. */
export function matchedFilter(
  data: Float32Array,
  width: number,
  height: number,
  fwhm: number,
  box: 1 | 2,
): FilteredImage {
  const sigma = fwhm / FWHM_OVER_SIGMA;
  const half = Math.max(1, Math.round(2 * sigma));
  const kernel = Float64Array.from({ length: half + 1 }, (_, t) => Math.exp(-0.5 * (t / sigma) ** 2));
  const sum = kernel.reduce((s, v, t) => s + (t === 0 ? v : 2 * v), 0);
  for (let t = 0; t <= half; t++) kernel[t] /= sum;
  const out = new Float32Array(width * height);
  // rows filtered along x, kept as long as the column filter needs them
  const rows = Array.from({ length: 2 * half + 1 }, () => new Float32Array(width));
  for (let y = 0; y < height; y++) {
    filterRow(data, y * width, width, kernel, rows[y % rows.length]);
    const target = y - half;
    if (target < half) continue;
    const at = target * width;
    const centre = rows[target % rows.length];
    const k0 = kernel[0];
    for (let x = half; x < width - half; x++) out[at + x] = k0 * centre[x];
    for (let t = 1; t <= half; t++) {
      const above = rows[(target - t) % rows.length];
      const below = rows[(target + t) % rows.length];
      const k = kernel[t];
      for (let x = half; x < width - half; x++) out[at + x] += k * (above[x] + below[x]);
    }
  }
  return { data: out, border: half, noiseGain: noiseGain(kernel, box) };
}

function filterRow(data: Float32Array, at: number, width: number, kernel: Float64Array, out: Float32Array) {
  const half = kernel.length - 1;
  const k0 = kernel[0];
  if (half === 2) {
    const [, k1, k2] = kernel;
    for (let x = 2; x < width - 2; x++) {
      const k = at + x;
      out[x] = k0 * data[k] + k1 * (data[k - 1] + data[k + 1]) + k2 * (data[k - 2] + data[k + 2]);
    }
    return;
  }
  for (let x = half; x < width - half; x++) out[x] = k0 * data[at + x];
  for (let t = 1; t <= half; t++) {
    const k = kernel[t];
    for (let x = half; x < width - half; x++) out[x] += k * (data[at + x - t] + data[at + x + t]);
  }
}

/** Root of the sum of squares of the kernel after the box, both axes. */
function noiseGain(kernel: Float64Array, box: 1 | 2): number {
  const half = kernel.length - 1;
  const tap = (t: number) => (Math.abs(t) <= half ? kernel[Math.abs(t)] : 0);
  let squares = 0;
  for (let t = -half; t <= half + box - 1; t++) {
    const weight = box === 1 ? tap(t) : tap(t) + tap(t - 1);
    squares += weight * weight;
  }
  return squares;
}
