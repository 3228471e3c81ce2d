// Drizzle in whole runs: the sky and the stars of the plain product on a finer grid, without what the stack rejected, in whatever cells.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import type { ConfigKey } from '../../src/config/table.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import type { SessionTruth } from '../../src/demo/session-truth.js';
import { openFits } from '../../src/fits/open-fits.js';
import { medianOf } from '../../src/photometry/mesh-repair.js';
import { rewriteLights } from '../helpers/damaged-session.js';
import { seededNormal } from '../helpers/kernel-runs.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { makeSmallSession, readPlane, run } from './support.js';

const shared = temporaryFolderForFile();
const at = (...parts: string[]) => path.join(shared(), ...parts);

type Argv = Partial<Record<ConfigKey, string | boolean>>;

/** The green plane of a run's mosaic, its header, the notices of the run, and what it altered for the eye. */
async function made(session: string, output: string, extra: Argv = {}) {
  const { report } = await run(
    { input_dir: at(session), output_dir: at(output), runtime_temp_dir: at('tmp'), ...extra },
    { backend: () => createWasmBackend() },
  );
  const science = path.join(at(output), 'zemosaic_science.fits');
  const plane = await readPlane(science, 1);
  const fits = await openFits(science);
  const { header } = fits.hdus[0];
  await fits.close();
  return {
    ...plane,
    science,
    header,
    notices: report.notices,
    aesthetic: report.aesthetic,
    rejected: report.samples!.rejected_fraction,
    chi2: report.product!.channels.map(({ noise }) => noise.halves_chi2),
  };
}

type Image = Awaited<ReturnType<typeof made>>;

const FINE = { drizzle: true, drizzle_pixfrac: '0.9' };

let truth: SessionTruth;
let plain: Image;
let fine: Image;

beforeAll(async () => {
  const options = { panels: [1, 1], subs: 12, size: [120, 120], extras: false } as const;
  truth = await makeSmallSession(at('lights'), options);
  plain = await made('lights', 'plain');
  fine = await made('lights', 'fine', FINE);
}, 240_000);

/** Noise that a raw pixel has where the sky is even, ADU. */
const EVEN_NOISE = 70;

it('states the noise that a pixel has, whatever drops it is made of', async () => {
  const normal = seededNormal(5);
  // a place where halves can be compared has 128 pixels a side
  const options = { panels: [1, 1], subs: 8, size: [200, 200], extras: false } as const;
  await makeSmallSession(at('wide'), options);
  await rewriteLights(at('wide'), at('even'), (raw) =>
    raw.map((v) => (v > 3500 ? v : Math.round(1500 + EVEN_NOISE * normal()))),
  );
  const { chi2 } = await made('even', 'even_fine', FINE);
  // 0.99; halves of four frames leave red and blue no square without a hole
  expect(Math.abs(chi2[1]! - 1)).toBeLessThan(0.1);
}, 120_000);

/** Sum above the surrounding sky in a square of half side `r` about a 0-based position. */
function flux({ data, nx }: Image, x: number, y: number, r: number): number {
  const inside: number[] = [];
  const around: number[] = [];
  for (let j = -2 * r; j <= 2 * r; j++) {
    for (let i = -2 * r; i <= 2 * r; i++) {
      const v = data[(Math.round(y) + j) * nx + Math.round(x) + i];
      (Math.max(Math.abs(i), Math.abs(j)) <= r ? inside : around).push(v);
    }
  }
  const known = around.filter(Number.isFinite).sort((a, b) => a - b);
  const sky = known[known.length >> 1];
  const steps = inside.filter(Number.isFinite).map((v) => v - sky);
  return (steps.reduce((sum, v) => sum + v, 0) / steps.length) * inside.length;
}

/** Pixels of a mosaic along the trails of the frames that have one, well inside. */
function trailPixels(image: Image): Set<number> {
  const wcs = parseWcs(image.header);
  const pixels = new Set<number>();
  for (const frame of trailed()) {
    const own = makeTanWcs(frame.wcs);
    for (const { x, y, normalDeg } of frame.trails) {
      const along = ((normalDeg + 90) * Math.PI) / 180;
      for (let t = -100; t <= 100; t += 0.2) {
        const [fx, fy] = [x + t * Math.cos(along), y + t * Math.sin(along)];
        if (fx < 15 || fy < 15 || fx > 105 || fy > 105) continue;
        const there = wcs.skyToPixel(...own.pixelToSky(fx, fy)!)!;
        pixels.add((Math.round(there[1]) - 1) * image.nx + Math.round(there[0]) - 1);
      }
    }
  }
  return pixels;
}

/** Median of what is known. */
function middleOf(values: Float32Array): number {
  const known = values.filter(Number.isFinite).sort();
  return known[known.length >> 1];
}

const trailed = () => truth.frames.filter(({ trails }) => trails.length > 0);

