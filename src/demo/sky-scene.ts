// The sky that a demo session looks at: stars of many magnitudes and colours, and two nebulae. Fixed by the seed.
import { COLOUR_RESPONSE, ELECTRONS_PER_ADU, ZERO_MAGNITUDE_ELECTRONS } from './camera.js';
import { randomStream, type Random } from './random.js';
import type { StarTruth } from './session-truth.js';

/** Where the session points, degrees; a field in Cygnus. */
export const FIELD_CENTRE = [314.2, 44.1] as const;

/** Electrons a pixel (R, G, B) of the nebulae at tangent plane coordinates in arc seconds (east, north). */
export type Nebula = (xiArcsec: number, etaArcsec: number, out: Float64Array) => void;

const BRIGHTEST = 7.5;
const FAINTEST = 16;
/** Counts of stars grow by 10^slope a magnitude; 3000 a square degree brighter than 14, as in the Milky Way. */
const COUNT_SLOPE = 0.33;
const STARS_TO_14_PER_SQUARE_DEGREE = 3000;

/**
 * Stars over a square of `halfSideDeg` around the field's centre, brightest first. Positions are uniform on the
 * sky, magnitudes follow the power law of counts, colours scatter about a solar white.
 */
export function makeStars(seed: number, halfSideDeg: number, isMono: boolean): StarTruth[] {
  const random = randomStream(seed, 1);
  const [ra0, dec0] = FIELD_CENTRE;
  const low = 10 ** (COUNT_SLOPE * (BRIGHTEST - 14));
  const high = 10 ** (COUNT_SLOPE * (FAINTEST - 14));
  const count = Math.round(STARS_TO_14_PER_SQUARE_DEGREE * (high - low) * (2 * halfSideDeg) ** 2);
  const stars = Array.from({ length: count }, (): StarTruth => {
    const decDeg = dec0 + random.between(-halfSideDeg, halfSideDeg);
    const raDeg = ra0 + random.between(-halfSideDeg, halfSideDeg) / Math.cos((dec0 * Math.PI) / 180);
    const magnitude = 14 + Math.log10(random.between(low, high)) / COUNT_SLOPE;
    return { raDeg, decDeg, magnitude, fluxAdu: starFlux(magnitude, random, isMono) };
  });
  return stars.sort((a, b) => a.magnitude - b.magnitude);
}

function starFlux(magnitude: number, random: Random, isMono: boolean): [number, number, number] {
  const green = (ZERO_MAGNITUDE_ELECTRONS * 10 ** (-0.4 * magnitude)) / ELECTRONS_PER_ADU;
  // Magnitudes redder than the sun; half of it shows between green and either neighbour.
  const redness = 0.35 * random.normal();
  if (isMono) return [green, green, green];
  return [
    green * COLOUR_RESPONSE[0] * 10 ** (0.2 * redness),
    green * COLOUR_RESPONSE[1],
    green * COLOUR_RESPONSE[2] * 10 ** (-0.2 * redness),
  ];
}

/** A wide emission nebula (red, cloudy) and a small reflection nebula (blue) beside the centre. */
export function makeNebula(seed: number, fieldArcsec: number): Nebula {
  const scales = [fieldArcsec / 3, fieldArcsec / 7, fieldArcsec / 16].map((scale) => Math.max(scale, 30));
  const layers = scales.map((scale, i) => ({ scale, noise: latticeNoise(randomStream(seed, 2, i)) }));
  const blueXi = fieldArcsec * 0.16;
  const blueEta = fieldArcsec * 0.08;
  const blueRadius = fieldArcsec * 0.06;
  return (xi, eta, out) => {
    let cloud = 0;
    for (let i = 0; i < layers.length; i++) {
      const { scale, noise } = layers[i];
      cloud += noise(xi / scale, eta / scale) / 2 ** i;
    }
    const emission = 18 * Math.max(0, cloud + 0.1) ** 1.3;
    const distance = Math.hypot(xi - blueXi, eta - blueEta) / blueRadius;
    const reflection = 22 / (1 + distance ** 4);
    out[0] = emission + reflection * 0.3;
    out[1] = emission * 0.25 + reflection * 0.6;
    out[2] = emission * 0.2 + reflection;
  };
}

const LATTICE = 64;

/** Smooth noise of about -1 to 1: random values on a lattice of step 1, joined by quintic steps; period 64. */
function latticeNoise(random: Random): (x: number, y: number) => number {
  const values = Float64Array.from({ length: LATTICE * LATTICE }, () => random.between(-1, 1));
  const ease = (t: number) => t * t * t * (t * (6 * t - 15) + 10);
  return (x, y) => {
    const ix = Math.floor(x);
    const iy = Math.floor(y);
    const u = ease(x - ix);
    const v = ease(y - iy);
    const value = (i: number, j: number) =>
      values[((iy + j) & (LATTICE - 1)) * LATTICE + ((ix + i) & (LATTICE - 1))];
    const low = value(0, 0) + (value(1, 0) - value(0, 0)) * u;
    const high = value(0, 1) + (value(1, 1) - value(0, 1)) * u;
    return low + (high - low) * v;
  };
}
