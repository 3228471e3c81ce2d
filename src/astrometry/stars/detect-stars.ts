// The stars of a frame, from its raw samples.
import { medianOf } from '../../photometry/mesh-repair.js';
import { seekTrails } from '../trails/seek-trails.js';
import { apertureRadius } from './aperture-flux.js';
import { chooseFinder } from './choose-finder.js';
import { detectionImage, type DetectionImage } from './detection-image.js';
import { DetectionScratch } from './detection-scratch.js';
import { elongationFactor } from './elongation-loss.js';
import { findTrails, isPieceOf, LONG } from './find-trails.js';
import type { FramePixels } from './frame-pixels.js';
import { FWHM_OVER_SIGMA, matchedFilter } from './matched-filter.js';
import { chosenSources, shapeAt } from './sources.js';
import type { Peaks, Sources, StarFinder, WindowedShape } from './star-finder.js';
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
/** Sources this much narrower or wider than the frame's stars are none, unless saturated. */
const NARROWEST = 0.5;
const WIDEST = 2.5;
/** More elongated than this, and by this much more than the frame's stars are: a trail. */
const TRAIL_ELLIPTICITY = 0.6;
const TRAIL_EXCESS = 0.3;
const GOOD_SNR = 10;

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
  let fwhm = typical(found.sources, 'fwhm');
  if (fwhm > WIDE_FWHM) {
    found = search(image, Math.min(fwhm, MAX_FWHM), scratch);
    fwhm = typical(found.sources, 'fwhm');
  }
  const stars = assemble(image, found, fwhm);
  return seeksTrails ? { ...stars, trails: seekTrails(found.finder.coarse, image.origin) } : stars;
}

/** Peaks that are no hot pixels and whose centroid settles; in order of falling peaks. */
function search(image: DetectionImage, filterFwhm: number, scratch: DetectionScratch): Search {
  const filter = matchedFilter(filterFwhm, image.box);
  const finder = chooseFinder(image, filter, scratch);
  const peaks = finder.peaks();
  const wide = Math.max(filterFwhm, FIRST_FWHM) * 1.4;
  const first = finder.shapes(widthSample(peaks), wide / FWHM_OVER_SIGMA);
  const isTrail = trailsOf(first, image);
  const fwhm = typical(isTrail ? without(first, isTrail) : first, 'fwhm');
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

/** Enough peaks for a median of their widths: every so many of the well exposed ones, or all where these are few. */
function widthSample(peaks: Peaks): Peaks {
  const good: number[] = [];
  for (let p = 0; p < peaks.snr.length; p++) if (peaks.snr[p] >= GOOD_SNR) good.push(p);
  if (good.length <= WIDTH_SAMPLE) return peaks;
  const step = good.length / WIDTH_SAMPLE;
  const at = new Int32Array(WIDTH_SAMPLE);
  const snr = new Float32Array(WIDTH_SAMPLE);
  for (let i = 0; i < WIDTH_SAMPLE; i++) {
    const p = good[Math.floor(i * step)];
    at[i] = peaks.at[p];
    snr[i] = peaks.snr[p];
  }
  return { at, snr };
}

/** Median of a number of the well exposed sources, of all where there are fewer than five of them; of those only that `counts` names. */
function typical(
  { count, snr, ...sources }: Sources,
  name: 'fwhm' | 'ellipticity',
  counts?: Uint8Array,
): number {
  const values = sources[name];
  const chosen = new Float64Array(count);
  for (const least of [GOOD_SNR, -Infinity]) {
    let n = 0;
    for (let k = 0; k < count; k++)
      if (snr[k] >= least && (!counts || counts[k] === 1)) chosen[n++] = values[k];
    if (n >= 5 || (n > 0 && least < GOOD_SNR)) return medianOf(chosen.subarray(0, n));
  }
  return NaN;
}

function assemble(image: DetectionImage, { finder, sources }: Search, fwhm: number): StarList {
  const { cfa, grid } = image.frame;
  const channels = grid.level.length;
  const lights = finder.lights(sources, apertureRadius(fwhm, cfa !== undefined));
  const shares = cfa ? [1 / 4, 1 / 2, 1 / 4] : grid.level.map(() => 1);
  const longest = Math.max(TRAIL_ELLIPTICITY, typical(sources, 'ellipticity') + TRAIL_EXCESS);
  const isStar = (s: number) => {
    const width = sources.fwhm[s];
    if (lights.saturated[s] === 0 && (width < NARROWEST * fwhm || width > WIDEST * fwhm)) return false;
    return sources.ellipticity[s] <= longest;
  };
  const isGood = (s: number) => lights.saturated[s] === 0 && sources.snr[s] >= GOOD_SNR && isStar(s);
  const rounded = elongationFactor(sources, isGood);
  const light = lights.flux.map((flux) => rounded * flux);
  const totals = new Float64Array(sources.count);
  const stars: number[] = [];
  const placed = new Set<number>();
  for (let s = 0; s < sources.count; s++) {
    if (!isStar(s)) continue;
    // two peaks whose centroids have run together are one star
    const place = Math.round(sources.y[s]) * image.width + Math.round(sources.x[s]);
    if (placed.has(place)) continue;
    placed.add(place);
    for (let c = 0; c < channels; c++) totals[s] += light[s * channels + c] * shares[c];
    if (totals[s] > 0) stars.push(s);
  }
  stars.sort((a, b) => totals[b] - totals[a]);
  return starList(chosenSources(sources, stars), image.origin, {
    total: Float32Array.from(stars, (s) => totals[s]),
    channels: grid.level.map((_, c) => Float32Array.from(stars, (s) => light[s * channels + c])),
    saturated: Uint8Array.from(stars, (s) => lights.saturated[s]),
  });
}

function starList(
  sources: Sources,
  origin: number,
  light: { readonly total: Float32Array; readonly channels: Float32Array[]; readonly saturated: Uint8Array },
): StarList {
  const { count, x, y, snr, fwhm, ellipticity } = sources;
  const clean = light.saturated.map((saturated) => 1 - saturated);
  const measured = clean.reduce((n, isClean) => n + isClean, 0) >= 5 ? clean : undefined;
  return {
    count,
    x: x.map((v) => v + origin),
    y: y.map((v) => v + origin),
    flux: light.total,
    channelFlux: light.channels,
    snr,
    fwhm: Float32Array.from(fwhm),
    ellipticity: Float32Array.from(ellipticity),
    saturated: light.saturated,
    medianFwhm: typical(sources, 'fwhm', measured),
    medianEllipticity: typical(sources, 'ellipticity', measured),
  };
}