describe('drizzle', () => {
  it('keeps the flux of stars on a finer grid, in the same bytes whatever the cells, and says so', async () => {
    expect(Math.abs(fine.nx - 2 * plain.nx)).toBeLessThanOrEqual(2);
    expect(fine.header.cards.find(({ key }) => key === 'ZMPXAREA')?.value).toBeCloseTo(0.25, 6);
    const history = fine.header.cards.map(({ comment }) => comment).join('');
    expect(history).toContain('pixfrac 0.9, drops 1.80 pixels wide');
    // the brightest star that lies well inside, by the plain mosaic
    const [from, to] = [parseWcs(plain.header), parseWcs(fine.header)];
    let best = { x: 0, y: 0, v: -Infinity };
    for (let y = 35; y < plain.ny - 35; y++) {
      for (let x = 35; x < plain.nx - 35; x++) {
        const v = plain.data[y * plain.nx + x];
        if (v > best.v) best = { x, y, v };
      }
    }
    const there = to.skyToPixel(...from.pixelToSky(best.x + 1, best.y + 1)!)!;
    const ratio = (flux(fine, there[0] - 1, there[1] - 1, 13) * 0.25) / flux(plain, best.x, best.y, 6);
    expect(ratio).toBeGreaterThan(0.97);
    expect(ratio).toBeLessThan(1.03);
    const cells = await made('lights', 'cells', { ...FINE, cell_size_px: '64' });
    expect(cells.data).toEqual(fine.data);
  }, 240_000);

  it('counts as rejected what the stack rejected, of what the stack judged', () => {
    expect(fine.rejected).toBeGreaterThan(0);
    expect(fine.rejected).toBeLessThan(1.2 * plain.rejected);
  });

  it('drops nothing that the stack rejected', async () => {
    const names = trailed().map(({ file }) => path.basename(file));
    expect(names.length).toBeGreaterThan(0);
    await writeFile(at('trailed.txt'), names.join('\n'));
    const all = await made('lights', 'all', { ...FINE, stacking_rejection_algorithm: 'none' });
    const without = await made('lights', 'without', { ...FINE, exclude_frames_file: at('trailed.txt') });
    expect([all.nx, all.ny]).toEqual([fine.nx, fine.ny]);
    const wcs = [parseWcs(fine.header), parseWcs(without.header)];
    /** What an image shows at these pixels above what the frames without trails show there. */
    const steps = (image: Image, pixels: Iterable<number>) =>
      [...pixels]
        .map((k) => {
          const sky = wcs[0].pixelToSky((k % image.nx) + 1, Math.floor(k / image.nx) + 1)!;
          const [x, y] = wcs[1].skyToPixel(...sky)!;
          return image.data[k] - without.data[(Math.round(y) - 1) * without.nx + Math.round(x) - 1];
        })
        .filter(Number.isFinite);
    /** Mean light of the trails. Other frames have another common scale, and with it another level of the whole sky. */
    const light = (image: Image) => {
      const everywhere = steps(
        image,
        Array.from({ length: Math.floor(image.data.length / 37) }, (_, i) => 37 * i),
      );
      const known = steps(image, trailPixels(image));
      return known.reduce((a, b) => a + b, 0) / known.length - medianOf(everywhere);
    };
    expect(light(all)).toBeGreaterThan(25);
    expect(Math.abs(light(fine))).toBeLessThan(0.15 * light(all));
  }, 240_000);

  it('fills every colour of a CFA where drops are large and frames are many, and tells of holes where not, and fills them for the eye', async () => {
    const large = await made('lights', 'large', { ...FINE, drizzle_scale: '1', drizzle_pixfrac: '1' });
    const small = await made('lights', 'small', {
      ...FINE,
      drizzle_pixfrac: '0.3',
      export_aesthetic_fits: true,
    });
    const holes = (image: Image) => image.notices.find(({ code }) => code === 'pipeline_drizzle_holes');
    const share = (image: Image) => Number(holes(image)?.params.percent ?? 0);
    expect(share(large)).toBeLessThan(3);
    expect(share(small)).toBeGreaterThan(20);
    for (const c of [0, 1, 2]) {
      const [a, b] = [await readPlane(large.science, c), await readPlane(plain.science, c)];
      // pixel by pixel: where the mosaic has blanks it has its gradients and its nebula too
      expect([a.nx, a.ny]).toEqual([b.nx, b.ny]);
      const steps = a.data.map((v, k) => v - b.data[k]);
      expect(Math.abs(middleOf(steps))).toBeLessThan(3);
    }
    // for the eye they are filled, and counted; the science image keeps them
    const { filled, left } = small.aesthetic!.holes!;
    for (const c of [0, 1, 2]) {
      const known = ({ data }: Awaited<ReturnType<typeof readPlane>>) => data.filter(Number.isFinite).length;
      const science = known(await readPlane(small.science, c));
      const pretty = known(await readPlane(small.science.replace('_science', '_aesthetic'), c));
      expect(filled[c]).toBeGreaterThan(0.1 * science);
      expect([pretty - science, left[c]]).toEqual([filled[c], 0]);
    }
  }, 240_000);
});
