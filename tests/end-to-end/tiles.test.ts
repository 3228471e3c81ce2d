// Finished tiles as inputs: matched, put together, and left as they were.
import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConfigKey } from '../../src/config/table.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import type { SessionTruth } from '../../src/demo/session-truth.js';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import { openFits } from '../../src/fits/open-fits.js';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import { wcsCards } from '../../src/astrometry/wcs/wcs-cards.js';
import type { CelestialWcs } from '../../src/astrometry/wcs/celestial-wcs.js';
import { temporaryFolder, temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { centroid, digestOf, filesBelow, makeSmallSession, readPlane, run } from './support.js';

const shared = temporaryFolderForFile();
const folder = temporaryFolder();
const at = (...parts: string[]) => path.join(shared(), ...parts);
const output = () => path.join(folder(), 'out');

const FOREIGN: Foreign = { gain: 1.3, offset: 200 };
const TRAIL_ROW = 90;

let truth: SessionTruth;
let inputs: string;

function argv(extra: Partial<Record<ConfigKey, string | boolean>> = {}) {
  return {
    input_dir: at('tiles'),
    output_dir: output(),
    runtime_temp_dir: path.join(folder(), 'tmp'),
    use_existing_master_tiles: true,
    warp_kernel: 'bilinear',
    ...extra,
  };
}

async function wcsOf(file: string): Promise<CelestialWcs> {
  const fits = await openFits(file);
  try {
    return parseWcs(fits.hdus[0].header);
  } finally {
    await fits.close();
  }
}

interface Foreign {
  readonly gain: number;
  readonly offset: number;
  /** Light of a trail along the middle row. */
  readonly trail?: number;
  /** Pixels by which the header puts it too far to the right. */
  readonly lie?: number;
}

/** The science image as another program writes a tile: gain and offset of its own, 0 and ALPHA 0 where there is nothing. */
async function asForeign(
  from: string,
  to: string,
  { gain, offset, trail = 0, lie = 0 }: Foreign,
): Promise<void> {
  const planes = [0, 1, 2];
  const data = await Promise.all(planes.map((plane) => readPlane(from, plane)));
  const { nx, ny } = data[0];
  const writer = await createFitsWriter(to);
  const placed = wcsCards(await wcsOf(from)).map((card) =>
    card.key === 'CRPIX1' ? { ...card, value: Number(card.value) - lie } : card,
  );
  const cards = [...placed, { key: 'MT_NFRAMES', value: 3 }];
  const onTrail = (k: number) => Math.abs(Math.floor(k / nx) - TRAIL_ROW) < 2;
  await writer.beginImage({ bitpix: -32, shape: [3, ny, nx], cards });
  for (const plane of data)
    await writer.writeRows(
      plane.data.map((v, k) => (Number.isNaN(v) ? 0 : gain * v + offset + (onTrail(k) ? trail : 0))),
    );
  await writer.endImage();
  await writer.beginImage({ bitpix: 8, shape: [ny, nx], name: 'ALPHA' });
  await writer.writeRows(data[0].data.map((v) => (Number.isNaN(v) ? 0 : 255)));
  await writer.endImage();
  await writer.commit();
}

beforeAll(async () => {
  truth = await makeSmallSession(at('session'), {
    panels: [2, 1],
    subs: 3,
    size: [160, 192],
    overlap: 0.5,
    extras: false,
  });
  for (const panel of [0, 1]) {
    const dir = at(`panel${panel}`);
    await mkdir(dir);
    for (const { file, panel: of } of truth.frames) {
      if (of === panel) await cp(at('session', file), path.join(dir, path.basename(file)));
    }
    const config = { input_dir: dir, output_dir: at(`made${panel}`), runtime_temp_dir: at('tmp') };
    await run(config);
  }
  await mkdir(at('tiles'));
  await cp(at('made0', 'zemosaic_science.fits'), at('tiles', 'a_science.fits'));
  await asForeign(at('made1', 'zemosaic_science.fits'), at('tiles', 'master_tile_001.fits'), FOREIGN);
  inputs = await digestOf(at('tiles'));
}, 240_000);

/** Level of the sky and fluxes of stars of an image, told by the side of the session on which they lie. */
async function sidesOf(file: string): Promise<{ level: number[]; flux: Map<number, number>[] }> {
  const wcs = await wcsOf(file);
  const image = await readPlane(file, 1);
  const [left, right] = [0, 1].map((panel) => truth.frames.find((frame) => frame.panel === panel)!.wcs.crval);
  const sideOf = (ra: number, dec: number): number => {
    const distance = ([a, d]: readonly [number, number]) =>
      Math.hypot((ra - a) * Math.cos((dec * Math.PI) / 180), dec - d);
    return distance(left) < distance(right) ? 0 : 1;
  };
  const samples: number[][] = [[], []];
  for (let k = 0; k < image.data.length; k += 13) {
    if (Number.isNaN(image.data[k])) continue;
    const sky = wcs.pixelToSky((k % image.nx) + 1, Math.floor(k / image.nx) + 1)!;
    samples[sideOf(...sky)].push(image.data[k]);
  }
  const level = samples.map((values) => values.sort((a, b) => a - b)[values.length >> 1]);
  const flux = [new Map<number, number>(), new Map<number, number>()];
  const bright = truth.stars
    .map((star, i) => ({ ...star, i }))
    .sort((a, b) => b.fluxAdu[1] - a.fluxAdu[1])
    .slice(0, 40);
  for (const { raDeg, decDeg, i } of bright) {
    const p = wcs.skyToPixel(raDeg, decDeg);
    if (!p || p[0] < 8 || p[1] < 8 || p[0] > image.nx - 8 || p[1] > image.ny - 8) continue;
    const measured = centroid(image, p[0] - 1, p[1] - 1);
    if (measured.flux > 0) flux[sideOf(raDeg, decDeg)].set(i, measured.flux);
  }
  return { level, flux };
}

const medianRatio = (a: Map<number, number>, b: Map<number, number>): number => {
  const ratios = [...a].flatMap(([i, v]) => (b.has(i) ? [v / b.get(i)!] : [])).sort((x, y) => x - y);
  return ratios[ratios.length >> 1];
};

/** Nothing but the blend. */
const PLAIN = {
  patchwork_suppressor_enabled: false,
  final_mosaic_dbe_enabled: false,
  final_mosaic_rgb_equalize_enabled: false,
  final_mosaic_black_point_equalize_enabled: false,
};

/** Largest change over 16 columns of the median of a column. */
function steepest({ data, nx }: { data: Float32Array; nx: number }): number {
  const column = (x: number) => {
    const values = data.filter((v, k) => k % nx === x && !Number.isNaN(v)).sort();
    return values.length > 100 ? values[values.length >> 1] : NaN;
  };
  const levels = Array.from({ length: nx }, (_, x) => column(x));
  const changes = levels.slice(16).map((v, k) => Math.abs(v - levels[k]));
  return Math.max(...changes.filter((v) => !Number.isNaN(v)));
}

describe('tiles of two programs', () => {
  it('get one scale and one level, and stay what and where they were', async () => {
    const { report } = await run(argv());
    expect(report.inputs.used).toBe(2);
    const whole = path.join(folder(), 'whole');
    const config = {
      input_dir: at('session'),
      output_dir: whole,
      runtime_temp_dir: path.join(folder(), 'tmp'),
    };
    await run(config);
    const tiles = await sidesOf(path.join(output(), 'zemosaic_science.fits'));
    const frames = await sidesOf(path.join(whole, 'zemosaic_science.fits'));
    // Both runs choose their own common scale; what differs from side to side is what the match left.
    const scale = tiles.flux.map((side, i) => medianRatio(side, frames.flux[i]));
    expect(scale[1] / scale[0]).toBeGreaterThan(0.96);
    expect(scale[1] / scale[0]).toBeLessThan(1.04);
    const step = tiles.level[1] - tiles.level[0] - scale[0] * (frames.level[1] - frames.level[0]);
    // unmatched it would be some 470 ADU
    expect(Math.abs(step)).toBeLessThan(20);
    expect(await digestOf(at('tiles'))).toBe(inputs);
    expect(await filesBelow(output())).toEqual([
      'run-report.json',
      'zemosaic_preview.png',
      'zemosaic_science.fits',
    ]);
    // where both lie, the frames of both count
    const coverage = await readPlane(path.join(output(), 'zemosaic_science.fits'), 0, 'COVERAGE');
    expect(Math.max(...coverage.data)).toBe(6);
  }, 240_000);

  it('are refused by a run that looks for frames', async () => {
    await expect(run(argv({ use_existing_master_tiles: false }))).rejects.toMatchObject({
      code: 'pipeline_no_usable_frames',
    });
  }, 240_000);

  it('are not deleted where they stand in the very folder of a run’s own tiles', async () => {
    const own = path.join(output(), 'zemosaic_temp_master_tiles');
    await cp(at('tiles'), own, { recursive: true });
    await run(argv({ input_dir: own }));
    expect(await digestOf(own)).toBe(inputs);
  }, 240_000);
});

describe('tiles that nothing matches', () => {
  it('go over into each other in the blend for the eye, and the science image is what it was', async () => {
    const settings = {
      stacking_normalize_method: 'none',
      // equal scales: what is left is a step of 200 ADU
      input_dir: path.join(folder(), 'stepped'),
      export_aesthetic_fits: true,
      aesthetic_multiband_width_px: '64',
    };
    await cp(at('made0', 'zemosaic_science.fits'), path.join(settings.input_dir, 'a_science.fits'));
    const [made, stepped] = [at('made1', 'zemosaic_science.fits'), path.join(settings.input_dir, 'b.fits')];
    await asForeign(made, stepped, { gain: 1, offset: 200 });
    const eyed = async (name: string, blends: boolean) => {
      const output_dir = path.join(folder(), name);
      const { report } = await run(
        argv({ ...settings, ...PLAIN, output_dir, aesthetic_multiband_enabled: blends }),
        { backend: () => createWasmBackend() },
      );
      return {
        report,
        science: await readPlane(path.join(output_dir, 'zemosaic_science.fits'), 1),
        aesthetic: await readPlane(path.join(output_dir, 'zemosaic_aesthetic.fits'), 1),
      };
    };
    const [mean, blend] = [await eyed('mean', false), await eyed('blend', true)];
    expect(blend.report.aesthetic!.blend).toEqual({ stacks: 2, width_px: 64 });
    expect(Buffer.from(blend.science.data.buffer).equals(Buffer.from(mean.science.data.buffer))).toBe(true);
    // 108 and 53 ADU
    expect(steepest(blend.aesthetic)).toBeLessThan(0.7 * steepest(mean.aesthetic));
  }, 240_000);
});

describe('what one of two tiles shows alone', () => {
  it('is left out where both lie, counted, and what was there without it stays', async () => {
    const spoilt = path.join(folder(), 'spoilt');
    await cp(at('tiles', 'a_science.fits'), path.join(spoilt, 'a_science.fits'));
    await asForeign(at('made1', 'zemosaic_science.fits'), path.join(spoilt, 'master_tile_001.fits'), {
      ...FOREIGN,
      trail: 900,
    });
    const mosaicOf = async (name: string, input_dir: string, few_frames_guard: boolean) => {
      const output_dir = path.join(folder(), name);
      const { report } = await run(
        argv({ input_dir, output_dir, few_frames_guard, save_rejection_maps: true }),
      );
      const science = path.join(output_dir, 'zemosaic_science.fits');
      const counts = await readPlane(science, 1, 'REJECTED_HIGH');
      return {
        report,
        image: await readPlane(science, 1),
        coverage: await readPlane(science, 0, 'COVERAGE'),
        counts,
      };
    };
    const clean = await mosaicOf('clean', at('tiles'), true);
    const judged = await mosaicOf('judged', spoilt, true);
    const plain = await mosaicOf('plain', spoilt, false);
    expect(clean.report.samples!.rejected_fraction).toBeLessThan(0.004);
    expect(judged.report.samples!.rejected_fraction).toBeGreaterThan(clean.report.samples!.rejected_fraction);
    expect(plain.report.samples!.rejected_fraction).toBe(0);
    // of the light that the trail adds where both tiles lie
    let [light, left, places, marked] = [0, 0, 0, 0];
    for (let k = 0; k < clean.image.data.length; k++) {
      const trail = plain.image.data[k] - clean.image.data[k];
      if (clean.coverage.data[k] !== 6 || !(trail > 40)) continue;
      places++;
      light += trail;
      left += judged.image.data[k] - clean.image.data[k];
      if (judged.counts.data[k] > 0) marked++;
    }
    expect(places).toBeGreaterThan(150);
    expect(Math.abs(left / light)).toBeLessThan(0.05);
    expect(marked / places).toBeGreaterThan(0.9);
  }, 240_000);
});

describe('bad tiles', () => {
  it('a tile whose WCS lies is refused where two others agree, and warned of where there is one', async () => {
    const three = path.join(folder(), 'three');
    await cp(at('tiles'), three, { recursive: true });
    const lying = path.join(three, 'liar.fits');
    await asForeign(at('made0', 'zemosaic_science.fits'), lying, { ...FOREIGN, lie: 25 });
    const { report } = await run(argv({ input_dir: three }));
    expect(report.inputs.rejected).toMatchObject([
      { path: lying, reason: { code: 'frames_reject_tile_disagrees' } },
    ]);
    expect(report.inputs.used).toBe(2);
    const two = path.join(folder(), 'two');
    await cp(at('tiles', 'a_science.fits'), path.join(two, 'a_science.fits'));
    await cp(lying, path.join(two, 'liar.fits'));
    const pair = await run(argv({ input_dir: two, output_dir: path.join(folder(), 'pair') }));
    expect(pair.report.warnings).toMatchObject([{ code: 'pipeline_tiles_disagree' }]);
    // stars that only one of them shows are no trails then
    expect(pair.report.samples!.rejected_fraction).toBe(0);
  }, 240_000);

  it('a single tile is a mosaic', async () => {
    const one = path.join(folder(), 'one');
    await cp(at('tiles', 'master_tile_001.fits'), path.join(one, 'master_tile_001.fits'));
    const { report } = await run(argv({ input_dir: one }));
    expect(report.inputs.used).toBe(1);
    const mosaic = await readPlane(path.join(output(), 'zemosaic_science.fits'), 0);
    const tile = await readPlane(path.join(one, 'master_tile_001.fits'), 0);
    const level = (values: Float32Array) => {
      const valid = values.filter((v) => v !== 0 && !Number.isNaN(v)).sort();
      return valid[valid.length >> 1];
    };
    // a frame alone keeps its level
    expect(level(mosaic.data) / level(tile.data)).toBeCloseTo(1, 1);
  }, 240_000);

  it('raw colour frames among tiles are refused with the reason', async () => {
    const mixed = path.join(folder(), 'mixed');
    await cp(at('tiles'), mixed, { recursive: true });
    const [raw] = (await readdir(at('panel0'))).filter((name) => name.endsWith('.fit'));
    await cp(at('panel0', raw), path.join(mixed, raw));
    const { report } = await run(argv({ input_dir: mixed }));
    expect(report.inputs.rejected).toMatchObject([{ reason: { code: 'frames_reject_not_a_tile' } }]);
  }, 240_000);
});
