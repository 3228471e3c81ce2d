// Preallocated copies that were never finished.
import { expect, it } from 'vitest';
import { firstImageHdu, openFits } from '../../../src/fits/open-fits.js';
import { zeroTail } from '../../../src/fits/read/zero-tail.js';
import { bigEndian, countingSource, primary } from '../support.js';

const nx = 4;
const image = (ny: number, filled: number) =>
  primary(
    16,
    [ny, nx],
    bigEndian(
      16,
      Array.from({ length: nx * ny }, (_, i) => (i < filled ? 1 : 0)),
    ),
  );
const count = async (ny: number, filled: number) => {
  const source = countingSource(image(ny, filled));
  const file = await openFits(source);
  source.reads.length = 0;
  const tail = await zeroTail(file, firstImageHdu(file));
  return { tail, reads: source.reads };
};

it.each([
  [10, 40, 0, 0],
  [10, 37, 0, 3],
  [10, 36, 1, 0],
  [10, 17, 5, 3],
  [1000, 4, 999, 0],
  [1000, 0, 1000, 0],
])('%i rows, %i pixels filled: %i zero rows and %i samples', async (ny, filled, rows, samples) => {
  expect((await count(ny, filled)).tail).toEqual({ rows, samples });
});

it('a complete frame costs one row', async () => {
  const { reads } = await count(1000, 4000);
  expect(reads).toEqual([{ offset: 2880 + 999 * nx * 2, length: nx * 2 }]);
});
