// The arrays of a star list, all of them, for whoever counts or moves their memory.
import type { StarList } from './star-list.js';

type Column = Float64Array | Float32Array | Uint8Array;

/** All arrays of a list. */
export function starArrays({
  x,
  y,
  flux,
  channelFlux,
  snr,
  fwhm,
  ellipticity,
  saturated,
}: StarList): Column[] {
  return [x, y, flux, ...channelFlux, snr, fwhm, ellipticity, saturated];
}

/** The list with what `move` makes of each of its arrays. */
export function withStarArrays(stars: StarList, move: <T extends Column>(values: T) => T): StarList {
  return {
    ...stars,
    x: move(stars.x),
    y: move(stars.y),
    flux: move(stars.flux),
    channelFlux: stars.channelFlux.map((flux) => move(flux)),
    snr: move(stars.snr),
    fwhm: move(stars.fwhm),
    ellipticity: move(stars.ellipticity),
    saturated: move(stars.saturated),
  };
}
