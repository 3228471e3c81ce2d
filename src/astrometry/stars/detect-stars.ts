// The stars of a frame, from its raw samples.
import { medianOf } from '../../photometry/mesh-repair.js';
import { apertureRadius } from './aperture-flux.js';
import { chooseFinder } from './choose-finder.js';
import { detectionImage, type DetectionImage } from './detection-image.js';
import { DetectionScratch } from './detection-scratch.js';
import { findTrails, isPieceOf } from './find-trails.js';
import type { FramePixels } from './frame-pixels.js';
import { FWHM_OVER_SIGMA, matchedFilter } from './matched-filter.js';
import type { Peaks, Source, StarFinder } from './star-finder.js';
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

/** What one search has found, and the finder that it was found with. */
interface Search {
  readonly finder: StarFinder;
  readonly sources: Source[];
}

/**
 * Finds the stars of a frame: sky by the mesh, matched filter, peaks of 5 sigma separated by saddles, hot samples dropped, windowed centroids with a
 * window of the frame's own star width, trails and what is much narrower or wider than the frame's stars dropped. Hand the same `scratch` from
 * frame to frame to spare the memory's being taken anew.
 */
export function detectStars(frame: FramePixels, scratch = new DetectionScratch()): StarList {
  const image = detectionImage(frame);
  let found = search(image, FIRST_FWHM, scratch);
  let fwhm = typical(found.sources, (s) => s.fwhm);
  if (fwhm > WIDE_FWHM) {
    found = search(image, Math.min(fwhm, MAX_FWHM), scratch);
    fwhm = typical(found.sources, (s) => s.fwhm);
  }
  return assemble(image, found, fwhm);
}

/** Peaks that are no hot pixels and whose centroid settles; in order of falling peaks. */
function search(image: DetectionImage, filterFwhm: number, scratch: DetectionScratch): Search {
  const filter = matchedFilter(filterFwhm, image.box);
  const finder = chooseFinder(image, filter, scratch);
  const peaks = finder.peaks();
  const wide = Math.max(filterFwhm, FIRST_FWHM) * 1.4;
  const first = finder.shapes(widthSample(peaks), wide / FWHM_OVER_SIGMA);
  const exposed = first.filter(({ snr }) => snr >= GOOD_SNR);
  const trails = findTrails(exposed, image.width, image.height);
  const isStar = (source: Source) => !trails.some((trail) => isPieceOf(trail, source));
  const fwhm = typical(first.filter(isStar), (s) => s.fwhm);
  if (!(fwhm > 0)) return { finder, sources: first };
  const own = Math.min(Math.max(fwhm, MIN_FWHM), MAX_FWHM);
  const all = finder.shapes(peaks, own / FWHM_OVER_SIGMA);
  return { finder, sources: trails.length === 0 ? all : all.filter(isStar) };
}

/** Enough peaks for a median of their widths: every so many of the well exposed ones, or all where these are few. */
function widthSample(peaks: Peaks): Peaks {
  const good = Array.from(peaks.at.keys()).filter((p) => peaks.snr[p] >= GOOD_SNR);
  if (good.length <= WIDTH_SAMPLE) return peaks;
  const step = good.length / WIDTH_SAMPLE;
  const chosen = Array.from({ length: WIDTH_SAMPLE }, (_, i) => good[Math.floor(i * step)]);
  return {
    at: Int32Array.from(chosen, (p) => peaks.at[p]),
    snr: Float32Array.from(chosen, (p) => peaks.snr[p]),
  };
}

/** Median of `value` over the well exposed sources, over all where there are fewer than five of them. */
function typical<T extends { readonly snr: number }>(sources: readonly T[], value: (s: T) => number): number {
  const good = sources.filter((s) => s.snr >= GOOD_SNR);
  const values = (good.length >= 5 ? good : sources).map(value);
  return values.length === 0 ? NaN : medianOf(Float64Array.from(values));
}

/** A source with its light. */
interface Star {
  readonly source: Source;
  readonly total: number;
  readonly channels: Float64Array;
  readonly saturated: boolean;
}

function assemble(image: DetectionImage, { finder, sources }: Search, fwhm: number): StarList {
  const { cfa, grid } = image.frame;
  const round = typical(sources, (s) => s.ellipticity);
  const radius = apertureRadius(fwhm, cfa !== undefined);
  const channels = grid.level.length;
  const lights = finder.lights(sources, radius);
  const stars: Star[] = [];
  const placed = new Set<number>();
  for (const [s, source] of sources.entries()) {
    const flux = lights.flux.subarray(s * channels, (s + 1) * channels);
    const saturated = lights.saturated[s] === 1;
    if (!saturated && (source.fwhm < NARROWEST * fwhm || source.fwhm > WIDEST * fwhm)) continue;
    if (source.ellipticity > Math.max(TRAIL_ELLIPTICITY, round + TRAIL_EXCESS)) continue;
    // two peaks whose centroids have run together are one star
    const place = Math.round(source.y) * image.width + Math.round(source.x);
    if (placed.has(place)) continue;
    placed.add(place);
    let total = 0;
    for (let c = 0; c < channels; c++) total += cfa ? flux[c] / (c === 1 ? 2 : 4) : flux[c];
    if (total > 0) stars.push({ source, total, channels: flux, saturated });
  }
  stars.sort((a, b) => b.total - a.total);
  const clean = stars.filter((s) => !s.saturated);
  const measured = (clean.length >= 5 ? clean : stars).map(({ source }) => source);
  const column = <T extends Float32Array | Float64Array | Uint8Array>(
    values: T,
    of: (star: Star) => number,
  ): T => {
    for (let k = 0; k < stars.length; k++) values[k] = of(stars[k]);
    return values;
  };
  const count = stars.length;
  return {
    count,
    x: column(new Float64Array(count), (s) => s.source.x + image.origin),
    y: column(new Float64Array(count), (s) => s.source.y + image.origin),
    flux: column(new Float32Array(count), (s) => s.total),
    channelFlux: Array.from({ length: channels }, (_, c) =>
      column(new Float32Array(count), (s) => s.channels[c]),
    ),
    snr: column(new Float32Array(count), (s) => s.source.snr),
    fwhm: column(new Float32Array(count), (s) => s.source.fwhm),
    ellipticity: column(new Float32Array(count), (s) => s.source.ellipticity),
    saturated: column(new Uint8Array(count), (s) => (s.saturated ? 1 : 0)),
    medianFwhm: typical(measured, (s) => s.fwhm),
    medianEllipticity: typical(measured, (s) => s.ellipticity),
  };
}
