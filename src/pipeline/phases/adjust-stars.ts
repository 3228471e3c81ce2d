// The stars of all frames as the joint adjustment looks at them.
import type { AdjustStars } from '../../astrometry/adjust/adjust-types.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import { centroidSigma } from './solve.js';

/**
 * The first `most` stars of each list that are not saturated. Places are those of the list itself where no saturated star stands among them; others stand in two arrays, and what the
 * centroids are good to in a third, not in three of each frame.
 */
export function adjustStars(lists: readonly StarList[], most: number): AdjustStars[] {
  const copied = lists.filter((stars) => soundAtFirst(stars, most) < Math.min(stars.count, most));
  const x = new Float64Array(copied.reduce((sum, stars) => sum + soundStars(stars, most), 0));
  const y = new Float64Array(x.length);
  const sigma = new Float32Array(lists.reduce((sum, stars) => sum + soundStars(stars, most), 0));
  let end = 0;
  let told = 0;
  return lists.map((stars) => {
    const count = soundAtFirst(stars, most);
    const from = told;
    if (count === Math.min(stars.count, most)) {
      for (let i = 0; i < count; i++) sigma[told++] = centroidSigma(stars, i);
      const [ownX, ownY] = [stars.x.subarray(0, count), stars.y.subarray(0, count)];
      return { count, x: ownX, y: ownY, sigma: sigma.subarray(from, told) };
    }
    const first = end;
    for (let i = 0; i < stars.count && end < first + most; i++) {
      if (stars.saturated[i]) continue;
      x[end] = stars.x[i];
      y[end++] = stars.y[i];
      sigma[told++] = centroidSigma(stars, i);
    }
    return {
      count: end - first,
      x: x.subarray(first, end),
      y: y.subarray(first, end),
      sigma: sigma.subarray(from, told),
    };
  });
}

/** How many stars of the list stand before its first saturated one, `most` at most. */
function soundAtFirst({ count, saturated }: StarList, most: number): number {
  let found = 0;
  while (found < count && found < most && !saturated[found]) found++;
  return found;
}

/** How many stars of the list are not saturated, `most` at most. */
function soundStars({ count, saturated }: StarList, most: number): number {
  let found = 0;
  for (let i = 0; i < count && found < most; i++) if (!saturated[i]) found++;
  return found;
}
