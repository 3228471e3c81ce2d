// The main job on real Seestar frames (gzip-compressed, ASTAP WCS in their headers), held against astrometry.net's solutions.
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import { memorySource } from '../../src/fits/byte-source.js';
import { firstImageHdu, openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import type { RunReport } from '../../src/report/run-report.js';
import { openBackend } from '../helpers/backends.js';
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

/** Luminance (R + 2 G + B) / 4 of a mosaic at the pixels of another image of half its scale, means of 2 x 2; NaN outside. */
async function onGridOf(target: string, file: string): Promise<Float32Array> {
  const wcsOf = async (at: string) => {
    const fits = await openFits(at);
    const wcs = parseWcs(fits.hdus[0].header);
    await fits.close();
    return wcs;
  };
  const [to, from] = [await wcsOf(target), await wcsOf(file)];
  const [red, green, blue] = [await readPlane(file, 0), await readPlane(file, 1), await readPlane(file, 2)];
  const { nx, ny } = green;
  const light = (x: number, y: number) => {
    const k = y * nx + x;
    return x < 0 || y < 0 || x >= nx || y >= ny ? NaN : (red.data[k] + 2 * green.data[k] + blue.data[k]) / 4;
  };
  const between = (x: number, y: number) => {
    const [i, j] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [x - i, y - j];
    const low = (1 - u) * light(i, j) + u * light(i + 1, j);
    return (1 - v) * low + v * ((1 - u) * light(i, j + 1) + u * light(i + 1, j + 1));
  };
  const { nx: width, ny: height } = await readPlane(target, 0);
  return Float32Array.from({ length: width * height }, (_, k) => {
    const sky = to.pixelToSky((k % width) + 1, Math.floor(k / width) + 1)!;
    const at = from.skyToPixel(...sky);
    if (!at) return NaN;
    let sum = 0;
    for (const [dx, dy] of [
      [-1.5, -1.5],
      [-0.5, -1.5],
      [-1.5, -0.5],
      [-0.5, -0.5],
    ])
      sum += between(at[0] + dx, at[1] + dy) / 4;
    return sum;
  });
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((s, v) => s + v, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((v, i) => {
    ab += (v - ma) * (b[i] - mb);
    aa += (v - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}

describeWithShared('NGC 7023, real frames of a Seestar', () => {
  let report: RunReport;
  let before: string;

  beforeAll(async () => {
    before = await digestOf(input);
    ({ report } = await run(
      { input_dir: input, output_dir: path.join(folder(), 'out') },
      { backend: () => openBackend('wasm') },
    ));
  }, 240_000);

  it('uses all frames of both telescopes, refuses the solutions beside them with reasons, and alters nothing', async () => {
    expect(report.inputs.used).toBe(6);
    expect(report.inputs.used + report.inputs.rejected.length).toBe(report.inputs.total);
    for (const { reason } of report.inputs.rejected) expect(reason.code).toMatch(/^(frames|fits|solver)_/);
    expect(await digestOf(input)).toBe(before);
    expect(await filesBelow(path.join(folder(), 'out'))).toEqual([
      'run-report.json',
      'zemosaic_preview.png',
      'zemosaic_science.fits',
    ]);
  });

  it('shows what a mosaic of the same six frames by reproject shows', async () => {
    const dir = path.join(sharedDir!, 'data/D_reproject/mosaic_ngc7023_share6');
    const oracle = path.join(folder(), 'oracle.fits');
    await writeFile(oracle, gunzipSync(readFileSync(path.join(dir, 'mosaic.fits.gz'))));
    const theirs = await readPlane(oracle, 0);
    const depth = (await readPlane(oracle, 0, 'COVERAGE')).data;
    const ours = await onGridOf(oracle, path.join(folder(), 'out/zemosaic_science.fits'));
    const { nx } = theirs;
    const shown = (data: Float32Array) => data.reduce((n, v) => n + (Number.isFinite(v) ? 1 : 0), 0);
    const covered = depth.reduce((n, v) => n + (v > 0 ? 1 : 0), 0);
    // the rims: half a pixel less for what is interpolated
    expect(shown(ours) / covered).toBeGreaterThan(0.99);
    expect(shown(ours) / covered).toBeLessThan(1.001);
    // where all six overlap, the sky of both is one constant
    const deep = Array.from(depth.keys()).filter((k) => depth[k] === 6 && Number.isFinite(ours[k]));
    expect(deep.length).toBeGreaterThan(100_000);
    expect(
      correlation(
        deep.map((k) => theirs.data[k]),
        deep.map((k) => ours[k]),
      ),
    ).toBeGreaterThan(0.985);
    const deepOnly = Float32Array.from(theirs.data, (v, k) => (depth[k] === 6 ? v : NaN));
    const [offsets, ratios]: [number[], number[]] = [[], []];
    for (const { x, y } of brightStars({ ...theirs, data: deepOnly }, 50)) {
      const [a, b] = [centroid(theirs, x, y), centroid({ data: ours, nx }, x, y)];
      offsets.push(2 * Math.hypot(a.x - b.x, a.y - b.y));
      ratios.push(b.flux / a.flux);
    }
    const at = (values: number[], share: number) =>
      values.toSorted((p, q) => p - q)[Math.floor(share * values.length)];
    expect(offsets.length).toBe(50);
    // pixels of the frames: theirs stand by one solution a frame, ours are adjusted to each other
    expect(at(offsets, 0.5)).toBeLessThan(0.2);
    expect(at(offsets, 0.9)).toBeLessThan(0.4);
    // the scale differs, since only ours matches 10 s to 20 s; it is one for all stars
    expect(at(ratios, 0.75) / at(ratios, 0.25)).toBeLessThan(1.1);
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
