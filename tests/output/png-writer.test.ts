import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
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
