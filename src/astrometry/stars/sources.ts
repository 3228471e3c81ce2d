// Sources by their number.
import type { Sources, WindowedShape } from './star-finder.js';

/** Shape of a source by itself. */
export function shapeAt({ x, y, fwhm, ellipticity, angle }: Sources, k: number): WindowedShape {
  return { x: x[k], y: y[k], fwhm: fwhm[k], ellipticity: ellipticity[k], angle: angle[k] };
}

/** Room for `count` sources. */
export function emptySources(count: number): Sources {
  return {
    count,
    x: new Float64Array(count),
    y: new Float64Array(count),
    fwhm: new Float64Array(count),
    ellipticity: new Float64Array(count),
    angle: new Float64Array(count),
    peak: new Int32Array(count),
    snr: new Float32Array(count),
  };
}

/** The first `count` of them. */
export function firstSources(sources: Sources, count: number): Sources {
  const { x, y, fwhm, ellipticity, angle, peak, snr } = sources;
  return {
    count,
    x: x.slice(0, count),
    y: y.slice(0, count),
    fwhm: fwhm.slice(0, count),
    ellipticity: ellipticity.slice(0, count),
    angle: angle.slice(0, count),
    peak: peak.slice(0, count),
    snr: snr.slice(0, count),
  };
}

/** The sources of these numbers, in their order. */
export function chosenSources(sources: Sources, chosen: readonly number[]): Sources {
  const out = emptySources(chosen.length);
  for (let i = 0; i < chosen.length; i++) {
    const k = chosen[i];
    out.x[i] = sources.x[k];
    out.y[i] = sources.y[k];
    out.fwhm[i] = sources.fwhm[k];
    out.ellipticity[i] = sources.ellipticity[k];
    out.angle[i] = sources.angle[k];
    out.peak[i] = sources.peak[k];
    out.snr[i] = sources.snr[k];
  }
  return out;
}
