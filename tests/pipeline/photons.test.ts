// Photons of the light itself in the uncertainty: what the field holds, how it is put in, and how it is taken out again.
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePlaneGridWcs } from '../../src/astrometry/wcs/plane-grid-wcs.js';
import { openFits } from '../../src/fits/open-fits.js';
import { arraySource, readRegion } from '../../src/output/sources/plane-source.js';
import { writeScienceFits } from '../../src/output/science-fits.js';
import { photonGain } from '../../src/photometry/noise/photon-gain.js';
import type { IntegrationFrame } from '../../src/pipeline/integrate/windows/integration-frame.js';
import type { MeasuredFrame } from '../../src/pipeline/planning/grid/placed-frame.js';
import {
  fieldIn,
  fieldOver,
  photonFactors,
  photonField,
} from '../../src/pipeline/uncertainty/photon-field.js';
import { photonGroups } from '../../src/pipeline/uncertainty/photon-gains.js';
import { photonsImage, readPhotons, toSkyWeights } from '../../src/pipeline/uncertainty/photons-hdu.js';
import { toDeviations } from '../../src/pipeline/uncertainty/to-deviations.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';

const folder = temporaryFolderForFile();
const [nx, ny] = [150, 130];
const wcs = makePlaneGridWcs({
  projection: 'TAN',
  crval: [80, 20],
  crpix: [75.5, 65.5],
  cd: [-5e-4, 0, 0, 5e-4],
  shape: [nx, ny],
});
const sky = (level: number, noise: number) => ({
  background: { noise: [noise], grid: { level: [Float32Array.of(level, level, level + 1)] } },
});
const frame = (gain: number, noise: number, slope: number): IntegrationFrame =>
  ({
    ...{ nx, ny, wcs, levels: [{ gain, terms: Float64Array.of(600, slope, slope / 2, 0, 0, 0) }] },
    weights: [1 / (gain * noise) ** 2],
    inverseVariances: [1 / (gain * noise) ** 2],
  }) as unknown as IntegrationFrame;

/** Two frames over all blocks, of 0.5 e-/ADU: the second is twice as faint and noisier, and its sky slopes. */
const measured = [sky(600, 10), sky(700, 12)].map((measure) => ({ measure }) as unknown as MeasuredFrame);
const frames = [frame(1, 10, 0), frame(2, 12, 60)];
const spans = frames.map(() => ({ firstRow: 0, spans: Int32Array.of(0, 2, 0, 2, 0, 2) }));
const plan = { grid: { nx, ny, wcs } as never, spans, planes: 1 };
const field = photonField(measured, frames, plan, [
  { frames: [0, 1], electronsPerAdu: [0.5], toldBy: 'noise' },
])!;

const values = Float32Array.from({ length: nx * ny }, (_, i) => (i % 97 === 0 ? 5000 : (i % 31) - 15));

