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

/** Separable Gaussian of unit sum, cut at two standard deviations, of `data`, `[height, width]`, into `out`, as large and another array. */
export function matchedFilter(
  data: Float32Array,
  width: number,
  height: number,
  fwhm: number,
  box: 1 | 2,
  out: Float32Array,
): FilteredImage {
  const sigma = fwhm / FWHM_OVER_SIGMA;
  const half = Math.max(1, Math.round(2 * sigma));
  const kernel = Float64Array.from({ length: half + 1 }, (_, t) => Math.exp(-0.5 * (t / sigma) ** 2));
  const sum = kernel.reduce((s, v, t) => s + (t === 0 ? v : 2 * v), 0);
  for (let t = 0; t <= half; t++) kernel[t] /= sum;
  const n = 2 * half + 1;
  // rows filtered along x, kept as long as the column filter needs them
  const rows = Array.from({ length: n }, () => new Float32Array(width));
  out.fill(0, 0, half * width);
  out.fill(0, Math.max(0, height - half) * width);
  for (let y = 0; y < height; y++) {
    filterRow(data, y * width, width, kernel, rows[y % n]);
    const target = y - half;
    if (target < half) continue;
    const at = target * width;
    const row = (t: number) => rows[(target + t) % n];
    if (half === 2) joinFive(row(-2), row(-1), row(0), row(1), row(2), kernel, out, at);
    else {
      const centre = row(0);
      for (let x = half; x < width - half; x++) out[at + x] = kernel[0] * centre[x];
      for (let t = 1; t <= half; t++) addPair(row(-t), row(t), kernel[t], half, out, at);
    }
    out.fill(0, at, at + half);
    out.fill(0, at + width - half, at + width);
  }
  return { data: out, border: half, noiseGain: noiseGain(kernel, box) };
}

function filterRow(data: Float32Array, at: number, width: number, kernel: Float64Array, out: Float32Array) {
  const half = kernel.length - 1;
  const k0 = kernel[0];
  if (half === 2) {
    const k1 = kernel[1];
    const k2 = kernel[2];
    // five samples slide along the row, each read once
    let a = data[at];
    let b = data[at + 1];
    let c = data[at + 2];
    let d = data[at + 3];
    for (let x = 2; x < width - 2; x++) {
      const e = data[at + x + 2];
      out[x] = k0 * c + k1 * (b + d) + k2 * (a + e);
      a = b;
      b = c;
      c = d;
      d = e;
    }
    return;
  }
  for (let x = half; x < width - half; x++) out[x] = k0 * data[at + x];
  for (let t = 1; t <= half; t++) {
    const k = kernel[t];
    for (let x = half; x < width - half; x++) out[x] += k * (data[at + x - t] + data[at + x + t]);
  }
}

/** The column filter of five taps, the commonest, in one pass. */
function joinFive(
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  d: Float32Array,
  e: Float32Array,
  kernel: Float64Array,
  out: Float32Array,
  at: number,
): void {
  const k0 = kernel[0];
  const k1 = kernel[1];
  const k2 = kernel[2];
  const end = c.length - 2;
  for (let x = 2; x < end; x++) out[at + x] = k0 * c[x] + k1 * (b[x] + d[x]) + k2 * (a[x] + e[x]);
}

function addPair(
  above: Float32Array,
  below: Float32Array,
  tap: number,
  half: number,
  out: Float32Array,
  at: number,
): void {
  const end = above.length - half;
  for (let x = half; x < end; x++) out[at + x] += tap * (above[x] + below[x]);
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
