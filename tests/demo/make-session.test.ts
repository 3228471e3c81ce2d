import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import { bayerChannel } from '../../src/demo/camera.js';
import { makeSession } from '../../src/demo/make-session.js';
import type { FrameTruth, SessionOptions, SessionTruth } from '../../src/demo/session-truth.js';
import { CodedError } from '../../src/errors.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';

const SMALL: SessionOptions = { panels: [2, 1], subs: 2, size: [200, 240], seed: 3 };
let root = '';
let dir = '';
let truth: SessionTruth;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zemosaic-demo-test-'));
  dir = path.join(root, 'session');
  truth = await makeSession(dir, SMALL);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function load(frame: FrameTruth, plane = 0, from = dir) {
  const fits = await openFits(path.join(from, frame.file));
  const hdu = fits.hdus[0];
  const [ny, nx] = hdu.image!.shape.slice(-2);
  const pixels = await readWindow(fits, hdu, { plane, x0: 0, y0: 0, width: nx, height: ny });
  await fits.close();
  return { pixels, header: hdu.header, image: hdu.image!, nx, ny };
}

const digest = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];

test('the folder holds the frames, the extras and the truth', async () => {
  const kinds = truth.frames.map((frame) => frame.kind);
  expect(kinds).toEqual(['light', 'light', 'light', 'light', 'light_without_wcs', 'stacked']);
  expect((await readdir(dir)).sort()).toEqual(
    [...truth.frames.map((frame) => frame.file), 'truth.json'].sort(),
  );
  expect(JSON.parse(await readFile(path.join(dir, 'truth.json'), 'utf8'))).toEqual(truth);
  expect(await readdir(root)).toEqual(['session']);
});

test('headers tell what a Seestar tells, and the WCS of good lights only', async () => {
  for (const frame of truth.frames) {
    const { header, image } = await load(frame);
    expect(image).toMatchObject({ bitpix: 16, bzero: 32768 });
    expect(header.get('INSTRUME')).toBe('Seestar S50');
    expect(header.get('BAYERPAT')).toBe(frame.kind === 'stacked' ? undefined : 'GRBG');
    expect(header.get('STACKCNT')).toBe(frame.kind === 'stacked' ? 2 : 1);
    expect(image.shape).toEqual(frame.kind === 'stacked' ? [3, 240, 200] : [240, 200]);
    expect(header.has('CRVAL1')).toBe(frame.kind === 'light');
    if (frame.kind !== 'light') continue;
    // The gnomonic projection written out once more (Calabretta & Greisen 2002, section 5.1.3).
    const star = truth.stars[0];
    const [a, d] = [star.raDeg, star.decDeg].map((v) => (v * Math.PI) / 180);
    const [a0, d0] = frame.wcs.crval.map((v) => (v * Math.PI) / 180);
    const cosC = Math.sin(d0) * Math.sin(d) + Math.cos(d0) * Math.cos(d) * Math.cos(a - a0);
    const xi = ((Math.cos(d) * Math.sin(a - a0)) / cosC) * (180 / Math.PI);
    const eta =
      ((Math.cos(d0) * Math.sin(d) - Math.sin(d0) * Math.cos(d) * Math.cos(a - a0)) / cosC) * (180 / Math.PI);
    const [c11, c12, c21, c22] = frame.wcs.cd;
    const det = c11 * c22 - c12 * c21;
    expect(det).toBeGreaterThan(0); // mirrored, as the real camera's files
    const [x, y] = parseWcs(header).skyToPixel(star.raDeg, star.decDeg)!;
    expect(x).toBeCloseTo(frame.wcs.crpix[0] + (c22 * xi - c12 * eta) / det, 6);
    expect(y).toBeCloseTo(frame.wcs.crpix[1] + (c11 * eta - c21 * xi) / det, 6);
  }
});

test('bright stars lie where the truth says, with the flux it says', async () => {
  const frame = truth.frames[0];
  const { pixels, header, nx, ny } = await load(frame);
  const wcs = parseWcs(header);
  const placed = truth.stars.map((star) => ({ star, at: wcs.skyToPixel(star.raDeg, star.decDeg)! }));
  const offsets: [number, number][] = [];
  const ratios: number[] = [];
  for (const { star, at } of placed) {
    const [x, y] = at;
    if (star.magnitude < 9 || star.magnitude > 12.5) continue;
    if (x < 15 || y < 15 || x > nx - 15 || y > ny - 15) continue;
    const isCrowded = placed.some(
      (other) =>
        other.star !== star &&
        other.star.magnitude < star.magnitude + 2.5 &&
        Math.hypot(other.at[0] - x, other.at[1] - y) < 11,
    );
    if (isCrowded) continue;
    const green: { dx: number; dy: number; value: number }[] = [];
    for (let j = Math.round(y) - 12; j <= Math.round(y) + 12; j++) {
      for (let i = Math.round(x) - 12; i <= Math.round(x) + 12; i++) {
        if (bayerChannel(i - 1, j - 1) === 1)
          green.push({ dx: i - x, dy: j - y, value: pixels[(j - 1) * nx + i - 1] });
      }
    }
    const sky = median(green.filter(({ dx, dy }) => Math.hypot(dx, dy) > 9).map(({ value }) => value));
    let [sum, sx, sy, flux] = [0, 0, 0, 0];
    for (const { dx, dy, value } of green) {
      const r = Math.hypot(dx, dy);
      if (r < 7) flux += 2 * (value - sky); // every second pixel is green
      const weight = Math.exp(-(r ** 2) / 4) * (value - sky);
      sum += weight;
      sx += weight * dx;
      sy += weight * dy;
    }
    offsets.push([sx / sum, sy / sum]);
    ratios.push(flux / (star.fluxAdu[1] * frame.transparency));
  }
  expect(offsets.length).toBeGreaterThan(3);
  expect(Math.abs(median(offsets.map(([dx]) => dx)))).toBeLessThan(0.15);
  expect(Math.abs(median(offsets.map(([, dy]) => dy)))).toBeLessThan(0.15);
  // A Moffat of beta 3 keeps about 6 % of its light outside 7 pixels.
  expect(median(ratios)).toBeGreaterThan(0.85);
  expect(median(ratios)).toBeLessThan(1.05);
});