describe('the field of photons', () => {
  it('is the weighted mean of what the frames’ own light adds to their variance', () => {
    // the block in the middle of the frames
    const at = field.nx + 1;
    const [x, y] = [nx, ny].map((n) => (2 / Math.max(nx, ny)) * (1.5 * 64 - 0.5 - (n - 1) / 2));
    const w = [1 / 100, 1 / (4 * 144)];
    const total = w[0] + w[1];
    const slope = (w[0] * (2 / 100) + (w[1] * (2 / 144)) / 2) / total;
    const offset = (w[1] * (2 / 144) * (600 + 60 * x + 30 * y - 700)) / total;
    expect(field.data[at]).toBeCloseTo(slope, 7);
    expect(field.data[field.nx * field.ny + at]).toBeCloseTo(offset, 3);
  });

  it('is not there where no gain is known, and holds nothing of frames without one', () => {
    expect(photonField(measured, frames, plan, [{ frames: [0, 1], toldBy: 'nothing' }])).toBeUndefined();
    const one = photonField(measured, frames, plan, [
      { frames: [0], electronsPerAdu: [0.5], toldBy: 'noise' },
      { frames: [1], toldBy: 'nothing' },
    ])!;
    const w = [1 / 100, 1 / (4 * 144)];
    expect(one.data[0]).toBeCloseTo((w[0] * (2 / 100)) / (w[0] + w[1]), 7);
  });

  it('multiplies deviations by the roots of its factors, region by region, to the last bit', async () => {
    // some as dark as no sky is
    const lights = values.map((v, i) => (i % 89 === 0 ? -5000 : v));
    const factors = photonFactors(field, 0, { x0: 0, y0: 0, width: nx, height: ny }, lights);
    expect(Math.min(...factors)).toBe(0.25);
    expect(Math.max(...factors)).toBeGreaterThan(20);
    const source = arraySource(nx, ny, [lights]);
    for (const region of [
      { x0: 0, y0: 0, width: nx, height: ny },
      { x0: 37, y0: 59, width: 71, height: 66 },
      { x0: 0, y0: 70, width: nx, height: 60 },
    ]) {
      const deviations = new Float32Array(region.width * region.height).fill(1 / 4);
      const seen = new Float32Array(deviations.length);
      await readRegion(source, 0, region, seen);
      toDeviations(deviations, deviations, { field, plane: 0, region, values: seen });
      const expected = deviations.map((_, i) => {
        const [x, y] = [region.x0 + (i % region.width), region.y0 + Math.floor(i / region.width)];
        return Math.fround(2 * Math.fround(Math.sqrt(factors[y * nx + x])));
      });
      expect(deviations).toEqual(expected);
    }
  });

  it('of a frame that is turned and reaches beyond the mosaic is told where its surface lies, and held at its edge', () => {
    // turned by a quarter, its own x up
    const small = makePlaneGridWcs({
      ...{ projection: 'TAN', crval: [80, 20], crpix: [32.5, 32.5], shape: [64, 64] },
      cd: [0, 5e-4, 5e-4, 0],
    });
    const levels = [{ gain: 1, terms: Float64Array.of(600, 60, 0, 0, 0, 0) }];
    const turned = { ...frame(1, 10, 0), nx: 64, ny: 64, wcs: small, levels };
    const { data, nx: columns } = photonField(
      measured.slice(0, 1),
      [turned],
      { ...plan, spans: spans.slice(0, 1) },
      [{ frames: [0], electronsPerAdu: [0.5], toldBy: 'noise' }],
    )!;
    const offset = (row: number) => data[3 * columns + row * columns + 1];
    // the surface's 60 ADU times the normalised column, which is the mosaic's row: within it in the second block
    const at = (row: number) =>
      (2 / 100) * 60 * (2 / 64) * Math.max(-31.5, Math.min(31.5, 64 * row + 31.5 - 64.5));
    for (const row of [0, 1, 2]) expect(offset(row)).toBeCloseTo(at(row), 2);
  });

  it('leaves the darkest pixel its read noise', () => {
    const dark = Float32Array.of(-1e6);
    expect(photonFactors(field, 0, { x0: 0, y0: 0, width: 1, height: 1 }, dark)).toEqual(
      Float32Array.of(0.25),
    );
  });

  it('lies over a window and its bins as over the image', () => {
    const window = { x0: 70, y0: 66 };
    const bright = new Float32Array(20 * 16).fill(4000);
    const cut = photonFactors(field, 0, { ...window, width: 20, height: 16 }, bright);
    expect(
      photonFactors(fieldOver(field, window), 0, { x0: 0, y0: 0, width: 20, height: 16 }, bright),
    ).toEqual(cut);
    // the first of the bins of the second square of each axis
    const binned = fieldOver(field, { x0: 0, y0: 0 }, 2);
    const factor = (x: number, y: number, of = field) =>
      photonFactors(of, 0, { x0: x, y0: y, width: 1, height: 1 }, bright.subarray(0, 1))[0];
    expect(factor(0, 0)).not.toBe(factor(64, 0));
    expect(factor(31, 0, binned)).toBe(factor(63, 0));
    expect(factor(32, 0, binned)).toBe(factor(64, 0));
  });

  it('stands in the file, lies over its crops, and can be taken out of uncertainties again', async () => {
    const window = { x0: 64, y0: 64, width: 80, height: 60 };
    const cut = Float32Array.from(
      { length: 80 * 60 },
      (_, i) => values[(64 + Math.floor(i / 80)) * nx + 64 + (i % 80)],
    );
    const factors = photonFactors(field, 0, window, cut);
    for (const [name, over] of [
      ['window', fieldOver(field, window)],
      ['tile', fieldIn(field, window)],
    ] as const) {
      const deviations = factors.map((factor) => 0.5 * Math.sqrt(factor));
      deviations[3] = NaN;
      const file = path.join(folder(), `${name}.fits`);
      await writeScienceFits(file, {
        mosaic: arraySource(80, 60, [cut]),
        uncertainty: arraySource(80, 60, [deviations]),
        photons: photonsImage(over),
        compression: { codec: 'RICE_1' },
        wcs,
        provenance: {
          ...{ software: 't', configDigest: 'd', backend: 'b', versions: {} },
          ...{ framesUsed: 2, framesTotal: 2, stages: [] },
        },
      });
      const fits = await openFits(file);
      const read = await readPhotons(fits);
      await fits.close();
      expect(read).toEqual(over);
      toSkyWeights(deviations, cut, read, 0, { x0: 0, y0: 0, width: 80, height: 60 });
      expect(deviations[3]).toBe(0);
      for (let i = 4; i < deviations.length; i++) expect(Math.abs(deviations[i] / 4 - 1)).toBeLessThan(1e-6);
    }
  });
});

