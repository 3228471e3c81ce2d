// The stretch of a mosaic that is not finished, from the cells that are.
import { skyLevel, sortedSample } from '../../../output/picture/sky-statistics.js';
import { stretchOf, type Stretch } from '../../../output/picture/stretch.js';

/** Samples that are looked at. */
const MOST_SAMPLES = 1 << 18;

/** As the preview's stretch, on the cells strung together. */
export function liveStretch(cells: readonly { readonly planes: readonly Float32Array[] }[]): Stretch {
  const total = cells.reduce((sum, { planes }) => sum + planes[0].length, 0);
  const step = Math.max(1, Math.ceil(total / MOST_SAMPLES));
  const planes = cells[0].planes.map((_, p) => {
    const out: number[] = [];
    for (const cell of cells)
      for (let i = 0; i < cell.planes[p].length; i += step) out.push(cell.planes[p][i]);
    return Float32Array.from(out);
  });
  // The strung samples are no picture: neither stars nor dark places are looked for in it.
  const sky = planes.map((plane) => skyLevel(sortedSample(plane)).level);
  return stretchOf({ nx: planes[0].length, ny: 1, planes }, { sky, gains: sky.map(() => 1) });
}
