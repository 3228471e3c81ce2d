// The stars of a frame, from its raw samples.
import { seekTrails } from '../trails/seek-trails.js';
import { apertureRadius } from './aperture-flux.js';
import { chooseFinder } from './choose-finder.js';
import { detectionImage, type DetectionImage } from './detection-image.js';
import { DetectionScratch } from './detection-scratch.js';
import { findTrails, isPieceOf, LONG } from './find-trails.js';
import type { FramePixels } from './frame-pixels.js';
import { GOOD_SNR, keepStars, samplePeaks, typical } from './keep-stars.js';
import { FWHM_OVER_SIGMA, matchedFilter } from './matched-filter.js';
import { chosenSources, shapeAt } from './sources.js';
import type { Sources, StarFinder, WindowedShape } from './star-finder.js';
import type { StarList } from './star-list.js';

/** Well exposed peaks that the width of the frame's stars is first measured on, evenly taken from all. */
const WIDTH_SAMPLE = 200;
/** FWHM that the first filter and window are made for: a good night on a small telescope. */
const FIRST_FWHM = 2.5;
/** With stars wider than this the frame is searched again with a filter of their width. */
const WIDE_FWHM = 5;
/** Widths of filters and windows. */
const MIN_FWHM = 2;
const MAX_FWHM = 16;

type IsPiece = (of: Sources, k: number) => boolean;

/** What one search has found, and the finder that it was found with. */
interface Search {
  readonly finder: StarFinder;
  readonly sources: Sources;
}

/**
 * Finds the stars of a frame: sky by the mesh, matched filter, peaks of 5 sigma separated by saddles, hot samples dropped, windowed centroids with a
 * window of the frame's own star width, trails and what is much narrower or wider than the frame's stars dropped; and, where asked for, trails, by their length. Hand the same `scratch` from
 * frame to frame to spare the memory's being taken anew.
 */
export function detectStars(
  frame: FramePixels,
  scratch = new DetectionScratch(),
  { seeksTrails = false } = {},
): StarList {
  const image = detectionImage(frame);
  let found = search(image, FIRST_FWHM, scratch);
  let fwhm = typical(found.sources);
  if (fwhm > WIDE_FWHM) {
    found = search(image, Math.min(fwhm, MAX_FWHM), scratch);
    fwhm = typical(found.sources);
  }
  const { finder, sources } = found;
  const lights = finder.lights(sources, apertureRadius(fwhm, frame.cfa !== undefined));
  const stars = keepStars(image, sources, lights, fwhm);
  return seeksTrails ? { ...stars, trails: seekTrails(finder.coarse, image.origin) } : stars;
}

/** Peaks that are no hot pixels and whose centroid settles; in order of falling peaks. */
function search(image: DetectionImage, filterFwhm: number, scratch: DetectionScratch): Search {
  const filter = matchedFilter(filterFwhm, image.box);
  const finder = chooseFinder(image, filter, scratch);
  const peaks = finder.peaks();
  const wide = Math.max(filterFwhm, FIRST_FWHM) * 1.4;
  const first = finder.shapes(samplePeaks(peaks, WIDTH_SAMPLE), wide / FWHM_OVER_SIGMA);
  const isTrail = trailsOf(first, image);
  const fwhm = typical(isTrail ? without(first, isTrail) : first);
  if (!(fwhm > 0)) return { finder, sources: first };
  const own = Math.min(Math.max(fwhm, MIN_FWHM), MAX_FWHM);
  const all = finder.shapes(peaks, own / FWHM_OVER_SIGMA);
  return { finder, sources: isTrail ? without(all, isTrail) : all };
}

/** Tells pieces of trails by the well exposed sources; undefined where there are no trails. */
function trailsOf(sources: Sources, { width, height }: DetectionImage): IsPiece | undefined {
  const { count, snr, ellipticity } = sources;
  const long: WindowedShape[] = [];
  for (let k = 0; k < count; k++)
    if (snr[k] >= GOOD_SNR && ellipticity[k] > LONG) long.push(shapeAt(sources, k));
  const trails = findTrails(long, width, height);
  if (trails.length === 0) return undefined;
  return (of, k) => of.ellipticity[k] > LONG && trails.some((trail) => isPieceOf(trail, shapeAt(of, k)));
}

function without(sources: Sources, isPiece: IsPiece): Sources {
  const kept: number[] = [];
  for (let k = 0; k < sources.count; k++) if (!isPiece(sources, k)) kept.push(k);
  return chosenSources(sources, kept);
}
