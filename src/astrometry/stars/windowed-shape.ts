// Windowed centroid and shape of one source (SExtractor's XWIN_IMAGE: Bertin & Arnouts 1996; manual 2.x, "windowed parameters").
import { PatchCutter, type DetectionImage } from './detection-image.js';
import { FWHM_OVER_SIGMA } from './matched-filter.js';
import type { WindowedShape } from './star-finder.js';

export const MAX_ITERATIONS = 16;
export const LAST_STEP = 2e-3;
/** A centroid that leaves its peak by more than this many window sigmas belongs to something else. */
export const MAX_WALK_SIGMAS = 1.5;
const cutter = new PatchCutter();
/** Products of window and star wider than this share of the window carry no width of the star. */
export const WIDEST_SHARE = 0.95;

/**
 * Iterates x += 2 sum(w I dx) / sum(w I) with a Gaussian window of standard deviation `sigma` cut at 3 sigma, which converges on the centre of a
 * symmetric star without bias and with nearly the least noise when the window has the star's width. The second moments in the window,
 * 1/m = 1/star + 1/window per axis, give the width. Undefined where the centroid does not settle near the peak or the window holds no light.
 */
export function windowedShape(
  image: DetectionImage,
  peakX: number,
  peakY: number,
  sigma: number,
): WindowedShape | undefined {
  const { width, height, box } = image;
  const reach = Math.ceil(3 * sigma);
  const x0 = Math.max(0, peakX - reach);
  const x1 = Math.min(width - box, peakX + reach);
  const y0 = Math.max(0, peakY - reach);
  const y1 = Math.min(height - box, peakY + reach);
  const patchWidth = x1 - x0 + 1;
  const data = cutter.cut(image, x0, y0, patchWidth, y1 - y0 + 1);
  const across = new Float64Array(patchWidth);
  const scale = -0.5 / (sigma * sigma);
  let x = peakX;
  let y = peakY;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  let settled = false;
  for (let iteration = 0; iteration < MAX_ITERATIONS && !settled; iteration++) {
    for (let i = x0; i <= x1; i++) across[i - x0] = Math.exp(scale * (i - x) * (i - x));
    let sum = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let syy = 0;
    let sxy = 0;
    for (let j = y0; j <= y1; j++) {
      const dy = j - y;
      const down = Math.exp(scale * dy * dy);
      let r = 0;
      let rx = 0;
      let rxx = 0;
      const row = (j - y0) * patchWidth - x0;
      for (let i = x0; i <= x1; i++) {
        const v = across[i - x0] * data[row + i];
        const dx = i - x;
        const vx = v * dx;
        r += v;
        rx += vx;
        rxx += vx * dx;
      }
      sum += down * r;
      sx += down * rx;
      sxx += down * rxx;
      sy += down * r * dy;
      syy += down * r * dy * dy;
      sxy += down * rx * dy;
    }
    if (!(sum > 0)) return undefined;
    const stepX = (2 * sx) / sum;
    const stepY = (2 * sy) / sum;
    x += stepX;
    y += stepY;
    if (!(Math.hypot(x - peakX, y - peakY) <= MAX_WALK_SIGMAS * sigma)) return undefined;
    settled = Math.hypot(stepX, stepY) < LAST_STEP;
    const mx = sx / sum;
    const my = sy / sum;
    xx = sxx / sum - mx * mx;
    yy = syy / sum - my * my;
    xy = sxy / sum - mx * my;
  }
  return shapeOf({ x, y, xx, yy, xy }, sigma, box);
}

/** The shape that centroid and second moments in a window of standard deviation `sigma` tell. */
function shapeOf(
  { x, y, xx, yy, xy }: Readonly<Record<'x' | 'y' | 'xx' | 'yy' | 'xy', number>>,
  sigma: number,
  box: 1 | 2,
): WindowedShape {
  const middle = (xx + yy) / 2;
  const half = (xx - yy) / 2;
  const spread = Math.sqrt(half * half + xy * xy);
  const window = sigma * sigma;
  // summing 2 samples adds the variance of two points half a pixel from their middle
  const boxVariance = box === 2 ? 0.25 : 0;
  const major = axis(middle + spread, window, boxVariance);
  const minor = axis(middle - spread, window, boxVariance);
  return {
    x,
    y,
    fwhm: FWHM_OVER_SIGMA * Math.sqrt(Math.sqrt(major * minor)),
    ellipticity: 1 - Math.sqrt(minor / major),
    angle: 0.5 * Math.atan2(2 * xy, xx - yy),
  };
}

/** Variance of the star itself along an axis. */
function axis(moment: number, window: number, boxVariance: number): number {
  const m = Math.min(Math.max(moment, 0.02 * window), WIDEST_SHARE * window);
  return Math.max(0.05, 1 / (1 / m - 1 / window) - boxVariance);
}
