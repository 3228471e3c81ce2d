// A master where no frame has a sample, or what is no level: NaN in the file, and no part of what is said of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { createFitsWriter } from '../../../src/fits/write/create-fits-writer.js';
import { firstImageHdu, openFits } from '../../../src/fits/open-fits.js';
import { readWindow } from '../../../src/fits/read/read-window.js';
import { makeMaster } from '../../../src/pipeline/calibration/make-master.js';
import { FrameFiles } from '../../../src/pipeline/integrate/windows/frame-files.js';
import { StageLedger } from '../../../src/pipeline/stage-ledger.js';

const [width, height] = [70, 3];
const size = { x0: 0, y0: 0, width, height };
let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'zm-master-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function darkFrame(name: string, values: Float32Array) {
  const file = path.join(folder, name);
  const writer = await createFitsWriter(file);
  await writer.beginImage({ bitpix: -32, shape: [height, width] });
  await writer.writeRows(values);
  await writer.endImage();
  await writer.commit();
  const record = { path: file, hdu: 0, width, height, planes: 1, bitpix: -32, sensor: { kind: 'mono' } };
  return { kind: 'dark', record, source: undefined };
}

/** The master of two equal frames, and its pixels in the file. */
async function masterOf(values: Float32Array, unit = 1) {
  const frames = [await darkFrame('a.fits', values), await darkFrame('b.fits', values)];
  const files = new FrameFiles();
  const backend = createReferenceBackend();
  const maker = {
    computing: { info: backend.info, use: <T>(work: (own: typeof backend) => T) => work(backend) },
    workspace: {
      mosaicFirstDir: () => Promise.resolve(folder),
      reserveFile: (_kind: string, name: string) => Promise.resolve(path.join(folder, name)),
    },
    ledger: new StageLedger(),
    files,
    signal: new AbortController().signal,
    bandBytes: 1 << 20,
  };
  const group = { kind: 'dark', frames, temperatureC: undefined };
  const master = await makeMaster(
    maker as unknown as Parameters<typeof makeMaster>[0],
    { group, name: 'dark_0', unit } as unknown as Parameters<typeof makeMaster>[1],
  );
  await files.close();
  const written = await openFits(master.path);
  const pixels = await readWindow(written, firstImageHdu(written), size);
  await written.close();
  return { master, pixels };
}

const meanOf = (values: Float32Array) => values.reduce((sum, v) => sum + v, 0) / values.length;

it('has NaN there, and its mean and peak are those of the other pixels', async () => {
  const values = Float32Array.from({ length: width * height }, (_, i) => 100 + i);
  values[7] = NaN;
  const { master, pixels } = await masterOf(values);
  expect(pixels).toEqual(values);
  expect(master.mean).toBeCloseTo(meanOf(values.filter((v) => v === v)), 6);
  // the end of the last row, behind a run of 64
  expect(master.peak).toBeCloseTo(100 + 2 * width + 66.5, 6);
});

it('has NaN where its frames have what is no level, and their unit is that of the other pixels', async () => {
  const values = Float32Array.from({ length: width * height }, (_, i) => i / (width * height));
  values.set([1e20, -3.4e38], 7);
  const { master, pixels } = await masterOf(values, 65535);
  const expected = values.map((v) => (Math.abs(v) > 1 ? NaN : 65535 * v));
  expect(pixels).toEqual(expected);
  expect(master.mean).toBeCloseTo(meanOf(expected.filter((v) => v === v)), 3);
});
