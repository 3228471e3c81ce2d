// The same image with its sky in ICRS, whatever system its header uses. All conversions are rotations, so they are
// folded into the transform's own matrix and cost nothing a pixel.
import { DEG_TO_RAD, RAD_TO_DEG } from './angles.js';
import { nativeToCelestialMatrix } from './celestial-rotation.js';
import type { CelestialWcs, WcsDescription } from './celestial-wcs.js';
import { skyPosition, unitVector, type UnitVector } from './sphere.js';
import { WcsError } from './wcs-error.js';
import { WcsTransform } from './wcs-transform.js';

/**
 * ICRS view of a WCS. FK5 J2000 is taken as ICRS: they differ by less than 0.03 arcsec, and headers that say "equinox
 * 2000" are mostly solved against ICRS catalogues. Galactic (IAU 1958) and ecliptic of J2000 within the same 0.03
 * arcsec; FK5 of another equinox by the precession of Capitaine et al. (2003), as astropy does; FK4 B1950 by the matrix of Murray (1989) with the E-terms
 * of aberration taken at CRVAL, good to 0.02 arcsec within a degree of it (proper motions are not known here).
 * @throws WcsError wcs_frame_not_convertible for any other system.
 */
export function asIcrs(wcs: CelestialWcs): CelestialWcs {
  const d = wcs.describe();
  if (d.frame === 'equatorial' && (d.radesys === 'ICRS' || (d.radesys === 'FK5' && d.equinox === 2000)))
    return wcs;
  if (!(wcs instanceof WcsTransform)) throw notConvertible(d);
  const rotation = multiply(frameToIcrs(d), wcs.parts.rotation);
  const crval = skyPosition(apply(frameToIcrs(d), unitVector(d.crval[0], d.crval[1])));
  const pole = poleOf(rotation);
  return new WcsTransform({
    ...wcs.parts,
    rotation,
    description: {
      ...d,
      frame: 'equatorial',
      ctype: [`RA---${d.projection}`, `DEC--${d.projection}`],
      crval,
      lonpoleDeg: pole.lonpoleDeg,
      latpoleDeg: pole.latDeg,
      // LONPOLE and LATPOLE by another name would contradict the new ones.
      parameters: d.parameters.filter(
        (p) => p.axis === 'latitude' || p.m < 3 || d.distortions.includes('tpv'),
      ),
      radesys: 'ICRS',
      equinox: undefined,
    },
  });
}

function notConvertible(d: WcsDescription): WcsError {
  return new WcsError('wcs_frame_not_convertible', {
    frame: d.frame,
    ctype: d.ctype[0],
    radesys: d.radesys,
    equinox: d.equinox ?? '',
  });
}

/** Obliquity of the ecliptic at J2000, IAU 2006, degrees. */
const OBLIQUITY_DEG = 84381.406 / 3600;

/** Row-major matrix from the system of the description to ICRS. */
function frameToIcrs(d: WcsDescription): number[] {
  if (d.frame === 'galactic') {
    // Galactic pole and zero longitude of 1958 carried to J2000.
    return nativeToCelestialMatrix({
      lonDeg: 192.8594812065348,
      latDeg: 27.12825118085622,
      lonpoleDeg: 122.9319185680026,
    });
  }
  if (d.frame === 'ecliptic' && (d.equinox ?? 2000) === 2000) {
    return nativeToCelestialMatrix({ lonDeg: 270, latDeg: 90 - OBLIQUITY_DEG, lonpoleDeg: 90 });
  }
  if (d.frame === 'equatorial' && d.radesys === 'FK5' && d.equinox !== undefined)
    return fromEquinox(d.equinox);
  if (d.frame === 'equatorial' && d.radesys.startsWith('FK4') && d.equinox === 1950) {
    return d.radesys === 'FK4' ? multiply(B1950_TO_J2000, withoutETerms(d.crval)) : B1950_TO_J2000;
  }
  throw notConvertible(d);
}

/** Mean equinox `year` to J2000 (Capitaine et al. 2003, A&A 412, 567, equation 40): inverse of the precession from J2000. */
function fromEquinox(year: number): number[] {
  const t = (year - 2000) / 100;
  const angle = (...c: number[]): number =>
    c.reduceRight((sum, term) => sum * t + term, 0) * (DEG_TO_RAD / 3600);
  const zeta = angle(2.650545, 2306.083227, 0.2988499, 0.01801828, -0.000005971, -0.0000003173);
  const z = angle(-2.650545, 2306.077181, 1.0927348, 0.01826837, -0.000028596, -0.0000002904);
  const theta = angle(0, 2004.191903, -0.4294934, -0.04182264, -0.000007089, -0.0000001274);
  return multiply(aboutZ(zeta), multiply(aboutY(-theta), aboutZ(z)));
}

/** Rotation of the axes by `angle` about z. */
function aboutZ(angle: number): number[] {
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  return [c, s, 0, -s, c, 0, 0, 0, 1];
}

/** Rotation of the axes by `angle` about y. */
function aboutY(angle: number): number[] {
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  return [c, 0, -s, 0, 1, 0, s, 0, c];
}

/** FK4 B1950 (without E-terms) to FK5 J2000: Murray 1989, A&A 218, 325, equation 28. */
const B1950_TO_J2000 = [
  0.9999256794956877, -0.0111814832204662, -0.0048590038153592, 0.0111814832391717, 0.9999374848933135,
  -0.0000271625947142, 0.0048590037723143, -0.000027170293744, 0.9999881946023742,
];

/** E-terms of aberration at B1950 (Explanatory Supplement to the AENA, 1961): they are part of FK4 positions. */
const E_TERMS: UnitVector = [-1.62557e-6, -0.31919e-6, -0.13843e-6];

/** The small rotation that takes the E-terms off at one position. */
function withoutETerms(position: readonly [number, number]): number[] {
  const v = unitVector(position[0], position[1]);
  const along = v[0] * E_TERMS[0] + v[1] * E_TERMS[1] + v[2] * E_TERMS[2];
  const shift = v.map((c, i) => along * c - E_TERMS[i]);
  // Angles of 2e-6: v x shift is the rotation vector, second order is 1e-12.
  const w = [
    v[1] * shift[2] - v[2] * shift[1],
    v[2] * shift[0] - v[0] * shift[2],
    v[0] * shift[1] - v[1] * shift[0],
  ];
  return [1, -w[2], w[1], w[2], 1, -w[0], -w[1], w[0], 1];
}

function multiply(a: readonly number[], b: readonly number[]): number[] {
  const out = new Array<number>(9).fill(0);
  for (let i = 0; i < 3; i += 1) {
    for (let j = 0; j < 3; j += 1) {
      out[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
    }
  }
  return out;
}

function apply(m: readonly number[], v: UnitVector): UnitVector {
  return [
    m[0] * v[0] + m[1] * v[1] + m[2] * v[2],
    m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
    m[6] * v[0] + m[7] * v[1] + m[8] * v[2],
  ];
}

/** LONPOLE and the latitude of the native pole of a rotation (the last row and column of Paper II's matrix). */
function poleOf(m: readonly number[]): { latDeg: number; lonpoleDeg: number } {
  const across = Math.hypot(m[6], m[7]);
  return {
    latDeg: Math.atan2(m[8], across) * RAD_TO_DEG,
    lonpoleDeg: across === 0 ? 180 : Math.atan2(m[7], m[6]) * RAD_TO_DEG,
  };
}