test('every colour has the sky of the truth under it', async () => {
  const frame = truth.frames[1];
  const { pixels, nx, ny } = await load(frame);
  for (const channel of [0, 1, 2]) {
    const values: number[] = [];
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) if (bayerChannel(x, y) === channel) values.push(pixels[y * nx + x]);
    }
    const darkest = values.sort((a, b) => a - b)[Math.floor(values.length * 0.3)];
    const expected = truth.pedestalAdu + frame.sky.levelAdu[channel];
    expect(darkest).toBeGreaterThan(expected * 0.8);
    expect(darkest).toBeLessThan(expected * 1.4);
  }
});

test('hot pixels shine in every frame, cosmics and trails in their own', async () => {
  const hot = truth.hotPixels.filter(({ adu }) => adu > 3000);
  expect(hot.length).toBeGreaterThan(0);
  for (const frame of truth.frames.slice(0, 4)) {
    const { pixels, nx } = await load(frame);
    for (const { x, y, adu } of [...hot, ...frame.cosmics]) {
      expect(pixels[(y - 1) * nx + x - 1]).toBeGreaterThan(Math.min(truth.saturationAdu, adu) * 0.9);
    }
  }
  const trail = truth.frames[2].trails[0];
  const { pixels, nx, ny } = await load(truth.frames[2]);
  const near: number[] = [];
  const far: number[] = [];
  const angle = (trail.normalDeg * Math.PI) / 180;
  pixels.forEach((value, i) => {
    const d =
      ((i % nx) + 1 - trail.x) * Math.cos(angle) + (Math.floor(i / nx) + 1 - trail.y) * Math.sin(angle);
    if (Math.abs(d) < 0.5) near.push(value);
    else if (Math.abs(d) > 8 && Math.abs(d) < 20) far.push(value);
  });
  expect(near.length).toBeGreaterThan(Math.min(nx, ny) / 2);
  expect(median(near) - median(far)).toBeGreaterThan(0.6 * trail.peakAdu);
});

describe('a folder', () => {
  test('of the same session is left as it is, and made anew is the same to the byte', async () => {
    const again = path.join(root, 'again');
    await mkdir(again); // an empty folder is taken
    await makeSession(again, SMALL);
    const before = await digest(path.join(again, truth.frames[0].file));
    expect(before).toBe(await digest(path.join(dir, truth.frames[0].file)));
    await writeFile(path.join(again, truth.frames[0].file), 'untouched');
    expect(await makeSession(again, SMALL)).toEqual(truth);
    expect(await readFile(path.join(again, truth.frames[0].file), 'utf8')).toBe('untouched');
  });

  test('with other content is refused and not touched', async () => {
    const mine = path.join(root, 'mine');
    await mkdir(mine);
    await writeFile(path.join(mine, 'thesis.txt'), 'x');
    await expect(makeSession(mine, SMALL)).rejects.toMatchObject({ code: 'demo_folder_not_empty' });
    expect(await readdir(mine)).toEqual(['thesis.txt']);
    await writeFile(path.join(mine, 'truth.json'), 'the truth is no JSON');
    await expect(makeSession(mine, SMALL)).rejects.toMatchObject({ code: 'demo_folder_not_empty' });
    await expect(makeSession(dir, { ...SMALL, seed: 4 })).rejects.toMatchObject({
      code: 'demo_folder_not_empty',
    });
  });
});

test('mono, without WCS and without extras', async () => {
  const mono = path.join(root, 'mono');
  const options: SessionOptions = {
    panels: [1, 1],
    subs: 1,
    size: [64, 64],
    colour: 'mono',
    writeWcs: false,
    extras: false,
  };
  const made = await makeSession(mono, options);
  expect(made.frames.length).toBe(1);
  const { header } = await load(made.frames[0], 0, mono);
  expect(header.has('BAYERPAT')).toBe(false);
  expect(header.has('CRVAL1')).toBe(false);
  expect(made.stars.every(({ fluxAdu: [r, g, b] }) => r === g && g === b)).toBe(true);
});

test.each<[string, SessionOptions]>([
  ['panels', { panels: [0, 1] }],
  ['subs', { subs: 1.5 }],
  ['size', { size: [201, 240] }],
  ['seed', { seed: -1 }],
  ['rotationDeg', { rotationDeg: NaN }],
  ['overlap', { overlap: 1 }],
])('an impossible %s is refused by name', async (option, options) => {
  const failure = await makeSession(path.join(root, 'never'), options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CodedError);
  expect((failure as CodedError).params.option).toBe(option);
  expect(await readdir(root)).not.toContain('never');
});
