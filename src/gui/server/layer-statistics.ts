// What the sliders of the viewer start from: sky, range and histogram of each plane, and the stretch of the preview.
import { imageRows } from '../../output/picture/picture-rows.js';
import { planStretch } from '../../output/picture/plan-stretch.js';
import { percentile, skyLevel, sortedSample } from '../../output/picture/sky-statistics.js';
import type { LayerStatistics } from '../api.js';
import type { Pyramid } from './pyramid.js';

/** Bins of the histogram, between the percentiles that it spans. */
const BINS = 128;
/** An overview of about this many pixels on its longer side is enough for a stretch. */
const SIDE = 1024;

export async function layerStatistics(pyramid: Pyramid, isMosaic: boolean): Promise<LayerStatistics> {
  const wanted = Math.max(pyramid.base, Math.floor(Math.log2(Math.max(pyramid.nx, pyramid.ny) / SIDE)));
  const level = Math.min(pyramid.levels - 1, wanted);
  const { nx, ny, planes } = await pyramid.overview(level);
  return {
    planes: planes.map((plane) => {
      const sorted = sortedSample(plane);
      if (sorted.length === 0) return { sky: 0, sigma: 0, low: 0, high: 1, histogram: [] };
      const { level: sky, sigma } = skyLevel(sorted);
      const [low, high] = [percentile(sorted, 0.05), percentile(sorted, 99.95)];
      const histogram = new Array<number>(BINS).fill(0);
      const scale = high > low ? BINS / (high - low) : 0;
      for (const value of sorted)
        histogram[Math.min(BINS - 1, Math.max(0, Math.floor((value - low) * scale)))]++;
      return { sky, sigma, low, high, histogram };
    }),
    ...(isMosaic && {
      stretch: await planStretch(
        imageRows({
          nx,
          ny,
          factor: 2 ** level,
          planes,
          footprint: planes[0].map((value) => (Number.isNaN(value) ? 0 : 1)),
        }),
      ),
    }),
  };
}
