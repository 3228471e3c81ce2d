// The beginning of a star list, as a list of its own.
import { withStarArrays } from './star-arrays.js';
import type { StarList } from './star-list.js';

/** The brightest stars, of which `most` are unsaturated; the list itself where it has no more. Medians stay those of all stars. */
export function brightestStars(stars: StarList, most: number): StarList {
  let [count, sound] = [0, 0];
  while (count < stars.count && sound < most) if (!stars.saturated[count++]) sound++;
  if (count === stars.count) return stars;
  const found = starsFound(stars);
  return { ...withStarArrays(stars, (values) => values.slice(0, count) as typeof values), count, found };
}

/** How many stars the frame shows that the list is of. */
export const starsFound = ({ count, found = count }: Pick<StarList, 'count' | 'found'>): number => found;
