// A file opened another time by what was found in it: the same pixels without its headers, unless it has become another.
import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { firstImageHdu, openFits, outlineOf, reopenFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { bigEndian, card, primary } from './support.js';

const folder = temporaryFolder();
const window = { x0: 1, y0: 0, width: 2, height: 2 };
const stored = bigEndian(16, [1, 2, 3, 4, 5, 6]);
const bytes = primary(16, [2, 3], stored, [card('BZERO', 32768), ...Array<string>(40).fill('COMMENT')]);

it('gives the same pixels, and keeps no header', async () => {
  const at = path.join(folder(), 'a.fits');
  await writeFile(at, bytes);
  const file = await openFits(at);
  const values = await readWindow(file, firstImageHdu(file), window);
  const outline = outlineOf(file);
  await file.close();
  expect(JSON.stringify(outline).length).toBeLessThan(500);
  const again = await reopenFits(at, outline);
  expect([...(await readWindow(again!, again!.hdus[0], window))]).toEqual([...values]);
  expect([...values]).toEqual([32770, 32771, 32773, 32774]);
  await again!.close();
});

it('of another length is not taken for the one that was described', async () => {
  const at = path.join(folder(), 'b.fits');
  await writeFile(at, bytes);
  const file = await openFits(at);
  await file.close();
  await appendFile(at, new Uint8Array(2880));
  expect(await reopenFits(at, outlineOf(file))).toBeUndefined();
});
