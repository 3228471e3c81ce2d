// The beginning of a star list, as a list of its own.
import type { StarList } from './star-list.js';

/** The brightest stars, of which `most` are unsaturated; the list itself where it has no more. Medians stay those of all stars. */
export function brightestStars(stars: StarList, most: number): StarList {
  let [count, sound] = [0, 0];
  while (count < stars.count && sound < most) if (!stars.saturated[count++]) sound++;
  if (count === stars.count) return stars;
  return {
    ...stars,
    count,
    x: stars.x.slice(0, count),
    y: stars.y.slice(0, count),
    flux: stars.flux.slice(0, count),
    channelFlux: stars.channelFlux.map((flux) => flux.slice(0, count)),
    snr: stars.snr.slice(0, count),
    fwhm: stars.fwhm.slice(0, count),
    ellipticity: stars.ellipticity.slice(0, count),
    saturated: stars.saturated.slice(0, count),
  };
}
