// The main job on real Seestar frames (gzip-compressed, ASTAP WCS in their headers), held against astrometry.net's solutions.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import { memorySource } from '../../src/fits/byte-source.js';
import { firstImageHdu, openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read-window.js';
import type { RunReport } from '../../src/report/run-report.js';
import { describeWithShared, sharedDir } from '../helpers/shared-data.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { centroid, digestOf, filesBelow, readPlane, run } from './support.js';

const folder = temporaryFolderForFile();
const input = path.join(sharedDir ?? '', 'data/A_sets/seestar_ngc7023');
/** The four frames whose headers hold a WCS. */
const FRAMES = ['224436', '224448', '224459', '224510'].map(
  (t) => `Light_NGC_7023_10.0s_IRCUT_20240730-${t}`,
);

/** Brightest local maxima of a plane, well apart from each other and from the edges of the coverage. */
function brightStars({ data, nx, ny }: { data: Float32Array; nx: number; ny: number }, count: number) {
  const peaks: { x: number; y: number; v: number }[] = [];
  for (let y = 20; y < ny - 20; y++) {
    for (let x = 20; x < nx - 20; x++) {
      const v = data[y * nx + x];
      let isPeak = true;
      for (let j = -20; j <= 20 && isPeak; j += 1) {
        for (let i = -20; i <= 20; i++) {
          // A blank compares false: peaks near the border of the coverage drop out.
          if ((i || j) && !(data[(y + j) * nx + x + i] < v)) {
            isPeak = false;
            break;
          }
        }
      }
      if (isPeak) peaks.push({ x, y, v });
    }
  }
  return peaks.sort((a, b) => b.v - a.v).slice(0, count);
}

describeWithShared('NGC 7023, real frames of a Seestar', () => {
  let report: RunReport;
  let before: string;

  beforeAll(async () => {
    before = await digestOf(input);
    ({ report } = await run({ input_dir: input, output_dir: path.join(folder(), 'out') }));
  }, 240_000);

  it('stacks the frames with a WCS, refuses the rest with reasons, and alters nothing', async () => {
    expect(report.inputs.used).toBeGreaterThanOrEqual(4);
    expect(report.inputs.used + report.inputs.rejected.length).toBe(report.inputs.total);
    for (const { reason } of report.inputs.rejected) expect(reason.code).toMatch(/^(frames|fits|solver)_/);
    expect(await digestOf(input)).toBe(before);
    expect(await filesBelow(path.join(folder(), 'out'))).toEqual([
      'run-report.json',
      'zemosaic_preview.png',
      'zemosaic_science.fits',
    ]);
  });

  it('has its stars within 0.3 px of where the frames themselves, solved by astrometry.net, show them', async () => {
    const science = path.join(folder(), 'out/zemosaic_science.fits');
    const fits = await openFits(science);
    const wcs = parseWcs(fits.hdus[0].header);
    await fits.close();
    const green = await readPlane(science, 1);
    const stars = brightStars(green, 40).map(({ x, y }) => {
      const found = centroid(green, x, y);
      return wcs.pixelToSky(found.x + 1, found.y + 1)!;
    });
    const offsets: { dx: number; dy: number }[][] = stars.map(() => []);
    for (const name of FRAMES) {
      const frame = await openFits(
        memorySource(name, gunzipSync(readFileSync(path.join(input, `${name}.fit.gz`)))),
      );
      const hdu = firstImageHdu(frame);
      const [ny, nx] = hdu.image.shape;
      const data = await readWindow(frame, hdu, { x0: 0, y0: 0, width: nx, height: ny });
      const solved = path.join(input, 'truth', `${name}.wcs.fits`);
      expect(existsSync(solved)).toBe(true);
      const solution = await openFits(solved);
      const own = parseWcs(solution.hdus[0].header);
      await solution.close();
      stars.forEach(([ra, dec], k) => {
        const p = own.skyToPixel(ra, dec);
        if (!p || p[0] < 12 || p[1] < 12 || p[0] > nx - 12 || p[1] > ny - 12) return;
        const found = centroid({ data, nx }, p[0] - 1, p[1] - 1);
        offsets[k].push({ dx: found.x - p[0] + 1, dy: found.y - p[1] + 1 });
      });
    }
    const means = offsets
      .filter((list) => list.length === FRAMES.length)
      .map((list) => {
        const mean = (key: 'dx' | 'dy') => list.reduce((s, o) => s + o[key], 0) / list.length;
        return Math.hypot(mean('dx'), mean('dy'));
      })
      .sort((a, b) => a - b);
    expect(means.length).toBeGreaterThan(20);
    expect(means[means.length >> 1]).toBeLessThan(0.25);
    expect(means[Math.floor(0.9 * means.length)]).toBeLessThan(0.3);
  });
});