describe('gains of photons', () => {
  const gridOf = (level: readonly number[], noise: readonly number[]) => ({
    level: [Float32Array.from(level)],
    noise: [Float32Array.from(noise)],
  });
  const alike = (instrument: string, level: readonly number[], noise: readonly number[], egain?: number) =>
    ({
      record: { instrument, sensor: { kind: 'mono' }, electronsPerAdu: egain },
      measure: { background: { grid: gridOf(level, noise) } },
    }) as unknown as MeasuredFrame;
  const levels = Array.from({ length: 200 }, (_, i) => 500 + i);
  const exact = levels.map((v) => Math.sqrt(0.8 * (v - 400)));
  // a tenth of the light, and noise that knows the gain to a third
  const weak = levels.map((_, i) => 500 + i / 8);
  const rough = weak.map((v, i) => Math.sqrt(0.8 * (v - 400)) * (1 + 0.07 * Math.sin(7.3 * i)));

  it('go by frames that were taken alike; the header counts where noise bears it out, and never against it', () => {
    const groups = photonGroups([
      alike('a', levels, exact),
      alike('b', weak, rough),
      alike('b', weak, rough, 1.25),
      alike('b', weak, rough, 1.25 / 16),
      alike('a', levels, exact),
      // a quarter of the gain: the word is electrons an ADU, not the reverse
      alike(
        'c',
        weak,
        rough.map((v) => v / 2),
        5,
      ),
    ]);
    expect(groups.map(({ frames, toldBy }) => [frames, toldBy])).toEqual([
      [[0, 4], 'noise'],
      [[1], 'nothing'],
      [[2], 'header'],
      [[3], 'nothing'],
      [[5], 'header'],
    ]);
    expect(groups[0].electronsPerAdu![0]).toBeCloseTo(1.25, 3);
    expect(groups[2].electronsPerAdu).toEqual([1.25]);
  });

  it('are told apart where frames were taken otherwise: gain, format, calibration', () => {
    const one = alike('a', levels, exact);
    const record = (more: object) => ({ ...one, record: { ...one.record, ...more } }) as MeasuredFrame;
    const others = [
      record({ gain: 80 }),
      record({ bitpix: -32 }),
      record({ bscale: 1 / 16 }),
      record({ exposures: 4 }),
      { ...one, calibration: { dark: {} } } as unknown as MeasuredFrame,
    ];
    expect(photonGroups([one, ...others, one]).map(({ frames }) => frames)).toEqual([
      [0, 6],
      [1],
      [2],
      [3],
      [4],
      [5],
    ]);
  });

  it('of finished tiles and of stacks with a header’s word are not told; nor by a header that noise knows too little of', () => {
    const tile = { ...alike('a', levels, exact), tile: {} } as unknown as MeasuredFrame;
    const weakly = alike('b', weak, rough, 1.25);
    const stack = { ...weakly, record: { ...weakly.record, exposures: 4 } } as MeasuredFrame;
    // a tenth of the growth once more: known to no better than a factor
    const faint = weak.map((_, i) => 500 + i / 40);
    const unsure = faint.map((v, i) => Math.sqrt(0.8 * (v - 400)) * (1 + 0.07 * Math.sin(7.3 * i)));
    const groups = photonGroups([tile, stack, alike('c', faint, unsure, 1.25)]);
    expect(groups.map(({ toldBy }) => toldBy)).toEqual(['nothing', 'nothing', 'nothing']);
  });

  it.each([
    [0.4, 'header'],
    [0.45, 'header'],
    [0.55, 'nothing'],
    [0.6, 'nothing'],
  ])('that noise knows to %f leave the word to %s', (error, toldBy) => {
    // the header says just what the noise does: how well that is known is all that differs
    const noise = (scatter: number) =>
      weak.map((v, i) => Math.sqrt(0.8 * (v - 400)) * (1 + scatter * Math.sin(7.3 * i)));
    const told = (scatter: number) => photonGain([gridOf(weak, noise(scatter))])!;
    let scatter = 0.02;
    while (told(scatter).relativeError < error) scatter *= 1.02;
    const [aduPerElectron] = told(scatter).aduPerElectron;
    const [group] = photonGroups([alike('a', weak, noise(scatter), 1 / aduPerElectron)]);
    expect(group.toldBy).toBe(toldBy);
  });
});
