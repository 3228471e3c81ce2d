// Frames that cannot be read as they lie: compressed as a whole, or tile by tile. The mosaic is that of the plain frames, and the plan says so before.
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import { decompressFile } from '../../src/fits/decompress-file.js';
import { firstImageHdu, openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { planSummary } from '../../src/pipeline/estimate/plan-summary.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { configOf, filesBelow, makeSmallSession, recordingSink, run } from './support.js';

const BZIP2_FRAME = fileURLToPath(new URL('../fixtures/frames/noise-96x80.fits.bz2', import.meta.url));
const folder = temporaryFolder();
const input = () => path.join(folder(), 'in');
const output = () => path.join(folder(), 'out');
const at = (name: string) => path.join(input(), name);
const argv = () => ({
  input_dir: input(),
  output_dir: output(),
  runtime_temp_dir: path.join(folder(), 'tmp'),
});
const scienceBytes = () => readFile(path.join(output(), 'zemosaic_science.fits'));

/** Frames used and the names of the others, as `plan` tells them. */
async function planned() {
  const { sink } = recordingSink();
  const provideBackend = () => Promise.resolve({ backend: createReferenceBackend(), notices: [] });
  const { frames } = await planSummary(configOf(argv()), sink, new AbortController().signal, {
    provideBackend,
    version: '0.0.0-test',
  });
  return frames;
}

/** The image of `from` as a RICE-compressed extension, which holds the same integers. */
async function compressTiles(from: string, to: string): Promise<void> {
  const fits = await openFits(from);
  const hdu = firstImageHdu(fits);
  const [ny, nx] = hdu.image.shape;
  const writer = await createFitsWriter(to);
  const { bscale, bzero } = hdu.image;
  const cards = hdu.header.cards.flatMap(({ key, value, comment }) =>
    value === undefined ? [] : [{ key, value, comment }],
  );
  await writer.beginImage({
    bitpix: 16,
    shape: [ny, nx],
    bscale,
    bzero,
    cards,
    compression: { codec: 'RICE_1' },
  });
  await writer.writeRows(await readWindow(fits, hdu, { x0: 0, y0: 0, width: nx, height: ny }));
  await writer.endImage();
  await writer.commit();
  await fits.close();
}

describe('compressed frames', () => {
  let names: string[];

  beforeEach(async () => {
    await makeSmallSession(input(), { panels: [1, 1], subs: 3, size: [128, 160], extras: false });
    names = (await readdir(input())).filter((name) => name.endsWith('.fit')).sort();
    expect(names).toHaveLength(3);
  });

  it('tile-compressed frames give the same mosaic as plain ones', async () => {
    await run(argv());
    const plain = await scienceBytes();
    for (const name of names) {
      await compressTiles(at(name), at(`${name}.fz`));
      await rm(at(name));
    }
    expect(await planned()).toMatchObject({ total: 3, used: 3 });
    const { report } = await run(argv());
    expect(report.inputs).toMatchObject({ total: 3, used: 3 });
    expect((await scienceBytes()).equals(plain)).toBe(true);
  });

  it('what is compressed is told by the content, whatever the name: the plan and the run agree', async () => {
    await writeFile(at('gzip-inside.fit'), gzipSync(await readFile(at(names[0]))));
    await rm(at(names[0]));
    await rename(at(names[1]), at(`${names[1]}.gz`));
    expect(await planned()).toMatchObject({ total: 3, used: 3, rejected: [] });
    expect((await run(argv())).report.inputs).toMatchObject({ total: 3, used: 3, rejected: [] });
  });
});

describe('bzip2', () => {
  it('is expanded for the run and gives the mosaic of the plain frame', async () => {
    await mkdir(input());
    await copyFile(BZIP2_FRAME, at('a.fits.bz2'));
    expect(await planned()).toMatchObject({ total: 1, used: 1 });
    await run(argv());
    const compressed = await scienceBytes();
    await decompressFile(BZIP2_FRAME, at('a.fits'), { maxBytes: 1e6 });
    await rm(at('a.fits.bz2'));
    await run(argv());
    expect((await scienceBytes()).equals(compressed)).toBe(true);
    expect(await filesBelow(output())).toEqual([
      'run-report.json',
      'zemosaic_preview.png',
      'zemosaic_science.fits',
    ]);
  });

  it('under the longest name that a file may have is expanded like any other', async () => {
    await mkdir(input());
    await copyFile(BZIP2_FRAME, at(`${'n'.repeat(246)}.fits.bz2`.slice(-255)));
    expect((await run(argv())).report.inputs).toMatchObject({ total: 1, used: 1 });
  });
});
