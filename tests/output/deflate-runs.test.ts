import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeflateRuns } from '../../src/output/deflate-runs.js';
import { sharedPasses } from '../../src/simd/sample-passes.js';

function compressed(pieces: readonly Uint8Array[]): Buffer {
  const stream = new DeflateRuns();
  const parts = pieces.map((piece) => {
    const room = sharedPasses();
    const at = room.take(piece.length);
    room.bytes().set(piece, at);
    return stream.add(room, at, piece.length);
  });
  return Buffer.concat([...parts, stream.end()]);
}

/** Runs of all lengths up to `longest` and single bytes, as differences of rows have them. */
const piece = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 0, max: 255 }), fc.boolean()), {
    maxLength: 40,
  })
  .map((parts) =>
    Uint8Array.from(
      parts.flatMap(([length, byte, isRun]) =>
        isRun
          ? new Array<number>(length).fill(byte)
          : Array.from({ length }, (_, i) => Math.imul(i + byte, 2654435761) >>> 24),
      ),
    ),
  );

test('pieces of runs and of noise come out of zlib as they were', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
      expect(inflateSync(compressed(pieces)).equals(Buffer.concat(pieces))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('every length of a run, up to the end of a piece', () => {
  for (let length = 1; length < 600; length++) {
    const bytes = new Uint8Array(length).fill(7);
    expect(inflateSync(compressed([bytes])).equals(bytes)).toBe(true);
  }
});

test('bytes that dominate cost about a bit, a million blanks next to nothing, noise no more than itself', () => {
  const noise = Uint8Array.from({ length: 1 << 17 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  const rare = noise.map((byte) => (byte < 16 ? byte : byte < 136 ? 77 : 78));
  expect(compressed([rare]).length).toBeLessThan((1.9 / 8) * rare.length);
  expect(compressed([new Uint8Array(1 << 20)]).length).toBeLessThan(2000);
  expect(compressed([noise]).length).toBeLessThan(noise.length + 1000);
});
