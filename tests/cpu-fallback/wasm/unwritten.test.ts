// What nothing has written yet.
import { expect, it } from 'vitest';
import { Unwritten } from '../../../src/cpu-fallback/wasm/unwritten.js';

it('keeps what no write has covered, and forgets it once taken', () => {
  const part = new Unwritten(10);
  part.wrote(3, 5);
  part.wrote(7, 7);
  part.wrote(4, 6);
  part.wrote(9, 12);
  expect(part.takeAll()).toEqual([
    [0, 3],
    [6, 9],
  ]);
  expect(part.takeAll()).toEqual([]);
});

it('is empty when all was written', () => {
  const part = new Unwritten(10);
  expect(part.isEmpty).toBe(false);
  part.wrote(5, 10);
  expect(part.isEmpty).toBe(false);
  part.wrote(0, 5);
  expect(part.isEmpty).toBe(true);
  expect(part.takeAll()).toEqual([]);
});
