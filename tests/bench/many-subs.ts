// Sessions of thousands of small subs at little cost: a few frames without noise are rendered, and every sub is a part of one of them under its own sky,
// transparency and noise. For figures of time and memory against the number of subs; the demo's sessions are what results are judged on.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ADU_STEP, ELECTRONS_PER_ADU, PEDESTAL_ADU, READ_NOISE_ELECTRONS } from '../../src/demo/camera.js';
import { sceneOf, sessionTruth } from '../../src/demo/make-session.js';
import { randomStream } from '../../src/demo/random.js';
import { GRBG, renderFrame } from '../../src/demo/render-frame.js';
import { seestarCards } from '../../src/demo/seestar-header.js';
import { sessionOptions } from '../../src/demo/session-options.js';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';

/** Of a small sub: width and height. */
export const SMALL_SIZE: readonly [number, number] = [480, 640];
const PANELS: [number, number] = [2, 2];
/** Frames rendered a panel, each with its own seeing and rotation. */
const MASTERS = 3;
/** Pixels around the parts by which subs may be off their panel's middle; even, as the colours of the sensor are. */
const MARGIN = 32;
const SEED = 11;
const NOISE_LENGTH = 2 ** 20;

/** Writes `count` subs of `size` and four panels into `dir`, which must not exist. The same count gives the same bytes. */
export async function makeManySubs(dir: string, count: number, size = SMALL_SIZE): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const [nx, ny] = size;
  const wide: [number, number] = [nx + 2 * MARGIN, ny + 2 * MARGIN];
  const overlap = 0.12 + (2 * MARGIN) / wide[0];
  const options = sessionOptions({
    panels: PANELS,
    subs: MASTERS,
    size: wide,
    overlap,
    seed: SEED,
    extras: false,
  });
  const truth = sessionTruth(options);
  const scene = { ...sceneOf(truth), hotPixels: [] };
  // as a mean of so many that its noise is gone
  const sensor = { ...GRBG, exposures: 1e5 };
  const masters = truth.frames.map((frame, i) =>
    renderFrame(
      scene,
      { ...frame, transparency: 1, cosmics: [], trails: [] },
      sensor,
      randomStream(SEED, 7, i),
    ),
  );
  const normal = randomStream(SEED, 8);
  const noise = Float32Array.from({ length: NOISE_LENGTH }, () => normal.normal());
  const out = new Float32Array(nx * ny);
  for (let sub = 0; sub < count; sub++) {
    const random = randomStream(SEED, 9, sub);
    const panel = sub % (PANELS[0] * PANELS[1]);
    const from = panel * MASTERS + Math.floor(random.uniform() * MASTERS);
    const even = () => 2 * Math.floor((random.uniform() * 2 * MARGIN) / 2);
    const [x0, y0] = [even(), even()];
    const sky = 120 * random.uniform();
    const [slopeX, slopeY] = [(60 * random.normal()) / nx, (60 * random.normal()) / ny];
    const transparency = 1 - 0.15 * random.uniform();
    let at = Math.floor(random.uniform() * NOISE_LENGTH);
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const scenery = masters[from][(y + y0) * wide[0] + x + x0] - PEDESTAL_ADU;
        const adu = transparency * scenery + sky + slopeX * x + slopeY * y;
        at = (at + 1) % NOISE_LENGTH;
        const sigma = Math.sqrt(
          Math.max(0, adu) / ELECTRONS_PER_ADU + (READ_NOISE_ELECTRONS / ELECTRONS_PER_ADU) ** 2,
        );
        const value = PEDESTAL_ADU + adu + sigma * noise[at];
        out[y * nx + x] = Math.min(65520, Math.max(0, Math.round(value / ADU_STEP) * ADU_STEP));
      }
    }
    const frame = truth.frames[from];
    const when = new Date(Date.UTC(2024, 9, 12, 20) + 11_300 * sub).toISOString().slice(0, 23);
    const [cx, cy] = frame.wcs.crpix;
    const cards = seestarCards(
      { ...frame, dateObs: when, wcs: { ...frame.wcs, crpix: [cx - x0, cy - y0] } },
      options,
    );
    const writer = await createFitsWriter(path.join(dir, `Light_${String(sub).padStart(5, '0')}.fit`));
    await writer.beginImage({ bitpix: 16, bzero: 32768, shape: [ny, nx], cards });
    await writer.writeRows(out);
    await writer.endImage();
    await writer.commit();
  }
}
