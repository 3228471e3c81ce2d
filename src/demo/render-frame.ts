// One exposure: the scene through the optics onto the sensor, with everything that spoils real frames.
import { makeTanWcs } from '../astrometry/wcs/tan-wcs.js';
import {
  ADU_STEP,
  bayerChannel,
  ELECTRONS_PER_ADU,
  PEDESTAL_ADU,
  READ_NOISE_ELECTRONS,
  SATURATION_ADU,
} from './camera.js';
import { forStarPixels } from './moffat.js';
import type { Random } from './random.js';
import type { FrameTruth, PixelTruth, StarTruth } from './session-truth.js';
import { FIELD_CENTRE, type Nebula } from './sky-scene.js';

/** What all frames of a session have in common. */
export interface Scene {
  readonly nx: number;
  readonly ny: number;
  readonly stars: readonly StarTruth[];
  readonly nebula: Nebula;
  readonly hotPixels: readonly PixelTruth[];
}

/** Which colour a pixel sees, and how many exposures are averaged (only the noise depends on it). */
export interface Sensor {
  readonly channelAt: (x: number, y: number) => 0 | 1 | 2;
  readonly exposures: number;
}

export const GRBG: Sensor = { channelAt: bayerChannel, exposures: 1 };
export const MONO: Sensor = { channelAt: () => 1, exposures: 1 };

/** Star images are followed down to this many electrons a pixel, a hundredth of the sky's noise. */
const STAR_LIMIT_ELECTRONS = 0.05;
/** Stars this far outside may still reach into the frame. */
const MARGIN_PX = 120;
/** Step of the lattice on which nebula and sky are sampled; both are smooth over far more. */
const LATTICE_PX = 4;

/**
 * The frame as ADU (whole numbers 0-65520, multiples of 16), `[ny, nx]` row-major, first FITS row first.
 * `random` must be the frame's own stream.
 */
export function renderFrame(scene: Scene, frame: FrameTruth, sensor: Sensor, random: Random): Float32Array {
  const { nx, ny } = scene;
  const electrons = new Float64Array(nx * ny);
  addStars(electrons, scene, frame, sensor);
  addNebula(electrons, scene, frame, sensor);
  addSky(electrons, scene, frame, sensor);
  addTrails(electrons, scene, frame);
  const n = sensor.exposures;
  for (let i = 0; i < electrons.length; i++) electrons[i] = random.poisson(electrons[i] * n) / n;
  // Charge that no photon of the scene made: added after the photon noise.
  for (const pixel of [...frame.cosmics, ...scene.hotPixels]) {
    electrons[(pixel.y - 1) * nx + pixel.x - 1] += pixel.adu * ELECTRONS_PER_ADU;
  }
  const readNoise = READ_NOISE_ELECTRONS / Math.sqrt(n);
  const out = new Float32Array(nx * ny);
  for (let i = 0; i < out.length; i++) {
    const adu = (electrons[i] + readNoise * random.normal()) / ELECTRONS_PER_ADU + PEDESTAL_ADU;
    out[i] = Math.min(SATURATION_ADU, Math.max(0, Math.round(adu / ADU_STEP) * ADU_STEP));
  }
  return out;
}

/** Whether a star at FITS 1-based (x, y) may send light into the frame. */
export function reachesFrame(x: number, y: number, nx: number, ny: number): boolean {
  return x > -MARGIN_PX && x < nx + MARGIN_PX && y > -MARGIN_PX && y < ny + MARGIN_PX;
}

function addStars(
  electrons: Float64Array,
  { nx, ny, stars }: Scene,
  frame: FrameTruth,
  sensor: Sensor,
): void {
  const wcs = makeTanWcs(frame.wcs);
  const factor = frame.transparency * ELECTRONS_PER_ADU;
  for (const star of stars) {
    const position = wcs.skyToPixel(star.raDeg, star.decDeg);
    if (!position) continue;
    const [x, y] = position;
    if (!reachesFrame(x, y, nx, ny)) continue;
    const flux = Math.max(...star.fluxAdu) * factor;
    forStarPixels({ x, y, flux }, frame.psf, { nx, ny, limit: STAR_LIMIT_ELECTRONS }, (px, py, share) => {
      electrons[py * nx + px] += star.fluxAdu[sensor.channelAt(px, py)] * factor * share;
    });
  }
}

function addNebula(
  electrons: Float64Array,
  { nx, ny, nebula }: Scene,
  frame: FrameTruth,
  sensor: Sensor,
): void {
  const wcs = makeTanWcs(frame.wcs);
  // A tangent plane whose pixels are arc seconds east and north of the field's centre.
  const plane = makeTanWcs({ crval: FIELD_CENTRE, crpix: [0, 0], cd: [1 / 3600, 0, 0, 1 / 3600] });
  const columns = Math.ceil((nx - 1) / LATTICE_PX) + 1;
  const rows = Math.ceil((ny - 1) / LATTICE_PX) + 1;
  const lattice = new Float64Array(columns * rows * 3);
  const value = new Float64Array(3);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const sky = wcs.pixelToSky(i * LATTICE_PX + 1, j * LATTICE_PX + 1);
      const arcsec = sky && plane.skyToPixel(sky[0], sky[1]);
      if (!arcsec) continue;
      nebula(arcsec[0], arcsec[1], value);
      lattice.set(value, (j * columns + i) * 3);
    }
  }
  for (let y = 0; y < ny; y++) {
    const j = Math.floor(y / LATTICE_PX);
    const v = y / LATTICE_PX - j;
    const below = j * columns;
    const above = Math.min(j + 1, rows - 1) * columns;
    for (let x = 0; x < nx; x++) {
      const i = Math.floor(x / LATTICE_PX);
      const u = x / LATTICE_PX - i;
      const right = Math.min(i + 1, columns - 1);
      const c = sensor.channelAt(x, y);
      const low = lattice[(below + i) * 3 + c] * (1 - u) + lattice[(below + right) * 3 + c] * u;
      const high = lattice[(above + i) * 3 + c] * (1 - u) + lattice[(above + right) * 3 + c] * u;
      electrons[y * nx + x] += frame.transparency * (low * (1 - v) + high * v);
    }
  }
}

function addSky(electrons: Float64Array, { nx, ny }: Scene, { sky }: FrameTruth, sensor: Sensor): void {
  const { gx, gy, gxy, grr } = sky.gradient;
  for (let y = 0; y < ny; y++) {
    const v = (y + 0.5) / ny - 0.5;
    for (let x = 0; x < nx; x++) {
      const u = (x + 0.5) / nx - 0.5;
      const shape = 1 + gx * u + gy * v + gxy * u * v + grr * (u * u + v * v);
      electrons[y * nx + x] += sky.levelAdu[sensor.channelAt(x, y)] * ELECTRONS_PER_ADU * shape;
    }
  }
}

function addTrails(electrons: Float64Array, { nx, ny }: Scene, frame: FrameTruth): void {
  for (const trail of frame.trails) {
    const angle = (trail.normalDeg * Math.PI) / 180;
    const peak = trail.peakAdu * ELECTRONS_PER_ADU;
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const d = (x + 1 - trail.x) * Math.cos(angle) + (y + 1 - trail.y) * Math.sin(angle);
        const t = d / trail.sigmaPx;
        if (Math.abs(t) < 6) electrons[y * nx + x] += peak * Math.exp(-0.5 * t * t);
      }
    }
  }
}
