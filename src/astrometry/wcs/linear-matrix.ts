// The linear part of a WCS: CDi_j, PCi_j with CDELTi, or CDELTi with CROTAi (Paper I, section 2.1.2; Paper II, 6.1).
import { DEG_TO_RAD } from './angles.js';
import { MAX_AXES, type CelestialAxes } from './celestial-axes.js';
import { numberOf, type HeaderReader } from './header-reader.js';
import { WcsError } from './wcs-error.js';

/** Reference pixel and matrix of the two celestial axes; the other pixel axes rest at their reference pixel. */
export interface LinearPart {
  /** FITS numbers of the pixel axes called x and y. */
  readonly pixelAxes: readonly [number, number];
  readonly crpix: readonly [number, number];
  /** Degrees a pixel, rows longitude, latitude; columns x, y. */
  readonly cd: readonly [number, number, number, number];
}

/**
 * Reads the linear part. Of several forms in one header PC counts before CD and CD before CROTA; elements that are not
 * given are 0 in CD and the identity in PC; CDELT defaults to 1 where PC gives the scale.
 * @throws WcsError wcs_scale_missing for a header without CD, PC and CDELT: the standard's default of one degree a pixel
 * is never what such a file shows.
 */
export function readLinearPart(header: HeaderReader, axes: CelestialAxes, alt: string): LinearPart {
  const { lonAxis, latAxis } = axes;
  const pixelAxes: [number, number] = lonAxis < latAxis ? [lonAxis, latAxis] : [latAxis, lonAxis];
  const rows = [lonAxis, latAxis];
  const cd: number[] = [];
  const pc = matrixReader(header, 'PC', alt);
  const plainCd = pc === undefined ? matrixReader(header, 'CD', alt) : undefined;
  const steps = rows.map((i) => numberOf(header, `CDELT${i}${alt}`));
  if (pc === undefined && plainCd === undefined && steps.includes(undefined)) {
    throw new WcsError('wcs_scale_missing', { key: `CD${lonAxis}_${lonAxis}${alt}` });
  }
  const cdelt = steps.map((step) => step ?? 1);
  const rotation = pc === undefined && plainCd === undefined ? crota(header, axes, alt) : 0;
  for (const [r, i] of rows.entries()) {
    for (const j of pixelAxes) {
      let element: number;
      if (pc !== undefined) element = (pc(i, j) ?? (i === j ? 1 : 0)) * cdelt[r];
      else if (plainCd !== undefined) element = plainCd(i, j) ?? 0;
      // Paper II, equation 189: the rotation acts on axes scaled by CDELT.
      else if (i === j) element = cdelt[r] * Math.cos(rotation);
      else element = (i === lonAxis ? -1 : 1) * cdelt[1 - r] * Math.sin(rotation);
      cd.push(element * axes.toDegrees[r]);
    }
  }
  return {
    pixelAxes,
    crpix: [crpix(header, pixelAxes[0], alt), crpix(header, pixelAxes[1], alt)],
    cd: [cd[0], cd[1], cd[2], cd[3]],
  };
}

/** Beyond this no detector lies; a value like 1E300 is a broken card. */
const MAX_CRPIX = 1e12;

function crpix(header: HeaderReader, axis: number, alt: string): number {
  const key = `CRPIX${axis}${alt}`;
  const value = numberOf(header, key) ?? 0;
  if (Math.abs(value) > MAX_CRPIX) {
    throw new WcsError('wcs_value_out_of_range', { key, value, min: -MAX_CRPIX, max: MAX_CRPIX });
  }
  return value;
}

function crota(header: HeaderReader, axes: CelestialAxes, alt: string): number {
  return (numberOf(header, `CROTA${axes.latAxis}${alt}`) ?? 0) * DEG_TO_RAD;
}

type ElementReader = (i: number, j: number) => number | undefined;

/** Reader of `PCi_j` or `CDi_j`, also in the old spelling `PC00i00j`; undefined when the header holds none of them. */
function matrixReader(header: HeaderReader, name: 'PC' | 'CD', alt: string): ElementReader | undefined {
  const read: ElementReader = (i, j) =>
    numberOf(header, `${name}${i}_${j}${alt}`) ??
    (alt === '' ? numberOf(header, `${name}00${i}00${j}`) : undefined);
  for (let i = 1; i <= MAX_AXES; i += 1) {
    for (let j = 1; j <= MAX_AXES; j += 1) if (read(i, j) !== undefined) return read;
  }
  return undefined;
}
