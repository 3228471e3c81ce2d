import { access, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { decode } from 'fast-png';
import { expect, test, vi } from 'vitest';
import { writePng, type PngImage } from '../../src/output/png-writer.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();

test('any image of any kind reads back through another decoder', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(1, 2, 3, 4),
      fc.constantFrom(8, 16),
      fc.integer(),
      async (width, height, channels, depth, seed) => {
        const rowBytes = (width * channels * depth) / 8;
        const bytes = Uint8Array.from(
          { length: rowBytes * height },
          (_, i) => Math.imul(i ^ seed, 2654435761) >>> 24,
        );
        const rows = Array.from({ length: height }, (_, y) =>
          bytes.subarray(y * rowBytes, (y + 1) * rowBytes),
        );
        const file = path.join(folder(), 'a.png');
        await writePng(file, { width, height, channels, depth } as PngImage, rows);
        const png = decode(await readFile(file), { checkCrc: true });
        expect([png.width, png.height, png.channels, png.depth]).toEqual([width, height, channels, depth]);
        const samples =
          depth === 8
            ? [...bytes]
            : Array.from({ length: bytes.length / 2 }, (_, i) => bytes[2 * i] * 256 + bytes[2 * i + 1]);
        expect([...png.data]).toEqual(samples);
      },
    ),
    { numRuns: 40 },
  );
});

test('a producer may reuse its row, over many pieces of compressed data', async () => {
  const [width, height] = [1000, 900];
  function* rows(): Generator<Uint8Array> {
    const row = new Uint8Array(width);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) row[x] = Math.imul(x * 31 + y, 2654435761) >>> 24;
      yield row;
    }
  }
  const file = path.join(folder(), 'a.png');
  await writePng(file, { width, height, channels: 1, depth: 8, text: { black: '-1.5' } }, rows());
  const png = decode(await readFile(file), { checkCrc: true });
  expect(png.text).toEqual({ black: '-1.5' });
  const wrong = png.data.findIndex(
    (value, i) => value !== Math.imul((i % width) * 31 + Math.floor(i / width), 2654435761) >>> 24,
  );
  expect(wrong).toBe(-1);
});

test('a picture that is made ahead of its turn comes to the disk then, or not at all', async () => {
  const image = { width: 2000, height: 500, channels: 1, depth: 8 } as const;
  const row = Uint8Array.from({ length: 2000 }, (_, x) => Math.imul(x, 2654435761) >>> 24);
  const rows = () => Array.from({ length: 500 }, () => row);
  const file = path.join(folder(), 'a.png');
  const temporaryPath = path.join(folder(), 'a.part');
  let [come, fail] = [() => {}, (_: Error) => {}];
  const write = () => {
    const turn = new Promise<void>((resolve, reject) => ([come, fail] = [resolve, reject]));
    return writePng(file, image, rows(), { temporaryPath, turn });
  };
  const first = write();
  await vi.waitFor(() => access(temporaryPath));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await stat(temporaryPath)).size).toBe(0);
  come();
  await first;
  expect(decode(await readFile(file), { checkCrc: true }).data.subarray(-2000)).toEqual(row);
  await rm(file);
  const second = write();
  const failed = expect(second).rejects.toThrow('the one before failed');
  await vi.waitFor(() => access(temporaryPath));
  fail(new Error('the one before failed'));
  await failed;
  expect(await readdir(folder())).toEqual([]);
});

test('chunks have one length, whenever zlib hands over what it has', async () => {
  const file = path.join(folder(), 'chunks.png');
  let seed = 1;
  const noise = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 24;
  const rows = Array.from({ length: 700 }, () => Uint8Array.from({ length: 3 * 500 }, noise));
  await writePng(file, { width: 500, height: 700, channels: 3, depth: 8 }, rows);
  const bytes = await readFile(file);
  const lengths: number[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') lengths.push(bytes.readUInt32BE(at));
  expect(lengths.length).toBeGreaterThan(3);
  expect(new Set(lengths.slice(0, -1))).toEqual(new Set([2 ** 18]));
});
