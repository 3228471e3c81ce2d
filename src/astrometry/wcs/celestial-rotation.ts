// From native to celestial spherical coordinates: where the native pole stands, and the rotation that follows
// (Calabretta & Greisen 2002, A&A 395, 1077 = Paper II, section 2.4, equations 2 and 8 to 10).
import { DEG_TO_RAD, RAD_TO_DEG, wrap180 } from './angles.js';
import { WcsError } from './wcs-error.js';

/** The Euler angles of the rotation, degrees: celestial longitude and latitude of the native pole, LONPOLE. */
export interface NativePole {
  readonly lonDeg: number;
  readonly latDeg: number;
  readonly lonpoleDeg: number;
}

/** What the header says about the orientation of the native sphere; degrees. */
export interface PoleRequest {
  readonly crval: readonly [number, number];
  /** Native coordinates of the reference point. */
  readonly phi0Deg: number;
  readonly theta0Deg: number;
  /** LONPOLE; undefined = default of Paper II: phi0 where delta0 >= theta0, else phi0 + 180. */
  readonly lonpoleDeg: number | undefined;
  /** LATPOLE; undefined = 90. Chooses between two possible poles. */
  readonly latpoleDeg: number | undefined;
}

/** Slack for header values that were rounded in print, degrees. */
const TOLERANCE_DEG = 1e-10;

/**
 * Resolves the native pole (Paper II, equations 8 to 10 and the notes under them).
 * @throws WcsError wcs_pole_undefined when no pole fits CRVAL and LONPOLE.
 */
export function resolveNativePole(request: PoleRequest): NativePole {
  const [lon0, lat0] = request.crval;
  const { phi0Deg, theta0Deg } = request;
  const lonpoleDeg = request.lonpoleDeg ?? defaultLonpole(phi0Deg, lat0 < theta0Deg);
  if (theta0Deg === 90) return { lonDeg: lon0, latDeg: lat0, lonpoleDeg };

  const wanted = request.latpoleDeg ?? 90;
  const dPhi = (lonpoleDeg - phi0Deg) * DEG_TO_RAD;
  const sinLat0 = Math.sin(lat0 * DEG_TO_RAD);
  const cosLat0 = Math.abs(lat0) === 90 ? 0 : Math.cos(lat0 * DEG_TO_RAD);
  const sinTheta0 = Math.sin(theta0Deg * DEG_TO_RAD);
  const cosTheta0 = Math.cos(theta0Deg * DEG_TO_RAD);
  const latDeg = poleLatitude(request, lonpoleDeg, dPhi, sinLat0, sinTheta0, cosTheta0, wanted);

  const latRad = latDeg * DEG_TO_RAD;
  const cosLatPole = Math.abs(latDeg) === 90 ? 0 : Math.cos(latRad);
  if (cosLat0 < TOLERANCE_DEG * DEG_TO_RAD) return { lonDeg: lon0, latDeg, lonpoleDeg };
  if (cosLatPole < TOLERANCE_DEG * DEG_TO_RAD) {
    // The native pole is a celestial pole: only a sum or a difference of the two longitudes is defined.
    const lonDeg = latDeg > 0 ? lon0 + lonpoleDeg - phi0Deg - 180 : lon0 - lonpoleDeg + phi0Deg;
    return { lonDeg, latDeg, lonpoleDeg };
  }
  const sine = (Math.sin(dPhi) * cosTheta0) / cosLat0;
  const cosine = (sinTheta0 - Math.sin(latRad) * sinLat0) / (cosLatPole * cosLat0);
  return { lonDeg: lon0 - Math.atan2(sine, cosine) * RAD_TO_DEG, latDeg, lonpoleDeg };
}

function defaultLonpole(phi0Deg: number, below: boolean): number {
  const lonpole = below ? phi0Deg + 180 : phi0Deg;
  return lonpole > 180 ? lonpole - 360 : lonpole;
}

/** Equation 8: two candidates, the one nearer to LATPOLE that is a latitude. */
function poleLatitude(
  request: PoleRequest,
  lonpoleDeg: number,
  dPhi: number,
  sinLat0: number,
  sinTheta0: number,
  cosTheta0: number,
  wanted: number,
): number {
  const undefinedPole = () =>
    new WcsError('wcs_pole_undefined', {
      lonpole: lonpoleDeg,
      lon: request.crval[0],
      lat: request.crval[1],
      theta0: request.theta0Deg,
    });
  let centre: number;
  let spread: number;
  if (dPhi === 0) {
    // Exact where the general form would lose digits to the arc cosine.
    centre = request.theta0Deg;
    spread = 90 - request.crval[1];
  } else {
    const east = cosTheta0 * Math.cos(dPhi);
    const length = Math.hypot(east, sinTheta0);
    if (length < TOLERANCE_DEG * DEG_TO_RAD) {
      if (Math.abs(sinLat0) > TOLERANCE_DEG * DEG_TO_RAD) throw undefinedPole();
      return Math.min(90, Math.max(-90, wanted));
    }
    const ratio = sinLat0 / length;
    if (Math.abs(ratio) > 1 + TOLERANCE_DEG) throw undefinedPole();
    centre = Math.atan2(sinTheta0, east) * RAD_TO_DEG;
    // acos(ratio) by its tangent: cos^2(lat0) - cos^2(theta0) sin^2(dPhi) as a product keeps the digits near +-1.
    const cosLat0 = Math.abs(request.crval[1]) === 90 ? 0 : Math.cos(request.crval[1] * DEG_TO_RAD);
    const side = cosTheta0 * Math.abs(Math.sin(dPhi));
    spread = Math.atan2(Math.sqrt(Math.max(0, (cosLat0 - side) * (cosLat0 + side))), sinLat0) * RAD_TO_DEG;
  }
  const candidates = [wrap180(centre + spread), wrap180(centre - spread)]
    .filter((lat) => Math.abs(lat) <= 90 + TOLERANCE_DEG)
    .sort((p, q) => Math.abs(wanted - p) - Math.abs(wanted - q));
  if (candidates.length === 0) throw undefinedPole();
  return Math.min(90, Math.max(-90, candidates[0]));
}

/**
 * The rotation matrix (row-major, 9 numbers) that takes a native unit vector (cos theta cos phi, cos theta sin phi,
 * sin theta) to the celestial one (Paper II, equation 2).
 */
export function nativeToCelestialMatrix(pole: NativePole): number[] {
  const sinLon = Math.sin(pole.lonDeg * DEG_TO_RAD);
  const cosLon = Math.cos(pole.lonDeg * DEG_TO_RAD);
  const sinLat = Math.sin(pole.latDeg * DEG_TO_RAD);
  const cosLat = Math.cos(pole.latDeg * DEG_TO_RAD);
  const sinPhi = Math.sin(pole.lonpoleDeg * DEG_TO_RAD);
  const cosPhi = Math.cos(pole.lonpoleDeg * DEG_TO_RAD);
  return [
    -sinLat * cosPhi * cosLon - sinPhi * sinLon,
    -sinLat * sinPhi * cosLon + cosPhi * sinLon,
    cosLat * cosLon,
    -sinLat * cosPhi * sinLon + sinPhi * cosLon,
    -sinLat * sinPhi * sinLon - cosPhi * cosLon,
    cosLat * sinLon,
    cosLat * cosPhi,
    cosLat * sinPhi,
    sinLat,
  ];
}
