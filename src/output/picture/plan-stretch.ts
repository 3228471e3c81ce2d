// The stretch of a picture: its colours by its stars and its darkest places, then the curve.
import type { PictureImage } from './binned-image.js';
import { neutralSky } from './sky-colour.js';
import { skyLevel, sortedSample } from './sky-statistics.js';
import { starGains } from './star-balance.js';
import { stretchOf, type Stretch, type StretchOptions } from './stretch.js';

/** Chooses the stretch of an image. One without one valid pixel gets a stretch that shows black. */
export function planStretch(image: PictureImage, options: StretchOptions = {}): Stretch {
  const levels = image.planes.map((plane) => skyLevel(sortedSample(plane)));
  const gains = options.starBalance === false ? levels.map(() => 1) : starGains(image, levels);
  const sky = options.sky ?? neutralSky(image, levels);
  return stretchOf(image, { sky, gains }, options);
}
