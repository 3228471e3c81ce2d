// A guarded stack that does its warps has a strip of each block in hand: the same bytes whatever its rows.
import { describe, expect, it, vi } from 'vitest';
import { BLOCK_SIZE } from '../../../src/compute/constants.js';
import { WARP_BILINEAR, WARP_LANCZOS3 } from '../../../src/compute/contracts/warp.js';
import { WARP_CUBIC } from '../../../src/compute/contracts/warp-cfa.js';
import type * as Strips from '../../../src/cpu-fallback/wasm/strips.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { SETTINGS } from '../../helpers/guarded-cube.js';
import { opened } from './open-backends.js';
import { type Cell, cubeIn, isSame, readsOf, stacks, WHOLE } from './warped-cube.js';

const { stripRowsOf, stripBytes, HAND_BYTES } = await vi.importActual<typeof Strips>(
  '../../../src/cpu-fallback/wasm/strips.js',
);
/** Rows of the strips of the backend. */
let rows = BLOCK_SIZE;
vi.mock('../../../src/cpu-fallback/wasm/strips.js', async (original) => ({
  ...(await original<typeof Strips>()),
  stripRowsOf: () => rows,
}));

async function stacked(late: boolean, cell: Cell, kernel: number, mapsRejected: boolean) {
  const backend = opened(await createWasmBackend({ threads: 2 }));
  const cube = await cubeIn(backend, cell, late, kernel);
  return readsOf(backend, stacks(cube, cell, { ...SETTINGS, mapsRejected }));
}

describe('strips', () => {
  const cells: [string, Cell][] = [
    ['whole blocks and parts of some', WHOLE],
    ['a row', { x0: 20, width: 70, height: 1 }],
    ['one row more than a strip', { x0: 20, width: 130, height: 9 }],
    ['two rows of a block more', { x0: 0, width: 64, height: 130 }],
  ];
  it.each(cells)('of any number of rows give the same bytes: %s', async (_, cell) => {
    for (const kernel of [WARP_BILINEAR, WARP_CUBIC, WARP_LANCZOS3])
      for (const mapsRejected of [true, false]) {
        const wanted = await stacked(false, cell, kernel, mapsRejected);
        for (rows of [64, 32, 16, 8]) {
          const made = await stacked(true, cell, kernel, mapsRejected);
          expect(made).toHaveLength(wanted.length);
          wanted.forEach((read, i) => expect(isSame(read, made[i]), `read ${i}, ${rows} rows`).toBe(true));
        }
      }
  });

  it('are whole blocks of few frames, and eight rows at least', () => {
    const least = 3 * stripBytes(8);
    expect([1, 50, 200, 600, 1000, 2000, 10_000].map((slots) => stripRowsOf(slots, 3))).toEqual([
      64, 64, 64, 32, 16, 8, 8,
    ]);
    for (let slots = 1; slots < 3000; slots += 7) {
      const bytes = slots * 3 * stripBytes(stripRowsOf(slots, 3));
      expect(bytes).toBeLessThanOrEqual(Math.max(HAND_BYTES, slots * least));
    }
  });
});
