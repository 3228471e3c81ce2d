// Maps of a tile over a cell.
import { expect, it } from 'vitest';
import { pick, weightsOf } from '../../../src/pipeline/tiles/coadd-cube.js';

it('a map is looked up where each pixel of the cell lies in it, 0 beside it', () => {
  expect([...pick(Float32Array.of(5, 6, 7), Int32Array.of(2, -1, 0, 0, 1))]).toEqual([7, 0, 5, 5, 6]);
});

it('samples weigh what their plane does, times their pixel', () => {
  expect([...weightsOf([2, 4, 0.5], Float32Array.of(1, 0, 3))]).toEqual([2, 0, 6, 4, 0, 12, 0.5, 0, 1.5]);
});
