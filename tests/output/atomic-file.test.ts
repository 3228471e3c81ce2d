import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { OutputError, writeAtomically, writeFully } from '../../src/output/atomic-file.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();

test('the target changes only when the whole file is there', async () => {
  const target = path.join(folder(), 'a.png');
  await writeFile(target, 'old');
  await writeAtomically(target, async (file) => {
    await writeFully(file, Buffer.from('ne'));
    expect(await readFile(target, 'utf8')).toBe('old');
    await writeFully(file, Buffer.from('w'));
  });
  expect(await readFile(target, 'utf8')).toBe('new');
  expect(await readdir(folder())).toEqual(['a.png']);
});

test('a failing producer leaves the old file and nothing else', async () => {
  const target = path.join(folder(), 'a.png');
  await writeFile(target, 'old');
  const boom = new Error('boom');
  await expect(writeAtomically(target, () => Promise.reject(boom))).rejects.toBe(boom);
  expect(await readFile(target, 'utf8')).toBe('old');
  expect(await readdir(folder())).toEqual(['a.png']);
});

test('a target that cannot be replaced is an OutputError that names it', async () => {
  const target = path.join(folder(), 'taken');
  await mkdir(path.join(target, 'full'), { recursive: true });
  const failure = await writeAtomically(target, () => Promise.resolve()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(OutputError);
  expect((failure as OutputError).code).toBe('output_write_failed');
  expect((failure as OutputError).params.path).toBe(target);
  expect(await readdir(folder())).toEqual(['taken']);
});

test('a temporary that exists already is refused and left alone', async () => {
  const temporaryPath = path.join(folder(), 'mine.part');
  await writeFile(temporaryPath, 'someone else');
  const target = path.join(folder(), 'a.png');
  await expect(writeAtomically(target, () => Promise.resolve(), { temporaryPath })).rejects.toThrow(
    OutputError,
  );
  expect(await readFile(temporaryPath, 'utf8')).toBe('someone else');
});
