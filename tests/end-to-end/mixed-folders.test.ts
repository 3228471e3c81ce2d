// Folders whose frames do not quite belong together: each run ends with a mosaic of those that do, and says what became of the others.
import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigKey } from '../../src/config/table.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { setCard } from '../helpers/set-card.js';
import { temporaryFolder, temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { compareOnSky } from './compare-on-sky.js';
import { makeSmallSession, readPlane, run } from './support.js';

const shared = temporaryFolderForFile();
const folder = temporaryFolder();
const at = (name: string) => path.join(folder(), 'in', name);
const science = (dir: string) => path.join(dir, 'zemosaic_science.fits');
const SIZE = [128, 160] as const;
const SAYS_SEESTAR = ['INSTRUME', 'CREATOR'];
let names: string[];

const runHere = (extra: Partial<Record<ConfigKey, string | boolean>> = {}) =>
  run(
    {
      input_dir: path.join(folder(), 'in'),
      output_dir: path.join(folder(), 'out'),
      runtime_temp_dir: path.join(folder(), 'tmp'),
      ...extra,
    },
    { backend: () => createWasmBackend() },
  );
const mosaic = () => science(path.join(folder(), 'out'));

/** Writes a frame anew, as floats: `values` of its pixels, its cards as they were but for `cards`. */
async function rewrite(
  from: string,
  to: string,
  values: (raw: Float32Array, nx: number) => { data: Float32Array; nx: number },
  cards: Readonly<Record<string, number>> = {},
): Promise<void> {
  const fits = await openFits(from);
  const { header, image } = fits.hdus[0];
  const [ny, nx] = image!.shape;
  const raw = await readWindow(fits, fits.hdus[0], { plane: 0, x0: 0, y0: 0, width: nx, height: ny });
  await fits.close();
  const made = values(raw, nx);
  const kept = header.cards
    .filter(({ key }) => !['BZERO', 'BSCALE', 'CHECKSUM', 'DATASUM'].includes(key))
    .map(({ key, value, comment }) => ({ key, value: cards[key] ?? value, comment }));
  const writer = await createFitsWriter(to);
  await writer.beginImage({
    bitpix: -32,
    shape: [made.data.length / made.nx, made.nx],
    cards: kept as never,
  });
  await writer.writeRows(made.data);
  await writer.endImage();
  await writer.commit();
}

beforeAll(async () => {
  const options = { panels: [1, 1], subs: 6, size: SIZE, extras: false } as const;
  await makeSmallSession(path.join(shared(), 'session'), options);
  await makeSmallSession(path.join(shared(), 'mono'), { ...options, subs: 4, colour: 'mono' });
  names = (await readdir(path.join(shared(), 'session'))).filter((name) => name.endsWith('.fit')).sort();
  const config = {
    input_dir: path.join(shared(), 'session'),
    output_dir: path.join(shared(), 'whole'),
    runtime_temp_dir: path.join(shared(), 'tmp'),
  };
  await run(config, { backend: () => createWasmBackend() });
}, 120_000);

const whole = () => science(path.join(shared(), 'whole'));
const fromSession = (name: string) => path.join(shared(), 'session', name);

beforeEach(async () => {
  await mkdir(path.join(folder(), 'in'));
});

async function put(files: readonly string[]): Promise<void> {
  for (const name of files) await cp(fromSession(name), at(name));
}

describe('frames of another kind', () => {
  it('mono among colour: the fewer are refused one by one', async () => {
    await put(names);
    for (const name of await readdir(path.join(shared(), 'mono'))) {
      if (!name.endsWith('.fit')) continue;
      await cp(path.join(shared(), 'mono', name), at(`mono_${name}`));
      // a Seestar's frame is a CFA, whatever its header leaves out
      for (const key of SAYS_SEESTAR) await setCard(at(`mono_${name}`), key, "'ASI294MM'");
    }
    const { report } = await runHere();
    expect(report.inputs).toMatchObject({ used: 6, total: 10 });
    expect(new Set(report.inputs.rejected.map(({ reason }) => reason.code))).toEqual(
      new Set(['frames_reject_channels']),
    );
  }, 120_000);

  it('two filters in one folder: the commoner one makes the mosaic', async () => {
    await put(names);
    for (const name of names.slice(0, 2)) await setCard(at(name), 'FILTER', "'Ha      '");
    const { report } = await runHere();
    expect(report.inputs.used).toBe(4);
    expect(report.inputs.rejected.map(({ reason }) => reason.code)).toEqual([
      'frames_reject_filter',
      'frames_reject_filter',
    ]);
  }, 120_000);

  it('a telescope of half the scale, as S30 beside S50, is refused and told', async () => {
    await put(names.slice(0, 4));
    // two by two pixels of a CFA are one of its lattice
    const halved = (raw: Float32Array, nx: number) => {
      const data = new Float32Array(raw.length / 4);
      const half = nx / 2;
      for (let k = 0; k < data.length; k++) data[k] = raw[4 * half * Math.floor(k / half) + 2 * (k % half)];
      return { data, nx: half };
    };
    const fits = await openFits(fromSession(names[5]));
    const { header } = fits.hdus[0];
    const number = (key: string) => header.get(key) as number;
    const cards = Object.fromEntries([
      ...['CD1_1', 'CD1_2', 'CD2_1', 'CD2_2'].map((key) => [key, 2 * number(key)]),
      ...['CRPIX1', 'CRPIX2'].map((key) => [key, (number(key) + 0.5) / 2]),
    ]) as Record<string, number>;
    await fits.close();
    await rewrite(fromSession(names[5]), at('other.fit'), halved, cards);
    const { report } = await runHere();
    expect(report.inputs.used).toBe(4);
    expect(report.inputs.rejected.map(({ reason }) => reason.code)).toEqual(['frames_reject_scale']);
  }, 120_000);
});

describe('frames of the same kind', () => {
  it('one ten times brighter is brought to the scale of the others, and told', async () => {
    await put(names.slice(1));
    await rewrite(fromSession(names[0]), at(names[0]), (raw, nx) => ({ data: raw.map((v) => 10 * v), nx }));
    const { report } = await runHere();
    expect(report.inputs.used).toBe(6);
    expect(report.gains!.every(({ least, most }) => most / least > 8 && most / least < 12)).toBe(true);
    const { typical, high } = await compareOnSky(mosaic(), whole());
    expect(typical).toBeLessThan(0.5);
    expect(high).toBeLessThan(3);
  }, 120_000);

  it('borders of NaN stay without samples and spoil nothing beside them', async () => {
    const edge = 12;
    for (const name of names)
      await rewrite(fromSession(name), at(name), (raw, nx) => ({
        data: raw.map((v, k) => {
          const [x, y] = [k % nx, Math.floor(k / nx)];
          const inside = Math.min(x, y, nx - 1 - x, raw.length / nx - 1 - y) >= edge;
          return inside ? v : NaN;
        }),
        nx,
      }));
    const { report } = await runHere();
    expect(report.inputs.used).toBe(6);
    const [bordered, full] = [await readPlane(mosaic(), 1), await readPlane(whole(), 1)];
    const samples = (data: Float32Array) => data.reduce((n, v) => n + (Number.isNaN(v) ? 0 : 1), 0);
    const left = samples(bordered.data) / samples(full.data);
    const kept = ((SIZE[0] - 2 * edge) * (SIZE[1] - 2 * edge)) / (SIZE[0] * SIZE[1]);
    expect(left).toBeGreaterThan(kept - 0.05);
    expect(left).toBeLessThan(kept + 0.15);
    const { typical, high } = await compareOnSky(mosaic(), whole());
    expect(typical).toBeLessThan(0.6);
    expect(high).toBeLessThan(3);
  }, 120_000);

  it('two islands are set to one level, and the user hears of them', async () => {
    await put(names);
    for (const name of names.slice(3)) {
      const fits = await openFits(at(name));
      const dec = fits.hdus[0].header.get('CRVAL2') as number;
      await fits.close();
      await setCard(at(name), 'CRVAL2', String(dec - 0.4));
      await setCard(at(name), 'DEC', String(dec - 0.4));
    }
    const { report } = await runHere();
    expect(report.inputs.used).toBe(6);
    expect(report.warnings).toContainEqual({ code: 'pipeline_islands', params: { parts: 2 } });
    const { data, nx, ny } = await readPlane(mosaic(), 1);
    const middle = (half: number) => {
      const values = data
        .slice(half * nx * (ny >> 1), (half + 1) * nx * (ny >> 1))
        .filter((v) => v === v)
        .sort();
      expect(values.length).toBeGreaterThan(10_000);
      return values[values.length >> 1];
    };
    const sigma = (await readPlane(mosaic(), 1, 'UNCERTAINTY')).data.filter((v) => v === v).sort();
    expect(Math.abs(middle(0) - middle(1))).toBeLessThan(sigma[sigma.length >> 1]);
  }, 120_000);

  it.each(['mosaic_first', 'classic'])(
    'one frame a panel: %s holds every pixel once seen',
    async (mode) => {
      await makeSmallSession(path.join(folder(), 'thin'), {
        panels: [3, 1],
        subs: 1,
        size: [128, 128],
        extras: false,
      });
      const { report } = await runHere({ input_dir: path.join(folder(), 'thin'), assembly_mode: mode });
      expect(report.inputs.used).toBe(3);
      const mean = await readPlane(mosaic(), 1);
      const sigma = await readPlane(mosaic(), 1, 'UNCERTAINTY');
      const count = await readPlane(mosaic(), 0, 'COVERAGE');
      expect(Math.max(...count.data)).toBe(2);
      const others = await Promise.all([0, 2].map((plane) => readPlane(mosaic(), plane)));
      let [holes, wrong] = [0, 0];
      mean.data.forEach((v, k) => {
        const isSeen = !Number.isNaN(v) || others.some(({ data }) => !Number.isNaN(data[k]));
        if (count.data[k] > 0 !== isSeen) holes++;
        if (!Number.isNaN(v) && !(sigma.data[k] > 0)) wrong++;
      });
      expect([holes, wrong]).toEqual([0, 0]);
      expect(mean.data.filter((v) => v === v).length).toBeGreaterThan(30_000);
    },
    120_000,
  );
});
