// Frames of very different depth over a nebula, matched by lines through the sky that they share: the gains are those of the frames, and the report and the header say so.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { rewriteLights } from '../helpers/damaged-session.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { makeSmallSession, run } from './support.js';

const folder = temporaryFolderForFile();
const at = (...parts: string[]) => path.join(folder(), ...parts);
const PEDESTAL = 480;
/** ADU, and waves of a nebula along right ascension and declination, radians a degree. */
const NEBULA = 100;
const WAVES = 20;
/** What thin clouds leave of the light of each frame. */
const LEFT = [1, 0.6, 0.9, 0.7];

it('linear_fit brings frames under thin clouds to one scale', async () => {
  const truth = await makeSmallSession(at('clear'), { panels: [1, 1], size: [480, 640], extras: false });
  await rewriteLights(at('clear'), at('lights'), (raw, nx, _ny, index) => {
    const x = Float64Array.from(raw, (_, i) => 1 + (i % nx));
    const y = Float64Array.from(raw, (_, i) => 1 + Math.floor(i / nx));
    makeTanWcs(truth.frames[index].wcs).pixelToSkyBatch(x, y, x, y);
    const { transparency } = truth.frames[index];
    return raw.map((v, i) => {
      const nebula = NEBULA * (2 + Math.sin(WAVES * x[i]) + Math.cos(WAVES * y[i]));
      return PEDESTAL + (v - PEDESTAL + transparency * nebula) * LEFT[index];
    });
  });
  const { report } = await run(
    {
      ...{ input_dir: at('lights'), output_dir: at('out'), runtime_temp_dir: at('tmp') },
      stacking_normalize_method: 'linear_fit',
    },
    { backend: () => createWasmBackend() },
  );
  const products = report.product!.frames.map(({ gain }, f) =>
    gain.map((g) => g * LEFT[f] * truth.frames[f].transparency),
  );
  for (let c = 0; c < 3; c++) {
    const own = products.map((gains) => gains[c]);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    for (const product of own) expect(Math.abs(product / mean - 1)).toBeLessThan(0.06);
  }
  expect(report.gains!.map(({ frames_measured }) => frames_measured)).toEqual([4, 4, 4]);
  expect(report.transparency_colour).toBeUndefined();
  const science = await readFile(at('out', 'zemosaic_science.fits'), 'latin1');
  expect(science.slice(0, 40_000)).toContain('linear_fit, order 0, gains by the sky');
}, 120_000);
