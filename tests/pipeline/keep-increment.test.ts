// What a growing mosaic keeps to know its frames' files again is of the files that were measured.
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileDigest, fileMark } from '../../src/frames/file-mark.js';
import { digestOf } from '../../src/pipeline/incremental/keep-increment.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();

it('of a file that has changed since it was measured, or is gone, no digest is kept', async () => {
  const path = join(folder(), 'a.fits');
  await writeFile(path, 'as it was measured');
  const mark = await fileMark(path);
  expect(await digestOf(mark)).toBe(await fileDigest(path));
  await writeFile(path, 'as it is afterward');
  await utimes(path, new Date(), new Date(mark.modifiedMs + 5000));
  expect(await digestOf(mark)).toBeUndefined();
  expect(await digestOf({ ...mark, path: `${path}.gone` })).toBeUndefined();
});
