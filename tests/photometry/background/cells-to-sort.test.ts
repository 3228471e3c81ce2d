// Half a megabyte of every frame whose cells are sorted is not made where they are counted: thousands of frames would leave it to the collector, and holes in the process' memory.
import { beforeEach, expect, it, vi } from 'vitest';
import type * as Sorter from '../../../src/photometry/background/cell-sorter.js';
import { seededRandom } from '../../helpers/kernel-runs.js';
import { measureBackground } from './measure-background.js';

const made = vi.hoisted(() => ({ sorters: 0 }));
vi.mock('../../../src/photometry/background/cell-sorter.js', async (original) => {
  const { CellSorter } = await original<typeof Sorter>();
  return {
    CellSorter: class extends CellSorter {
      constructor(capacity: number) {
        super(capacity);
        made.sorters++;
      }
    },
  };
});
beforeEach(() => void (made.sorters = 0));

const random = seededRandom(5);
const values = Array.from({ length: 128 * 128 }, () => 900 + Math.floor(200 * random()));
const options = { width: 128, height: 128, channels: 3, cfa: [1, 0, 2, 1], unit: 1 } as const;

it('is made once for a frame of cells that cannot be counted', () => {
  measureBackground([Float32Array.from(values)], options);
  expect(made.sorters).toBe(1);
});

it('is not made for integers', () => {
  measureBackground([Uint16Array.from(values)], options);
  expect(made.sorters).toBe(0);
});
