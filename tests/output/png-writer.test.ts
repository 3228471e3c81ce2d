import { access, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { decode } from 'fast-png';
import { inflateRawSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { writePng, type PngImage } from '../../src/output/png-writer.js';
import { SamplePasses } from '../../src/simd/sample-passes.js';
import { seededNormal } from '../helpers/kernel-runs.js';
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

/** A stretch of bytes of one kind: noise of so many values, or as many zeros. */
const stretch = fc.record({
  values: fc.constantFrom(0, 1, 2, 7, 256),
  length: fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 250, max: 270 }),
    fc.integer({ min: 500, max: 3000 }),
  ),
});

test('pieces of DEFLATE stand one behind another and read back, with runs of zeros of any length anywhere', () => {
  const room = new SamplePasses();
  const spare = room.take(8 * 258);
  fc.assert(
    fc.property(
      fc.array(fc.array(stretch, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
      (pieces) => {
        let seed = 1;
        const next = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 16;
        const bytes = pieces.map((stretches) =>
          Uint8Array.from(
            stretches.flatMap(({ values, length }) =>
              Array.from({ length }, () => (values === 0 ? 0 : 256 - (next() % values))),
            ),
          ),
        );
        const compressed = bytes.map((piece) => {
          const from = room.put(piece);
          const out = room.take(2 * piece.length + 512);
          const length = room.passes.deflatePiece(from, piece.length, spare, out);
          expect(length).toBeLessThanOrEqual(2 * piece.length + 512);
          return room.bytes().slice(out, out + length);
        });
        const stream = Buffer.concat([...compressed, Uint8Array.of(1, 0, 0, 255, 255)]);
        expect(inflateRawSync(stream).equals(Buffer.concat(bytes))).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test('noise takes little more than its entropy, and what is blank next to nothing', async () => {
  const [width, height] = [1000, 600];
  const normal = seededNormal(3);
  const noise = Uint8Array.from({ length: width * height }, () => 128 + 6 * normal());
  const sizeOf = async (rowOf: (y: number) => Uint8Array) => {
    const file = path.join(folder(), 'size.png');
    const rows = Array.from({ length: height }, (_, y) => rowOf(y));
    await writePng(file, { width, height, channels: 1, depth: 8 }, rows);
    return (await stat(file)).size;
  };
  // a difference to the mean of two neighbours has three halves of the variance
  const bits = Math.log2(Math.sqrt(2 * Math.PI * Math.E * 1.5) * 6);
  const size = await sizeOf((y) => noise.subarray(y * width, (y + 1) * width));
  expect(size).toBeLessThan((1.04 * bits * width * height) / 8);
  expect(await sizeOf(() => new Uint8Array(width))).toBeLessThan((width * height) / 30);
});
