// Seeded mutations of small files: whatever the damage, the outcome is pixels or a CodedError, soon and in bounds.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.js';
import { memorySource } from '../../src/fits/byte-source.js';
import { planeGeometry } from '../../src/fits/hdu.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { bigEndian, card, primary } from './support.js';

const fixtures = path.resolve(import.meta.dirname, '../fixtures/fits');
const seeds: [string, Uint8Array][] = [
  [
    'plain',
    primary(
      16,
      [2, 3, 5],
      bigEndian(
        16,
        Array.from({ length: 30 }, (_, i) => i),
      ),
      [card('BZERO', 32768), card('BLANK', 3), "HIERARCH LONG KEY = 'x&'", "CONTINUE  'y'"],
    ),
  ],
  ...readdirSync(fixtures)
    .filter((name) => name.endsWith('.fz'))
    .map((name): [string, Uint8Array] => [name, readFileSync(path.join(fixtures, name))]),
];

/** Even over the file; doubles would crowd at its beginning. */
const fraction = fc.nat(999_999).map((millionths) => millionths / 1e6);
/** One change: a byte, a run of zeros, a cut, or digits (which headers are made of). */
const mutation = fc.oneof(
  fc.record({ at: fraction, byte: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ at: fraction, zeros: fc.integer({ min: 1, max: 300 }) }),
  fc.record({
    at: fraction,
    text: fc.constantFrom('9', '99999', '-', ' ', "'", 'E9'),
  }),
  fc.record({ cut: fraction }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  let out = Uint8Array.from(bytes);
  for (const change of changes) {
    if ('cut' in change) {
      out = out.slice(0, Math.floor(change.cut * out.length));
      continue;
    }
    const at = Math.floor(change.at * out.length);
    if ('byte' in change && at < out.length) out[at] = change.byte;
    else if ('zeros' in change) out.fill(0, at, at + change.zeros);
    else if ('text' in change) out.set(Buffer.from(change.text).subarray(0, out.length - at), at);
  }
  return out;
}

async function useAll(bytes: Uint8Array): Promise<'read' | 'refused'> {
  try {
    const file = await openFits(memorySource('mutant.fits', bytes), { tileCacheBytes: 1e5 });
    for (const hdu of file.hdus) {
      if (!hdu.image) continue;
      const { nx, ny, planes } = planeGeometry(hdu.image);
      const width = Math.min(nx, 60);
      const height = Math.min(ny, 40);
      if (width * height * planes === 0) continue;
      await readWindow(file, hdu, { plane: planes - 1, x0: nx - width, y0: ny - height, width, height });
    }
    return 'read';
  } catch (error) {
    if (error instanceof CodedError) return 'refused';
    throw error;
  }
}

describe('mutated files', () => {
  it.each(seeds)('%s', async (_name, bytes) => {
    expect(await useAll(bytes)).toBe('read');
    const outcomes = { read: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 6 }), async (changes) => {
        outcomes[await useAll(mutate(bytes, changes))]++;
      }),
      { seed: 20261122, numRuns: 120 },
    );
    // A loop that only ever reads, or only ever refuses, tests nothing.
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(5);
  });
});
