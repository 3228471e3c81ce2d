// A master where no frame has a sample: NaN in the file, and no part of what is said of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { createFitsWriter } from '../../../src/fits/write/create-fits-writer.js';
import { firstImageHdu, openFits } from '../../../src/fits/open-fits.js';
import { readWindow } from '../../../src/fits/read/read-window.js';
import { makeMaster } from '../../../src/pipeline/calibration/make-master.js';
import { FrameFiles } from '../../../src/pipeline/integrate/frame-files.js';
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

it('has NaN there, and its mean and peak are those of the other pixels', async () => {
  const values = Float32Array.from({ length: width * height }, (_, i) => 100 + i);
  values[7] = NaN;
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
    { group, name: 'dark_0', unit: 1 } as unknown as Parameters<typeof makeMaster>[1],
  );
  await files.close();
  const written = await openFits(master.path);
  expect(await readWindow(written, firstImageHdu(written), size)).toEqual(values);
  await written.close();
  const valid = values.filter((v) => v === v);
  expect(master.mean).toBeCloseTo(valid.reduce((sum, v) => sum + v, 0) / valid.length, 6);
  // the end of the last row, behind a run of 64
  expect(master.peak).toBeCloseTo(100 + 2 * width + 66.5, 6);
});
