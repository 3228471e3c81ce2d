// What a real camera does to a session: dark current with hot pixels, vignetting and dust, on the light frames of a session on disk; and the
// calibration frames that undo it.
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import type { CardInput } from '../../src/fits/write/format-card.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { seededNormal, seededRandom } from './kernel-runs.js';

/** ADU: the offset that the demo camera adds. */
export const OFFSET = 480;
const NOISE = 12;
/** ADU of the flat's light per colour of a GRBG pattern, by site. */
const FLAT_LIGHT = [21000, 14000, 17000, 21000];

/** Dark signal of 10 s (a glow, a slope and hot pixels), ADU, and response of the optics, mean 1. */
export function sensorFaults(nx: number, ny: number): { dark: Float32Array; response: Float32Array } {
  const random = seededRandom(71);
  const dark = new Float32Array(nx * ny);
  const response = new Float32Array(nx * ny);
  const dust = Array.from({ length: 5 }, () => [nx * random(), ny * random(), 6 + 8 * random()]);
  for (let y = 0, i = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++, i++) {
      const glow = 400 * Math.exp(-((nx - x) ** 2 + y ** 2) / (0.1 * nx * ny));
      dark[i] = 60 + (80 * x) / nx + glow + (random() < 0.002 ? 6000 * random() : 0);
      const [u, v] = [(2 * x) / nx - 1, (2 * y) / ny - 1];
      let transmission = 1.12 * (1 - 0.22 * (u * u + v * v));
      for (const [dx, dy, r] of dust) {
        const d = Math.hypot(x - dx, y - dy);
        if (d < r) transmission *= d > r / 3 ? 0.8 : 0.92;
      }
      response[i] = transmission;
    }
  }
  const mean = response.reduce((sum, v) => sum + v, 0) / response.length;
  return { dark, response: response.map((v) => v / mean) };
}

/** Rewrites every single exposure of `from` into `to` as the damaged camera would have taken it. */
export async function damageLights(from: string, to: string): Promise<void> {
  await rewriteLights(from, to, (raw, nx, ny) => {
    const { dark, response } = sensorFaults(nx, ny);
    return raw.map((v, i) => (v - OFFSET) * response[i] + OFFSET + dark[i]);
  });
}

/** Rewrites every single exposure of `from` into `to` with what `change` makes of its samples `[ny, nx]`. */
export async function rewriteLights(
  from: string,
  to: string,
  change: (raw: Float32Array, nx: number, ny: number, index: number) => Float32Array,
): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const [index, name] of (await readdir(from))
    .filter((file) => file.endsWith('.fit'))
    .sort()
    .entries()) {
    const fits = await openFits(path.join(from, name));
    const { header, image } = fits.hdus[0];
    const [ny, nx] = image!.shape;
    if (image!.shape.length > 2) {
      await fits.close();
      continue;
    }
    const raw = await readWindow(fits, fits.hdus[0], { plane: 0, x0: 0, y0: 0, width: nx, height: ny });
    await fits.close();
    await writeFrame(path.join(to, name), nx, ny, change(raw, nx, ny, index), header.cards);
  }
}

export interface CalibrationFiles {
  readonly kind: 'Dark' | 'Flat' | 'Bias' | 'Dark Flat';
  readonly count: number;
  /** Seconds; the dark signal follows. */
  readonly exposureS: number;
  /** Cards that replace those of the demo camera. */
  readonly cards?: Readonly<Record<string, string | number>>;
}

/** Calibration frames of the damaged camera, `nx` x `ny` pixels. */
export async function writeCalibration(
  dir: string,
  [nx, ny]: readonly [number, number],
  { kind, count, exposureS, cards = {} }: CalibrationFiles,
): Promise<void> {
  await mkdir(dir, { recursive: true });
  const { dark, response } = sensorFaults(nx, ny);
  for (let k = 0; k < count; k++) {
    const normal = seededNormal(1000 + 17 * k + kind.length);
    const lamp = kind === 'Flat' ? 1 + 0.05 * k : 0;
    const values = dark.map((d, i) => {
      const site = ((Math.floor(i / nx) & 1) * 2 + (i & 1)) & 3;
      const light = FLAT_LIGHT[site] * lamp * response[i];
      const current = kind === 'Bias' ? 0 : (d * exposureS) / 10;
      return OFFSET + current + light + NOISE * (kind === 'Flat' ? 6 : 1) * normal();
    });
    // a cosmic ray in each frame, which the master must not keep
    values[(k * 977 + 311) % values.length] += 20000;
    const header = {
      IMAGETYP: kind,
      EXPTIME: exposureS,
      GAIN: 80,
      'CCD-TEMP': 28,
      XBINNING: 1,
      INSTRUME: 'Seestar S50',
      BAYERPAT: 'GRBG',
      ...(kind === 'Flat' && { FILTER: 'IRCUT' }),
      ...cards,
    };
    const list = Object.entries(header).map(([key, value]) => ({ key, value }));
    await writeFrame(
      path.join(dir, `${kind.toLowerCase().replace(' ', '_')}_${k}.fits`),
      nx,
      ny,
      values,
      list,
    );
  }
}

async function writeFrame(
  file: string,
  nx: number,
  ny: number,
  values: Float32Array,
  cards: readonly CardInput[],
): Promise<void> {
  const writer = await createFitsWriter(file);
  await writer.beginImage({
    bitpix: 16,
    bzero: 32768,
    shape: [ny, nx],
    cards: cards.filter(({ key }) => key !== 'COMMENT'),
  });
  await writer.writeRows(values.map((v) => Math.min(65535, Math.max(0, Math.round(v)))));
  await writer.endImage();
  await writer.commit();
}
