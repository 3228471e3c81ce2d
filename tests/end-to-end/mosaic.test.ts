// The main job on a generated session: what comes out is measured against the truth the session was made from.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/compute/select.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import type { SessionTruth } from '../../src/demo/session-truth.js';
import { openFits } from '../../src/fits/open-fits.js';
import type { RunReport } from '../../src/report/run-report.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { centroid, digestOf, filesBelow, makeSmallSession, readPlane, run } from './support.js';

const folder = temporaryFolderForFile();
let truth: SessionTruth;
let report: RunReport;
let inputs: string;
const input = () => path.join(folder(), 'session');
const output = () => path.join(folder(), 'out');
const science = () => path.join(output(), 'zemosaic_science.fits');

beforeAll(async () => {
  truth = await makeSmallSession(input());
  inputs = await digestOf(input());
  ({ report } = await run({
    input_dir: input(),
    output_dir: output(),
    runtime_temp_dir: path.join(folder(), 'tmp'),
  }));
});

describe('mosaic of a generated session', () => {
  it('uses the good frames and names the others with their reasons', () => {
    const good = truth.frames.filter(({ kind }) => kind === 'light').length;
    expect(report.inputs).toMatchObject({ total: truth.frames.length, used: good });
    const reasons = report.inputs.rejected.map(({ reason }) => reason.code).sort();
    expect(reasons).toHaveLength(2);
    // the frame without a WCS is behind clouds
    expect(reasons).toEqual(['frames_reject_stacked_count', 'solve_reject_few_stars']);
  });

  it('leaves its products and nothing else, and the inputs as they were', async () => {
    expect(await filesBelow(output())).toEqual([
      'run-report.json',
      'zemosaic_preview.png',
      'zemosaic_science.fits',
    ]);
    expect(await digestOf(input())).toBe(inputs);
    expect(existsSync(path.join(folder(), 'tmp'))).toBe(false);
  });

  it('puts the stars where they are, with the same share of their light everywhere', async () => {
    const fits = await openFits(science());
    const wcs = parseWcs(fits.hdus[0].header);
    await fits.close();
    const green = await readPlane(science(), 1);
    const coverage = await readPlane(science(), 0, 'COVERAGE');
    const positions = truth.stars.map((star) => ({ star, pixel: wcs.skyToPixel(star.raDeg, star.decDeg)! }));
    const ratios: { panel: number; ratio: number }[] = [];
    const offsets = positions.flatMap(({ star, pixel: [x, y] }) => {
      const [px, py] = [x - 1, y - 1];
      const inside = px > 8 && py > 8 && px < green.nx - 9 && py < green.ny - 9;
      if (!inside || coverage.data[Math.round(py) * green.nx + Math.round(px)] < 4) return [];
      const brightness = star.fluxAdu[1];
      if (brightness < 8000 || brightness > 120_000) return [];
      const crowded = positions.some(
        (other) =>
          other.star !== star &&
          Math.hypot(other.pixel[0] - x, other.pixel[1] - y) < 12 &&
          other.star.fluxAdu[1] > 0.02 * brightness,
      );
      if (crowded) return [];
      const found = centroid(green, px, py);
      ratios.push({ panel: px < green.nx / 2 ? 0 : 1, ratio: found.flux / brightness });
      return [[found.x - px, found.y - py]];
    });
    expect(offsets.length).toBeGreaterThan(5);
    const rms = Math.sqrt(offsets.reduce((s, [dx, dy]) => s + dx * dx + dy * dy, 0) / offsets.length);
    expect(rms).toBeLessThan(0.15);
    const mean = (axis: number) => offsets.reduce((s, d) => s + d[axis], 0) / offsets.length;
    expect(Math.abs(mean(0))).toBeLessThan(0.05);
    expect(Math.abs(mean(1))).toBeLessThan(0.05);
    const median = (a: number[]) => a.sort((p, q) => p - q)[a.length >> 1];
    const share = median(ratios.map(({ ratio }) => ratio));
    expect(median(ratios.map(({ ratio }) => Math.abs(ratio / share - 1)))).toBeLessThan(0.03);
    const [left, right] = [0, 1].map((k) =>
      median(ratios.flatMap(({ panel, ratio }) => (panel === k ? ratio : []))),
    );
    expect(Math.abs(left / right - 1)).toBeLessThan(0.04);
    // It is the gains that make the above true: they undo the frames' transparencies.
    const t = truth.frames.filter(({ kind }) => kind === 'light').map(({ transparency }) => transparency);
    const { least, most } = report.gains![1];
    expect(Math.abs(most / least / (Math.max(...t) / Math.min(...t)) - 1)).toBeLessThan(0.03);
  });

  it('knows its own noise: background scatter agrees with the UNCERTAINTY extension', async () => {
    const green = await readPlane(science(), 1);
    const sigma = await readPlane(science(), 1, 'UNCERTAINTY');
    // Differences of pixels four apart: two kernels on green's sites share next to nothing there; blind to sky and nebula.
    const ratios: number[] = [];
    for (let y = 0; y < green.ny; y++) {
      for (let x = 0; x + 4 < green.nx; x++) {
        const i = y * green.nx + x;
        const d = (green.data[i] - green.data[i + 4]) / Math.hypot(sigma.data[i], sigma.data[i + 4]);
        if (!Number.isNaN(d)) ratios.push(Math.abs(d));
      }
    }
    ratios.sort((a, b) => a - b);
    expect(ratios.length).toBeGreaterThan(50_000);
    expect(1.4826 * ratios[ratios.length >> 1]).toBeGreaterThan(0.85);
    expect(1.4826 * ratios[ratios.length >> 1]).toBeLessThan(1.2);
  });

  it('knows what photons are worth, and has those of stars and nebula in UNCERTAINTY', async () => {
    const told = report.photons![0];
    expect(report.photons).toHaveLength(1);
    expect(told.told_by).toBe('noise');
    expect(Math.abs(told.electrons_per_adu![1] / truth.electronsPerAdu - 1)).toBeLessThan(0.1);
    const [green, sigma] = [await readPlane(science(), 1), await readPlane(science(), 1, 'UNCERTAINTY')];
    const coverage = await readPlane(science(), 0, 'COVERAGE');
    const { frames } = report.product!;
    // variance over that of the sky, by the truth's gain and the frames' noise as measured
    const perAdu = frames.map(
      ({ gain, noise_adu }) => 1 / (truth.electronsPerAdu * gain[1] * noise_adu[1] ** 2),
    );
    const expected = perAdu.reduce((a, b) => a + b, 0) / frames.length;
    const middle = (a: number[]) => a.sort((p, q) => p - q)[a.length >> 1];
    const slopes: number[] = [];
    // where most pixels lie as deep
    const depths = new Map<number, number>();
    for (const n of coverage.data) if (n > 2) depths.set(n, (depths.get(n) ?? 0) + 1);
    const depth = [...depths].sort((a, b) => b[1] - a[1])[0][0];
    const deep = [...green.data.keys()].filter(
      (i) => coverage.data[i] === depth && !Number.isNaN(green.data[i]),
    );
    const level = middle(deep.map((i) => green.data[i]));
    const plain = deep.filter((i) => Math.abs(green.data[i] - level) < 30);
    const skySigma = middle(plain.map((i) => sigma.data[i]));
    for (const i of deep) {
      const light = green.data[i] - level;
      if (light > 1000) slopes.push(((sigma.data[i] / skySigma) ** 2 - 1) / light);
    }
    expect(slopes.length).toBeGreaterThan(30);
    expect(middle(slopes) / expected).toBeGreaterThan(0.8);
    expect(middle(slopes) / expected).toBeLessThan(1.25);
  });

  it('has no step where a frame ends', async () => {
    const green = await readPlane(science(), 1);
    const coverage = await readPlane(science(), 0, 'COVERAGE');
    // Steps across each border between two coverages, one by one: over all borders bright and dark frames would cancel out.
    const steps = new Map<string, number[]>();
    for (let y = 0; y < green.ny; y++) {
      for (let x = 12; x + 12 < green.nx; x++) {
        const i = y * green.nx + x;
        const [from, to] = [coverage.data[i - 1], coverage.data[i]];
        if (from === to || !(Math.min(from, to) >= 1)) continue;
        let d = 0;
        for (let k = 1; k <= 10; k++) d += (green.data[i + k] - green.data[i - 1 - k]) / 10;
        if (Number.isNaN(d)) continue;
        const key = `${from} to ${to}, ${x < green.nx / 2 ? 'left' : 'right'}`;
        steps.set(key, [...(steps.get(key) ?? []), d]);
      }
    }
    const median = (a: number[]) => a.sort((p, q) => p - q)[a.length >> 1];
    const borders = [...steps.values()].filter((list) => list.length > 60);
    expect(borders.length).toBeGreaterThan(4);
    const rms = Math.sqrt(borders.reduce((sum, list) => sum + median(list) ** 2, 0) / borders.length);
    // Without the level match it is 24 ADU; what is left is the nebula's own slope over the eleven pixels and noise.
    expect(rms).toBeLessThan(13);
  });

  it('carries provenance, checksums and a report that agrees with it', async () => {
    const fits = await openFits(science());
    const { header } = fits.hdus[0];
    expect(header.get('NFRAMES')).toBe(report.inputs.used);
    expect(header.get('NFRAMTOT')).toBe(report.inputs.total);
    expect(header.get('ZMCONFIG')).toBe(report.config_digest);
    expect(header.get('EXPTIME')).toBeCloseTo(report.inputs.used * truth.exposureSeconds, 6);
    expect(header.getString('CHECKSUM')).toHaveLength(16);
    expect(fits.hdus.map(({ name }) => name)).toEqual(['PRIMARY', 'COVERAGE', 'UNCERTAINTY', 'PHOTONS']);
    await fits.close();
    expect(report.backend?.name).toBe('reference');
    expect(report.stages.map(({ stage }) => stage)).toEqual(
      expect.arrayContaining(['measure', 'read', 'warp-cfa', 'stack-kappa-sigma', 'save']),
    );
  });

  it('measures its mosaic, and header and report say the same', async () => {
    const { astrometry, channels, frames } = report.product!;
    expect(frames).toHaveLength(report.inputs.used);
    expect(astrometry.frame_shift_rms_px).toBeLessThan(0.1);
    // a generated sky is in no catalogue
    expect(astrometry.catalogue).toBeNull();
    expect(channels.map(({ name }) => name)).toEqual(['R', 'G', 'B']);
    const fits = await openFits(science());
    const { header } = fits.hdus[0];
    expect(header.get('ZMASTFRM')).toBe(astrometry.frame_shift_rms_px);
    expect(header.get('ZMASTCAT')).toBeUndefined();
    for (const { name, zero_point, seam, noise } of channels) {
      expect(header.get(`ZMSEAM_${name}`)).toBe(seam.step_adu);
      expect(zero_point.scatter_percent).toBeLessThan(8);
      if (noise.halves_chi2 !== null) expect(Math.abs(noise.halves_chi2 - 1)).toBeLessThan(0.25);
      expect(noise.scatter_adu! / noise.stated_adu!).toBeGreaterThan(0.9);
    }
    await fits.close();
  });

  it('books no kernel that only proved the backend', async () => {
    const factory = {
      name: 'reference',
      priority: 0,
      create: () => Promise.resolve(createReferenceBackend()),
    } as const;
    const chosen = async () =>
      (await selectBackend({ backend: 'reference', requireGpu: false }, [factory])).backend;
    const argv = { input_dir: input(), output_dir: path.join(folder(), 'proved') };
    const proved = await run(argv, { backend: chosen });
    expect(proved.report.stages.map(({ stage }) => stage).sort()).toEqual(
      report.stages.map(({ stage }) => stage).sort(),
    );
  });

  it('is the same to the byte from other cells, and with maps of what was rejected', async () => {
    const other = path.join(folder(), 'other');
    const argv = { input_dir: input(), output_dir: other, cell_size_px: '128', save_rejection_maps: true };
    const cells = await run(argv);
    expect(
      cells.events.filter((e) => e.type === 'phase-progress' && e.phase === 'assembly').length,
    ).toBeGreaterThan(5);
    for (const hdu of ['PRIMARY', 'COVERAGE', 'UNCERTAINTY']) {
      const [a, b] = [
        await readPlane(science(), 0, hdu),
        await readPlane(path.join(other, 'zemosaic_science.fits'), 0, hdu),
      ];
      expect(Buffer.from(a.data.buffer).equals(Buffer.from(b.data.buffer))).toBe(true);
    }
    const { samples } = cells.report;
    for (const [hdu, expected] of [
      ['REJECTED_LOW', samples!.rejected_low],
      ['REJECTED_HIGH', samples!.rejected_high],
    ] as const) {
      let sum = 0;
      for (const plane of [0, 1, 2]) {
        const { data } = await readPlane(path.join(other, 'zemosaic_science.fits'), plane, hdu);
        sum += data.reduce((a, b) => a + b, 0);
      }
      expect(sum).toBe(expected);
      expect(sum).toBeGreaterThan(0);
    }
  });
});
