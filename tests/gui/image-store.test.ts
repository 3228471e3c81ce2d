// The files behind the viewer: read by several at once while others open, replaced while they are read, and larger than what is held in memory.
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ImageStore } from '../../src/gui/server/image-store.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
let store = new ImageStore();
afterEach(async () => {
  await store.close();
  store = new ImageStore();
});

const BLOCK = 2880;
/** The pixel that says which file it is; the rest is 0, and takes no room on the disk. */
const MARKED = [1000, 900] as const;

/** A float32 image of `nx` x `ny`. */
async function writeImage(name: string, nx: number, ny: number, mark: number): Promise<string> {
  const file = path.join(folder(), name);
  const cards = [
    'SIMPLE  =                    T',
    'BITPIX  =                  -32',
    'NAXIS   =                    2',
    `NAXIS1  = ${String(nx).padStart(20)}`,
    `NAXIS2  = ${String(ny).padStart(20)}`,
    'END',
  ];
  const value = Buffer.alloc(4);
  value.writeFloatBE(mark);
  const handle = await open(file, 'w');
  try {
    await handle.write(
      cards
        .map((card) => card.padEnd(80))
        .join('')
        .padEnd(BLOCK),
      0,
    );
    await handle.write(value, 0, 4, BLOCK + 4 * (MARKED[1] * nx + MARKED[0]));
    await handle.truncate(BLOCK + Math.ceil((4 * nx * ny) / BLOCK) * BLOCK);
  } finally {
    await handle.close();
  }
  return file;
}

/** The marked pixel as the tiles of a level show it. */
function markedAt(file: string, level: number): Promise<number> {
  return store.use(file, async (image) => {
    const [x, y] = MARKED.map((at) => at >> level);
    const tile = await image.pyramid(image.info.layers[0]).tile(level, x >> 8, y >> 8);
    return tile ? tile.data[(y & 255) * tile.width + (x & 255)] : NaN;
  });
}

it('files that others push out stay open for those who still read them', async () => {
  const files = await Promise.all(
    Array.from({ length: 6 }, (_, i) => writeImage(`${i}.fits`, 1500, 1000, i + 1)),
  );
  for (let turn = 0; turn < 3; turn++)
    expect(await Promise.all(files.map((file) => markedAt(file, 0)))).toEqual([1, 2, 3, 4, 5, 6]);
});

it('a file that is replaced is read to the end as it was, and then anew', async () => {
  const file = await writeImage('mosaic.fits', 1500, 1000, 7);
  const [before, after] = await store.use(file, async (image) => {
    await rename(await writeImage('new.fits', 1500, 1000, 8), file);
    const later = await markedAt(file, 0);
    const tile = await image.pyramid(image.info.layers[0]).tile(0, MARKED[0] >> 8, MARKED[1] >> 8);
    return [tile?.data[(MARKED[1] & 255) * 256 + (MARKED[0] & 255)], later];
  });
  expect([before, after]).toEqual([7, 8]);
});

it('of what is larger than its share of memory, fine levels come from the file and coarse ones from memory: the same means', async () => {
  const file = await writeImage('large.fits', 6000, 4000, 4096);
  const { levels, base } = await store.use(file, ({ info, pyramid }) =>
    Promise.resolve({ levels: info.levels, base: pyramid(info.layers[0]).base }),
  );
  expect([levels, base]).toEqual([6, 1]);
  const shown = await Promise.all([0, 1, 2, 3, 5].map((level) => markedAt(file, level)));
  expect(shown).toEqual([4096, 1024, 256, 64, 4]);
});
