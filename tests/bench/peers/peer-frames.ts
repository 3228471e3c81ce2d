// Frames that a peer reads as we do: one float plane each, noise, stars and a TAN WCS, rotated and shifted from frame to frame.
import path from 'node:path';
import { type TanParameters, makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { wcsCards } from '../../../src/astrometry/wcs/wcs-cards.js';
import type { CelestialWcs } from '../../../src/astrometry/wcs/celestial-wcs.js';
import { createFitsWriter } from '../../../src/fits/write/create-fits-writer.js';
import type { CardInput } from '../../../src/fits/write/format-card.js';
import { seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

export const WIDTH = 1920;
export const HEIGHT = 1080;
const SCALE_DEG = 2.4 / 3600;
/** Siril takes float images to lie between 0 and 1. */
const SKY = 0.02;
const NOISE = 0.0005;

export interface PeerFrame {
  readonly path: string;
  readonly wcs: CelestialWcs;
}

/** Writes `count` frames to `folder` as NAME_00001.fit and so on. */
export async function makePeerFrames(folder: string, name: string, count: number): Promise<PeerFrame[]> {
  const random = seededRandom(1);
  const normal = seededNormal(1);
  const frames: PeerFrame[] = [];
  for (let i = 0; i < count; i++) {
    const angle = 0.17 + 0.02 * (random() - 0.5);
    const [cos, sin] = [SCALE_DEG * Math.cos(angle), SCALE_DEG * Math.sin(angle)];
    const wcs = makeTanWcs({
      crval: [150 + 0.01 * random(), 20 + 0.01 * random()],
      crpix: [WIDTH / 2 + 0.5, HEIGHT / 2 + 0.5],
      cd: [-cos, sin, sin, cos],
      shape: [WIDTH, HEIGHT],
    } satisfies TanParameters);
    const data = new Float32Array(WIDTH * HEIGHT);
    // an outlier among a thousand samples, as cosmic rays and satellites leave them
    for (let k = 0; k < data.length; k++) data[k] = SKY + NOISE * (normal() + (random() < 0.001 ? 25 : 0));
    for (let star = 0; star < 400; star++)
      addStar(data, random() * WIDTH, random() * HEIGHT, 0.5 * random() ** 3);
    const file = path.join(folder, `${name}_${String(i + 1).padStart(5, '0')}.fit`);
    await writePlane(file, data, WIDTH, HEIGHT, wcsCards(wcs));
    frames.push({ path: file, wcs });
  }
  return frames;
}

/** A plane `[height, width]` as a FITS file of float32. */
export async function writePlane(
  file: string,
  data: Float32Array,
  width: number,
  height: number,
  cards: readonly CardInput[] = [],
): Promise<void> {
  const writer = await createFitsWriter(file);
  await writer.beginImage({ bitpix: -32, shape: [height, width], cards });
  await writer.writeRows(data);
  await writer.endImage();
  await writer.commit();
}

/** A Gaussian of 3 px FWHM. */
function addStar(data: Float32Array, x: number, y: number, peak: number): void {
  for (let j = Math.max(0, Math.floor(y) - 6); j < Math.min(HEIGHT, y + 7); j++) {
    for (let i = Math.max(0, Math.floor(x) - 6); i < Math.min(WIDTH, x + 7); i++)
      data[j * WIDTH + i] += peak * Math.exp(-((i - x) ** 2 + (j - y) ** 2) / 3.25);
  }
}
